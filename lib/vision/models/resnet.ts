// Residual networks (He et al. 2015, https://arxiv.org/abs/1512.03385), also with groups (Xie et al. 2016,
// https://arxiv.org/abs/1611.05431) and with more channels (Zagoruyko and Komodakis 2016, https://arxiv.org/abs/1605.07146).
import { describe, optionsOf } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import { convNormRelu } from '../../nn/layers/fused.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { builder } from './builder.js';
import {
  ResNet18Weights,
  ResNet34Weights,
  ResNet50Weights,
  ResNet101Weights,
  ResNet152Weights,
  ResNeXt50_32X4DWeights,
  ResNeXt101_32X8DWeights,
  ResNeXt101_64X4DWeights,
  WideResNet50_2Weights,
  WideResNet101_2Weights,
} from './weights/resnet.js';

/** Options of a ResNet. */
export interface ResNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Begin with blocks that pass on their input unchanged; default false. */
  zeroInitResidual?: boolean;
  /** Groups of the 3x3 convolutions in bottlenecks; default 1. */
  groups?: number;
  /** Channels of a group per 64 of the block's; default 64. */
  widthPerGroup?: number;
  /** For each of the last three stages, whether it keeps its input's size and dilates its kernels instead; default none. */
  replaceStrideWithDilation?: readonly [boolean, boolean, boolean];
  /** Makes the normalisation of so many channels; default BatchNorm2d. */
  normLayer?: (channels: number) => nn.Module;
}

const conv3x3 = (input: number, output: number, stride = 1, groups = 1, dilation = 1) =>
  new nn.Conv2d(input, output, 3, { stride, padding: dilation, groups, bias: false, dilation });
const conv1x1 = (input: number, output: number, stride = 1) => new nn.Conv2d(input, output, 1, { stride, bias: false });

interface BlockOptions {
  stride: number;
  /** Brings the input to the shape of the block's result. */
  downsample: nn.Module | null;
  groups: number;
  widthPerGroup: number;
  dilation: number;
  normLayer: (channels: number) => nn.Module;
}

/** Two 3x3 convolutions beside the identity. (torchvision's `BasicBlock`) */
export class BasicBlock extends nn.Module {
  static readonly expansion = 1;
  conv1: nn.Conv2d;
  bn1: nn.Module;
  relu: nn.ReLU = new nn.ReLU({ inplace: true });
  conv2: nn.Conv2d;
  bn2: nn.Module;
  downsample: nn.Module | null;

  constructor(input: number, planes: number, options: BlockOptions) {
    super();
    const { stride, downsample, groups, widthPerGroup, dilation, normLayer } = options;
    if (groups !== 1 || widthPerGroup !== 64)
      throw new RangeError(`BasicBlock: needs groups 1 and widthPerGroup 64, got ${groups} and ${widthPerGroup}`);
    if (dilation !== 1) throw new RangeError(`BasicBlock: needs dilation 1, got ${dilation}`);
    this.conv1 = conv3x3(input, planes, stride);
    this.bn1 = normLayer(planes);
    this.conv2 = conv3x3(planes, planes);
    this.bn2 = normLayer(planes);
    this.downsample = downsample;
  }

  forward(x: Tensor): Tensor {
    const inner = convNormRelu(x, this.conv1, this.bn1, this.relu);
    const y = convNormRelu(inner, this.conv2, this.bn2, null);
    return this.relu(y.add_(this.downsample?.(x) ?? x));
  }
}

/** A 3x3 convolution between two 1x1 ones, beside the identity. (torchvision's `Bottleneck`) */
export class Bottleneck extends nn.Module {
  static readonly expansion = 4;
  conv1: nn.Conv2d;
  bn1: nn.Module;
  conv2: nn.Conv2d;
  bn2: nn.Module;
  conv3: nn.Conv2d;
  bn3: nn.Module;
  relu: nn.ReLU = new nn.ReLU({ inplace: true });
  downsample: nn.Module | null;

  constructor(input: number, planes: number, options: BlockOptions) {
    super();
    const { stride, downsample, groups, widthPerGroup, dilation, normLayer } = options;
    const width = Math.floor((planes * widthPerGroup) / 64) * groups;
    const output = planes * Bottleneck.expansion;
    this.conv1 = conv1x1(input, width);
    this.bn1 = normLayer(width);
    this.conv2 = conv3x3(width, width, stride, groups, dilation);
    this.bn2 = normLayer(width);
    this.conv3 = conv1x1(width, output);
    this.bn3 = normLayer(output);
    this.downsample = downsample;
  }

  forward(x: Tensor): Tensor {
    const narrow = convNormRelu(x, this.conv1, this.bn1, this.relu);
    const inner = convNormRelu(narrow, this.conv2, this.bn2, this.relu);
    const y = convNormRelu(inner, this.conv3, this.bn3, null);
    return this.relu(y.add_(this.downsample?.(x) ?? x));
  }
}

type Block = typeof BasicBlock | typeof Bottleneck;

/**
 * Four stages of residual blocks, pooled and classified: [n, 3, h, w] to [n, classes]. (`torchvision.models.ResNet`)
 * @throws RangeError for groups, widths and dilations in a network of basic blocks, sizes that are no positive integers, and other than
 * three values of `replaceStrideWithDilation`.
 * @example
 * import { ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * models.resnet18({ numClasses: 10 }).eval()(ones([1, 3, 32, 32])).shape; // [1, 10]
 */
export class ResNet extends nn.Module {
  conv1: nn.Conv2d = new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false });
  bn1: nn.Module;
  relu: nn.ReLU = new nn.ReLU({ inplace: true });
  maxpool: nn.Module = new nn.MaxPool2d(3, { stride: 2, padding: 1 });
  layer1: nn.Sequential;
  layer2: nn.Sequential;
  layer3: nn.Sequential;
  layer4: nn.Sequential;
  avgpool: nn.Module;
  fc: nn.Module;

  /** `layers`: the number of blocks in each of the four stages. */
  constructor(block: Block, layers: readonly [number, number, number, number], options: ResNetOptions = {}) {
    super();
    const {
      numClasses = 1000,
      zeroInitResidual = false,
      groups = 1,
      widthPerGroup = 64,
      replaceStrideWithDilation: dilates = [false, false, false],
      normLayer = (count: number) => new nn.BatchNorm2d(count),
    } = optionsOf(options, 'ResNet', [
      'numClasses',
      'zeroInitResidual',
      'groups',
      'widthPerGroup',
      'replaceStrideWithDilation',
      'normLayer',
    ]);
    checkSizes('ResNet', { layers, numClasses, groups, widthPerGroup });
    if (!Array.isArray(dilates) || dilates.length !== 3)
      throw new RangeError(`ResNet: replaceStrideWithDilation must be 3 values, got ${describe(dilates)}`);
    if (typeof normLayer !== 'function')
      throw new TypeError(`ResNet: normLayer must be a function that makes a Module, got ${describe(normLayer)}`);
    let [channels, dilation] = [64, 1];
    const stage = (planes: number, blocks: number, dilates: boolean | null) => {
      const output = planes * block.expansion;
      const [before, firstStride] = [dilation, dilates === false ? 2 : 1];
      if (dilates === true) dilation *= 2;
      const made = Array.from({ length: blocks }, (_, i) => {
        const stride = i === 0 ? firstStride : 1;
        const downsample =
          stride === 1 && channels === output
            ? null
            : new nn.Sequential(conv1x1(channels, output, stride), normLayer(output));
        const next = new block(channels, planes, {
          stride,
          downsample,
          groups,
          widthPerGroup,
          dilation: i === 0 ? before : dilation,
          normLayer,
        });
        channels = output;
        return next;
      });
      return new nn.Sequential(...made);
    };
    this.bn1 = normLayer(64);
    this.layer1 = stage(64, layers[0], null);
    this.layer2 = stage(128, layers[1], dilates[0]);
    this.layer3 = stage(256, layers[2], dilates[1]);
    this.layer4 = stage(512, layers[3], dilates[2]);
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(channels, numClasses);
    for (const module of this.modules())
      if (module instanceof nn.Conv2d) nn.init.kaimingNormal_(module.weight, { mode: 'fan_out', nonlinearity: 'relu' });
    if (zeroInitResidual)
      for (const module of this.modules()) {
        const last = module instanceof Bottleneck ? module.bn3 : module instanceof BasicBlock ? module.bn2 : null;
        if (last !== null && 'weight' in last && last.weight instanceof nn.Parameter) nn.init.zeros_(last.weight);
      }
  }

  forward(x: Tensor): Tensor {
    const stem = this.maxpool(convNormRelu(x, this.conv1, this.bn1, this.relu));
    const features = this.layer4(this.layer3(this.layer2(this.layer1(stem))));
    return this.fc(this.avgpool(features).flatten(1));
  }
}

/** ResNet with 18 layers. (`torchvision.models.resnet18`) */
export const resnet18 = builder(
  'resnet18',
  ResNet18Weights,
  (options?: ResNetOptions) => new ResNet(BasicBlock, [2, 2, 2, 2], options),
);
/** ResNet with 34 layers. (`torchvision.models.resnet34`) */
export const resnet34 = builder(
  'resnet34',
  ResNet34Weights,
  (options?: ResNetOptions) => new ResNet(BasicBlock, [3, 4, 6, 3], options),
);
/** ResNet with 50 layers. (`torchvision.models.resnet50`) */
export const resnet50 = builder(
  'resnet50',
  ResNet50Weights,
  (options?: ResNetOptions) => new ResNet(Bottleneck, [3, 4, 6, 3], options),
);
/** ResNet with 101 layers. (`torchvision.models.resnet101`) */
export const resnet101 = builder(
  'resnet101',
  ResNet101Weights,
  (options?: ResNetOptions) => new ResNet(Bottleneck, [3, 4, 23, 3], options),
);
/** ResNet with 152 layers. (`torchvision.models.resnet152`) */
export const resnet152 = builder(
  'resnet152',
  ResNet152Weights,
  (options?: ResNetOptions) => new ResNet(Bottleneck, [3, 8, 36, 3], options),
);

type Fixed = 'groups' | 'widthPerGroup';

// A ResNet of 50 or 101 layers whose groups and widths are what its name says.
function fixed(op: string, stage3: number, values: Pick<ResNetOptions, Fixed>, options: ResNetOptions = {}): ResNet {
  for (const name of ['groups', 'widthPerGroup'] as const) {
    const given = optionsOf(options, op)[name];
    if (given !== undefined && values[name] !== undefined && given !== values[name])
      throw new RangeError(`${op}: ${name} must be ${values[name]}, got ${given}`);
  }
  return new ResNet(Bottleneck, [3, 4, stage3, 3], { ...options, ...values });
}

/** ResNeXt with 50 layers, 32 groups of 4 channels. (`torchvision.models.resnext50_32x4d`) */
export const resnext50_32x4d = builder(
  'resnext50_32x4d',
  ResNeXt50_32X4DWeights,
  (options?: Omit<ResNetOptions, Fixed>) => fixed('resnext50_32x4d', 6, { groups: 32, widthPerGroup: 4 }, options),
);
/** ResNeXt with 101 layers, 32 groups of 8 channels. (`torchvision.models.resnext101_32x8d`) */
export const resnext101_32x8d = builder(
  'resnext101_32x8d',
  ResNeXt101_32X8DWeights,
  (options?: Omit<ResNetOptions, Fixed>) => fixed('resnext101_32x8d', 23, { groups: 32, widthPerGroup: 8 }, options),
);
/** ResNeXt with 101 layers, 64 groups of 4 channels. (`torchvision.models.resnext101_64x4d`) */
export const resnext101_64x4d = builder(
  'resnext101_64x4d',
  ResNeXt101_64X4DWeights,
  (options?: Omit<ResNetOptions, Fixed>) => fixed('resnext101_64x4d', 23, { groups: 64, widthPerGroup: 4 }, options),
);
/** ResNet with 50 layers, twice as wide inside the bottlenecks. (`torchvision.models.wide_resnet50_2`) */
export const wideResnet50_2 = builder(
  'wide_resnet50_2',
  WideResNet50_2Weights,
  (options?: Omit<ResNetOptions, 'widthPerGroup'>) => fixed('wideResnet50_2', 6, { widthPerGroup: 128 }, options),
);
/** ResNet with 101 layers, twice as wide inside the bottlenecks. (`torchvision.models.wide_resnet101_2`) */
export const wideResnet101_2 = builder(
  'wide_resnet101_2',
  WideResNet101_2Weights,
  (options?: Omit<ResNetOptions, 'widthPerGroup'>) => fixed('wideResnet101_2', 23, { widthPerGroup: 128 }, options),
);
