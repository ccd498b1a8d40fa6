// Initial values of weights, drawn as PyTorch draws them: the same seed gives the same numbers.
import { withoutGrad } from '../autograd.js';
import { ShapeError } from '../errors.js';
import { numberOf, optionsOf } from '../functional/check.js';
import { type Tensor, tensor } from '../tensor.js';

// Whether `skipInit` runs.
let skipped = false;

/** @internal Runs `make`, in which the functions of this file leave their tensors as they are. */
export function withoutInit<R>(make: () => R): R {
  const before = skipped;
  skipped = true;
  try {
    return make();
  } finally {
    skipped = before;
  }
}

const fill = (x: Tensor, write: () => Tensor): Tensor => (skipped ? x : withoutGrad(write));

/** The function that follows a layer, by PyTorch's name. */
export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'conv3d'
  | 'conv_transpose1d'
  | 'conv_transpose2d'
  | 'conv_transpose3d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leaky_relu'
  | 'selu';

/** Options of `kaimingUniform_` and `kaimingNormal_`. */
export interface KaimingOptions {
  /** The slope below 0 where `nonlinearity` is 'leaky_relu'; default 0. */
  a?: number;
  /** 'fan_in' (default) keeps the variance forward, 'fan_out' backward. */
  mode?: 'fan_in' | 'fan_out';
  /** What follows the layer; default 'leaky_relu'. */
  nonlinearity?: Nonlinearity;
}

/**
 * The numbers of inputs and outputs of one unit of `weight`: [out, in, ...window]. (`torch.nn.init._calculate_fan_in_and_fan_out`)
 * @throws ShapeError for fewer than two dimensions.
 * @example
 * import { nn, zeros } from 'cresset';
 * nn.init.calculateFanInAndFanOut(zeros([8, 3, 5, 5])); // { fanIn: 75, fanOut: 200 }
 */
export function calculateFanInAndFanOut(weight: Tensor): { fanIn: number; fanOut: number } {
  const [out, input, ...window] = weight.shape;
  if (out === undefined || input === undefined)
    throw new ShapeError(`init: fan in and fan out need at least 2 dimensions, got shape [${weight.shape.join(', ')}]`);
  const field = window.reduce((a, b) => a * b, 1);
  return { fanIn: input * field, fanOut: out * field };
}

/**
 * By how much weights grow to make up for what follows them: 1, for tanh 5/3, relu √2, leaky_relu √(2 / (1 + param²)), selu 3/4.
 * (`torch.nn.init.calculate_gain`)
 * @throws RangeError for a nonlinearity without a recommended gain.
 * @example
 * import { nn } from 'cresset';
 * nn.init.calculateGain('leaky_relu', 1); // 1
 */
export function calculateGain(nonlinearity: Nonlinearity, param = 0.01): number {
  if (nonlinearity === 'tanh') return 5 / 3;
  if (nonlinearity === 'relu') return Math.sqrt(2);
  if (nonlinearity === 'leaky_relu') return Math.sqrt(2 / (1 + numberOf(param, 'calculateGain', 'param') * param));
  if (nonlinearity === 'selu') return 3 / 4;
  if (nonlinearity === 'sigmoid' || /^(linear|conv(_transpose)?[123]d)$/.test(nonlinearity)) return 1;
  throw new RangeError(`calculateGain: no gain is known for the nonlinearity '${String(nonlinearity)}'`);
}

/**
 * Fills with numbers drawn evenly from [from, to). (`torch.nn.init.uniform_`)
 * @example
 * import { nn, zeros } from 'cresset';
 * nn.init.uniform_(zeros([2]), 3, 4).ge(3).toArray(); // [true, true]
 */
export function uniform_(x: Tensor, from = 0, to = 1): Tensor {
  return fill(x, () => x.uniform_(from, to));
}

/**
 * Fills with normally distributed numbers. (`torch.nn.init.normal_`)
 * @example
 * import { nn, zeros } from 'cresset';
 * nn.init.normal_(zeros([2]), 5, 0).toArray(); // [5, 5]
 */
export function normal_(x: Tensor, mean = 0, std = 1): Tensor {
  return fill(x, () => x.normal_(mean, std));
}

/** Options of `truncNormal_`. */
export interface TruncNormalOptions {
  /** The mean before the cut; default 0. */
  mean?: number;
  /** The standard deviation before the cut; default 1. */
  std?: number;
  /** The smallest number; default -2. */
  a?: number;
  /** The largest number; default 2. */
  b?: number;
}

/**
 * Fills with normally distributed numbers of which only those in [a, b] count. (`torch.nn.init.trunc_normal_`)
 * @throws TypeError for options that are no numbers, RangeError for a std that is not positive and an a above b.
 * @example
 * import { nn, zeros } from 'cresset';
 * nn.init.truncNormal_(zeros([100]), { std: 0.02, a: 0 }).ge(0).all().item(); // 1
 */
export function truncNormal_(x: Tensor, options: TruncNormalOptions = {}): Tensor {
  const op = 'truncNormal_';
  const given = { mean: 0, std: 1, a: -2, b: 2, ...optionsOf(options, op, ['mean', 'std', 'a', 'b']) };
  for (const name of ['mean', 'std', 'a', 'b'] as const) numberOf(given[name], op, name);
  const { mean, std, a, b } = given;
  if (!(std > 0)) throw new RangeError(`${op}: std must be positive, got ${std}`);
  if (!(a <= b)) throw new RangeError(`${op}: a must be at most b, got ${a} and ${b}`);
  // 2 cdf - 1 at a bound, by the same steps as PyTorch.
  const share = (bound: number) => {
    const z = (bound - mean) / std / Math.SQRT2;
    return 2 * ((1 + tensor(z, { dtype: 'float64' }).erf().item()) / 2) - 1;
  };
  return fill(x, () => {
    x.uniform_(share(a), share(b));
    return x
      .copy_(x.detach().erfinv())
      .mul_(std * Math.SQRT2)
      .add_(mean)
      .clamp_(a, b);
  });
}

/**
 * Fills with one value. (`torch.nn.init.constant_`)
 * @example
 * import { nn, zeros } from 'cresset';
 * nn.init.constant_(zeros([2]), 3).toArray(); // [3, 3]
 */
export function constant_(x: Tensor, value: number): Tensor {
  return fill(x, () => x.fill_(value));
}

/**
 * Fills with zeros. (`torch.nn.init.zeros_`)
 * @example
 * import { nn, ones } from 'cresset';
 * nn.init.zeros_(ones([2])).toArray(); // [0, 0]
 */
export function zeros_(x: Tensor): Tensor {
  return constant_(x, 0);
}

/**
 * Fills with ones. (`torch.nn.init.ones_`)
 * @example
 * import { nn, zeros } from 'cresset';
 * nn.init.ones_(zeros([2])).toArray(); // [1, 1]
 */
export function ones_(x: Tensor): Tensor {
  return constant_(x, 1);
}

function kaimingStd(op: string, x: Tensor, options: KaimingOptions): number {
  const { a = 0, mode = 'fan_in', nonlinearity = 'leaky_relu' } = optionsOf(options, op, ['a', 'mode', 'nonlinearity']);
  if (mode !== 'fan_in' && mode !== 'fan_out')
    throw new RangeError(`init: mode must be 'fan_in' or 'fan_out', got '${String(mode)}'`);
  const { fanIn, fanOut } = calculateFanInAndFanOut(x);
  return calculateGain(nonlinearity, a) / Math.sqrt(mode === 'fan_in' ? fanIn : fanOut);
}

/**
 * Draws evenly from ±√3 · gain / √fan. (He et al. 2015; `torch.nn.init.kaiming_uniform_`)
 * @throws ShapeError for fewer than two dimensions, RangeError for an unknown mode or nonlinearity.
 * @example
 * import { nn, zeros } from 'cresset';
 * nn.init.kaimingUniform_(zeros([4, 6]), { nonlinearity: 'relu' }).abs().le(1).all().item(); // 1
 */
export function kaimingUniform_(x: Tensor, options: KaimingOptions = {}): Tensor {
  if (x.numel() === 0) return x;
  const bound = Math.sqrt(3) * kaimingStd('kaimingUniform_', x, options);
  return uniform_(x, -bound, bound);
}

/**
 * Draws normally with standard deviation gain / √fan. (He et al. 2015; `torch.nn.init.kaiming_normal_`)
 * @throws ShapeError for fewer than two dimensions, RangeError for an unknown mode or nonlinearity.
 * @example
 * import { nn, zeros } from 'cresset';
 * nn.init.kaimingNormal_(zeros([4, 6]), { mode: 'fan_out', nonlinearity: 'relu' }).shape; // [4, 6]
 */
export function kaimingNormal_(x: Tensor, options: KaimingOptions = {}): Tensor {
  return x.numel() === 0 ? x : normal_(x, 0, kaimingStd('kaimingNormal_', x, options));
}

function xavierStd(x: Tensor, gain: number): number {
  const { fanIn, fanOut } = calculateFanInAndFanOut(x);
  return gain * Math.sqrt(2 / (fanIn + fanOut));
}

/**
 * Draws evenly from ±gain √(6 / (fanIn + fanOut)). (Glorot & Bengio 2010; `torch.nn.init.xavier_uniform_`)
 * @throws ShapeError for fewer than two dimensions.
 * @example
 * import { nn, zeros } from 'cresset';
 * nn.init.xavierUniform_(zeros([2, 4])).abs().le(1).all().item(); // 1
 */
export function xavierUniform_(x: Tensor, gain = 1): Tensor {
  const bound = Math.sqrt(3) * xavierStd(x, gain);
  return uniform_(x, -bound, bound);
}

/**
 * Draws normally with standard deviation gain √(2 / (fanIn + fanOut)). (Glorot & Bengio 2010; `torch.nn.init.xavier_normal_`)
 * @throws ShapeError for fewer than two dimensions.
 * @example
 * import { nn, zeros } from 'cresset';
 * nn.init.xavierNormal_(zeros([2, 4])).shape; // [2, 4]
 */
export function xavierNormal_(x: Tensor, gain = 1): Tensor {
  return normal_(x, 0, xavierStd(x, gain));
}
