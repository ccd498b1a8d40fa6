// RegNet: four stages of bottlenecks whose widths grow by a simple rule. (Radosavovic et al. 2020, https://arxiv.org/abs/2003.13678)
import { optionsOf } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { Conv2dNormActivation, SqueezeExcitation } from '../ops/index.js';
import { builder } from './builder.js';
import { arrayOf, positive } from './common.js';
import {
  RegNetX1_6GFWeights,
  RegNetX3_2GFWeights,
  RegNetX8GFWeights,
  RegNetX16GFWeights,
  RegNetX32GFWeights,
  RegNetX400MFWeights,
  RegNetX800MFWeights,
  RegNetY1_6GFWeights,
  RegNetY3_2GFWeights,
  RegNetY8GFWeights,
  RegNetY16GFWeights,
  RegNetY32GFWeights,
  RegNetY128GFWeights,
  RegNetY400MFWeights,
  RegNetY800MFWeights,
} from './weights/regnet.js';

/** Options of a RegNet. */
export interface RegNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** The channels before the first stage; default 32. */
  stemWidth?: number;
}

/** What the stages of a RegNet are made of. */
export interface RegNetStages {
  /** The blocks of each stage. */
  depths: readonly number[];
  /** The channels of each stage, multiples of the group's unless below it. */
  widths: readonly number[];
  /** The channels of a group of the 3x3 convolutions. */
  groupWidth: number;
  /** The share of a block's input channels to which squeeze and excitation narrows; null for none. */
  seRatio: number | null;
}

/** @internal The first convolution. */
export class SimpleStemIN extends Conv2dNormActivation {}

/** @internal A 3x3 convolution in groups between two 1x1 ones. */
export class BottleneckTransform extends nn.Sequential {
  constructor(input: number, output: number, stride: number, groupWidth: number, seRatio: number | null) {
    const groups = Math.max(1, output / groupWidth);
    const layers: Record<string, nn.AnyModule> = {
      a: new Conv2dNormActivation(input, output, { kernelSize: 1 }),
      b: new Conv2dNormActivation(output, output, { stride, groups }),
    };
    if (seRatio !== null) layers.se = new SqueezeExcitation(output, Math.round(seRatio * input));
    layers.c = new Conv2dNormActivation(output, output, { kernelSize: 1, activationLayer: null });
    super(layers);
  }
}

/** @internal A bottleneck beside the identity. */
export class ResBottleneckBlock extends nn.Module {
  proj: Conv2dNormActivation | null;
  f: BottleneckTransform;
  activation: nn.ReLU;

  constructor(input: number, output: number, stride: number, groupWidth: number, seRatio: number | null) {
    super();
    this.proj =
      input === output && stride === 1
        ? null
        : new Conv2dNormActivation(input, output, { kernelSize: 1, stride, activationLayer: null });
    this.f = new BottleneckTransform(input, output, stride, groupWidth, seRatio);
    this.activation = new nn.ReLU({ inplace: true });
  }

  forward(x: Tensor): Tensor {
    const y = this.f(x);
    return this.activation(y.add_(this.proj?.(x) ?? x));
  }
}

/** @internal The blocks of one width. */
export class AnyStage extends nn.Sequential {}

/**
 * Stages of bottlenecks, each at half the size of the one before, pooled and classified: [n, 3, h, w] to [n, classes].
 * (`torchvision.models.RegNet`)
 * @throws RangeError for numbers of depths and widths that differ, and for sizes out of range.
 * @example
 * import { ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * const stages = { depths: [1, 2], widths: [8, 16], groupWidth: 8, seRatio: 0.25 };
 * new models.RegNet(stages, { numClasses: 10 }).eval()(ones([1, 3, 16, 16])).shape; // [1, 10]
 */
export class RegNet extends nn.Module {
  stem: SimpleStemIN;
  trunk_output: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  fc: nn.Module;

  constructor(stages: RegNetStages, options: RegNetOptions = {}) {
    super();
    const { numClasses = 1000, stemWidth = 32 } = optionsOf(options, 'RegNet', ['numClasses', 'stemWidth']);
    const { depths, widths, groupWidth, seRatio } = optionsOf(stages, 'RegNet');
    arrayOf(depths, 'RegNet', 'depths');
    arrayOf(widths, 'RegNet', 'widths');
    if (depths.length !== widths.length || depths.length === 0)
      throw new RangeError(
        `RegNet: needs a width for each depth, got ${depths.length} depths, ${widths.length} widths`,
      );
    checkSizes('RegNet', { depths, widths, groupWidth });
    for (const width of widths)
      if (width > groupWidth && width % groupWidth !== 0)
        throw new RangeError(`RegNet: the width ${width} must be divisible by groupWidth ${groupWidth}`);
    if (seRatio !== null) positive(seRatio, 'RegNet', 'seRatio');
    this.stem = new SimpleStemIN(3, stemWidth, { stride: 2 });
    this.trunk_output = new nn.Sequential();
    let channels = stemWidth;
    for (const [i, depth] of depths.entries()) {
      const width = widths[i]!;
      const stage = new AnyStage();
      for (let j = 0; j < depth; j++) {
        stage.addModule(
          `block${i + 1}-${j}`,
          new ResBottleneckBlock(channels, width, j === 0 ? 2 : 1, groupWidth, seRatio),
        );
        channels = width;
      }
      this.trunk_output.addModule(`block${i + 1}`, stage);
    }
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(channels, numClasses);
    for (const module of this.modules())
      if (module instanceof nn.Conv2d) {
        const [height, width] = module.kernelSize;
        nn.init.normal_(module.weight, 0, Math.sqrt(2 / (height * width * module.outChannels)));
      } else if (module instanceof nn.Linear) {
        nn.init.normal_(module.weight, 0, 0.01);
        nn.init.zeros_(module.bias!);
      }
  }

  forward(x: Tensor): Tensor {
    return this.fc(this.avgpool(this.trunk_output(this.stem(x))).flatten(1));
  }
}

type Make = (options?: RegNetOptions) => RegNet;

const x =
  (depths: readonly number[], widths: readonly number[], groupWidth: number): Make =>
  (options) =>
    new RegNet({ depths, widths, groupWidth, seRatio: null }, options);
const y =
  (depths: readonly number[], widths: readonly number[], groupWidth: number): Make =>
  (options) =>
    new RegNet({ depths, widths, groupWidth, seRatio: 0.25 }, options);

/** RegNet Y of 400 million multiplications, with squeeze and excitation. (`torchvision.models.regnet_y_400mf`) */
export const regnetY400mf = builder('regnet_y_400mf', RegNetY400MFWeights, y([1, 3, 6, 6], [48, 104, 208, 440], 8));
/** RegNet Y of 800 million multiplications. (`torchvision.models.regnet_y_800mf`) */
export const regnetY800mf = builder('regnet_y_800mf', RegNetY800MFWeights, y([1, 3, 8, 2], [64, 144, 320, 784], 16));
/** RegNet Y of 1.6 billion multiplications. (`torchvision.models.regnet_y_1_6gf`) */
export const regnetY1_6gf = builder('regnet_y_1_6gf', RegNetY1_6GFWeights, y([2, 6, 17, 2], [48, 120, 336, 888], 24));
/** RegNet Y of 3.2 billion multiplications. (`torchvision.models.regnet_y_3_2gf`) */
export const regnetY3_2gf = builder('regnet_y_3_2gf', RegNetY3_2GFWeights, y([2, 5, 13, 1], [72, 216, 576, 1512], 24));
/** RegNet Y of 8 billion multiplications. (`torchvision.models.regnet_y_8gf`) */
export const regnetY8gf = builder('regnet_y_8gf', RegNetY8GFWeights, y([2, 4, 10, 1], [224, 448, 896, 2016], 56));
/** RegNet Y of 16 billion multiplications. (`torchvision.models.regnet_y_16gf`) */
export const regnetY16gf = builder('regnet_y_16gf', RegNetY16GFWeights, y([2, 4, 11, 1], [224, 448, 1232, 3024], 112));
/** RegNet Y of 32 billion multiplications. (`torchvision.models.regnet_y_32gf`) */
export const regnetY32gf = builder('regnet_y_32gf', RegNetY32GFWeights, y([2, 5, 12, 1], [232, 696, 1392, 3712], 232));
/** RegNet Y of 128 billion multiplications. (`torchvision.models.regnet_y_128gf`) */
export const regnetY128gf = builder(
  'regnet_y_128gf',
  RegNetY128GFWeights,
  y([2, 7, 17, 1], [528, 1056, 2904, 7392], 264),
);
/** RegNet X of 400 million multiplications. (`torchvision.models.regnet_x_400mf`) */
export const regnetX400mf = builder('regnet_x_400mf', RegNetX400MFWeights, x([1, 2, 7, 12], [32, 64, 160, 400], 16));
/** RegNet X of 800 million multiplications. (`torchvision.models.regnet_x_800mf`) */
export const regnetX800mf = builder('regnet_x_800mf', RegNetX800MFWeights, x([1, 3, 7, 5], [64, 128, 288, 672], 16));
/** RegNet X of 1.6 billion multiplications. (`torchvision.models.regnet_x_1_6gf`) */
export const regnetX1_6gf = builder('regnet_x_1_6gf', RegNetX1_6GFWeights, x([2, 4, 10, 2], [72, 168, 408, 912], 24));
/** RegNet X of 3.2 billion multiplications. (`torchvision.models.regnet_x_3_2gf`) */
export const regnetX3_2gf = builder('regnet_x_3_2gf', RegNetX3_2GFWeights, x([2, 6, 15, 2], [96, 192, 432, 1008], 48));
/** RegNet X of 8 billion multiplications. (`torchvision.models.regnet_x_8gf`) */
export const regnetX8gf = builder('regnet_x_8gf', RegNetX8GFWeights, x([2, 5, 15, 1], [80, 240, 720, 1920], 120));
/** RegNet X of 16 billion multiplications. (`torchvision.models.regnet_x_16gf`) */
export const regnetX16gf = builder('regnet_x_16gf', RegNetX16GFWeights, x([2, 6, 13, 1], [256, 512, 896, 2048], 128));
/** RegNet X of 32 billion multiplications. (`torchvision.models.regnet_x_32gf`) */
export const regnetX32gf = builder('regnet_x_32gf', RegNetX32GFWeights, x([2, 7, 13, 1], [336, 672, 1344, 2520], 168));
