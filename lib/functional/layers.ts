// The functions under convolution, pooling and dropout layers.
import { CressetError } from '../errors.js';
import { drawing } from '../generator.js';
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { idOf, integerOf, numberOf, optionalId, optionsOf, pairOf } from './check.js';

/** A height and a width, or one number for both. */
export type Pair = number | readonly [number, number];

/** A height and a width, or one number for both, where null is the input's own. */
export type AdaptiveSize = number | null | readonly [number | null, number | null];

/** Options of `conv2d`. */
export interface Conv2dOptions {
  stride?: Pair;
  /** Zeros around the input; 'same' for as many as keep its size (the odd one below and to the right), 'valid' for none. */
  padding?: Pair | 'same' | 'valid';
  dilation?: Pair;
  groups?: number;
}

// The zeros on each side, and the rows and columns of the result that come from one too many before the input.
function paddingOf(padding: Pair | string, dilation: readonly [number, number], kernel: readonly number[]) {
  const none: [number, number] = [0, 0];
  if (padding === 'valid') return { pair: none, extra: none };
  if (padding !== 'same') return { pair: pairOf(padding as Pair, 'conv2d', 'padding'), extra: none };
  const totals = dilation.map((d, i) => d * ((kernel[i] ?? 1) - 1));
  return {
    pair: totals.map((total) => Math.ceil(total / 2)) as [number, number],
    extra: totals.map((total) => total % 2) as [number, number],
  };
}

/**
 * Cross-correlation of x: [n, c, h, w] with weight: [out, c / groups, kh, kw]. (`torch.nn.functional.conv2d`)
 * @throws ShapeError where channels or sizes do not fit, RangeError for 'same' with a stride.
 * @example
 * import { nn, ones } from 'cresset';
 * nn.functional.conv2d(ones([1, 1, 3, 3]), ones([1, 1, 2, 2])).toArray(); // [[[[4, 4], [4, 4]]]]
 */
export function conv2d(x: Tensor, weight: Tensor, bias: Tensor | null = null, options: Conv2dOptions = {}): Tensor {
  const stride = pairOf(
    optionsOf(options, 'conv2d', ['stride', 'padding', 'dilation', 'groups']).stride ?? 1,
    'conv2d',
    'stride',
  );
  const dilation = pairOf(options.dilation ?? 1, 'conv2d', 'dilation');
  const groups = integerOf(options.groups ?? 1, 'conv2d', 'groups');
  if (options.padding === 'same' && stride.some((s) => s !== 1))
    throw new RangeError(`conv2d: padding 'same' needs stride 1, got [${stride.join(', ')}]`);
  idOf(weight, 'conv2d', 'weight');
  const { pair, extra } = paddingOf(options.padding ?? 0, dilation, weight.shape.slice(-2));
  const y = wrap(
    native.conv2d(
      idOf(x, 'conv2d', 'input'),
      idOf(weight, 'conv2d', 'weight'),
      optionalId(bias, 'conv2d', 'bias'),
      stride,
      pair,
      dilation,
      groups,
    ),
  );
  const rows = extra[0] === 0 ? y : y.slice(-2, 1);
  return extra[1] === 0 ? rows : rows.slice(-1, 1);
}

/** Options of `maxPool2d`. */
export interface MaxPool2dOptions {
  /** Default: the kernel's size. */
  stride?: Pair;
  padding?: Pair;
  dilation?: Pair;
  ceilMode?: boolean;
}

/**
 * The largest value in each window of x: [n, c, h, w]. (`torch.nn.functional.max_pool2d`)
 * @throws ShapeError where no window fits.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.maxPool2d(tensor([[[[1, 2], [3, 4]]]]), 2).toArray(); // [[[[4]]]]
 */
export function maxPool2d(x: Tensor, kernelSize: Pair, options: MaxPool2dOptions = {}): Tensor {
  const kernel = pairOf(kernelSize, 'maxPool2d', 'kernelSize');
  const stride = pairOf(
    optionsOf(options, 'maxPool2d', ['stride', 'padding', 'dilation', 'ceilMode']).stride ?? kernel,
    'maxPool2d',
    'stride',
  );
  const padding = pairOf(options.padding ?? 0, 'maxPool2d', 'padding');
  const dilation = pairOf(options.dilation ?? 1, 'maxPool2d', 'dilation');
  return wrap(
    native.maxPool2d(idOf(x, 'maxPool2d', 'input'), kernel, stride, padding, dilation, options.ceilMode ?? false),
  );
}

/** Options of `avgPool2d`. */
export interface AvgPool2dOptions {
  /** Default: the kernel's size. */
  stride?: Pair;
  padding?: Pair;
  ceilMode?: boolean;
  /** Padding counts in the divisor; default true. */
  countIncludePad?: boolean;
  /** The divisor, instead of the window's size. */
  divisorOverride?: number | null;
}

/**
 * The mean of each window of x: [n, c, h, w]. (`torch.nn.functional.avg_pool2d`)
 * @throws ShapeError where no window fits; CressetError for a divisor of 0.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.avgPool2d(tensor([[[[1, 2], [3, 4]]]]), 2).toArray(); // [[[[2.5]]]]
 */
export function avgPool2d(x: Tensor, kernelSize: Pair, options: AvgPool2dOptions = {}): Tensor {
  const kernel = pairOf(kernelSize, 'avgPool2d', 'kernelSize');
  const stride = pairOf(
    optionsOf(options, 'avgPool2d', ['stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride']).stride ??
      kernel,
    'avgPool2d',
    'stride',
  );
  const padding = pairOf(options.padding ?? 0, 'avgPool2d', 'padding');
  if (options.divisorOverride === 0) throw new CressetError('avgPool2d: divisorOverride must not be 0');
  const divisor = integerOf(options.divisorOverride ?? 0, 'avgPool2d', 'divisorOverride');
  return wrap(
    native.avgPool2d(
      idOf(x, 'avgPool2d', 'input'),
      kernel,
      stride,
      padding,
      options.ceilMode ?? false,
      options.countIncludePad ?? true,
      divisor,
    ),
  );
}

/**
 * The mean of each of oh by ow parts of x: [n, c, h, w] that are as equal as can be; null keeps a side's size.
 * (`torch.nn.functional.adaptive_avg_pool2d`)
 * @throws ShapeError where x is empty or has not 3 or 4 dimensions.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.adaptiveAvgPool2d(tensor([[[[1, 2], [3, 4]]]]), 1).toArray(); // [[[[2.5]]]]
 */
export function adaptiveAvgPool2d(x: Tensor, outputSize: AdaptiveSize): Tensor {
  const id = idOf(x, 'adaptiveAvgPool2d', 'input');
  const size = Array.isArray(outputSize) ? outputSize : [outputSize, outputSize];
  const whole = size.map((side, i) => side ?? x.shape[x.ndim - 2 + i] ?? 1) as [number, number];
  return wrap(native.adaptiveAvgPool2d(id, pairOf(whole, 'adaptiveAvgPool2d', 'outputSize')));
}

/** Options of `batchNorm`. */
export interface BatchNormOptions {
  weight?: Tensor | null;
  bias?: Tensor | null;
  /** Normalise by the batch's own statistics and move the running ones; default false. */
  training?: boolean;
  /** The share of the batch in the running statistics; default 0.1. */
  momentum?: number;
  /** Added to the variance; default 1e-5. */
  eps?: number;
}

/**
 * (x - mean) / sqrt(var + eps) * weight + bias for each channel of x: [n, c, ...], with the batch's mean and (biased) variance in
 * training, which also moves the running statistics in place, and the running ones otherwise. (`torch.nn.functional.batch_norm`)
 * @throws ShapeError where channels differ and for a batch of one value per channel in training.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.batchNorm(tensor([[1], [3]]), null, null, { training: true, eps: 0 }).toArray(); // [[-1], [1]]
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  options: BatchNormOptions = {},
): Tensor {
  const momentum = numberOf(
    optionsOf(options, 'batchNorm', ['weight', 'bias', 'training', 'momentum', 'eps']).momentum ?? 0.1,
    'batchNorm',
    'momentum',
  );
  const eps = numberOf(options.eps ?? 1e-5, 'batchNorm', 'eps');
  return wrap(
    native.batchNorm(
      idOf(x, 'batchNorm', 'input'),
      optionalId(options.weight ?? null, 'batchNorm', 'weight'),
      optionalId(options.bias ?? null, 'batchNorm', 'bias'),
      optionalId(runningMean, 'batchNorm', 'runningMean'),
      optionalId(runningVar, 'batchNorm', 'runningVar'),
      options.training ?? false,
      momentum,
      eps,
    ),
  );
}

/**
 * Zeroes elements with probability p and scales the others by 1 / (1 - p), while training; gives the input itself, the same
 * object, where there is nothing to do. (`torch.nn.functional.dropout`)
 * @example
 * import { nn, ones } from 'cresset';
 * nn.functional.dropout(ones([2]), 0.5, { training: false }).toArray(); // [1, 1]
 */
export function dropout(x: Tensor, p = 0.5, options: { training?: boolean; inplace?: boolean } = {}): Tensor {
  const op = optionsOf(options, 'dropout', ['training', 'inplace']).inplace ? drawing().dropout_ : drawing().dropout;
  return wrap(op(idOf(x, 'dropout', 'input'), numberOf(p, 'dropout', 'p'), options.training ?? true));
}
