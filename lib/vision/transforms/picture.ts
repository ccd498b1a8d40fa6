// What transforms take: decoded pictures and tensors, and the way from one to the other.
import { describe, numberOf } from '../../functional/check.js';
import { tensor } from '../../functional.js';
import { Tensor } from '../../tensor.js';
import { Image } from '../image.js';

/** A decoded picture, or a tensor [..., c, h, w] of one or several. */
export type Picture = Image | Tensor;

/** Throws the TypeError of `op` unless `picture` is an Image or a tensor of at least two dimensions. */
export function checkPicture(picture: Picture, op: string): void {
  if (picture instanceof Image || (picture instanceof Tensor && picture.ndim >= 2)) return;
  throw new TypeError(`${op}: picture must be an Image or a Tensor [..., c, h, w], got ${describe(picture)}`);
}

/** Throws the TypeError of `op` unless `x` is a tensor of at least `ndim` dimensions. */
export function checkTensor(x: Tensor, op: string, ndim = 2): void {
  if (!(x instanceof Tensor)) throw new TypeError(`${op}: expected a Tensor [..., c, h, w], got ${describe(x)}`);
  if (x.ndim < ndim)
    throw new TypeError(`${op}: the tensor must have at least ${ndim} dimensions, got shape [${x.shape.join(', ')}]`);
}

/** Channels, height and width. */
export function dimensionsOf(picture: Picture, op: string): [channels: number, height: number, width: number] {
  checkPicture(picture, op);
  if (picture instanceof Image) return [picture.channels, picture.height, picture.width];
  const shape = picture.shape;
  return [shape.at(-3) ?? 1, shape.at(-2)!, shape.at(-1)!];
}

/** The bytes of a picture as a tensor [c, h, w]. */
export function toTensorBytes({ data, channels, height, width }: Image): Tensor {
  return tensor(data, { shape: [height, width, channels] }).permute([2, 0, 1]);
}

/** The picture of a tensor of bytes [c, h, w]. */
export function toImage(x: Tensor): Image {
  const [channels, height, width] = x.shape as [number, number, number];
  return new Image(x.permute([1, 2, 0]).contiguous().toTypedArray() as Uint8Array, width, height, channels);
}

/** What `change` makes of the tensor, or of the picture's bytes, as the kind that came in. */
export function throughTensor<P extends Picture>(picture: P, change: (x: Tensor) => Tensor): P {
  return (picture instanceof Image ? toImage(change(toTensorBytes(picture))) : change(picture as Tensor)) as P;
}

/** Python's rounding: halves go to the even number. */
export const pythonRound = (x: number): number => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** A height and a width given as one number, a list of one, or both. */
export function sizeOf(size: number | readonly number[], op: string, name = 'size'): [height: number, width: number] {
  const sides = typeof size === 'number' ? [size] : size;
  if (!Array.isArray(sides) || sides.length < 1 || sides.length > 2)
    throw new RangeError(`${op}: ${name} must be a number or an array of one or two, got ${describe(size)}`);
  for (const side of sides)
    if (!Number.isSafeInteger(side) || side < 1)
      throw new RangeError(`${op}: ${name} must be a positive integer, got ${describe(side)}`);
  return [sides[0]!, sides.at(-1)!];
}

/** A fill as a list: one number, or one for each channel; without `channels` their number is not checked. */
export function fillsOf(fill: number | readonly number[], op: string, channels?: number): readonly number[] {
  const fills = typeof fill === 'number' ? [fill] : fill;
  if (!Array.isArray(fills) || (fills.length !== 1 && fills.length !== (channels ?? fills.length)))
    throw new RangeError(
      `${op}: fill must be a number or one for each ${channels === undefined ? 'channel' : `of ${channels} channels`}, got ${describe(fill)}`,
    );
  fills.forEach((value, i) => void numberOf(value, op, `fill[${i}]`));
  return fills;
}

/** Two finite numbers, checked. */
export function pointOf(point: readonly number[], op: string, name: string): [number, number] {
  if (!Array.isArray(point) || point.length !== 2 || !point.every(Number.isFinite))
    throw new RangeError(`${op}: ${name} must be two numbers, got ${describe(point)}`);
  return [point[0]!, point[1]!];
}
