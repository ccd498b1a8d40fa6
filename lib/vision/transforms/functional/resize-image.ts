// Resizing of bytes as PIL does it.
import { resizeBytes } from '../../../functional/interpolate.js';
import { tensor } from '../../../functional.js';
import { Image } from '../../image.js';
import type { InterpolationMode } from '../interpolation.js';
import { divided, multiplied } from './opacity.js';

function nearest({ data, width, height, channels }: Image, rows: number, columns: number): Image {
  const out = new Uint8Array(rows * columns * channels);
  // The pixel whose middle is nearest, in steps that are added up as PIL does.
  const places = (from: number, to: number) => {
    const step = from / to;
    let at = step * 0.5;
    return Int32Array.from({ length: to }, () => {
      const place = Math.min(Math.trunc(at), from - 1);
      at += step;
      return place;
    });
  };
  const [ys, xs] = [places(height, rows), places(width, columns)];
  let o = 0;
  for (const y of ys)
    for (const x of xs) for (let c = 0; c < channels; c++) out[o++] = data[(y * width + x) * channels + c]!;
  return new Image(out, columns, rows, channels);
}

/** The picture with `rows` times `columns` pixels; pictures of two or four channels have their opacity in the last. */
export function resizeImage(image: Image, [rows, columns]: readonly [number, number], mode: InterpolationMode): Image {
  if (mode === 'nearest' || mode === 'nearest-exact') return nearest(image, rows, columns);
  const { data, channels } = image;
  const translucent = channels === 2 || channels === 4;
  const shape = [image.height, image.width, channels];
  const x = tensor(translucent ? multiplied(data, channels) : data, { shape });
  const out = resizeBytes(x, [rows, columns], mode).toTypedArray() as Uint8Array;
  return new Image(translucent ? divided(out, channels) : out, columns, rows, channels);
}
