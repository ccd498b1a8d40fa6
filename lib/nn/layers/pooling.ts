// Pooling.
import { flag, optionsOf, pairOf } from '../../functional/check.js';
import {
  type AdaptiveSize,
  type AvgPool2dOptions,
  adaptiveAvgPool2d,
  avgPool2d,
  type MaxPool2dOptions,
  maxPool2d,
  type Pair,
} from '../../functional/layers.js';
import type { Tensor } from '../../tensor.js';
import { Module } from '../module.js';
import { checkSizes, given, python } from './text.js';

// Both layers refuse at once what could only fail at the first call.
function checkWindow(op: string, kernelSize: Pair, stride: Pair, padding: Pair, dilation: Pair = 1): void {
  const kernel = pairOf(kernelSize, op, 'kernelSize');
  const pad = pairOf(padding, op, 'padding');
  checkSizes(op, {
    kernelSize: kernel,
    stride: pairOf(stride, op, 'stride'),
    dilation: pairOf(dilation, op, 'dilation'),
  });
  checkSizes(op, { padding: pad }, 0);
  if (pad.some((p, i) => 2 * p > kernel[i]!))
    throw new RangeError(`${op}: padding ${given(padding)} is more than half of kernelSize ${given(kernelSize)}`);
}

/**
 * The largest value of each window; the stride defaults to the kernel's size. (`torch.nn.MaxPool2d`)
 * @throws RangeError for sizes out of range, and for a padding of more than half the kernel.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.MaxPool2d(2)(tensor([[[[1, 2], [3, 4]]]])).toArray(); // [[[[4]]]]
 */
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
    this.stride = optionsOf(options, 'MaxPool2d', ['stride', 'padding', 'dilation', 'ceilMode']).stride ?? kernelSize;
    this.padding = options.padding ?? 0;
    this.dilation = options.dilation ?? 1;
    this.ceilMode = flag(options.ceilMode, 'MaxPool2d', 'ceilMode');
    checkWindow('MaxPool2d', kernelSize, this.stride, this.padding, this.dilation);
  }

  forward(x: Tensor): Tensor {
    return maxPool2d(x, this.kernelSize, this);
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return `kernel_size=${given(kernelSize)}, stride=${given(stride)}, padding=${given(padding)}, dilation=${given(dilation)}, ceil_mode=${python(ceilMode)}`;
  }
}

/**
 * The mean of each window; the stride defaults to the kernel's size. (`torch.nn.AvgPool2d`)
 * @throws RangeError for sizes out of range, a padding of more than half the kernel, and a divisor of 0.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.AvgPool2d(2)(tensor([[[[1, 2], [3, 4]]]])).toArray(); // [[[[2.5]]]]
 */
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
    this.stride =
      optionsOf(options, 'AvgPool2d', ['stride', 'padding', 'ceilMode', 'countIncludePad', 'divisorOverride']).stride ??
      kernelSize;
    this.padding = options.padding ?? 0;
    this.ceilMode = flag(options.ceilMode, 'AvgPool2d', 'ceilMode');
    this.countIncludePad = flag(options.countIncludePad, 'AvgPool2d', 'countIncludePad', true);
    this.divisorOverride = options.divisorOverride ?? null;
    checkWindow('AvgPool2d', kernelSize, this.stride, this.padding);
    const divisor = this.divisorOverride;
    if (divisor !== null && (!Number.isSafeInteger(divisor) || divisor === 0))
      throw new RangeError(`AvgPool2d: divisorOverride must be an integer other than 0, got ${divisor}`);
  }

  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this);
  }

  override extraRepr(): string {
    return `kernel_size=${given(this.kernelSize)}, stride=${given(this.stride)}, padding=${given(this.padding)}`;
  }
}

/**
 * The mean of each of as many parts as the output has places; null keeps a side's size. (`torch.nn.AdaptiveAvgPool2d`)
 * @throws RangeError for sizes out of range.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.AdaptiveAvgPool2d(1)(tensor([[[[1, 2], [3, 4]]]])).toArray(); // [[[[2.5]]]]
 */
export class AdaptiveAvgPool2d extends Module<[x: Tensor]> {
  constructor(readonly outputSize: AdaptiveSize) {
    super();
    const sides = Array.isArray(outputSize) ? outputSize : [outputSize];
    checkSizes('AdaptiveAvgPool2d', { outputSize: sides.filter((side) => side !== null) }, 0);
  }

  forward(x: Tensor): Tensor {
    return adaptiveAvgPool2d(x, this.outputSize);
  }

  override extraRepr(): string {
    const text = (side: number | null) => (side === null ? 'None' : String(side));
    const { outputSize } = this;
    return `output_size=${Array.isArray(outputSize) ? `(${outputSize.map(text).join(', ')})` : text(outputSize as number | null)}`;
  }
}
