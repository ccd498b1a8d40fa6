// Layers: modules around the functions of the same name.
import { pairOf } from '../functional/check.js';
import { empty } from '../functional/creation.js';
import {
  type AvgPool2dOptions,
  avgPool2d,
  type Conv2dOptions,
  conv2d,
  dropout,
  type MaxPool2dOptions,
  maxPool2d,
  type Pair,
} from '../functional/layers.js';
import { linear } from '../functional/matmul.js';
import type { Tensor } from '../tensor.js';
import { calculateFanInAndFanOut, kaimingUniform_, uniform_ } from './init.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';

const python = (value: boolean): string => (value ? 'True' : 'False');
const tuple = ([h, w]: readonly [number, number]): string => `(${h}, ${w})`;
// As it was given: one number or a pair.
const given = (pair: Pair): string => (typeof pair === 'number' ? String(pair) : tuple(pair));
// Python's text of a float.
const float = (value: number): string =>
  Number.isInteger(value) ? `${value}.0` : String(value).replace(/e([+-])(\d)$/, 'e$10$2');

function resetParameters(weight: Tensor, bias: Tensor | null): void {
  kaimingUniform_(weight, Math.sqrt(5));
  if (bias === null) return;
  const bound = 1 / Math.sqrt(calculateFanInAndFanOut(weight).fanIn);
  uniform_(bias, -bound, bound);
}

function positive(op: string, sizes: Record<string, number>): void {
  for (const [name, size] of Object.entries(sizes))
    if (!Number.isSafeInteger(size) || size < 1)
      throw new RangeError(`${op}: ${name} must be a positive integer, got ${size}`);
}

/**
 * y = x weightᵀ + bias. (`torch.nn.Linear`)
 * @example
 * import { nn, ones } from 'cresset';
 * new nn.Linear(3, 2)(ones([4, 3])).shape; // [4, 2]
 */
export class Linear extends Module<[x: Tensor]> {
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options: { bias?: boolean } = {},
  ) {
    super();
    positive('Linear', { inFeatures, outFeatures });
    this.weight = new Parameter(empty([outFeatures, inFeatures]));
    this.bias = (options.bias ?? true) ? new Parameter(empty([outFeatures])) : null;
    resetParameters(this.weight, this.bias);
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${python(this.bias !== null)}`;
  }
}

/** Options of `Conv2d`. */
export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Add a learned number to each output channel; default true. */
  bias?: boolean;
}

/**
 * Convolution of [n, in, h, w] to [n, out, (h + 2 padding - dilation (k - 1) - 1) / stride + 1, ...]. (`torch.nn.Conv2d`)
 * @example
 * import { nn, ones } from 'cresset';
 * new nn.Conv2d(3, 8, 3, { padding: 1 })(ones([1, 3, 4, 4])).shape; // [1, 8, 4, 4]
 */
export class Conv2d extends Module<[x: Tensor]> {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: Pair,
    options: Conv2dLayerOptions = {},
  ) {
    super();
    this.groups = options.groups ?? 1;
    positive('Conv2d', { inChannels, outChannels, groups: this.groups });
    if (inChannels % this.groups !== 0)
      throw new RangeError(`Conv2d: inChannels ${inChannels} must be divisible by groups ${this.groups}`);
    if (outChannels % this.groups !== 0)
      throw new RangeError(`Conv2d: outChannels ${outChannels} must be divisible by groups ${this.groups}`);
    this.kernelSize = pairOf(kernelSize, 'Conv2d', 'kernelSize');
    this.stride = pairOf(options.stride ?? 1, 'Conv2d', 'stride');
    this.padding = pairOf(options.padding ?? 0, 'Conv2d', 'padding');
    this.dilation = pairOf(options.dilation ?? 1, 'Conv2d', 'dilation');
    this.weight = new Parameter(empty([outChannels, inChannels / this.groups, ...this.kernelSize]));
    this.bias = (options.bias ?? true) ? new Parameter(empty([outChannels])) : null;
    resetParameters(this.weight, this.bias);
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this);
  }

  override extraRepr(): string {
    const parts = [
      `${this.inChannels}, ${this.outChannels}, kernel_size=${tuple(this.kernelSize)}, stride=${tuple(this.stride)}`,
    ];
    if (this.padding.some((p) => p !== 0)) parts.push(`padding=${tuple(this.padding)}`);
    if (this.dilation.some((d) => d !== 1)) parts.push(`dilation=${tuple(this.dilation)}`);
    if (this.groups !== 1) parts.push(`groups=${this.groups}`);
    if (this.bias === null) parts.push('bias=False');
    return parts.join(', ');
  }
}

/** The largest value of each window; the stride defaults to the kernel's size. (`torch.nn.MaxPool2d`) */
export class MaxPool2d extends Module<[x: Tensor]> {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly ceilMode: boolean;

  constructor(
    readonly kernelSize: Pair,
    options: MaxPool2dOptions = {},
  ) {
    super();
    this.stride = options.stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.dilation = options.dilation ?? 1;
    this.ceilMode = options.ceilMode ?? false;
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, this);
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return `kernel_size=${given(kernelSize)}, stride=${given(stride)}, padding=${given(padding)}, dilation=${given(dilation)}, ceil_mode=${python(ceilMode)}`;
  }
}

/** The mean of each window; the stride defaults to the kernel's size. (`torch.nn.AvgPool2d`) */
export class AvgPool2d extends Module<[x: Tensor]> {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;

  constructor(
    readonly kernelSize: Pair,
    options: AvgPool2dOptions = {},
  ) {
    super();
    this.stride = options.stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.ceilMode = options.ceilMode ?? false;
    this.countIncludePad = options.countIncludePad ?? true;
    this.divisorOverride = options.divisorOverride ?? null;
  }

  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this);
  }

  override extraRepr(): string {
    return `kernel_size=${given(this.kernelSize)}, stride=${given(this.stride)}, padding=${given(this.padding)}`;
  }
}

/** Joins the dimensions from `startDim` to `endDim`. (`torch.nn.Flatten`) */
export class Flatten extends Module<[x: Tensor]> {
  constructor(
    readonly startDim = 1,
    readonly endDim = -1,
  ) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/** Gives its argument back. (`torch.nn.Identity`) */
export class Identity extends Module<[x: Tensor]> {
  forward(x: Tensor): Tensor {
    return x;
  }
}

/** max(x, 0). (`torch.nn.ReLU`) */
export class ReLU extends Module<[x: Tensor]> {
  readonly inplace: boolean;

  constructor(options: { inplace?: boolean } = {}) {
    super();
    this.inplace = options.inplace ?? false;
  }

  forward(x: Tensor): Tensor {
    return this.inplace ? x.relu_() : x.relu();
  }

  override extraRepr(): string {
    return this.inplace ? 'inplace=True' : '';
  }
}

/** 1 / (1 + exp(-x)). (`torch.nn.Sigmoid`) */
export class Sigmoid extends Module<[x: Tensor]> {
  forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}

/** tanh(x). (`torch.nn.Tanh`) */
export class Tanh extends Module<[x: Tensor]> {
  forward(x: Tensor): Tensor {
    return x.tanh();
  }
}

/** exp(x) / sum(exp(x)) along `dim`. (`torch.nn.Softmax`) */
export class Softmax extends Module<[x: Tensor]> {
  constructor(readonly dim: number) {
    super();
  }

  forward(x: Tensor): Tensor {
    return x.softmax(this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** While training, zeroes elements with probability p and scales the others by 1 / (1 - p). (`torch.nn.Dropout`) */
export class Dropout extends Module<[x: Tensor]> {
  readonly inplace: boolean;

  constructor(
    readonly p = 0.5,
    options: { inplace?: boolean } = {},
  ) {
    super();
    if (!(p >= 0 && p <= 1)) throw new RangeError(`Dropout: p must be between 0 and 1, got ${p}`);
    this.inplace = options.inplace ?? false;
  }

  forward(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training, inplace: this.inplace });
  }

  override extraRepr(): string {
    return `p=${this.p === 0 || this.p === 1 ? this.p : float(this.p)}, inplace=${python(this.inplace)}`;
  }
}
