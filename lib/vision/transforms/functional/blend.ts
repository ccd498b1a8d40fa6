// What the functions of colours and tones share.
import { type DType, isFloatingPoint } from '../../../dtype.js';
import { describe } from '../../../functional/check.js';
import type { Tensor } from '../../../tensor.js';
import { Image } from '../../image.js';
import { dimensionsOf, type Picture } from '../picture.js';

/** What each dtype has for full brightness; of int64 it is 2^63 - 1, which no number is. */
export const brightest: Readonly<Record<DType, number>> = {
  uint8: 255,
  int32: 2 ** 31 - 1,
  int64: 2 ** 63,
  bool: 1,
  float32: 1,
  float64: 1,
  float16: 1,
  bfloat16: 1,
};

/** The tensor in a type that is computed with: halves are only stored. */
export const computable = (x: Tensor): Tensor =>
  x.dtype === 'float16' || x.dtype === 'bfloat16' ? x.to('float32') : x;

/** The tensor in a type that is computed with and holds fractions. */
export const asFloat = (x: Tensor): Tensor => (isFloatingPoint(x.dtype) ? computable(x) : x.to('float32'));

/** The number of channels, checked to be 1 or 3; with `opacity` an Image may have 2 or 4, the last of which it is. */
export function channelsOf(picture: Picture, op: string, opacity = false): number {
  const [channels] = dimensionsOf(picture, op);
  const allowed = opacity && picture instanceof Image ? [1, 2, 3, 4] : [1, 3];
  if (!allowed.includes(channels))
    throw new TypeError(`${op}: expected ${allowed.join(' or ')} channels, got ${channels}`);
  return channels;
}

/** Throws unless `factor` is a number of at least 0. */
export function checkFactor(factor: number, op: string, name: string): void {
  if (!(typeof factor === 'number' && factor >= 0 && factor < Number.POSITIVE_INFINITY))
    throw new RangeError(`${op}: ${name} must be a number of at least 0, got ${describe(factor)}`);
}

/** ratio · x + (1 - ratio) · other, or ratio · x, within what the dtype holds. */
export function blend(x: Tensor, other: Tensor | null, ratio: number): Tensor {
  const scaled = asFloat(x).mul(ratio);
  const sum = other === null ? scaled : scaled.add(asFloat(other).mul(1 - ratio));
  return sum.clamp(0, brightest[x.dtype]).to(x.dtype);
}
