// ShuffleNet v2: half of the channels pass by each block, and then all are shuffled. (Ma et al. 2018, https://arxiv.org/abs/1807.11164)
import { describe, optionsOf } from '../../functional/check.js';
import { stack } from '../../functional/join.js';
import * as nn from '../../nn/index.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { builder } from './builder.js';
import {
  ShuffleNetV2X0_5Weights,
  ShuffleNetV2X1_0Weights,
  ShuffleNetV2X1_5Weights,
  ShuffleNetV2X2_0Weights,
} from './weights/shufflenetv2.js';

/** Options of a ShuffleNet. */
export interface ShuffleNetV2Options {
  /** Default 1000. */
  numClasses?: number;
}

const depthwise = (channels: number, stride: number) =>
  new nn.Conv2d(channels, channels, 3, { stride, padding: 1, groups: channels, bias: false });
const pointwise = (input: number, output: number) => new nn.Conv2d(input, output, 1, { bias: false });

// The channels of two pictures by turns, in one copy; in memory they lie last, as convolutions leave them.
const interleaved = (a: Tensor, b: Tensor) =>
  stack([a.permute(0, 2, 3, 1), b.permute(0, 2, 3, 1)], 4)
    .flatten(3)
    .permute(0, 3, 1, 2);

/** @internal Two branches whose channels are shuffled. */
export class InvertedResidual extends nn.Module {
  branch1: nn.Sequential;
  branch2: nn.Sequential;

  constructor(
    input: number,
    output: number,
    readonly stride: 1 | 2,
  ) {
    super();
    const half = output / 2;
    this.branch1 =
      stride === 1
        ? new nn.Sequential()
        : new nn.Sequential(
            depthwise(input, stride),
            new nn.BatchNorm2d(input),
            pointwise(input, half),
            new nn.BatchNorm2d(half),
            new nn.ReLU({ inplace: true }),
          );
    this.branch2 = new nn.Sequential(
      pointwise(stride === 1 ? half : input, half),
      new nn.BatchNorm2d(half),
      new nn.ReLU({ inplace: true }),
      depthwise(half, stride),
      new nn.BatchNorm2d(half),
      pointwise(half, half),
      new nn.BatchNorm2d(half),
      new nn.ReLU({ inplace: true }),
    );
  }

  forward(x: Tensor): Tensor {
    if (this.stride !== 1) return interleaved(this.branch1(x), this.branch2(x));
    const [passed, read] = x.chunk(2, 1);
    return interleaved(passed!, this.branch2(read!));
  }
}

/**
 * Three stages of blocks between two convolutions, pooled and classified: [n, 3, h, w] to [n, classes].
 * (`torchvision.models.ShuffleNetV2`)
 * @throws RangeError for other than 3 and 5 sizes, sizes that are no positive integers, and stages of odd channels.
 * @example
 * import { nn, ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * const shufflenet = models.shufflenetV2X0_5();
 * shufflenet.fc = new nn.Linear(1024, 10);
 * shufflenet.eval()(ones([1, 3, 32, 32])).shape; // [1, 10]
 */
export class ShuffleNetV2 extends nn.Module {
  conv1: nn.Sequential;
  maxpool: nn.Module;
  stage2: nn.Sequential;
  stage3: nn.Sequential;
  stage4: nn.Sequential;
  conv5: nn.Sequential;
  fc: nn.Module;

  /** `repeats`: the blocks of the three stages. `channels`: those of the first convolution, the stages and the last convolution. */
  constructor(repeats: readonly number[], channels: readonly number[], options: ShuffleNetV2Options = {}) {
    super();
    const { numClasses = 1000 } = optionsOf(options, 'ShuffleNetV2', ['numClasses']);
    for (const [name, sizes, count] of [['repeats', repeats, 3], ['channels', channels, 5]] as const) // biome-ignore format: rows
      if (!Array.isArray(sizes) || sizes.length !== count)
        throw new RangeError(`ShuffleNetV2: ${name} must be ${count} numbers, got ${describe(sizes)}`);
    checkSizes('ShuffleNetV2', { repeats, channels, numClasses });
    const [first, , , , last] = channels as [number, number, number, number, number];
    const odd = channels.slice(1, 4).find((count) => count % 2 === 1);
    if (odd !== undefined) throw new RangeError(`ShuffleNetV2: channels of stages must be even, got ${odd}`);
    const stage = (i: number) =>
      new nn.Sequential(
        ...Array.from({ length: repeats[i]! }, (_, j) =>
          j === 0
            ? new InvertedResidual(channels[i]!, channels[i + 1]!, 2)
            : new InvertedResidual(channels[i + 1]!, channels[i + 1]!, 1),
        ),
      );
    this.conv1 = new nn.Sequential(
      new nn.Conv2d(3, first, 3, { stride: 2, padding: 1, bias: false }),
      new nn.BatchNorm2d(first),
      new nn.ReLU({ inplace: true }),
    );
    this.maxpool = new nn.MaxPool2d(3, { stride: 2, padding: 1 });
    this.stage2 = stage(0);
    this.stage3 = stage(1);
    this.stage4 = stage(2);
    this.conv5 = new nn.Sequential(
      pointwise(channels[3]!, last),
      new nn.BatchNorm2d(last),
      new nn.ReLU({ inplace: true }),
    );
    this.fc = new nn.Linear(last, numClasses);
  }

  forward(x: Tensor): Tensor {
    const stem = this.maxpool(this.conv1(x));
    return this.fc(this.conv5(this.stage4(this.stage3(this.stage2(stem)))).mean([2, 3]));
  }
}

const repeats = [4, 8, 4];

/** ShuffleNet v2 with half the channels. (`torchvision.models.shufflenet_v2_x0_5`) */
export const shufflenetV2X0_5 = builder(
  'shufflenet_v2_x0_5',
  ShuffleNetV2X0_5Weights,
  (options?: ShuffleNetV2Options) => new ShuffleNetV2(repeats, [24, 48, 96, 192, 1024], options),
);
/** ShuffleNet v2. (`torchvision.models.shufflenet_v2_x1_0`) */
export const shufflenetV2X1_0 = builder(
  'shufflenet_v2_x1_0',
  ShuffleNetV2X1_0Weights,
  (options?: ShuffleNetV2Options) => new ShuffleNetV2(repeats, [24, 116, 232, 464, 1024], options),
);
/** ShuffleNet v2 with one and a half times the channels. (`torchvision.models.shufflenet_v2_x1_5`) */
export const shufflenetV2X1_5 = builder(
  'shufflenet_v2_x1_5',
  ShuffleNetV2X1_5Weights,
  (options?: ShuffleNetV2Options) => new ShuffleNetV2(repeats, [24, 176, 352, 704, 1024], options),
);
/** ShuffleNet v2 with twice the channels. (`torchvision.models.shufflenet_v2_x2_0`) */
export const shufflenetV2X2_0 = builder(
  'shufflenet_v2_x2_0',
  ShuffleNetV2X2_0Weights,
  (options?: ShuffleNetV2Options) => new ShuffleNetV2(repeats, [24, 244, 488, 976, 2048], options),
);
