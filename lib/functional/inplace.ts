// Ops that change their tensor in place; backward through a value that they overwrote throws.
import { dtypeName } from '../dtype.js';
import { drawing } from '../generator.js';
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { alphaOf, idOf, numberOf, type Operand, operand } from './check.js';
import { checkFits } from './data.js';

/** Adds `alpha · y` to x. (`Tensor.add_`) */
export function add_(x: Tensor, y: Operand, options: { alpha?: number } = {}): Tensor {
  const other = operand(y, 'add_', 'y');
  return wrap(native.add_(idOf(x, 'add_'), idOf(other, 'add_', 'y'), alphaOf(options, 'add_')));
}

/** Subtracts `alpha · y` from x. (`Tensor.sub_`) */
export function sub_(x: Tensor, y: Operand, options: { alpha?: number } = {}): Tensor {
  const other = operand(y, 'sub_', 'y');
  return wrap(native.sub_(idOf(x, 'sub_'), idOf(other, 'sub_', 'y'), alphaOf(options, 'sub_')));
}

/** Multiplies x by y. (`Tensor.mul_`) */
export function mul_(x: Tensor, y: Operand): Tensor {
  const other = operand(y, 'mul_', 'y');
  return wrap(native.mul_(idOf(x, 'mul_'), idOf(other, 'mul_', 'y')));
}

/** Divides x by y. (`Tensor.div_`) */
export function div_(x: Tensor, y: Operand): Tensor {
  const other = operand(y, 'div_', 'y');
  return wrap(native.div_(idOf(x, 'div_'), idOf(other, 'div_', 'y')));
}

/** Copies `source`, broadcast and converted, into x. (`Tensor.copy_`) */
export function copy_(x: Tensor, source: Tensor): Tensor {
  return wrap(native.copy_(idOf(x, 'copy_'), idOf(source, 'copy_', 'source')));
}

/**
 * Sets every element to `value`. (`Tensor.fill_`)
 * @throws RangeError for a number that the dtype does not have.
 */
export function fill_(x: Tensor, value: number): Tensor {
  checkFits(numberOf(value, 'fill_', 'value'), dtypeName(native.dtype(idOf(x, 'fill_'))), 'fill_');
  return wrap(native.fill_(idOf(x, 'fill_'), value));
}

/** Sets every element to zero. (`Tensor.zero_`) */
export function zero_(x: Tensor): Tensor {
  return wrap(native.fill_(idOf(x, 'zero_'), 0));
}

/** Replaces x by max(x, 0). (`torch.relu_`) */
export function relu_(x: Tensor): Tensor {
  return wrap(native.relu_(idOf(x, 'relu_')));
}

/** Replaces x by 1 / (1 + exp(-x)). (`torch.sigmoid_`) */
export function sigmoid_(x: Tensor): Tensor {
  return wrap(native.sigmoid_(idOf(x, 'sigmoid_')));
}

/** Replaces x by tanh(x). (`torch.tanh_`) */
export function tanh_(x: Tensor): Tensor {
  return wrap(native.tanh_(idOf(x, 'tanh_')));
}

/** Limits x to [min, max]. (`torch.clamp_`) */
export function clamp_(x: Tensor, min: number, max: number): Tensor {
  return wrap(native.clamp_(idOf(x, 'clamp_'), numberOf(min, 'clamp_', 'min'), numberOf(max, 'clamp_', 'max')));
}

/** Fills x with numbers drawn evenly from [from, to). (`Tensor.uniform_`) */
export function uniform_(x: Tensor, from = 0, to = 1): Tensor {
  return wrap(
    drawing().uniform_(idOf(x, 'uniform_'), numberOf(from, 'uniform_', 'from'), numberOf(to, 'uniform_', 'to')),
  );
}

/** Fills x with normally distributed numbers. (`Tensor.normal_`) */
export function normal_(x: Tensor, mean = 0, std = 1): Tensor {
  return wrap(
    drawing().normal_(idOf(x, 'normal_'), numberOf(mean, 'normal_', 'mean'), numberOf(std, 'normal_', 'std')),
  );
}

/** Fills x with ones of probability p, else zeros. (`Tensor.bernoulli_`) */
export function bernoulli_(x: Tensor, p = 0.5): Tensor {
  return wrap(drawing().bernoulli_(idOf(x, 'bernoulli_'), numberOf(p, 'bernoulli_', 'p')));
}
