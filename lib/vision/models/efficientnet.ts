// EfficientNet, scaled in width, depth and size together (Tan and Le 2019, https://arxiv.org/abs/1905.11946), and its second version, which
// trains faster (2021, https://arxiv.org/abs/2104.00298).
import { optionsOf } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { Conv2dNormActivation, type MakeNorm, SqueezeExcitation, StochasticDepth } from '../ops/index.js';
import { builder } from './builder.js';
import { arrayOf, initialise, makeDivisible } from './common.js';
import {
  EfficientNetB0Weights,
  EfficientNetB1Weights,
  EfficientNetB2Weights,
  EfficientNetB3Weights,
  EfficientNetB4Weights,
  EfficientNetB5Weights,
  EfficientNetB6Weights,
  EfficientNetB7Weights,
  EfficientNetV2LWeights,
  EfficientNetV2MWeights,
  EfficientNetV2SWeights,
} from './weights/efficientnet.js';

/** Options of an EfficientNet. */
export interface EfficientNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** The probability with which the classifier drops elements in training; by default 0.2 to 0.5, the larger the network the more. */
  dropout?: number;
  /** The probability with which the last block is dropped in training, earlier ones less; default 0.2. */
  stochasticDepthProb?: number;
}

/** One stage of an EfficientNet. */
export interface EfficientNetStage {
  /** Squeezing blocks with a depthwise convolution, or those in which one convolution widens and filters. */
  block: 'MBConv' | 'FusedMBConv';
  /** The factor of the channels inside of a block. */
  expandRatio: number;
  kernel: number;
  /** The first block's. */
  stride: number;
  inputChannels: number;
  outChannels: number;
  numLayers: number;
}

const silu = (options: nn.InplaceOptions) => new nn.SiLU(options);

/** What both kinds of blocks do: layers, dropped at times, beside the identity where the shape stays. */
abstract class Block extends nn.Module {
  readonly residual: boolean;
  block: nn.Sequential;
  stochastic_depth: StochasticDepth;

  constructor(stage: EfficientNetStage, dropped: number, layers: nn.AnyModule[]) {
    super();
    this.residual = stage.stride === 1 && stage.inputChannels === stage.outChannels;
    this.block = new nn.Sequential(...layers);
    this.stochastic_depth = new StochasticDepth(dropped, 'row');
  }

  forward(x: Tensor): Tensor {
    const y = this.block(x);
    return this.residual ? this.stochastic_depth(y).add_(x) : y;
  }
}

/** @internal Widens, filters channel by channel, weighs the channels and narrows again. */
export class MBConv extends Block {
  constructor(stage: EfficientNetStage, dropped: number, normLayer: MakeNorm) {
    const { inputChannels, outChannels, expandRatio, kernel, stride } = stage;
    const width = makeDivisible(inputChannels * expandRatio);
    const layers: nn.AnyModule[] = [];
    if (width !== inputChannels)
      layers.push(new Conv2dNormActivation(inputChannels, width, { kernelSize: 1, normLayer, activationLayer: silu }));
    layers.push(
      new Conv2dNormActivation(width, width, {
        kernelSize: kernel,
        stride,
        groups: width,
        normLayer,
        activationLayer: silu,
      }),
      new SqueezeExcitation(width, Math.max(1, Math.floor(inputChannels / 4)), {
        activation: () => new nn.SiLU({ inplace: true }),
      }),
      new Conv2dNormActivation(width, outChannels, { kernelSize: 1, normLayer, activationLayer: null }),
    );
    super(stage, dropped, layers);
  }
}

/** @internal Widens by a 3x3 convolution and narrows again. */
export class FusedMBConv extends Block {
  constructor(stage: EfficientNetStage, dropped: number, normLayer: MakeNorm) {
    const { inputChannels, outChannels, expandRatio, kernel, stride } = stage;
    const width = makeDivisible(inputChannels * expandRatio);
    const filter = (output: number) =>
      new Conv2dNormActivation(inputChannels, output, { kernelSize: kernel, stride, normLayer, activationLayer: silu });
    super(
      stage,
      dropped,
      width === inputChannels
        ? [filter(outChannels)]
        : [
            filter(width),
            new Conv2dNormActivation(width, outChannels, { kernelSize: 1, normLayer, activationLayer: null }),
          ],
    );
  }
}

const blocks = { MBConv, FusedMBConv };

/**
 * Stages of blocks, pooled and classified: [n, 3, h, w] to [n, classes]. (`torchvision.models.EfficientNet`)
 * @throws RangeError for no stages and for sizes and probabilities out of range.
 * @example
 * import { ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * const sizes = { expandRatio: 2, kernel: 3, stride: 1, inputChannels: 8, outChannels: 8, numLayers: 2 };
 * const model = new models.EfficientNet([{ block: 'MBConv', ...sizes }], { numClasses: 10 }).eval();
 * model(ones([1, 3, 8, 8])).shape; // [1, 10]
 */
export class EfficientNet extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  classifier: nn.Sequential;

  /** `normLayer`: default `nn.BatchNorm2d`; `lastChannel`: the width before pooling, default 4 times the last stage's. */
  constructor(
    stages: readonly EfficientNetStage[],
    options: EfficientNetOptions & { normLayer?: MakeNorm; lastChannel?: number } = {},
  ) {
    super();
    const {
      numClasses = 1000,
      dropout = 0.2,
      stochasticDepthProb = 0.2,
    } = optionsOf(options, 'EfficientNet', [
      'normLayer',
      'lastChannel',
      'numClasses',
      'dropout',
      'stochasticDepthProb',
    ]);
    const { normLayer = (channels: number) => new nn.BatchNorm2d(channels) } = options;
    const [first, last] = [arrayOf(stages, 'EfficientNet', 'stages')[0], stages.at(-1)];
    if (first === undefined || last === undefined)
      throw new RangeError(`EfficientNet: needs at least 1 stage, got ${stages.length}`);
    for (const { block, numLayers } of stages) {
      checkSizes('EfficientNet', { numLayers });
      if (!Object.hasOwn(blocks, block))
        throw new RangeError(`EfficientNet: block must be 'MBConv' or 'FusedMBConv', got '${String(block)}'`);
    }
    const width = options.lastChannel ?? 4 * last.outChannels;
    const total = stages.reduce((sum, stage) => sum + stage.numLayers, 0);
    let made = 0;
    const layers: nn.AnyModule[] = [
      new Conv2dNormActivation(3, first.inputChannels, { stride: 2, normLayer, activationLayer: silu }),
    ];
    for (const stage of stages)
      layers.push(
        new nn.Sequential(
          ...Array.from({ length: stage.numLayers }, (_, i) => {
            const here = i === 0 ? stage : { ...stage, inputChannels: stage.outChannels, stride: 1 };
            return new blocks[stage.block](here, (stochasticDepthProb * made++) / total, normLayer);
          }),
        ),
      );
    layers.push(new Conv2dNormActivation(last.outChannels, width, { kernelSize: 1, normLayer, activationLayer: silu }));
    this.features = new nn.Sequential(...layers);
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    this.classifier = new nn.Sequential(new nn.Dropout(dropout, { inplace: true }), new nn.Linear(width, numClasses));
    const bound = 1 / Math.sqrt(numClasses);
    initialise(this, (layer) => nn.init.uniform_(layer.weight, -bound, bound));
  }

  forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

type Row = [expandRatio: number, kernel: number, stride: number, input: number, output: number, layers: number];

const stageOf = (block: EfficientNetStage['block'], [expandRatio, kernel, stride, input, output, layers]: Row) => ({
  block,
  expandRatio,
  kernel,
  stride,
  inputChannels: input,
  outChannels: output,
  numLayers: layers,
});

const base: readonly Row[] = [
  [1, 3, 1, 32, 16, 1],
  [6, 3, 2, 16, 24, 2],
  [6, 5, 2, 24, 40, 2],
  [6, 3, 2, 40, 80, 3],
  [6, 5, 1, 80, 112, 3],
  [6, 5, 2, 112, 192, 4],
  [6, 3, 1, 192, 320, 1],
];

function scaled(width: number, depth: number, dropout: number, options: EfficientNetOptions = {}, slow = false) {
  const stages = base.map(([expandRatio, kernel, stride, input, output, layers]) =>
    stageOf('MBConv', [
      expandRatio,
      kernel,
      stride,
      makeDivisible(input * width),
      makeDivisible(output * width),
      Math.ceil(layers * depth),
    ]),
  );
  const norm = slow ? { eps: 0.001, momentum: 0.01 } : {};
  return new EfficientNet(stages, {
    dropout,
    ...optionsOf(options, 'EfficientNet'),
    normLayer: (channels) => new nn.BatchNorm2d(channels, norm),
  });
}

/** EfficientNet B0. (`torchvision.models.efficientnet_b0`) */
export const efficientnetB0 = builder('efficientnet_b0', EfficientNetB0Weights, (options?: EfficientNetOptions) =>
  scaled(1, 1, 0.2, options),
);
/** EfficientNet B1. (`torchvision.models.efficientnet_b1`) */
export const efficientnetB1 = builder('efficientnet_b1', EfficientNetB1Weights, (options?: EfficientNetOptions) =>
  scaled(1, 1.1, 0.2, options),
);
/** EfficientNet B2. (`torchvision.models.efficientnet_b2`) */
export const efficientnetB2 = builder('efficientnet_b2', EfficientNetB2Weights, (options?: EfficientNetOptions) =>
  scaled(1.1, 1.2, 0.3, options),
);
/** EfficientNet B3. (`torchvision.models.efficientnet_b3`) */
export const efficientnetB3 = builder('efficientnet_b3', EfficientNetB3Weights, (options?: EfficientNetOptions) =>
  scaled(1.2, 1.4, 0.3, options),
);
/** EfficientNet B4. (`torchvision.models.efficientnet_b4`) */
export const efficientnetB4 = builder('efficientnet_b4', EfficientNetB4Weights, (options?: EfficientNetOptions) =>
  scaled(1.4, 1.8, 0.4, options),
);
/** EfficientNet B5. (`torchvision.models.efficientnet_b5`) */
export const efficientnetB5 = builder('efficientnet_b5', EfficientNetB5Weights, (options?: EfficientNetOptions) =>
  scaled(1.6, 2.2, 0.4, options, true),
);
/** EfficientNet B6. (`torchvision.models.efficientnet_b6`) */
export const efficientnetB6 = builder('efficientnet_b6', EfficientNetB6Weights, (options?: EfficientNetOptions) =>
  scaled(1.8, 2.6, 0.5, options, true),
);
/** EfficientNet B7. (`torchvision.models.efficientnet_b7`) */
export const efficientnetB7 = builder('efficientnet_b7', EfficientNetB7Weights, (options?: EfficientNetOptions) =>
  scaled(2, 3.1, 0.5, options, true),
);

function second(fused: readonly Row[], squeezing: readonly Row[], dropout: number, options: EfficientNetOptions = {}) {
  const stages = [
    ...fused.map((row) => stageOf('FusedMBConv', row)),
    ...squeezing.map((row) => stageOf('MBConv', row)),
  ];
  return new EfficientNet(stages, {
    dropout,
    ...optionsOf(options, 'EfficientNet'),
    normLayer: (channels) => new nn.BatchNorm2d(channels, { eps: 0.001 }),
    lastChannel: 1280,
  });
}

/** EfficientNet v2, small. (`torchvision.models.efficientnet_v2_s`) */
export const efficientnetV2S = builder('efficientnet_v2_s', EfficientNetV2SWeights, (options?: EfficientNetOptions) =>
  second(
    [
      [1, 3, 1, 24, 24, 2],
      [4, 3, 2, 24, 48, 4],
      [4, 3, 2, 48, 64, 4],
    ],
    [
      [4, 3, 2, 64, 128, 6],
      [6, 3, 1, 128, 160, 9],
      [6, 3, 2, 160, 256, 15],
    ],
    0.2,
    options,
  ),
);
/** EfficientNet v2, medium. (`torchvision.models.efficientnet_v2_m`) */
export const efficientnetV2M = builder('efficientnet_v2_m', EfficientNetV2MWeights, (options?: EfficientNetOptions) =>
  second(
    [
      [1, 3, 1, 24, 24, 3],
      [4, 3, 2, 24, 48, 5],
      [4, 3, 2, 48, 80, 5],
    ],
    [
      [4, 3, 2, 80, 160, 7],
      [6, 3, 1, 160, 176, 14],
      [6, 3, 2, 176, 304, 18],
      [6, 3, 1, 304, 512, 5],
    ],
    0.3,
    options,
  ),
);
/** EfficientNet v2, large. (`torchvision.models.efficientnet_v2_l`) */
export const efficientnetV2L = builder('efficientnet_v2_l', EfficientNetV2LWeights, (options?: EfficientNetOptions) =>
  second(
    [
      [1, 3, 1, 32, 32, 4],
      [4, 3, 2, 32, 64, 7],
      [4, 3, 2, 64, 96, 7],
    ],
    [
      [4, 3, 2, 96, 192, 10],
      [6, 3, 1, 192, 224, 19],
      [6, 3, 2, 224, 384, 25],
      [6, 3, 1, 384, 640, 7],
    ],
    0.4,
    options,
  ),
);
