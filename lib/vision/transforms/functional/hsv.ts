// Colours as hue, saturation and value, all from 0 to 1.
import { arange, stack, where } from '../../../functional.js';
import type { Tensor } from '../../../tensor.js';

/** Hue, saturation and value of x: [..., 3, h, w]. Greys have hue and saturation 0. */
export function rgbToHsv(x: Tensor): [h: Tensor, s: Tensor, v: Tensor] {
  const [r, g, b] = x.unbind(-3) as [Tensor, Tensor, Tensor];
  const [high, low] = [x.amax(-3), x.amin(-3)];
  const isGray = high.eq(low);
  const span = high.sub(low);
  const divisor = where(isGray, 1, span);
  const [rc, gc, bc] = [r, g, b].map((channel) => high.sub(channel).div(divisor)) as [Tensor, Tensor, Tensor];
  // The sixths of the circle, counted from the brightest channel.
  const hue = where(high.eq(r), bc.sub(gc), where(high.eq(g), rc.add(2).sub(bc), gc.add(4).sub(rc)));
  return [hue.div(6).add(1).remainder(1), span.div(where(isGray, 1, high)), high];
}

/** The picture [..., 3, h, w] of hue, saturation and value. */
export function hsvToRgb(h: Tensor, s: Tensor, v: Tensor): Tensor {
  const place = h.mul(6);
  const sixth = place.floor();
  const f = place.sub(sixth);
  const p = v.mul(s.mul(-1).add(1)).clamp(0, 1);
  const q = v.mul(s.mul(f).mul(-1).add(1)).clamp(0, 1);
  const t = v.mul(s.mul(f.mul(-1).add(1)).mul(-1).add(1)).clamp(0, 1);
  const mask = sixth
    .remainder(6)
    .unsqueeze(-3)
    .eq(arange(6).reshape([6, 1, 1]))
    .to(v.dtype);
  const channel = (...ofSixths: Tensor[]) => stack(ofSixths, -3).mul(mask).sum(-3);
  return stack([channel(v, q, p, p, t, v), channel(t, v, v, q, p, p), channel(p, p, t, v, v, q)], -3);
}
