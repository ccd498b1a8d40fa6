// Functions of pairs of elements: operands broadcast and types promote as in PyTorch; numbers stand for tensors of no dimension.
import { dtypeName, isFloatingPoint } from '../dtype.js';
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { alphaOf, idOf, type Operand, operand } from './check.js';

/**
 * The sum of each pair of elements: `x + alpha · y`. (`torch.add`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { add, tensor } from 'cresset';
 * add(tensor([1, 2]), tensor([3, 4])).toArray(); // [4, 6]
 */
export function add(x: Operand, y: Operand, options: { alpha?: number } = {}): Tensor {
  const a = operand(x, 'add', 'x');
  const b = operand(y, 'add', 'y');
  return wrap(native.add(idOf(a, 'add'), idOf(b, 'add', 'y'), alphaOf(options, 'add')));
}

/**
 * The difference of each pair of elements: `x - alpha · y`. (`torch.sub`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { sub, tensor } from 'cresset';
 * sub(tensor([3, 4]), tensor([1, 2])).toArray(); // [2, 2]
 */
export function sub(x: Operand, y: Operand, options: { alpha?: number } = {}): Tensor {
  const a = operand(x, 'sub', 'x');
  const b = operand(y, 'sub', 'y');
  return wrap(native.sub(idOf(a, 'sub'), idOf(b, 'sub', 'y'), alphaOf(options, 'sub')));
}

/**
 * The product of each pair of elements: `x · y`. (`torch.mul`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { mul, tensor } from 'cresset';
 * mul(tensor([1, 2]), tensor([3, 4])).toArray(); // [3, 8]
 */
export function mul(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'mul', 'x');
  const b = operand(y, 'mul', 'y');
  return wrap(native.mul(idOf(a, 'mul'), idOf(b, 'mul', 'y')));
}

/**
 * The quotient of each pair of elements: `x / y`, a float also for integers. (`torch.div`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { div, tensor } from 'cresset';
 * div(tensor([1, 2]), tensor([2, 4])).toArray(); // [0.5, 0.5]
 */
export function div(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'div', 'x');
  const b = operand(y, 'div', 'y');
  return wrap(native.div(idOf(a, 'div'), idOf(b, 'div', 'y')));
}

/**
 * The quotient of each pair of elements, rounded down: `⌊x / y⌋`. (`torch.floor_divide`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { floorDivide, tensor } from 'cresset';
 * floorDivide(tensor([7, -7]), tensor([2, 2])).toArray(); // [3, -4]
 */
export function floorDivide(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'floorDivide', 'x');
  const b = operand(y, 'floorDivide', 'y');
  return wrap(native.floorDivide(idOf(a, 'floorDivide'), idOf(b, 'floorDivide', 'y')));
}

/**
 * The rest of the division of each pair of elements, with the sign of `y` as in Python: `x - y⌊x / y⌋`. (`torch.remainder`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { remainder, tensor } from 'cresset';
 * remainder(tensor([7, -7]), tensor([3, 3])).toArray(); // [1, 2]
 */
export function remainder(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'remainder', 'x');
  const b = operand(y, 'remainder', 'y');
  return wrap(native.remainder(idOf(a, 'remainder'), idOf(b, 'remainder', 'y')));
}

/**
 * The larger of each pair of elements; NaN wins. Equal ones share the gradient. (`torch.maximum`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { maximum, tensor } from 'cresset';
 * maximum(tensor([1, 5]), tensor([3, 4])).toArray(); // [3, 5]
 */
export function maximum(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'maximum', 'x');
  const b = operand(y, 'maximum', 'y');
  return wrap(native.maximum(idOf(a, 'maximum'), idOf(b, 'maximum', 'y')));
}

/**
 * The smaller of each pair of elements; NaN wins. Equal ones share the gradient. (`torch.minimum`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { minimum, tensor } from 'cresset';
 * minimum(tensor([1, 5]), tensor([3, 4])).toArray(); // [1, 4]
 */
export function minimum(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'minimum', 'x');
  const b = operand(y, 'minimum', 'y');
  return wrap(native.minimum(idOf(a, 'minimum'), idOf(b, 'minimum', 'y')));
}

/**
 * Each element of `x` to the power of that of `y`: `xʸ`. (`torch.pow`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { pow, tensor } from 'cresset';
 * pow(tensor([1, 2, 3]), 2).toArray(); // [1, 4, 9]
 */
export function pow(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'pow', 'x');
  if (typeof y === 'number' && isFloatingPoint(dtypeName(native.dtype(idOf(a, 'pow')))))
    return wrap(native.powScalar(idOf(a, 'pow'), y));
  const b = operand(y, 'pow', 'y');
  return wrap(native.pow(idOf(a, 'pow'), idOf(b, 'pow', 'y')));
}

/**
 * True where the element of `x` is equal to that of `y`: `x === y`, of dtype bool. (`torch.eq`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { eq, tensor } from 'cresset';
 * eq(tensor([1, 2]), 2).toArray(); // [false, true]
 */
export function eq(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'eq', 'x');
  const b = operand(y, 'eq', 'y');
  return wrap(native.eq(idOf(a, 'eq'), idOf(b, 'eq', 'y')));
}

/**
 * True where the element of `x` differs from that of `y`: `x !== y`, of dtype bool. (`torch.ne`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { ne, tensor } from 'cresset';
 * ne(tensor([1, 2]), 2).toArray(); // [true, false]
 */
export function ne(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'ne', 'x');
  const b = operand(y, 'ne', 'y');
  return wrap(native.ne(idOf(a, 'ne'), idOf(b, 'ne', 'y')));
}

/**
 * True where the element of `x` is less than that of `y`: `x < y`, of dtype bool. (`torch.lt`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { lt, tensor } from 'cresset';
 * lt(tensor([1, 2]), 2).toArray(); // [true, false]
 */
export function lt(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'lt', 'x');
  const b = operand(y, 'lt', 'y');
  return wrap(native.lt(idOf(a, 'lt'), idOf(b, 'lt', 'y')));
}

/**
 * True where the element of `x` is at most that of `y`: `x <= y`, of dtype bool. (`torch.le`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { le, tensor } from 'cresset';
 * le(tensor([1, 2]), 2).toArray(); // [true, true]
 */
export function le(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'le', 'x');
  const b = operand(y, 'le', 'y');
  return wrap(native.le(idOf(a, 'le'), idOf(b, 'le', 'y')));
}

/**
 * True where the element of `x` is greater than that of `y`: `x > y`, of dtype bool. (`torch.gt`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { gt, tensor } from 'cresset';
 * gt(tensor([1, 2]), 2).toArray(); // [false, false]
 */
export function gt(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'gt', 'x');
  const b = operand(y, 'gt', 'y');
  return wrap(native.gt(idOf(a, 'gt'), idOf(b, 'gt', 'y')));
}

/**
 * True where the element of `x` is at least that of `y`: `x >= y`, of dtype bool. (`torch.ge`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { ge, tensor } from 'cresset';
 * ge(tensor([1, 2]), 2).toArray(); // [false, true]
 */
export function ge(x: Operand, y: Operand): Tensor {
  const a = operand(x, 'ge', 'x');
  const b = operand(y, 'ge', 'y');
  return wrap(native.ge(idOf(a, 'ge'), idOf(b, 'ge', 'y')));
}
