// MNASNet, found by search for what is fast on a phone. (Tan et al. 2018, https://arxiv.org/abs/1807.11626)
import { numberOf, optionsOf } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { builder } from './builder.js';
import { MNASNet0_5Weights, MNASNet0_75Weights, MNASNet1_0Weights, MNASNet1_3Weights } from './weights/mnasnet.js';

/** Options of a MNASNet. */
export interface MNASNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** The probability with which the classifier drops elements in training; default 0.2. */
  dropout?: number;
}

// The layers of a depthwise convolution with its normalisation, and of a 1x1 one.
const norm = (channels: number) => new nn.BatchNorm2d(channels, { momentum: 1 - 0.9997 });
const relu = () => new nn.ReLU({ inplace: true });
const pointwise = (input: number, output: number) => [new nn.Conv2d(input, output, 1, { bias: false }), norm(output)];
const depthwise = (channels: number, kernel: number, stride: number) => [
  new nn.Conv2d(channels, channels, kernel, {
    stride,
    padding: Math.floor(kernel / 2),
    groups: channels,
    bias: false,
  }),
  norm(channels),
  relu(),
];

/** @internal More channels, a depthwise convolution and fewer channels, beside the identity where the shape stays. */
export class InvertedResidual extends nn.Module {
  layers: nn.Sequential;
  readonly applyResidual: boolean;

  constructor(input: number, output: number, kernel: number, stride: number, expansion: number) {
    super();
    this.applyResidual = input === output && stride === 1;
    const wide = input * expansion;
    this.layers = new nn.Sequential(
      ...pointwise(input, wide),
      relu(),
      ...depthwise(wide, kernel, stride),
      ...pointwise(wide, output),
    );
  }

  override get typeName(): string {
    return '_InvertedResidual';
  }

  forward(x: Tensor): Tensor {
    const y = this.layers(x);
    return this.applyResidual ? y.add(x) : y;
  }
}

// The nearest multiple of 8, or the next where that is less than nine tenths.
function scaled(channels: number, alpha: number): number {
  const wanted = channels * alpha;
  const nearest = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return nearest >= 0.9 * wanted ? nearest : nearest + 8;
}

// The channels, kernel, stride, expansion and number of blocks of each stack.
const stacks = [
  [24, 3, 2, 3, 3],
  [40, 5, 2, 3, 3],
  [80, 5, 2, 6, 3],
  [96, 3, 1, 6, 2],
  [192, 5, 2, 6, 4],
  [320, 3, 1, 6, 1],
] as const;

/**
 * Stacks of inverted residuals, pooled and classified: [n, 3, h, w] to [n, classes]. (`torchvision.models.MNASNet`)
 * @throws RangeError for an `alpha` that is not positive, a `numClasses` that is no positive integer and a `dropout` outside [0, 1].
 * @example
 * import { nn, ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * const mnasnet = models.mnasnet0_5();
 * mnasnet.classifier[1] = new nn.Linear(1280, 10);
 * mnasnet.eval()(ones([1, 3, 32, 32])).shape; // [1, 10]
 */
export class MNASNet extends nn.Module {
  layers: nn.Sequential;
  classifier: nn.Sequential;

  /** `alpha`: the share of the paper's channels. */
  constructor(
    readonly alpha: number,
    options: MNASNetOptions = {},
  ) {
    super();
    if (!(numberOf(alpha, 'MNASNet', 'alpha') > 0 && alpha < Number.POSITIVE_INFINITY))
      throw new RangeError(`MNASNet: alpha must be positive, got ${alpha}`);
    const { numClasses = 1000, dropout = 0.2 } = optionsOf(options, 'MNASNet', ['numClasses', 'dropout']);
    checkSizes('MNASNet', { numClasses });
    const first = scaled(32, alpha);
    let channels = scaled(16, alpha);
    const layers: nn.AnyModule[] = [
      new nn.Conv2d(3, first, 3, { stride: 2, padding: 1, bias: false }),
      norm(first),
      relu(),
      ...depthwise(first, 3, 1),
      ...pointwise(first, channels),
    ];
    for (const [width, kernel, stride, expansion, repeats] of stacks) {
      const output = scaled(width, alpha);
      const blocks = Array.from({ length: repeats }, (_, i) => {
        const block = new InvertedResidual(channels, output, kernel, i === 0 ? stride : 1, expansion);
        channels = output;
        return block;
      });
      layers.push(new nn.Sequential(...blocks));
    }
    this.layers = new nn.Sequential(...layers, ...pointwise(channels, 1280), relu());
    this.classifier = new nn.Sequential(new nn.Dropout(dropout, { inplace: true }), new nn.Linear(1280, numClasses));
    for (const module of this.modules())
      if (module instanceof nn.Conv2d) nn.init.kaimingNormal_(module.weight, { mode: 'fan_out', nonlinearity: 'relu' });
      else if (module instanceof nn.Linear) {
        nn.init.kaimingUniform_(module.weight, { mode: 'fan_out', nonlinearity: 'sigmoid' });
        nn.init.zeros_(module.bias!);
      }
  }

  override get stateVersion(): number {
    return 2;
  }

  forward(x: Tensor): Tensor {
    return this.classifier(this.layers(x).mean([2, 3]));
  }
}

/** MNASNet with half the channels. (`torchvision.models.mnasnet0_5`) */
export const mnasnet0_5 = builder(
  'mnasnet0_5',
  MNASNet0_5Weights,
  (options?: MNASNetOptions) => new MNASNet(0.5, options),
);
/** MNASNet with three quarters of the channels. (`torchvision.models.mnasnet0_75`) */
export const mnasnet0_75 = builder(
  'mnasnet0_75',
  MNASNet0_75Weights,
  (options?: MNASNetOptions) => new MNASNet(0.75, options),
);
/** MNASNet. (`torchvision.models.mnasnet1_0`) */
export const mnasnet1_0 = builder(
  'mnasnet1_0',
  MNASNet1_0Weights,
  (options?: MNASNetOptions) => new MNASNet(1, options),
);
/** MNASNet with 1.3 times the channels. (`torchvision.models.mnasnet1_3`) */
export const mnasnet1_3 = builder(
  'mnasnet1_3',
  MNASNet1_3Weights,
  (options?: MNASNetOptions) => new MNASNet(1.3, options),
);
