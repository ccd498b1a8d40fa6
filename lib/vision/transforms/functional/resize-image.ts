// Resizing of bytes as PIL does it: columns first, then rows, each rounded to bytes.
import { filtered } from '../../../functional/interpolate.js';
import { tensor } from '../../../functional.js';
import type { Tensor } from '../../../tensor.js';
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

type Filter = Exclude<InterpolationMode, 'nearest' | 'nearest-exact'>;

const toByte = (x: Tensor) => x.add(0.5).floor().clamp(0, 255);

function filter(data: Uint8Array, image: Image, rows: number, columns: number, mode: Filter): Uint8Array {
  const { width, height, channels } = image;
  let x = tensor(data, { shape: [1, height, width, channels] })
    .permute([0, 3, 1, 2])
    .to('float32');
  if (columns !== width) x = toByte(filtered(x, [height, columns], mode));
  if (rows !== height) x = toByte(filtered(x, [rows, columns], mode));
  return x.permute([0, 2, 3, 1]).contiguous().to('uint8').toTypedArray() as Uint8Array;
}

/** The picture with `rows` times `columns` pixels; pictures of two or four channels have their opacity in the last. */
export function resizeImage(image: Image, [rows, columns]: readonly [number, number], mode: InterpolationMode): Image {
  if (mode === 'nearest' || mode === 'nearest-exact') return nearest(image, rows, columns);
  const { data, channels } = image;
  const translucent = channels === 2 || channels === 4;
  const out = filter(translucent ? multiplied(data, channels) : data, image, rows, columns, mode);
  return new Image(translucent ? divided(out, channels) : out, columns, rows, channels);
}
