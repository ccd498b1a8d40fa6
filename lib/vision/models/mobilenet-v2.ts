// MobileNet v2: inverted residuals around depthwise convolutions. (Sandler et al. 2018, https://arxiv.org/abs/1801.04381)
import { optionsOf } from '../../functional/check.js';
import { adaptiveAvgPool2d } from '../../functional/layers.js';
import * as nn from '../../nn/index.js';
import type { Tensor } from '../../tensor.js';
import { Conv2dNormActivation } from '../ops/index.js';
import { builder } from './builder.js';
import { initialise, makeDivisible, positive } from './common.js';
import { MobileNetV2Weights } from './weights/mobilenet.js';

/** Options of `mobilenetV2`. */
export interface MobileNetV2Options {
  /** Default 1000. */
  numClasses?: number;
  /** The factor of all numbers of channels, which stay multiples of 8; default 1. */
  widthMult?: number;
  /** The probability with which the classifier drops elements in training; default 0.2. */
  dropout?: number;
}

const activationLayer = (options: nn.InplaceOptions) => new nn.ReLU6(options);

/** @internal Widens by a 1x1 convolution, filters channel by channel and narrows again, beside the identity where the shape stays. */
export class InvertedResidual extends nn.Module {
  readonly residual: boolean;
  conv: nn.Sequential;

  constructor(input: number, output: number, stride: number, expandRatio: number) {
    super();
    this.residual = stride === 1 && input === output;
    const hidden = Math.round(input * expandRatio);
    const layers: nn.AnyModule[] = [];
    if (expandRatio !== 1) layers.push(new Conv2dNormActivation(input, hidden, { kernelSize: 1, activationLayer }));
    layers.push(
      new Conv2dNormActivation(hidden, hidden, { stride, groups: hidden, activationLayer }),
      new nn.Conv2d(hidden, output, 1, { bias: false }),
      new nn.BatchNorm2d(output),
    );
    this.conv = new nn.Sequential(...layers);
  }

  forward(x: Tensor): Tensor {
    const y = this.conv(x);
    return this.residual ? y.add_(x) : y;
  }
}

// The factor of each stage's hidden channels, its channels, blocks and first stride.
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/**
 * Inverted residuals, pooled and classified: [n, 3, h, w] to [n, classes]. (`torchvision.models.MobileNetV2`)
 * @throws RangeError for a widthMult that is not positive, and for classes and a dropout out of range.
 * @example
 * import { ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * new models.MobileNetV2({ numClasses: 10, widthMult: 0.25 }).eval()(ones([1, 3, 32, 32])).shape; // [1, 10]
 */
export class MobileNetV2 extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Sequential;

  constructor(options: MobileNetV2Options = {}) {
    super();
    const {
      numClasses = 1000,
      widthMult = 1,
      dropout = 0.2,
    } = optionsOf(options, 'MobileNetV2', ['numClasses', 'widthMult', 'dropout']);
    positive(widthMult, 'MobileNetV2', 'widthMult');
    let channels = makeDivisible(32 * widthMult);
    const last = makeDivisible(1280 * Math.max(1, widthMult));
    const features: nn.AnyModule[] = [new Conv2dNormActivation(3, channels, { stride: 2, activationLayer })];
    for (const [expandRatio, width, blocks, firstStride] of stages)
      for (let i = 0; i < blocks; i++) {
        const output = makeDivisible(width * widthMult);
        features.push(new InvertedResidual(channels, output, i === 0 ? firstStride : 1, expandRatio));
        channels = output;
      }
    features.push(new Conv2dNormActivation(channels, last, { kernelSize: 1, activationLayer }));
    this.features = new nn.Sequential(...features);
    this.classifier = new nn.Sequential(new nn.Dropout(dropout), new nn.Linear(last, numClasses));
    initialise(this, (layer) => nn.init.normal_(layer.weight, 0, 0.01));
  }

  forward(x: Tensor): Tensor {
    return this.classifier(adaptiveAvgPool2d(this.features(x), 1).flatten(1));
  }
}

/** MobileNet v2. (`torchvision.models.mobilenet_v2`) */
export const mobilenetV2 = builder(
  'mobilenet_v2',
  MobileNetV2Weights,
  (options?: MobileNetV2Options) => new MobileNetV2(options),
);
