// Functions of several tensors that make one, and the extrema that come as values and indices.
import { native } from '../native.js';
import { Tensor, wrap } from '../tensor.js';
import { idOf, idsOf, integerOf, keepdimOf, type Operand, operand } from './check.js';
import { maximum, minimum } from './elementwise.js';
import { type Extrema, extrema } from './extrema.js';
import { amax, amin, argmax, argmin, type ReduceOptions } from './reduce.js';

export type { Extrema };

/**
 * The tensors one after the other along `dim`; the other sizes are equal. (`torch.cat`)
 * @throws ShapeError where they are not.
 * @example
 * import { cat, tensor } from 'cresset';
 * cat([tensor([1, 2]), tensor([3])]).toArray(); // [1, 2, 3]
 */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  integerOf(dim, 'cat', 'dim');
  return wrap(native.cat(idsOf(tensors, 'cat'), dim));
}

/**
 * The tensors, all of one shape, along a new dimension `dim`. (`torch.stack`)
 * @throws ShapeError where the shapes differ.
 * @example
 * import { stack, tensor } from 'cresset';
 * stack([tensor([1, 2]), tensor([3, 4])]).toArray(); // [[1, 2], [3, 4]]
 */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  integerOf(dim, 'stack', 'dim');
  return wrap(native.stack(idsOf(tensors, 'stack'), dim));
}

/**
 * The element of `x` where `condition` is true, else that of `y`; all three broadcast. (`torch.where`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { tensor, where } from 'cresset';
 * where(tensor([true, false]), tensor([1, 2]), 0).toArray(); // [1, 0]
 */
export function where(condition: Tensor, x: Operand, y: Operand): Tensor {
  const a = operand(x, 'where', 'x');
  const b = operand(y, 'where', 'y');
  return wrap(native.where(idOf(condition, 'where', 'condition'), idOf(a, 'where', 'x'), idOf(b, 'where', 'y')));
}

/**
 * The largest element of all; with a number `dim` the largest ones along it and their indices; with a tensor the larger of each
 * pair. (`torch.max`)
 * @example
 * import { max, tensor } from 'cresset';
 * const [values, indices] = max(tensor([[1, 5], [7, 2]]), 1); // or by name: { values, indices }
 * values.toArray(); // [5, 7]
 * indices.toArray(); // [1, 0]
 */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, y: Tensor): Tensor;
export function max(x: Tensor, dim: number, options?: ReduceOptions): Extrema;
export function max(x: Tensor, dim?: number | Tensor, options: ReduceOptions = {}): Tensor | Extrema {
  if (dim === undefined) return amax(x);
  if (dim instanceof Tensor) return maximum(x, dim);
  integerOf(dim, 'max', 'dim');
  const values = wrap(native.maxValue(idOf(x, 'max'), dim, keepdimOf(options, 'max')));
  return extrema(values, argmax(x, dim, options));
}

/**
 * The smallest element of all; with a number `dim` the smallest ones along it and their indices; with a tensor the smaller of
 * each pair. (`torch.min`)
 * @example
 * import { min, tensor } from 'cresset';
 * min(tensor([[1, 5], [7, 2]]), 1).values.toArray(); // [1, 2]
 */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, y: Tensor): Tensor;
export function min(x: Tensor, dim: number, options?: ReduceOptions): Extrema;
export function min(x: Tensor, dim?: number | Tensor, options: ReduceOptions = {}): Tensor | Extrema {
  if (dim === undefined) return amin(x);
  if (dim instanceof Tensor) return minimum(x, dim);
  integerOf(dim, 'min', 'dim');
  const values = wrap(native.minValue(idOf(x, 'min'), dim, keepdimOf(options, 'min')));
  return extrema(values, argmin(x, dim, options));
}
