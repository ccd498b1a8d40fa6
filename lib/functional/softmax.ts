// Softmax and its logarithm.
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { idOf, integerOf } from './check.js';

/**
 * exp(x) / sum(exp(x)) along `dim`. (`torch.softmax`)
 * @throws RangeError for a dimension that x lacks.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.softmax(tensor([0, 0]), 0).toArray(); // [0.5, 0.5]
 */
export function softmax(x: Tensor, dim: number): Tensor {
  return wrap(native.softmax(idOf(x, 'softmax'), integerOf(dim, 'softmax', 'dim')));
}

/**
 * log(softmax(x)) along `dim`. (`torch.log_softmax`)
 * @throws RangeError for a dimension that x lacks.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.logSoftmax(tensor([1, 1]), 0).toArray(); // [-0.6931471824645996, -0.6931471824645996]
 */
export function logSoftmax(x: Tensor, dim: number): Tensor {
  return wrap(native.logSoftmax(idOf(x, 'logSoftmax'), integerOf(dim, 'logSoftmax', 'dim')));
}
