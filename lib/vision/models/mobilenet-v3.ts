// MobileNet v3: inverted residuals with squeeze and excitation, found by search. (Howard et al. 2019, https://arxiv.org/abs/1905.02244)
import { flag, optionsOf } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import type { Tensor } from '../../tensor.js';
import { Conv2dNormActivation, type MakeActivation, SqueezeExcitation } from '../ops/index.js';
import { builder } from './builder.js';
import { arrayOf, initialise, makeDivisible, positive } from './common.js';
import { MobileNetV3LargeWeights, MobileNetV3SmallWeights } from './weights/mobilenet.js';

/** One block of a MobileNet v3. */
export interface MobileNetV3Block {
  inputChannels: number;
  /** The side of the depthwise convolution's window. */
  kernel: number;
  /** The channels of the depthwise convolution. */
  expandedChannels: number;
  outChannels: number;
  squeezes: boolean;
  activation: 'RE' | 'HS';
  stride: number;
  /** Above 1 it takes the place of the stride. */
  dilation: number;
}

/** Options of `MobileNetV3`. */
export interface MobileNetV3Options {
  /** Default 1000. */
  numClasses?: number;
  /** The probability with which the classifier drops elements in training; default 0.2. */
  dropout?: number;
}

/** Options of `mobilenetV3Small` and `mobilenetV3Large`. */
export interface MobileNetV3VariantOptions extends MobileNetV3Options {
  /** The factor of all numbers of channels, which stay multiples of 8; default 1. */
  widthMult?: number;
  /** Half the channels in the last stage and the classifier; default false. */
  reducedTail?: boolean;
  /** Dilation in place of the last stride; default false. */
  dilated?: boolean;
}

const normLayer = (channels: number) => new nn.BatchNorm2d(channels, { eps: 0.001, momentum: 0.01 });
const hardswish: MakeActivation = (options) => new nn.Hardswish(options);
const relu: MakeActivation = (options) => new nn.ReLU(options);

/** @internal Widens, filters channel by channel, weighs the channels and narrows again, beside the identity where the shape stays. */
export class InvertedResidual extends nn.Module {
  readonly residual: boolean;
  block: nn.Sequential;

  constructor(config: MobileNetV3Block) {
    super();
    const { inputChannels, kernel, expandedChannels, outChannels, squeezes, activation, stride, dilation } = config;
    this.residual = stride === 1 && inputChannels === outChannels;
    const activationLayer = activation === 'HS' ? hardswish : relu;
    const layers: nn.AnyModule[] = [];
    if (expandedChannels !== inputChannels)
      layers.push(
        new Conv2dNormActivation(inputChannels, expandedChannels, { kernelSize: 1, normLayer, activationLayer }),
      );
    layers.push(
      new Conv2dNormActivation(expandedChannels, expandedChannels, {
        kernelSize: kernel,
        stride: dilation > 1 ? 1 : stride,
        dilation,
        groups: expandedChannels,
        normLayer,
        activationLayer,
      }),
    );
    if (squeezes) {
      const scaleActivation = () => new nn.Hardsigmoid();
      const squeezed = makeDivisible(Math.floor(expandedChannels / 4));
      layers.push(new SqueezeExcitation(expandedChannels, squeezed, { scaleActivation }));
    }
    layers.push(
      new Conv2dNormActivation(expandedChannels, outChannels, { kernelSize: 1, normLayer, activationLayer: null }),
    );
    this.block = new nn.Sequential(...layers);
  }

  forward(x: Tensor): Tensor {
    const y = this.block(x);
    return this.residual ? y.add_(x) : y;
  }
}

/**
 * Inverted residuals, pooled and classified: [n, 3, h, w] to [n, classes]. (`torchvision.models.MobileNetV3`)
 * @throws RangeError for no blocks and for sizes out of range.
 * @example
 * import { ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * models.mobilenetV3Small({ numClasses: 10, widthMult: 0.5 }).eval()(ones([1, 3, 32, 32])).shape; // [1, 10]
 */
export class MobileNetV3 extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  classifier: nn.Sequential;

  /** `lastChannel`: the width between the classifier's two layers. */
  constructor(blocks: readonly MobileNetV3Block[], lastChannel: number, options: MobileNetV3Options = {}) {
    super();
    const { numClasses = 1000, dropout = 0.2 } = optionsOf(options, 'MobileNetV3', ['numClasses', 'dropout']);
    const [first, last] = [arrayOf(blocks, 'MobileNetV3', 'blocks')[0], blocks.at(-1)];
    if (first === undefined || last === undefined)
      throw new RangeError(`MobileNetV3: needs at least 1 block, got ${blocks.length}`);
    const width = 6 * last.outChannels;
    this.features = new nn.Sequential(
      new Conv2dNormActivation(3, first.inputChannels, { stride: 2, normLayer, activationLayer: hardswish }),
      ...blocks.map((block) => new InvertedResidual(block)),
      new Conv2dNormActivation(last.outChannels, width, { kernelSize: 1, normLayer, activationLayer: hardswish }),
    );
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    this.classifier = new nn.Sequential(
      new nn.Linear(width, lastChannel),
      new nn.Hardswish({ inplace: true }),
      new nn.Dropout(dropout, { inplace: true }),
      new nn.Linear(lastChannel, numClasses),
    );
    initialise(this, (layer) => nn.init.normal_(layer.weight, 0, 0.01));
  }

  forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

type Row = [
  input: number,
  kernel: number,
  expanded: number,
  output: number,
  squeezes: 0 | 1,
  'RE' | 'HS',
  stride: number,
];

const large: readonly Row[] = [
  [16, 3, 16, 16, 0, 'RE', 1],
  [16, 3, 64, 24, 0, 'RE', 2],
  [24, 3, 72, 24, 0, 'RE', 1],
  [24, 5, 72, 40, 1, 'RE', 2],
  [40, 5, 120, 40, 1, 'RE', 1],
  [40, 5, 120, 40, 1, 'RE', 1],
  [40, 3, 240, 80, 0, 'HS', 2],
  [80, 3, 200, 80, 0, 'HS', 1],
  [80, 3, 184, 80, 0, 'HS', 1],
  [80, 3, 184, 80, 0, 'HS', 1],
  [80, 3, 480, 112, 1, 'HS', 1],
  [112, 3, 672, 112, 1, 'HS', 1],
  [112, 5, 672, 160, 1, 'HS', 2],
  [160, 5, 960, 160, 1, 'HS', 1],
  [160, 5, 960, 160, 1, 'HS', 1],
];
const small: readonly Row[] = [
  [16, 3, 16, 16, 1, 'RE', 2],
  [16, 3, 72, 24, 0, 'RE', 2],
  [24, 3, 88, 24, 0, 'RE', 1],
  [24, 5, 96, 40, 1, 'HS', 2],
  [40, 5, 240, 40, 1, 'HS', 1],
  [40, 5, 240, 40, 1, 'HS', 1],
  [40, 5, 120, 48, 1, 'HS', 1],
  [48, 5, 144, 48, 1, 'HS', 1],
  [48, 5, 288, 96, 1, 'HS', 2],
  [96, 5, 576, 96, 1, 'HS', 1],
  [96, 5, 576, 96, 1, 'HS', 1],
];

function variant(name: string, rows: readonly Row[], lastChannel: number, options: MobileNetV3VariantOptions = {}) {
  const names = ['widthMult', 'reducedTail', 'dilated', 'numClasses', 'dropout'] as const;
  const { widthMult = 1, reducedTail, dilated, ...own } = optionsOf(options, name, names);
  positive(widthMult, name, 'widthMult');
  const part = flag(reducedTail, name, 'reducedTail') ? 2 : 1;
  const tailDilation = flag(dilated, name, 'dilated') ? 2 : 1;
  const tail = rows.length - 3;
  const blocks = rows.map(([input, kernel, expanded, output, squeezes, activation, stride], i): MobileNetV3Block => {
    // The block at the tail's beginning reads and widens what the stage before it made.
    const adjust = (channels: number, halves: boolean) =>
      makeDivisible((halves ? channels / part : channels) * widthMult);
    return {
      inputChannels: adjust(input, i > tail),
      kernel,
      expandedChannels: adjust(expanded, i > tail),
      outChannels: adjust(output, i >= tail),
      squeezes: squeezes === 1,
      activation,
      stride,
      dilation: i >= tail ? tailDilation : 1,
    };
  });
  return new MobileNetV3(blocks, makeDivisible((lastChannel / part) * widthMult), own);
}

/** MobileNet v3, the large one. (`torchvision.models.mobilenet_v3_large`) */
export const mobilenetV3Large = builder(
  'mobilenet_v3_large',
  MobileNetV3LargeWeights,
  (options?: MobileNetV3VariantOptions) => variant('mobilenetV3Large', large, 1280, options),
);
/** MobileNet v3, the small one. (`torchvision.models.mobilenet_v3_small`) */
export const mobilenetV3Small = builder(
  'mobilenet_v3_small',
  MobileNetV3SmallWeights,
  (options?: MobileNetV3VariantOptions) => variant('mobilenetV3Small', small, 1024, options),
);
