// Reductions over some dimensions (one number or a list; left out: all), which go, or stay as 1 with `keepdim`.
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { flag, idOf, integerOf, integersOf, keepdimOf, numberOf, optionsOf } from './check.js';

/** One dimension or several; a negative one counts from the end. */
export type Dim = number | readonly number[];

/** Options of the reductions. */
export interface ReduceOptions {
  /** Keep the reduced dimensions with size 1. Default false. */
  keepdim?: boolean;
}

/**
 * The sum over `dim`: `Σ x`; integers sum as int64. (`torch.sum`)
 * @throws RangeError where `x` has no dimension `dim`.
 * @example
 * import { sum, tensor } from 'cresset';
 * sum(tensor([[1, 2], [3, 4]]), 0).toArray(); // [4, 6]
 */
export function sum(x: Tensor, dim?: Dim, options: ReduceOptions = {}): Tensor {
  const dims = integersOf(dim, 'sum', 'dim');
  return wrap(native.sum(idOf(x, 'sum'), dims, keepdimOf(options, 'sum')));
}

/**
 * The mean over `dim`: `1/n Σ x`. (`torch.mean`)
 * @throws RangeError where `x` has no dimension `dim`.
 * @example
 * import { mean, tensor } from 'cresset';
 * mean(tensor([[1, 2], [3, 4]]), 0).toArray(); // [2, 3]
 */
export function mean(x: Tensor, dim?: Dim, options: ReduceOptions = {}): Tensor {
  const dims = integersOf(dim, 'mean', 'dim');
  return wrap(native.mean(idOf(x, 'mean'), dims, keepdimOf(options, 'mean')));
}

/**
 * The product over `dim`: `Π x`; integers multiply as int64. (`torch.prod`)
 * @throws RangeError where `x` has no dimension `dim`.
 * @example
 * import { prod, tensor } from 'cresset';
 * prod(tensor([[1, 2], [3, 4]]), 0).toArray(); // [3, 8]
 */
export function prod(x: Tensor, dim?: Dim, options: ReduceOptions = {}): Tensor {
  const dims = integersOf(dim, 'prod', 'dim');
  return wrap(native.prod(idOf(x, 'prod'), dims, keepdimOf(options, 'prod')));
}

/**
 * The largest elements over `dim`; equal ones share the gradient. (`torch.amax`)
 * @throws RangeError where `x` has no dimension `dim`.
 * @example
 * import { amax, tensor } from 'cresset';
 * amax(tensor([[1, 4], [3, 2]]), 0).toArray(); // [3, 4]
 */
export function amax(x: Tensor, dim?: Dim, options: ReduceOptions = {}): Tensor {
  const dims = integersOf(dim, 'amax', 'dim');
  return wrap(native.amax(idOf(x, 'amax'), dims, keepdimOf(options, 'amax')));
}

/**
 * The smallest elements over `dim`; equal ones share the gradient. (`torch.amin`)
 * @throws RangeError where `x` has no dimension `dim`.
 * @example
 * import { amin, tensor } from 'cresset';
 * amin(tensor([[1, 4], [3, 2]]), 0).toArray(); // [1, 2]
 */
export function amin(x: Tensor, dim?: Dim, options: ReduceOptions = {}): Tensor {
  const dims = integersOf(dim, 'amin', 'dim');
  return wrap(native.amin(idOf(x, 'amin'), dims, keepdimOf(options, 'amin')));
}

/**
 * True where all elements over `dim` are true (not 0); 1 of uint8 for a uint8 tensor. (`torch.all`)
 * @throws RangeError where `x` has no dimension `dim`.
 * @example
 * import { all, tensor } from 'cresset';
 * all(tensor([[1, 0], [1, 1]]), 0).toArray(); // [true, false]
 */
export function all(x: Tensor, dim?: Dim, options: ReduceOptions = {}): Tensor {
  const dims = integersOf(dim, 'all', 'dim');
  return wrap(native.all(idOf(x, 'all'), dims, keepdimOf(options, 'all')));
}

/**
 * True where any element over `dim` is true (not 0); 1 of uint8 for a uint8 tensor. (`torch.any`)
 * @throws RangeError where `x` has no dimension `dim`.
 * @example
 * import { any, tensor } from 'cresset';
 * any(tensor([[1, 0], [0, 0]]), 0).toArray(); // [true, false]
 */
export function any(x: Tensor, dim?: Dim, options: ReduceOptions = {}): Tensor {
  const dims = integersOf(dim, 'any', 'dim');
  return wrap(native.any(idOf(x, 'any'), dims, keepdimOf(options, 'any')));
}

/**
 * The index (int64) of the largest element along `dim`, or of all elements in order where `dim` is left out. (`torch.argmax`)
 * @example
 * import { argmax, tensor } from 'cresset';
 * argmax(tensor([[1, 5], [7, 2]]), 1).toArray(); // [1, 0]
 */
export function argmax(x: Tensor, dim?: number, options: ReduceOptions = {}): Tensor {
  const dims = dim === undefined ? [] : [integerOf(dim, 'argmax', 'dim')];
  return wrap(native.argmax(idOf(x, 'argmax'), dims, keepdimOf(options, 'argmax')));
}

/**
 * The index (int64) of the smallest element along `dim`, or of all elements in order where `dim` is left out. (`torch.argmin`)
 * @example
 * import { argmin, tensor } from 'cresset';
 * argmin(tensor([[1, 5], [7, 2]]), 1).toArray(); // [0, 1]
 */
export function argmin(x: Tensor, dim?: number, options: ReduceOptions = {}): Tensor {
  const dims = dim === undefined ? [] : [integerOf(dim, 'argmin', 'dim')];
  return wrap(native.argmin(idOf(x, 'argmin'), dims, keepdimOf(options, 'argmin')));
}

/** Options of `var` and `std`. */
export interface VarOptions extends ReduceOptions {
  /** What is taken off the count: 1 (default) for a sample, 0 for all there is. */
  correction?: number;
}

function spread(op: 'var' | 'std', x: Tensor, dim: Dim | undefined, options: VarOptions): Tensor {
  const dims = integersOf(dim, op, 'dim');
  const correction = numberOf(optionsOf(options, op, ['correction', 'keepdim']).correction ?? 1, op, 'correction');
  return wrap(native[op](idOf(x, op), dims, correction, flag(options.keepdim, op, 'keepdim')));
}

function variance(x: Tensor, dim?: Dim, options: VarOptions = {}): Tensor {
  return spread('var', x, dim, options);
}

/**
 * The standard deviation over `dim`: `√(Σ(x - mean)² / (n - correction))`. Its gradient
 * where it is 0 is 0. (`torch.std`)
 * @example
 * import { std, tensor } from 'cresset';
 * std(tensor([1, 2, 3])).item(); // 1
 */
export function std(x: Tensor, dim?: Dim, options: VarOptions = {}): Tensor {
  return spread('std', x, dim, options);
}

export {
  /**
   * The variance over `dim`: `Σ(x - mean)² / (n - correction)`. (`torch.var`)
   * @example
   * import { tensor } from 'cresset';
   * tensor([1, 2, 3]).var().item(); // 1
   */
  variance as var,
};

/** Options of `norm`. */
export interface NormOptions extends ReduceOptions {
  /** The dimensions of the vectors; left out: all. */
  dim?: Dim;
}

/**
 * The vector norm: `(Σ |x|ᵖ)^(1/p)`, for `p` infinite the largest (smallest) `|x|`, for 0 how many are not 0; its gradient at 0 is 0. (`torch.linalg.vector_norm`)
 * @example
 * import { norm, tensor } from 'cresset';
 * norm(tensor([3, 4])).item(); // 5
 */
export function norm(x: Tensor, p = 2, options: NormOptions = {}): Tensor {
  const dims = integersOf(optionsOf(options, 'norm', ['dim', 'keepdim']).dim, 'norm', 'dim');
  return wrap(native.norm(idOf(x, 'norm'), numberOf(p, 'norm', 'p'), dims, flag(options.keepdim, 'norm', 'keepdim')));
}
