// Bytes seen through another grid, in PIL's arithmetic.
import { Image } from '../../image.js';
import { divided, multiplied } from './opacity.js';

/** How `transformImage` finds values between pixels. */
export type WarpMode = 'nearest' | 'nearest-exact' | 'bilinear' | 'bicubic';

/** Where the middle of pixel (x, y) of the result lies in the old picture. */
export type Place = (x: number, y: number) => readonly [x: number, y: number];

const limited = (i: number, n: number): number => Math.min(Math.max(i, 0), n - 1);

const cubic = (a: number, b: number, c: number, d: number, t: number): number => {
  const [p, q, r] = [-a + c, 2 * (a - b) + c - d, -a + b - c + d];
  return b + t * (p + t * (q + t * r));
};

// The value of a channel around (x, y), from the rows' values at x; rows beyond the border are the last one inside.
function between({ data, width, height, channels }: Image, x: number, y: number, c: number, mode: WarpMode): number {
  const [px, py] = [x - 0.5, y - 0.5];
  const [left, top] = [Math.floor(px), Math.floor(py)];
  const [dx, dy] = [px - left, py - top];
  const value = (i: number, j: number) => data[(i * width + limited(j, width)) * channels + c]!;
  if (mode === 'bilinear') {
    const row = (i: number) => value(i, left) + (value(i, left + 1) - value(i, left)) * dx;
    const first = row(limited(top, height));
    const second = top + 1 >= 0 && top + 1 < height ? row(top + 1) : first;
    return first + (second - first) * dy;
  }
  const row = (i: number) => cubic(value(i, left - 1), value(i, left), value(i, left + 1), value(i, left + 2), dx);
  const rows = [row(limited(top - 1, height))];
  for (let k = 0; k < 3; k++) rows.push(top + k >= 0 && top + k < height ? row(top + k) : rows[k]!);
  return cubic(rows[0]!, rows[1]!, rows[2]!, rows[3]!, dy);
}

function blank({ channels }: Image, height: number, width: number, fill: readonly number[]): Image {
  const data = new Uint8Array(height * width * channels);
  for (let i = 0; i < data.length; i++) data[i] = Math.trunc(fill[i % channels]!);
  return new Image(data, width, height, channels);
}

/** The picture at the places that `place` gives; what lies outside is `fill`, a number for each channel. */
export function transformImage(
  image: Image,
  [height, width]: readonly [number, number],
  place: Place,
  mode: WarpMode,
  fill: readonly number[],
): Image {
  const { channels } = image;
  const nearest = mode === 'nearest' || mode === 'nearest-exact';
  if (!nearest && channels % 2 === 0) {
    const opaque = new Image(multiplied(image.data, channels), image.width, image.height, channels);
    const out = warp(opaque, blank(image, height, width, fill), place, mode);
    return new Image(divided(out.data, channels), width, height, channels);
  }
  return warp(image, blank(image, height, width, fill), place, mode);
}

function warp(image: Image, out: Image, place: Place, mode: WarpMode): Image {
  const { channels } = image;
  for (let i = 0, o = 0; i < out.height; i++)
    for (let j = 0; j < out.width; j++, o += channels) {
      const [x, y] = place(j, i);
      if (!(x >= 0 && x < image.width && y >= 0 && y < image.height)) continue;
      const at = (Math.floor(y) * image.width + Math.floor(x)) * channels;
      for (let c = 0; c < channels; c++)
        out.data[o + c] =
          mode === 'bilinear' || mode === 'bicubic'
            ? Math.min(Math.max(Math.trunc(between(image, x, y, c, mode)), 0), 255)
            : image.data[at + c]!;
    }
  return out;
}

/** The places of an affine map. PIL takes the nearest pixel in steps of 1 / 65536 of one, unless it only scales. */
export function affinePlace([a, b, c, d, e, f]: readonly number[], mode: WarpMode): Place {
  const [ma, mb, mc, md, me, mf] = [a!, b!, c!, d!, e!, f!];
  if (mode === 'bilinear' || mode === 'bicubic' || (mb === 0 && md === 0))
    return (x, y) => [ma * (x + 0.5) + mb * (y + 0.5) + mc, md * (x + 0.5) + me * (y + 0.5) + mf];
  const steps = (v: number) => Math.floor(v * 65536 + 0.5);
  const [sa, sb, sd, se] = [steps(ma), steps(mb), steps(md), steps(me)];
  const [x0, y0] = [steps(mc + ma * 0.5 + mb * 0.5), steps(mf + md * 0.5 + me * 0.5)];
  return (x, y) => [(x0 + sa * x + sb * y) / 65536, (y0 + sd * x + se * y) / 65536];
}
