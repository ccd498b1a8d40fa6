// Pictures in the layouts that `addImage` takes, as PNG.
import { createRequire } from 'node:module';
import type { PNG } from 'pngjs';
import { CressetError, ShapeError } from '../errors.js';
import { wrongType } from '../functional/check.js';
import type { Value } from './messages.js';
import type { Elements, Snapshot } from './snapshot.js';

/** A picture of interleaved bytes. */
export interface Pixels {
  height: number;
  width: number;
  channels: number;
  data: Uint8Array;
}

/** Where each of N, C, H and W lies in a tensor, and how many elements apart its neighbours are; size 1 where it has none. */
export interface Layout {
  size: Record<Axis, number>;
  stride: Record<Axis, number>;
}
type Axis = 'N' | 'C' | 'H' | 'W';

const letters: Record<number, string> = { 2: 'HW', 3: 'CHW', 4: 'NCHW' };

/** The layout of `shape`, whose dimensions `format` names in order ('NCHW', 'HWC' ...). Throws where they do not fit. */
export function layoutOf(shape: readonly number[], format: string, op: string): Layout {
  if (typeof format !== 'string') wrongType(op, 'dataformats', 'a string', format);
  const axes = [...format.toUpperCase()];
  if (axes.toSorted().join('') !== [...(letters[axes.length] ?? '')].toSorted().join(''))
    throw new CressetError(`${op}: dataformats must name H and W, also C, also N, each once, got '${format}'`);
  if (axes.length !== shape.length)
    throw new ShapeError(
      `${op}: dataformats '${format}' needs ${axes.length} dimensions but the tensor has shape [${shape.join(', ')}]`,
    );
  const size: Layout['size'] = { N: 1, C: 1, H: 1, W: 1 };
  const stride: Layout['stride'] = { N: 0, C: 0, H: 0, W: 0 };
  let step = 1;
  for (let i = axes.length - 1; i >= 0; i--) {
    const axis = axes[i] as Axis;
    size[axis] = shape[i]!;
    stride[axis] = step;
    step *= shape[i]!;
  }
  if (step === 0) throw new ShapeError(`${op}: a picture of shape [${shape.join(', ')}] has no pixel`);
  const takes = axes.length === 4 ? [1, 3] : [1, 3, 4];
  if (!takes.includes(size.C))
    throw new ShapeError(`${op}: a picture has ${takes.join(' or ')} channels, got ${size.C}`);
  return { size, stride };
}

/** The pictures of a batch next to each other in rows of at most `columns`; bytes of gray become three. `scale` makes 0 to 255 of them. */
export function gridOf(values: Elements, { size, stride }: Layout, columns: number, scale: number): Pixels {
  const across = Math.min(size.N, columns);
  const width = across * size.W;
  const height = Math.ceil(size.N / across) * size.H;
  const channels = Math.max(size.C, 3);
  const data = new Uint8Array(height * width * channels);
  for (let n = 0; n < size.N; n++) {
    const top = Math.floor(n / across) * size.H;
    const left = (n % across) * size.W;
    for (let y = 0; y < size.H; y++)
      for (let x = 0; x < size.W; x++) {
        const from = n * stride.N + y * stride.H + x * stride.W;
        const to = ((top + y) * width + left + x) * channels;
        for (let c = 0; c < channels; c++) {
          const value = Math.fround(Math.fround(values[size.C === 1 ? from : from + c * stride.C]!) * scale);
          data[to + c] = Math.min(Math.max(value, 0), 255);
        }
      }
  }
  return { height, width, channels, data };
}

let encoder: typeof PNG | null = null;

/** `picture` as the bytes of a PNG file. */
export function pngOf({ height, width, channels, data }: Pixels): Uint8Array {
  encoder ??= (createRequire(import.meta.url)('pngjs') as { PNG: typeof PNG }).PNG;
  const image = new encoder({ width, height });
  for (let from = 0, to = 0; from < data.length; from += channels, to += 4) {
    image.data[to] = data[from]!;
    image.data[to + 1] = data[from + 1]!;
    image.data[to + 2] = data[from + 2]!;
    image.data[to + 3] = channels === 4 ? data[from + 3]! : 255;
  }
  return encoder.sync.write(image, { colorType: channels === 4 ? 6 : 2 });
}

/** What makes 0 to 255 of the elements of `picture`: they are that already where they are bytes, and 0 to 1 otherwise. */
export const scaleOf = (picture: Snapshot): number => (picture.dtype === 'uint8' ? 1 : 255);

/** The summary of a picture or batch of pictures under `tag`. */
export function imageValue(tag: string, picture: Snapshot, layout: Layout): Value {
  const pixels = gridOf(picture.read(), layout, 8, scaleOf(picture));
  const { height, width, channels } = pixels;
  return { tag, image: { height, width, colorspace: channels, png: pngOf(pixels) } };
}
