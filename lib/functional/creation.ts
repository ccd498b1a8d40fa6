// Tensors of constants and ranges; the shape is one array.
import { dtypeName } from '../dtype.js';
import { native } from '../native.js';
import type { Tensor } from '../tensor.js';
import { idOf, integerOf, numberOf, optionsOf, shapeOf, wrongType } from './check.js';
import { type CreationOptions, dtypeIn, finish } from './create.js';
import { checkFits } from './data.js';

/**
 * A tensor whose elements are not set: whatever the memory holds. (`torch.empty`)
 * @example
 * import { empty } from 'cresset';
 * empty([2, 3]).shape; // [2, 3]
 */
export function empty(shape: readonly number[], options: CreationOptions = {}): Tensor {
  return finish(native.empty(shapeOf(shape, 'empty'), dtypeIn(options, 'empty')), options);
}

function filled(op: string, shape: readonly number[], value: number, options: CreationOptions): Tensor {
  const sizes = shapeOf(shape, op);
  const dtype = dtypeIn(options, op);
  checkFits(value, dtypeName(dtype), op);
  return finish(native.full(sizes, value, dtype), options);
}

/**
 * A tensor of zeros. (`torch.zeros`)
 * @example
 * import { zeros } from 'cresset';
 * zeros([2]).toArray(); // [0, 0]
 */
export function zeros(shape: readonly number[], options: CreationOptions = {}): Tensor {
  return filled('zeros', shape, 0, options);
}

/**
 * A tensor of ones. (`torch.ones`)
 * @example
 * import { ones } from 'cresset';
 * ones([2]).toArray(); // [1, 1]
 */
export function ones(shape: readonly number[], options: CreationOptions = {}): Tensor {
  return filled('ones', shape, 1, options);
}

/**
 * A tensor of which each element is `value`: float32 for a number, bool for a boolean, unless `dtype` is given. (`torch.full`)
 * @throws RangeError for a number that the dtype does not have.
 * @example
 * import { full } from 'cresset';
 * full([2], 7).toArray(); // [7, 7]
 */
export function full(shape: readonly number[], value: number | boolean, options: CreationOptions = {}): Tensor {
  if (typeof value === 'boolean')
    return filled('full', shape, value ? 1 : 0, { dtype: 'bool', ...optionsOf(options, 'full') });
  return filled('full', shape, numberOf(value, 'full', 'value'), options);
}

function like(op: string, x: Tensor, value: number, options: CreationOptions): Tensor {
  const dtype = dtypeName(native.dtype(idOf(x, op)));
  return filled(op, x.shape, value, { dtype, ...optionsOf(options, op) });
}

/**
 * Zeros in the shape and dtype of `x`. (`torch.zeros_like`)
 * @example
 * import { tensor, zerosLike } from 'cresset';
 * zerosLike(tensor([1, 2])).toArray(); // [0, 0]
 */
export function zerosLike(x: Tensor, options: CreationOptions = {}): Tensor {
  return like('zerosLike', x, 0, options);
}

/**
 * Ones in the shape and dtype of `x`. (`torch.ones_like`)
 * @example
 * import { onesLike, tensor } from 'cresset';
 * onesLike(tensor([5, 6])).toArray(); // [1, 1]
 */
export function onesLike(x: Tensor, options: CreationOptions = {}): Tensor {
  return like('onesLike', x, 1, options);
}

/**
 * `value` in the shape and dtype of `x`. (`torch.full_like`)
 * @example
 * import { fullLike, tensor } from 'cresset';
 * fullLike(tensor([1, 2]), 7).toArray(); // [7, 7]
 */
export function fullLike(x: Tensor, value: number, options: CreationOptions = {}): Tensor {
  return like('fullLike', x, numberOf(value, 'fullLike', 'value'), options);
}

/**
 * The numbers from `start` (default 0) up to, not including, `end` in steps of `step` (default 1): int64 where all three are
 * integers, else float32. (`torch.arange`)
 * @example
 * import { arange } from 'cresset';
 * arange(1, 7, 2).toArray(); // [1, 3, 5]
 */
export function arange(end: number, options?: CreationOptions): Tensor;
export function arange(start: number, end: number, options?: CreationOptions): Tensor;
export function arange(start: number, end: number, step: number, options?: CreationOptions): Tensor;
export function arange(...args: (number | CreationOptions | undefined)[]): Tensor {
  const last = args.at(-1);
  const options = (typeof last === 'object' && last !== null ? args.pop() : {}) as CreationOptions;
  const numbers = args.map((value) => numberOf(value as number, 'arange', 'an argument'));
  if (numbers.length === 0 || numbers.length > 3) wrongType('arange', 'end', 'a number', undefined);
  const start = numbers.length === 1 ? 0 : numbers[0]!;
  const end = numbers.length === 1 ? numbers[0]! : numbers[1]!;
  const step = numbers[2] ?? 1;
  const values = [start, end, step];
  if (!values.every(Number.isFinite))
    throw new RangeError(`arange: start, end and step must be finite, got ${values.join(', ')}`);
  if (step === 0 || (end - start) / step < 0)
    throw new RangeError(`arange: step ${step} does not lead from ${start} to ${end}`);
  const dtype = values.every(Number.isInteger) ? 'int64' : 'float32';
  return finish(native.arange(start, end, step, dtypeIn(options, 'arange', dtype)), options);
}

/**
 * `steps` numbers at equal distances from `start` to `end`, both included. (`torch.linspace`)
 * @example
 * import { linspace } from 'cresset';
 * linspace(0, 1, 3).toArray(); // [0, 0.5, 1]
 */
export function linspace(start: number, end: number, steps: number, options: CreationOptions = {}): Tensor {
  numberOf(start, 'linspace', 'start');
  numberOf(end, 'linspace', 'end');
  integerOf(steps, 'linspace', 'steps');
  return finish(native.linspace(start, end, steps, dtypeIn(options, 'linspace')), options);
}

/**
 * The matrix [n, m] with ones on its diagonal and zeros elsewhere; `m` is `n` by default. (`torch.eye`)
 * @example
 * import { eye } from 'cresset';
 * eye(2).toArray(); // [[1, 0], [0, 1]]
 */
export function eye(n: number, m: number = n, options: CreationOptions = {}): Tensor {
  shapeOf([n, m], 'eye');
  return finish(native.eye(n, m, dtypeIn(options, 'eye')), options);
}
