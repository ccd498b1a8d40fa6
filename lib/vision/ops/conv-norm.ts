// A convolution with what usually follows it.
import { flag, optionsOf, pairOf } from '../../functional/check.js';
import type { Pair } from '../../functional/layers.js';
import * as nn from '../../nn/index.js';
import { layerOf, type MakeActivation, type MakeNorm } from './make.js';

/** Options of `Conv2dNormActivation`. */
export interface Conv2dNormActivationOptions {
  /** Default 3. */
  kernelSize?: Pair;
  stride?: Pair;
  /** Default: (kernelSize - 1) / 2, rounded down, times the dilation, which keeps the size at stride 1. */
  padding?: Pair | 'same' | 'valid' | null;
  groups?: number;
  /** null for none; default `nn.BatchNorm2d`. */
  normLayer?: MakeNorm | null;
  /** null for none; default `nn.ReLU`. */
  activationLayer?: MakeActivation | null;
  dilation?: Pair;
  /** Whether the activation overwrites its input, null where it has no such option; default true. */
  inplace?: boolean | null;
  /** Add a learned number to each output channel; by default only without a normalisation. */
  bias?: boolean | null;
}

function layers(inChannels: number, outChannels: number, options: Conv2dNormActivationOptions): nn.AnyModule[] {
  const name = 'Conv2dNormActivation';
  const {
    kernelSize = 3,
    stride = 1,
    groups = 1,
    dilation = 1,
    inplace = true,
  } = optionsOf(options, name, [
    'kernelSize',
    'stride',
    'padding',
    'groups',
    'normLayer',
    'activationLayer',
    'dilation',
    'inplace',
    'bias',
  ]);
  const { normLayer = (channels) => new nn.BatchNorm2d(channels), activationLayer = (given) => new nn.ReLU(given) } =
    options;
  const [kernel, spread] = [pairOf(kernelSize, name, 'kernelSize'), pairOf(dilation, name, 'dilation')];
  const half = (side: 0 | 1) => Math.floor((kernel[side] - 1) / 2) * spread[side];
  const padding = options.padding ?? ([half(0), half(1)] as const);
  const bias = flag(options.bias ?? undefined, name, 'bias', normLayer === null);
  const made: nn.AnyModule[] = [
    new nn.Conv2d(inChannels, outChannels, kernelSize, { stride, padding, dilation, groups, bias }),
  ];
  if (normLayer !== null) made.push(layerOf(normLayer, [outChannels], name, 'normLayer'));
  const given = inplace === null ? {} : { inplace };
  if (activationLayer !== null) made.push(layerOf(activationLayer, [given], name, 'activationLayer'));
  return made;
}

/**
 * A convolution, a normalisation and an activation in a row: [n, in, h, w] to [n, out, ...]. (`torchvision.ops.Conv2dNormActivation`)
 * @throws RangeError for sizes out of range, TypeError for options that are none.
 * @example
 * import { ones } from 'cresset';
 * import { ops } from 'cresset/vision';
 * new ops.Conv2dNormActivation(3, 8, { stride: 2 }).eval()(ones([1, 3, 8, 8])).shape; // [1, 8, 4, 4]
 */
export class Conv2dNormActivation extends nn.Sequential {
  readonly outChannels: number;

  constructor(inChannels: number, outChannels: number, options: Conv2dNormActivationOptions = {}) {
    super(...layers(inChannels, outChannels, options));
    this.outChannels = outChannels;
  }
}
