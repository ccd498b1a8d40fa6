// Other views of the same elements: shapes, orders and parts that share the storage of `x`, and copies where that cannot be.
import { type DType, dtypeCode } from '../dtype.js';
import { ShapeError } from '../errors.js';
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { idOf, integerOf, integersOf, type Sizes, sizesOf, wrongType } from './check.js';

function normalDim(x: Tensor, dim: number, op: string): number {
  integerOf(dim, op, 'dim');
  const n = x.ndim;
  if (dim < -n || dim >= n) throw new RangeError(`${op}: dim ${dim} is out of range for a tensor of ${n} dimensions`);
  return dim < 0 ? dim + n : dim;
}

/**
 * The same elements in another shape, in the same storage; one size may be -1, which is then inferred. (`torch.Tensor.view`)
 * @throws ShapeError where the sizes do not fit or the strides do not allow it; `reshape` copies then.
 * @example
 * import { arange } from 'cresset';
 * arange(6).view(2, -1).shape; // [2, 3]
 */
export function view(x: Tensor, ...shape: Sizes): Tensor {
  const sizes = sizesOf(shape, 'view', 'shape');
  return wrap(native.view(idOf(x, 'view'), sizes));
}

/**
 * The same elements in another shape: a view where possible, else a copy; one size may be -1. (`torch.reshape`)
 * @throws ShapeError where the sizes do not fit.
 * @example
 * import { arange } from 'cresset';
 * arange(6).reshape(3, 2).toArray(); // [[0, 1], [2, 3], [4, 5]]
 */
export function reshape(x: Tensor, ...shape: Sizes): Tensor {
  const sizes = sizesOf(shape, 'reshape', 'shape');
  return wrap(native.reshape(idOf(x, 'reshape'), sizes));
}

/**
 * The dimensions `startDim` to `endDim` as one; `x` itself where they are one already. (`torch.flatten`)
 * @example
 * import { ones } from 'cresset';
 * ones([2, 3, 4]).flatten(1).shape; // [2, 12]
 */
export function flatten(x: Tensor, startDim = 0, endDim = -1): Tensor {
  integerOf(startDim, 'flatten', 'startDim');
  integerOf(endDim, 'flatten', 'endDim');
  return wrap(native.flatten(idOf(x, 'flatten'), startDim, endDim));
}

/**
 * The dimension `dim` as several of the given `sizes`, one of which may be -1. (`torch.unflatten`)
 * @throws ShapeError where the sizes do not fit.
 * @example
 * import { ones } from 'cresset';
 * ones([2, 12]).unflatten(1, [3, 4]).shape; // [2, 3, 4]
 */
export function unflatten(x: Tensor, dim: number, sizes: readonly number[]): Tensor {
  idOf(x, 'unflatten');
  const at = normalDim(x, dim, 'unflatten');
  const parts = integersOf(sizes, 'unflatten', 'sizes');
  return reshape(x, [...x.shape.slice(0, at), ...parts, ...x.shape.slice(at + 1)]);
}

/**
 * The dimensions in another order: dimension `i` of the result is dimension `dims[i]` of `x`. (`torch.permute`)
 * @example
 * import { ones } from 'cresset';
 * ones([2, 3, 4]).permute(2, 0, 1).shape; // [4, 2, 3]
 */
export function permute(x: Tensor, ...dims: Sizes): Tensor {
  const order = sizesOf(dims, 'permute', 'dims');
  return wrap(native.permute(idOf(x, 'permute'), order));
}

/**
 * The dimensions `dim0` and `dim1` in each other's place. (`torch.transpose`)
 * @example
 * import { tensor } from 'cresset';
 * tensor([[1, 2], [3, 4]]).transpose(0, 1).toArray(); // [[1, 3], [2, 4]]
 */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  integerOf(dim0, 'transpose', 'dim0');
  integerOf(dim1, 'transpose', 'dim1');
  return wrap(native.transpose(idOf(x, 'transpose'), dim0, dim1));
}

/**
 * The transpose of a matrix; vectors stay as they are. (`torch.t`)
 * @throws ShapeError for more than 2 dimensions.
 * @example
 * import { ones } from 'cresset';
 * ones([2, 3]).t().shape; // [3, 2]
 */
export function t(x: Tensor): Tensor {
  idOf(x, 't');
  if (x.ndim > 2) throw new ShapeError(`t: x must have at most 2 dimensions, but has ${x.ndim}`);
  return x.ndim < 2 ? wrap(native.view(idOf(x, 't'), x.shape)) : transpose(x, 0, 1);
}

/**
 * Dimensions of size 1 repeated to the sizes of `shape` without a copy; -1 keeps a size. (`torch.Tensor.expand`)
 * @throws ShapeError where a size that is not 1 would change.
 * @example
 * import { tensor } from 'cresset';
 * tensor([[1], [2]]).expand(2, 3).toArray(); // [[1, 1, 1], [2, 2, 2]]
 */
export function expand(x: Tensor, ...shape: Sizes): Tensor {
  const sizes = sizesOf(shape, 'expand', 'shape');
  return wrap(native.expand(idOf(x, 'expand'), sizes));
}

/**
 * The `length` elements from `start` on along `dim`. (`torch.narrow`)
 * @throws RangeError where they are not all there.
 * @example
 * import { arange } from 'cresset';
 * arange(6).narrow(0, 2, 3).toArray(); // [2, 3, 4]
 */
export function narrow(x: Tensor, dim: number, start: number, length: number): Tensor {
  integerOf(dim, 'narrow', 'dim');
  integerOf(start, 'narrow', 'start');
  integerOf(length, 'narrow', 'length');
  return wrap(native.narrow(idOf(x, 'narrow'), dim, start, length));
}

/**
 * The part at `index` along `dim`, without that dimension: `x[index]` for `dim` 0. (`torch.select`)
 * @throws RangeError where `index` is out of range.
 * @example
 * import { tensor } from 'cresset';
 * tensor([[1, 2], [3, 4]]).select(0, -1).toArray(); // [3, 4]
 */
export function select(x: Tensor, dim: number, index: number): Tensor {
  integerOf(dim, 'select', 'dim');
  integerOf(index, 'select', 'index');
  return wrap(native.select(idOf(x, 'select'), dim, index));
}

/**
 * Each `step`-th element from `start` up to, not including, `end` along `dim`, as `x[start:end:step]` in Python.
 * @example
 * import { arange } from 'cresset';
 * arange(6).slice(0, 1, -1, 2).toArray(); // [1, 3]
 */
export function slice(x: Tensor, dim = 0, start = 0, end = Number.MAX_SAFE_INTEGER, step = 1): Tensor {
  integerOf(dim, 'slice', 'dim');
  integerOf(start, 'slice', 'start');
  integerOf(end, 'slice', 'end');
  integerOf(step, 'slice', 'step');
  return wrap(native.slice(idOf(x, 'slice'), dim, start, end, step));
}

/**
 * Without the dimensions of size 1: all of them, or those of `dim`. (`torch.squeeze`)
 * @example
 * import { ones } from 'cresset';
 * ones([1, 2, 1]).squeeze(0).shape; // [2, 1]
 */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  if (dim === undefined) return wrap(native.squeeze(idOf(x, 'squeeze')));
  const dims = integersOf(dim, 'squeeze', 'dim');
  return wrap(
    typeof dim === 'number' ? native.squeezeDim(idOf(x, 'squeeze'), dim) : native.squeezeDims(idOf(x, 'squeeze'), dims),
  );
}

/**
 * With a new dimension of size 1 at `dim`. (`torch.unsqueeze`)
 * @example
 * import { ones } from 'cresset';
 * ones([2]).unsqueeze(0).shape; // [1, 2]
 */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  integerOf(dim, 'unsqueeze', 'dim');
  return wrap(native.unsqueeze(idOf(x, 'unsqueeze'), dim));
}

/**
 * The parts of `x` along `dim`: of one size, the last perhaps smaller, or of the sizes listed. (`torch.split`)
 * @throws ShapeError where the sizes listed do not sum to the size of `dim`.
 * @example
 * import { arange } from 'cresset';
 * arange(5).split(2).map((part) => part.toArray()); // [[0, 1], [2, 3], [4]]
 */
export function split(x: Tensor, size: number | readonly number[], dim = 0): Tensor[] {
  idOf(x, 'split');
  const at = normalDim(x, dim, 'split');
  const total = x.shape[at]!;
  if (typeof size === 'number') {
    if (integerOf(size, 'split', 'size') < 1) wrongType('split', 'size', 'a positive integer', size);
    const count = Math.max(1, Math.ceil(total / size));
    return Array.from({ length: count }, (_, i) => narrow(x, at, i * size, Math.min(size, total - i * size)));
  }
  const sizes = integersOf(size, 'split', 'size');
  const sum = sizes.reduce((a, b) => a + b, 0);
  if (sum !== total) throw new ShapeError(`split: the sizes sum to ${sum}, but dim ${dim} has size ${total}`);
  let start = 0;
  return sizes.map((length) => {
    start += length;
    return narrow(x, at, start - length, length);
  });
}

/**
 * At most `chunks` parts of equal size along `dim`, the last perhaps smaller. (`torch.chunk`)
 * @example
 * import { arange } from 'cresset';
 * arange(5).chunk(2).map((part) => part.toArray()); // [[0, 1, 2], [3, 4]]
 */
export function chunk(x: Tensor, chunks: number, dim = 0): Tensor[] {
  idOf(x, 'chunk');
  if (integerOf(chunks, 'chunk', 'chunks') < 1) wrongType('chunk', 'chunks', 'a positive integer', chunks);
  const total = x.shape[normalDim(x, dim, 'chunk')]!;
  return split(x, Math.max(1, Math.ceil(total / chunks)), dim);
}

/**
 * All parts along `dim`, each without that dimension. (`torch.unbind`)
 * @example
 * import { tensor } from 'cresset';
 * tensor([[1, 2], [3, 4]]).unbind().map((row) => row.toArray()); // [[1, 2], [3, 4]]
 */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  idOf(x, 'unbind');
  const at = normalDim(x, dim, 'unbind');
  return Array.from({ length: x.shape[at]! }, (_, i) => select(x, at, i));
}

/**
 * The parts of `x` along `dim` at the positions that the integer vector `index` lists, as a copy. (`torch.index_select`)
 * @throws RangeError where an index is out of range.
 * @example
 * import { tensor } from 'cresset';
 * tensor([10, 20, 30]).indexSelect(0, tensor([2, 0], { dtype: 'int64' })).toArray(); // [30, 10]
 */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  integerOf(dim, 'indexSelect', 'dim');
  return wrap(native.indexSelect(idOf(x, 'indexSelect'), dim, idOf(index, 'indexSelect', 'index')));
}

/**
 * The same elements, cut off from the graph: gradients do not flow through it. (`torch.Tensor.detach`)
 * @example
 * import { tensor } from 'cresset';
 * tensor([1], { requiresGrad: true }).detach().requiresGrad; // false
 */
export function detach(x: Tensor): Tensor {
  return wrap(native.detach(idOf(x, 'detach')));
}

/**
 * `x` itself, the same object, where its elements lie in order in memory, else a copy in which they do. So do not dispose the
 * result while `x` is needed. (`torch.Tensor.contiguous`)
 * @example
 * import { ones } from 'cresset';
 * ones([2, 3]).t().contiguous().stride(); // [2, 1]
 */
export function contiguous(x: Tensor): Tensor {
  return wrap(native.contiguous(idOf(x, 'contiguous')));
}

/**
 * A copy, through which gradients flow. (`torch.clone`)
 * @example
 * import { tensor } from 'cresset';
 * tensor([1, 2]).clone().toArray(); // [1, 2]
 */
export function clone(x: Tensor): Tensor {
  return wrap(native.clone(idOf(x, 'clone')));
}

/**
 * `x` with elements of another dtype; `x` itself, the same object, where it has it already. So do not dispose the result while
 * `x` is needed. (`torch.Tensor.to`)
 * @example
 * import { tensor } from 'cresset';
 * tensor([1.7, -1.7]).to('int64').toArray(); // [1, -1]
 */
export function to(x: Tensor, dtype: DType): Tensor {
  const code = dtypeCode(dtype, 'to');
  return wrap(native.to(idOf(x, 'to'), code));
}
