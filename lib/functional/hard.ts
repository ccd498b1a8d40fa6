// Activations made of straight lines; integers stay integers only in `hardtanh` and `relu6`.
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { flag, idOf, numberOf, optionsOf } from './check.js';

/** Options of functions that can overwrite their input. */
export interface OverwriteOptions {
  /** Overwrite the input; default false. */
  inplace?: boolean;
}

const inplaceOf = (options: OverwriteOptions, op: string) =>
  flag(optionsOf(options, op, ['inplace']).inplace, op, 'inplace');

/**
 * Each element, but at least `minVal` and at most `maxVal`: its gradient is 0 at the bounds too. (`torch.nn.functional.hardtanh`)
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.hardtanh(tensor([-2, 0.5, 2])).toArray(); // [-1, 0.5, 1]
 */
export function hardtanh(x: Tensor, minVal = -1, maxVal = 1, options: OverwriteOptions = {}): Tensor {
  const op = inplaceOf(options, 'hardtanh') ? native.hardtanh_ : native.hardtanh;
  const [low, high] = [numberOf(minVal, 'hardtanh', 'minVal'), numberOf(maxVal, 'hardtanh', 'maxVal')];
  return wrap(op(idOf(x, 'hardtanh'), low, high));
}

/**
 * Each element limited to [0, 6]: `min(max(0, x), 6)`. (`torch.nn.functional.relu6`)
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.relu6(tensor([-1, 3, 8])).toArray(); // [0, 3, 6]
 */
export function relu6(x: Tensor, options: OverwriteOptions = {}): Tensor {
  const op = inplaceOf(options, 'relu6') ? native.hardtanh_ : native.hardtanh;
  return wrap(op(idOf(x, 'relu6'), 0, 6));
}

/**
 * The sigmoid in straight lines: `min(max(0, x + 3), 6) / 6`. (`torch.nn.functional.hardsigmoid`)
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.hardsigmoid(tensor([-4, 0, 3])).toArray(); // [0, 0.5, 1]
 */
export function hardsigmoid(x: Tensor, options: OverwriteOptions = {}): Tensor {
  const op = inplaceOf(options, 'hardsigmoid') ? native.hardsigmoid_ : native.hardsigmoid;
  return wrap(op(idOf(x, 'hardsigmoid')));
}

/**
 * Each element times its hard sigmoid: `x · min(max(0, x + 3), 6) / 6`. (`torch.nn.functional.hardswish`)
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.hardswish(tensor([0, 3, 4])).toArray(); // [0, 3, 4]
 */
export function hardswish(x: Tensor, options: OverwriteOptions = {}): Tensor {
  const op = inplaceOf(options, 'hardswish') ? native.hardswish_ : native.hardswish;
  return wrap(op(idOf(x, 'hardswish')));
}
