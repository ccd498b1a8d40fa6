// Functions of each element alone; the result has the shape of `x`, and integers become float32 where the values need it.
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { flag, idOf, numberOf, optionsOf } from './check.js';

/**
 * The negative of each element: `-x`. (`torch.neg`)
 * @example
 * import { neg, tensor } from 'cresset';
 * neg(tensor([1, -2])).toArray(); // [-1, 2]
 */
export function neg(x: Tensor): Tensor {
  return wrap(native.neg(idOf(x, 'neg')));
}

/**
 * The absolute value of each element: `|x|`. (`torch.abs`)
 * @example
 * import { abs, tensor } from 'cresset';
 * abs(tensor([1, -2])).toArray(); // [1, 2]
 */
export function abs(x: Tensor): Tensor {
  return wrap(native.abs(idOf(x, 'abs')));
}

/**
 * The sign of each element: -1, 0 or 1. Its gradient is 0. (`torch.sign`)
 * @example
 * import { sign, tensor } from 'cresset';
 * sign(tensor([3, 0, -2])).toArray(); // [1, 0, -1]
 */
export function sign(x: Tensor): Tensor {
  return wrap(native.sign(idOf(x, 'sign')));
}

/**
 * The square of each element: `x²`. (`torch.square`)
 * @example
 * import { square, tensor } from 'cresset';
 * square(tensor([1, -2, 3])).toArray(); // [1, 4, 9]
 */
export function square(x: Tensor): Tensor {
  return wrap(native.square(idOf(x, 'square')));
}

/**
 * The square root of each element: `√x`, NaN below 0. (`torch.sqrt`)
 * @example
 * import { sqrt, tensor } from 'cresset';
 * sqrt(tensor([1, 4, 9])).toArray(); // [1, 2, 3]
 */
export function sqrt(x: Tensor): Tensor {
  return wrap(native.sqrt(idOf(x, 'sqrt')));
}

/**
 * The reciprocal of the square root of each element: `1 / √x`. (`torch.rsqrt`)
 * @example
 * import { rsqrt, tensor } from 'cresset';
 * rsqrt(tensor([1, 4, 16])).toArray(); // [1, 0.5, 0.25]
 */
export function rsqrt(x: Tensor): Tensor {
  return wrap(native.rsqrt(idOf(x, 'rsqrt')));
}

/**
 * The reciprocal of each element: `1 / x`. (`torch.reciprocal`)
 * @example
 * import { reciprocal, tensor } from 'cresset';
 * reciprocal(tensor([1, 2, 4])).toArray(); // [1, 0.5, 0.25]
 */
export function reciprocal(x: Tensor): Tensor {
  return wrap(native.reciprocal(idOf(x, 'reciprocal')));
}

/**
 * The exponential of each element: `eˣ`. (`torch.exp`)
 * @example
 * import { exp, tensor } from 'cresset';
 * exp(tensor([0])).toArray(); // [1]
 */
export function exp(x: Tensor): Tensor {
  return wrap(native.exp(idOf(x, 'exp')));
}

/**
 * `eˣ - 1` of each element, exact also near 0. (`torch.expm1`)
 * @example
 * import { expm1, tensor } from 'cresset';
 * expm1(tensor([0])).toArray(); // [0]
 */
export function expm1(x: Tensor): Tensor {
  return wrap(native.expm1(idOf(x, 'expm1')));
}

/**
 * The natural logarithm of each element: `ln x`. (`torch.log`)
 * @example
 * import { log, tensor } from 'cresset';
 * log(tensor([1])).toArray(); // [0]
 */
export function log(x: Tensor): Tensor {
  return wrap(native.log(idOf(x, 'log')));
}

/**
 * `ln(1 + x)` of each element, exact also near 0. (`torch.log1p`)
 * @example
 * import { log1p, tensor } from 'cresset';
 * log1p(tensor([0])).toArray(); // [0]
 */
export function log1p(x: Tensor): Tensor {
  return wrap(native.log1p(idOf(x, 'log1p')));
}

/**
 * The logarithm to base 2 of each element. (`torch.log2`)
 * @example
 * import { log2, tensor } from 'cresset';
 * log2(tensor([1, 2, 8])).toArray(); // [0, 1, 3]
 */
export function log2(x: Tensor): Tensor {
  return wrap(native.log2(idOf(x, 'log2')));
}

/**
 * The logarithm to base 10 of each element. (`torch.log10`)
 * @example
 * import { log10, tensor } from 'cresset';
 * log10(tensor([1, 10, 1000])).toArray(); // [0, 1, 3]
 */
export function log10(x: Tensor): Tensor {
  return wrap(native.log10(idOf(x, 'log10')));
}

/**
 * The sine of each element, in radians. (`torch.sin`)
 * @example
 * import { sin, tensor } from 'cresset';
 * sin(tensor([0])).toArray(); // [0]
 */
export function sin(x: Tensor): Tensor {
  return wrap(native.sin(idOf(x, 'sin')));
}

/**
 * The cosine of each element, in radians. (`torch.cos`)
 * @example
 * import { cos, tensor } from 'cresset';
 * cos(tensor([0])).toArray(); // [1]
 */
export function cos(x: Tensor): Tensor {
  return wrap(native.cos(idOf(x, 'cos')));
}

/**
 * The tangent of each element, in radians. (`torch.tan`)
 * @example
 * import { tan, tensor } from 'cresset';
 * tan(tensor([0])).toArray(); // [0]
 */
export function tan(x: Tensor): Tensor {
  return wrap(native.tan(idOf(x, 'tan')));
}

/**
 * The hyperbolic tangent of each element: `(eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)`. (`torch.tanh`)
 * @example
 * import { tanh, tensor } from 'cresset';
 * tanh(tensor([0])).toArray(); // [0]
 */
export function tanh(x: Tensor): Tensor {
  return wrap(native.tanh(idOf(x, 'tanh')));
}

/**
 * The logistic function of each element: `1 / (1 + e⁻ˣ)`. (`torch.sigmoid`)
 * @example
 * import { sigmoid, tensor } from 'cresset';
 * sigmoid(tensor([0])).toArray(); // [0.5]
 */
export function sigmoid(x: Tensor): Tensor {
  return wrap(native.sigmoid(idOf(x, 'sigmoid')));
}

/**
 * The error function of each element: `2/√π ∫₀ˣ e^(-t²) dt`. (`torch.erf`)
 * @example
 * import { erf, tensor } from 'cresset';
 * erf(tensor([0])).toArray(); // [0]
 */
export function erf(x: Tensor): Tensor {
  return wrap(native.erf(idOf(x, 'erf')));
}

/**
 * The number whose error function is each element: infinite at ±1, NaN beyond. (`torch.erfinv`)
 * @example
 * import { erfinv, tensor } from 'cresset';
 * erfinv(tensor([0, 1, 2])).toArray(); // [0, Infinity, NaN]
 */
export function erfinv(x: Tensor): Tensor {
  return wrap(native.erfinv(idOf(x, 'erfinv')));
}

/**
 * The rectifier of each element: `max(0, x)`; NaN stays NaN. (`torch.relu`)
 * @example
 * import { relu, tensor } from 'cresset';
 * relu(tensor([-1, 2])).toArray(); // [0, 2]
 */
export function relu(x: Tensor): Tensor {
  return wrap(native.relu(idOf(x, 'relu')));
}

/**
 * The sigmoid linear unit of each element: `x · sigmoid(x)`; `inplace` overwrites x. (`torch.nn.functional.silu`)
 * @example
 * import { silu, tensor } from 'cresset';
 * silu(tensor([0])).toArray(); // [0]
 */
export function silu(x: Tensor, options: { inplace?: boolean } = {}): Tensor {
  const op = flag(optionsOf(options, 'silu', ['inplace']).inplace, 'silu', 'inplace') ? native.silu_ : native.silu;
  return wrap(op(idOf(x, 'silu')));
}

/** Options of `gelu`. */
export interface GeluOptions {
  /** 'tanh' for `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))`; default 'none'. */
  approximate?: 'none' | 'tanh';
}

/**
 * The Gaussian error linear unit of each element: `x/2 · (1 + erf(x/√2))`, or its approximation. (`torch.nn.functional.gelu`)
 * @throws RangeError for another approximation than 'none' or 'tanh'.
 * @example
 * import { gelu, tensor } from 'cresset';
 * gelu(tensor([0])).toArray(); // [0]
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  const { approximate = 'none' } = optionsOf(options, 'gelu', ['approximate']);
  if (approximate === 'none') return wrap(native.gelu(idOf(x, 'gelu')));
  if (approximate !== 'tanh')
    throw new RangeError(`gelu: approximate must be 'none' or 'tanh', got '${String(approximate)}'`);
  idOf(x, 'gelu');
  const cubic = x.square().mul(0.044715).add(1).mul(x);
  return cubic
    .mul(Math.sqrt(2 / Math.PI))
    .tanh()
    .add(1)
    .mul(x)
    .mul(0.5);
}

/**
 * The largest integer at or below each element. Its gradient is 0. (`torch.floor`)
 * @example
 * import { floor, tensor } from 'cresset';
 * floor(tensor([1.5, -1.5])).toArray(); // [1, -2]
 */
export function floor(x: Tensor): Tensor {
  return wrap(native.floor(idOf(x, 'floor')));
}

/**
 * The smallest integer at or above each element. Its gradient is 0. (`torch.ceil`)
 * @example
 * import { ceil, tensor } from 'cresset';
 * ceil(tensor([1.5, -1.5])).toArray(); // [2, -1]
 */
export function ceil(x: Tensor): Tensor {
  return wrap(native.ceil(idOf(x, 'ceil')));
}

/**
 * The nearest integer of each element, halves to the even one. Its gradient is 0. (`torch.round`)
 * @example
 * import { round, tensor } from 'cresset';
 * round(tensor([0.5, 1.5, 2.6])).toArray(); // [0, 2, 3]
 */
export function round(x: Tensor): Tensor {
  return wrap(native.round(idOf(x, 'round')));
}

/**
 * Each element without its fraction. Its gradient is 0. (`torch.trunc`)
 * @example
 * import { trunc, tensor } from 'cresset';
 * trunc(tensor([1.5, -1.5])).toArray(); // [1, -1]
 */
export function trunc(x: Tensor): Tensor {
  return wrap(native.trunc(idOf(x, 'trunc')));
}

/**
 * The leaky rectifier of each element: `x` above 0, else `negativeSlope · x`. (`torch.nn.functional.leaky_relu`)
 * @example
 * import { leakyRelu, tensor } from 'cresset';
 * leakyRelu(tensor([-2, 2]), 0.5).toArray(); // [-1, 2]
 */
export function leakyRelu(x: Tensor, negativeSlope = 0.01): Tensor {
  return wrap(native.leakyRelu(idOf(x, 'leakyRelu'), numberOf(negativeSlope, 'leakyRelu', 'negativeSlope')));
}

/**
 * The exponential linear unit of each element: `x` above 0, else `alpha · (eˣ - 1)`. (`torch.nn.functional.elu`)
 * @example
 * import { elu, tensor } from 'cresset';
 * elu(tensor([0, 2])).toArray(); // [0, 2]
 */
export function elu(x: Tensor, alpha = 1): Tensor {
  return wrap(native.elu(idOf(x, 'elu'), numberOf(alpha, 'elu', 'alpha')));
}

/**
 * The smooth rectifier of each element: `ln(1 + e^(beta x)) / beta`, and `x` itself where `beta x > threshold`.
 * (`torch.nn.functional.softplus`)
 * @example
 * import { softplus, tensor } from 'cresset';
 * softplus(tensor([30])).toArray(); // [30]
 */
export function softplus(x: Tensor, beta = 1, threshold = 20): Tensor {
  return wrap(
    native.softplus(
      idOf(x, 'softplus'),
      numberOf(beta, 'softplus', 'beta'),
      numberOf(threshold, 'softplus', 'threshold'),
    ),
  );
}

/**
 * Each element, but at least `min` and at most `max`; null leaves a side open. (`torch.clamp`)
 * @throws TypeError where both bounds are missing.
 * @example
 * import { clamp, tensor } from 'cresset';
 * clamp(tensor([-1, 0.5, 2]), 0, 1).toArray(); // [0, 0.5, 1]
 */
export function clamp(x: Tensor, min: number | null = null, max: number | null = null): Tensor {
  if (min === null && max === null) throw new TypeError('clamp: at least one of min and max is needed');
  return wrap(
    native.clamp(
      idOf(x, 'clamp'),
      numberOf(min ?? Number.NEGATIVE_INFINITY, 'clamp', 'min'),
      numberOf(max ?? Number.POSITIVE_INFINITY, 'clamp', 'max'),
    ),
  );
}
