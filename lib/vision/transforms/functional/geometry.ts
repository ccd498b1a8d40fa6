// Cutting, padding and flipping.
import { describe, integerOf, optionsOf } from '../../../functional/check.js';
import { full, tensor } from '../../../functional.js';
import type { Tensor } from '../../../tensor.js';
import { Image } from '../../image.js';
import { checkPicture, dimensionsOf, fillsOf, type Picture, pythonRound, sizeOf, throughTensor } from '../picture.js';

/** What stands beyond the border: a constant, the pixel at the border, or the picture mirrored without or with it. */
export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

/** All sides; or left and right, top and bottom; or left, top, right, bottom. Negative values cut off. */
export type Padding = number | readonly number[];

/** Options of `pad`. */
export interface PadOptions {
  /** The constant, or one for each channel; default 0. */
  fill?: number | readonly number[];
  /** Default: 'constant'. */
  paddingMode?: PaddingMode;
}

/** Checks a padding and gives its four sides. */
export function paddingOf(padding: Padding, op: string): [left: number, top: number, right: number, bottom: number] {
  const all = typeof padding === 'number' ? [padding] : padding;
  if (!Array.isArray(all) || ![1, 2, 4].includes(all.length))
    throw new RangeError(`${op}: padding must be a number or an array of 1, 2 or 4, got ${describe(padding)}`);
  all.forEach((side, i) => void integerOf(side, op, `padding[${i}]`));
  return [all[0]!, all[1 % all.length]!, all[2 % all.length]!, all[3 % all.length]!];
}

const paddingModes: readonly PaddingMode[] = ['constant', 'edge', 'reflect', 'symmetric'];

/** Checks the name of a padding mode. */
export function paddingModeOf(mode: PaddingMode, op: string): PaddingMode {
  if (paddingModes.includes(mode)) return mode;
  throw new RangeError(
    `${op}: paddingMode must be one of ${paddingModes.map((m) => `'${m}'`).join(', ')}, got ${describe(mode)}`,
  );
}

// The old place of place `i` of an axis of n, which may lie outside.
function placeOf(i: number, n: number, mode: PaddingMode): number {
  if (mode === 'edge') return Math.min(Math.max(i, 0), n - 1);
  const period = mode === 'reflect' ? Math.max(2 * (n - 1), 1) : 2 * n;
  const at = ((i % period) + period) % period;
  return at < n ? at : mode === 'reflect' ? period - at : period - 1 - at;
}

// x with its axis `dim` running from -before to n + after.
function extended(x: Tensor, dim: number, before: number, after: number, mode: PaddingMode): Tensor {
  const n = x.size(dim);
  if (before === 0 && after === 0) return x;
  if (before <= 0 && after <= 0) return x.narrow(dim, -before, n + before + after);
  const places = Int32Array.from({ length: n + before + after }, (_, i) => placeOf(i - before, n, mode));
  return x.indexSelect(dim, tensor(places));
}

/** A new picture of `height` by `width` pixels of `fills`, with the part from `top`, `left` on of a picture at `down`, `across`. */
function placed(
  { data, channels, width: pitch }: Image,
  { top, left, rows, columns }: { top: number; left: number; rows: number; columns: number },
  [height, width]: readonly [number, number],
  [down, across]: readonly [number, number],
  fills: readonly number[],
): Image {
  const out = new Uint8Array(height * width * channels);
  if (fills.length === 1 && fills[0] !== 0) out.fill(fills[0]!);
  else if (fills.length > 1) for (let i = 0; i < out.length; i++) out[i] = fills[i % channels]!;
  const bytes = columns * channels;
  for (let y = 0; y < rows && columns > 0; y++) {
    const from = ((top + y) * pitch + left) * channels;
    const to = ((down + y) * width + across) * channels;
    // A view for each row would cost more than a short row.
    if (bytes > 512) out.set(data.subarray(from, from + bytes), to);
    else for (let i = 0; i < bytes; i++) out[to + i] = data[from + i]!;
  }
  return new Image(out, width, height, channels);
}

function padTensor(x: Tensor, sides: readonly number[], fill: number | readonly number[]): Tensor {
  const [left, top, right, bottom] = sides as [number, number, number, number];
  const [height, width] = x.shape.slice(-2) as [number, number];
  const inside = extended(
    extended(x, -2, Math.min(top, 0), Math.min(bottom, 0), 'constant'),
    -1,
    Math.min(left, 0),
    Math.min(right, 0),
    'constant',
  );
  const [above, before] = [Math.max(top, 0), Math.max(left, 0)];
  const shape = [...x.shape.slice(0, -2), height + top + bottom, width + left + right];
  const out = full(shape, typeof fill === 'number' ? fill : 0, { dtype: x.dtype });
  if (typeof fill !== 'number') out.copy_(tensor([...fill], { dtype: x.dtype }).reshape([-1, 1, 1]));
  out.narrow(-2, above, inside.size(-2)).narrow(-1, before, inside.size(-1)).copy_(inside);
  return out;
}

/**
 * The picture with a border around it. (`torchvision.transforms.functional.pad`)
 * @throws RangeError for a padding that cuts off everything, or mirrors more of a tensor than there is.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.pad(tensor([[[1, 2, 3]]]), [2, 0], { paddingMode: 'reflect' }).toArray(); // [[[3, 2, 1, 2, 3, 2, 1]]]
 */
export function pad<P extends Picture>(picture: P, padding: Padding, options: PadOptions = {}): P {
  const sides = paddingOf(padding, 'pad');
  const mode = paddingModeOf(optionsOf(options, 'pad', ['fill', 'paddingMode']).paddingMode ?? 'constant', 'pad');
  const fill = options.fill ?? 0;
  const [channels, height, width] = dimensionsOf(picture, 'pad');
  const fills = fillsOf(fill, 'pad', channels);
  const [left, top, right, bottom] = sides;
  const rows = height + Math.min(top, 0) + Math.min(bottom, 0);
  const columns = width + Math.min(left, 0) + Math.min(right, 0);
  // Where what was cut off is not mirrored; in tensors, 'edge' and 'reflect' see it.
  const cutsFirst =
    Math.min(...sides) < 0 && (mode === 'symmetric' || (mode !== 'constant' && picture instanceof Image));
  const least = cutsFirst ? 1 : mode === 'constant' ? 0 : Number.NEGATIVE_INFINITY;
  if (height + top + bottom < 1 || width + left + right < 1 || Math.min(rows, columns) < least)
    throw new RangeError(`pad: nothing is left of ${height}x${width} with padding [${sides.join(', ')}]`);
  if (cutsFirst) {
    const inside = crop(picture, Math.max(-top, 0), Math.max(-left, 0), rows, columns);
    return pad(
      inside,
      sides.map((side) => Math.max(side, 0)),
      options,
    );
  }
  const spare = mode === 'reflect' ? 1 : 0;
  const mirrored = mode === 'reflect' || mode === 'symmetric';
  if (
    mirrored &&
    !(picture instanceof Image) &&
    (Math.max(left, right) > width - spare || Math.max(top, bottom) > height - spare)
  )
    throw new RangeError(
      `pad: '${mode}' mirrors less than there is, got padding [${sides.join(', ')}] for ${height}x${width}`,
    );
  if (picture instanceof Image && mode === 'constant') {
    const part = {
      top: Math.max(-top, 0),
      left: Math.max(-left, 0),
      rows,
      columns,
    };
    const size = [height + top + bottom, width + left + right] as const;
    return placed(picture, part, size, [Math.max(top, 0), Math.max(left, 0)], fills) as P;
  }
  return throughTensor(picture, (x) =>
    mode === 'constant'
      ? padTensor(x, sides, fills.length === 1 ? fills[0]! : fills)
      : extended(extended(x, -2, top, bottom, mode), -1, left, right, mode),
  );
}

/**
 * `height` by `width` pixels from `top` and `left` on; what lies outside is 0. (`torchvision.transforms.functional.crop`)
 * @throws RangeError for sizes below 1.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.crop(tensor([[[1, 2], [3, 4]]]), 1, 1, 1, 2).toArray(); // [[[4, 0]]]
 */
export function crop<P extends Picture>(picture: P, top: number, left: number, height: number, width: number): P {
  const [, h, w] = dimensionsOf(picture, 'crop');
  integerOf(top, 'crop', 'top');
  integerOf(left, 'crop', 'left');
  sizeOf([height, width], 'crop');
  const [right, bottom] = [left + width, top + height];
  const rows = [Math.min(Math.max(top, 0), h), Math.min(Math.max(bottom, 0), h)] as const;
  const columns = [Math.min(Math.max(left, 0), w), Math.min(Math.max(right, 0), w)] as const;
  if (picture instanceof Image) {
    const part = { top: rows[0], left: columns[0], rows: rows[1] - rows[0], columns: columns[1] - columns[0] };
    return placed(picture, part, [height, width], [rows[0] - top, columns[0] - left], [0]) as P;
  }
  return throughTensor(picture, (x) => {
    if (rows[0] >= rows[1] || columns[0] >= columns[1])
      return full([...x.shape.slice(0, -2), height, width], 0, { dtype: x.dtype });
    const inside = x.narrow(-2, rows[0], rows[1] - rows[0]).narrow(-1, columns[0], columns[1] - columns[0]);
    if (top >= 0 && left >= 0 && bottom <= h && right <= w) return inside;
    return padTensor(inside, [columns[0] - left, rows[0] - top, right - columns[1], bottom - rows[1]], 0);
  });
}

/**
 * The middle of the picture, which first gets a border of 0 where it is smaller. (`torchvision.transforms.functional.center_crop`)
 * @throws RangeError for sizes below 1.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.centerCrop(tensor([[[1, 2, 3]]]), 1).toArray(); // [[[2]]]
 */
export function centerCrop<P extends Picture>(picture: P, outputSize: number | readonly number[]): P {
  const [height, width] = sizeOf(outputSize, 'centerCrop', 'outputSize');
  const [, h, w] = dimensionsOf(picture, 'centerCrop');
  const [down, across] = [Math.max(height - h, 0), Math.max(width - w, 0)];
  const sides = [Math.floor(across / 2), Math.floor(down / 2), Math.ceil(across / 2), Math.ceil(down / 2)];
  const padded = down > 0 || across > 0 ? pad(picture, sides) : picture;
  return crop(padded, pythonRound((h + down - height) / 2), pythonRound((w + across - width) / 2), height, width);
}

function mirrored({ data, width, height, channels }: Image): Image {
  const out = new Uint8Array(data.length);
  const pitch = width * channels;
  for (let row = 0; row < data.length; row += pitch)
    for (let to = row, from = row + pitch - channels; from >= row; to += channels, from -= channels)
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
  return new Image(out, width, height, channels);
}

function upended({ data, width, height, channels }: Image): Image {
  const out = new Uint8Array(data.length);
  const row = width * channels;
  for (let y = 0; y < height; y++) out.set(data.subarray(y * row, (y + 1) * row), (height - 1 - y) * row);
  return new Image(out, width, height, channels);
}

function flipped<P extends Picture>(picture: P, op: string, dim: -1 | -2): P {
  checkPicture(picture, op);
  if (picture instanceof Image) return (dim === -1 ? mirrored(picture) : upended(picture)) as P;
  return throughTensor(picture, (x) => {
    const n = x.size(dim);
    return x.indexSelect(dim, tensor(Int32Array.from({ length: n }, (_, i) => n - 1 - i)));
  });
}

/**
 * Left and right exchanged. (`torchvision.transforms.functional.hflip`)
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.hflip(tensor([[[1, 2, 3]]])).toArray(); // [[[3, 2, 1]]]
 */
export function hflip<P extends Picture>(picture: P): P {
  return flipped(picture, 'hflip', -1);
}

/**
 * Top and bottom exchanged. (`torchvision.transforms.functional.vflip`)
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.vflip(tensor([[[1], [2]]])).toArray(); // [[[2], [1]]]
 */
export function vflip<P extends Picture>(picture: P): P {
  return flipped(picture, 'vflip', -2);
}
