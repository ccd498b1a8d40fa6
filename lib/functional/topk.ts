// The largest elements along a dimension, and elements picked by an index of their own for each place.
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { flag, idOf, integerOf, optionsOf } from './check.js';
import { type Extrema, extrema } from './extrema.js';

/** Options of `topk`. */
export interface TopkOptions {
  /** The dimension along which elements compete. Default -1. */
  dim?: number;
  /** The largest elements; false: the smallest. Default true. */
  largest?: boolean;
  /** In order, the best first. Default true. */
  sorted?: boolean;
}

/**
 * The `k` largest elements along `dim`, and their indices (int64). NaN counts as larger than any number; which of equal elements come, and in
 * which order, is not promised, but as in PyTorch on Linux. (`torch.topk`)
 * @throws RangeError where there are fewer than `k`, DTypeError for bool.
 * @example
 * import { tensor, topk } from 'cresset';
 * const { values, indices } = topk(tensor([[1, 5, 3], [7, 2, 9]]), 2);
 * values.toArray(); // [[5, 3], [9, 7]]
 * indices.toArray(); // [[1, 2], [2, 0]]
 */
export function topk(x: Tensor, k: number, options: TopkOptions = {}): Extrema {
  const { dim = -1, largest, sorted } = optionsOf(options, 'topk', ['dim', 'largest', 'sorted']);
  const indices = wrap(
    native.topkIndices(
      idOf(x, 'topk'),
      integerOf(k, 'topk', 'k'),
      integerOf(dim, 'topk', 'dim'),
      flag(largest, 'topk', 'largest', true),
      flag(sorted, 'topk', 'sorted', true),
    ),
  );
  return extrema(gather(x, dim, indices), indices);
}

/**
 * For each place of `index` the element of `x` that stands there but for its place along `dim`, which `index` tells:
 * `y[i][j] = x[i][index[i][j]]` for `dim` 1 of two. Outside `dim`, `index` may be smaller than `x`. (`torch.gather`)
 * @throws RangeError where an index is out of range, ShapeError where the shapes do not fit.
 * @example
 * import { gather, tensor } from 'cresset';
 * gather(tensor([[1, 2], [3, 4]]), 1, tensor([[1], [0]], { dtype: 'int64' })).toArray(); // [[2], [3]]
 */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  integerOf(dim, 'gather', 'dim');
  return wrap(native.gather(idOf(x, 'gather'), dim, idOf(index, 'gather', 'index')));
}
