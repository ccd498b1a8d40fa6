// Blurring, sharpening and erasing.
import { isFloatingPoint } from '../../../dtype.js';
import { describe, flag, integerOf, optionsOf } from '../../../functional/check.js';
import { conv2d } from '../../../functional/layers.js';
import { tensor } from '../../../functional.js';
import type { Tensor } from '../../../tensor.js';
import { checkTensor, dimensionsOf, type Picture, throughTensor } from '../picture.js';
import { pad } from './geometry.js';

/** Width and height of a kernel, or one number for both. */
export type KernelSize = number | readonly number[];

/** Checks the sides of a kernel, which are odd, and gives [x, y]. */
export function kernelOf(size: KernelSize, op: string): [x: number, y: number] {
  const sides = typeof size === 'number' ? [size] : size;
  const valid = Array.isArray(sides) && (sides.length === 1 || sides.length === 2);
  if (!valid || !sides.every((side) => Number.isSafeInteger(side) && side > 0 && side % 2 === 1))
    throw new RangeError(`${op}: kernelSize must be one or two odd positive integers, got ${describe(size)}`);
  return [sides[0]!, sides.at(-1)!];
}

// The weights of a normal distribution at the distances from the middle, which add up to 1.
function gaussian(size: number, sigma: number): number[] {
  const weights = Array.from({ length: size }, (_, i) => Math.exp(-0.5 * ((i - (size - 1) / 2) / sigma) ** 2));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / total);
}

/** Each channel of x: [..., c, h, w] under one kernel; integers are rounded. */
function filtered(x: Tensor, kernel: readonly (readonly number[])[]): Tensor {
  const numeric = x.dtype === 'float32' || x.dtype === 'float64' ? x : x.to('float32');
  const [h, w] = x.shape.slice(-2) as [number, number];
  // All channels of all pictures are pictures of one channel.
  const weight = tensor(kernel, { dtype: numeric.dtype }).reshape([1, 1, kernel.length, kernel[0]!.length]);
  const y = conv2d(numeric.reshape([-1, 1, h, w]), weight);
  const rounded = isFloatingPoint(x.dtype) ? y : y.round();
  return rounded.reshape([...x.shape.slice(0, -2), ...y.shape.slice(-2)]).to(x.dtype);
}

/**
 * The picture blurred by a normal distribution of `sigma` pixels, mirrored at the border. `sigma` is one number, or [x, y]; by default
 * 0.15 · kernelSize + 0.35. (`torchvision.transforms.functional.gaussian_blur`)
 * @throws RangeError for kernels with even sides or larger than the picture allows, or a sigma that is not positive.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.gaussianBlur(ones([3, 8, 8]), 3).shape; // [3, 8, 8]
 */
export function gaussianBlur<P extends Picture>(
  picture: P,
  kernelSize: KernelSize,
  sigma: number | readonly number[] | null = null,
): P {
  const [kx, ky] = kernelOf(kernelSize, 'gaussianBlur');
  const [, h, w] = dimensionsOf(picture, 'gaussianBlur');
  const given = sigma ?? [kx * 0.15 + 0.35, ky * 0.15 + 0.35];
  const sigmas = typeof given === 'number' ? [given] : given;
  const valid = Array.isArray(sigmas) && (sigmas.length === 1 || sigmas.length === 2);
  if (!valid || !sigmas.every((s) => s > 0 && s < Number.POSITIVE_INFINITY))
    throw new RangeError(`gaussianBlur: sigma must be one or two positive numbers, got ${describe(sigma)}`);
  const [beside, above] = [(kx - 1) / 2, (ky - 1) / 2];
  if (beside >= w || above >= h)
    throw new RangeError(`gaussianBlur: kernelSize [${kx}, ${ky}] is too large for a picture of ${h}x${w}`);
  const [across, down] = [gaussian(kx, sigmas[0]!), gaussian(ky, sigmas.at(-1)!)];
  const kernel = down.map((a) => across.map((b) => a * b));
  return throughTensor(picture, (x) => filtered(pad(x, [beside, above], { paddingMode: 'reflect' }), kernel));
}

/**
 * `height` by `width` places of the tensor from `top` and `left` on, overwritten by `value`: a tensor that broadcasts to them.
 * (`torchvision.transforms.functional.erase`)
 * @throws TypeError for anything but a tensor; RangeError for places outside.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.erase(tensor([[[1, 2, 3]]]), 0, 1, 1, 2, tensor(0)).toArray(); // [[[1, 0, 0]]]
 */
export function erase(
  x: Tensor,
  top: number,
  left: number,
  height: number,
  width: number,
  value: Tensor,
  options: { inplace?: boolean } = {},
): Tensor {
  const inplace = flag(optionsOf(options, 'erase', ['inplace']).inplace, 'erase', 'inplace');
  checkTensor(x, 'erase');
  checkTensor(value, 'erase', 0);
  const [h, w] = x.shape.slice(-2) as [number, number];
  for (const [name, side] of Object.entries({ top, left, height, width })) integerOf(side, 'erase', name);
  if (top < 0 || left < 0 || height < 0 || width < 0 || top + height > h || left + width > w)
    throw new RangeError(`erase: ${height}x${width} places from [${top}, ${left}] on do not lie in ${h}x${w}`);
  const out = inplace ? x : x.clone();
  out.narrow(-2, top, height).narrow(-1, left, width).copy_(value);
  return out;
}

/** Each pixel inside averaged with its neighbours, itself counted five times; those at the border as they are. Not public. */
export function smoothed(x: Tensor): Tensor {
  const [h, w] = x.shape.slice(-2) as [number, number];
  if (h <= 2 || w <= 2) return x;
  const [side, middle] = [1 / 13, 5 / 13];
  const inside = filtered(x, [
    [side, side, side],
    [side, middle, side],
    [side, side, side],
  ]);
  const out = x.clone();
  out
    .narrow(-2, 1, h - 2)
    .narrow(-1, 1, w - 2)
    .copy_(inside);
  return out;
}
