// Convolutions.
import { flag, optionsOf, pairOf } from '../../functional/check.js';
import { empty } from '../../functional/creation.js';
import { type Conv2dOptions, conv2d, type Pair } from '../../functional/layers.js';
import type { Tensor } from '../../tensor.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { checkSizes, python, resetParameters, tuple } from './text.js';

/** Options of `Conv2d`. */
export interface Conv2dLayerOptions extends Conv2dOptions {
  /** Add a learned number to each output channel; default true. */
  bias?: boolean;
  /** What stands around the input; only zeros so far. */
  paddingMode?: 'zeros';
}

/**
 * Convolution of [n, in, h, w] to [n, out, (h + 2 padding - dilation (k - 1) - 1) / stride + 1, ...]; padding 'same' keeps h and w,
 * 'valid' is none. (`torch.nn.Conv2d`)
 * @throws RangeError for sizes out of range, channels that the groups do not divide, 'same' with a stride, and other padding modes.
 * @example
 * import { nn, ones } from 'cresset';
 * new nn.Conv2d(3, 8, 3, { padding: 1 })(ones([1, 3, 4, 4])).shape; // [1, 8, 4, 4]
 */
export class Conv2d extends Module<[x: Tensor]> {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number] | 'same' | 'valid';
  readonly dilation: readonly [number, number];
  readonly groups: number;
  readonly paddingMode = 'zeros';
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    kernelSize: Pair,
    options: Conv2dLayerOptions = {},
  ) {
    super();
    const { padding = 0, paddingMode = 'zeros' } = optionsOf(options, 'Conv2d', [
      'stride',
      'padding',
      'dilation',
      'groups',
      'bias',
      'paddingMode',
    ]);
    this.groups = options.groups ?? 1;
    this.kernelSize = pairOf(kernelSize, 'Conv2d', 'kernelSize');
    this.stride = pairOf(options.stride ?? 1, 'Conv2d', 'stride');
    this.dilation = pairOf(options.dilation ?? 1, 'Conv2d', 'dilation');
    this.padding = typeof padding === 'string' ? padding : pairOf(padding, 'Conv2d', 'padding');
    const { groups, stride, dilation } = this;
    checkSizes('Conv2d', { inChannels, outChannels, groups, kernelSize: this.kernelSize, stride, dilation });
    if (inChannels % groups !== 0)
      throw new RangeError(`Conv2d: inChannels ${inChannels} must be divisible by groups ${groups}`);
    if (outChannels % groups !== 0)
      throw new RangeError(`Conv2d: outChannels ${outChannels} must be divisible by groups ${groups}`);
    if (paddingMode !== 'zeros')
      throw new RangeError(`Conv2d: paddingMode must be 'zeros', the only one supported; got '${String(paddingMode)}'`);
    if (typeof this.padding !== 'string') checkSizes('Conv2d', { padding: this.padding }, 0);
    else if (this.padding !== 'same' && this.padding !== 'valid')
      throw new RangeError(`Conv2d: padding must be 'same', 'valid' or a size, got '${String(this.padding)}'`);
    if (this.padding === 'same' && stride.some((s) => s !== 1))
      throw new RangeError(`Conv2d: padding 'same' needs stride 1, got ${tuple(stride)}`);
    this.weight = new Parameter(empty([outChannels, inChannels / groups, ...this.kernelSize]));
    this.bias = flag(options.bias, 'Conv2d', 'bias', true) ? new Parameter(empty([outChannels])) : null;
    resetParameters(this.weight, this.bias);
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, this.bias, this);
  }

  override extraRepr(): string {
    const { padding, dilation } = this;
    const parts = [
      `${this.inChannels}, ${this.outChannels}, kernel_size=${tuple(this.kernelSize)}, stride=${tuple(this.stride)}`,
    ];
    if (typeof padding === 'string') parts.push(`padding=${padding}`);
    else if (padding.some((p) => p !== 0)) parts.push(`padding=${tuple(padding)}`);
    if (dilation.some((d) => d !== 1)) parts.push(`dilation=${tuple(dilation)}`);
    if (this.groups !== 1) parts.push(`groups=${this.groups}`);
    if (this.bias === null) parts.push(`bias=${python(false)}`);
    return parts.join(', ');
  }
}
