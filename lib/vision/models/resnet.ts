// Residual networks. (He et al. 2015, https://arxiv.org/abs/1512.03385)
import { optionsOf } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import { convNormRelu } from '../../nn/layers/fused.js';
import type { Tensor } from '../../tensor.js';

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
}

const conv3x3 = (input: number, output: number, stride = 1, groups = 1) =>
  new nn.Conv2d(input, output, 3, { stride, padding: 1, groups, bias: false });
const conv1x1 = (input: number, output: number, stride = 1) => new nn.Conv2d(input, output, 1, { stride, bias: false });

interface BlockOptions {
  stride: number;
  /** Brings the input to the shape of the block's result. */
  downsample: nn.Sequential | null;
  groups: number;
  widthPerGroup: number;
}

/** Two 3x3 convolutions beside the identity. (torchvision's `BasicBlock`) */
export class BasicBlock extends nn.Module {
  static readonly expansion = 1;
  conv1: nn.Conv2d;
  bn1: nn.BatchNorm2d;
  relu: nn.ReLU = new nn.ReLU({ inplace: true });
  conv2: nn.Conv2d;
  bn2: nn.BatchNorm2d;
  downsample: nn.Sequential | null;

  constructor(input: number, planes: number, { stride, downsample, groups, widthPerGroup }: BlockOptions) {
    super();
    if (groups !== 1 || widthPerGroup !== 64)
      throw new RangeError(`BasicBlock: needs groups 1 and widthPerGroup 64, got ${groups} and ${widthPerGroup}`);
    this.conv1 = conv3x3(input, planes, stride);
    this.bn1 = new nn.BatchNorm2d(planes);
    this.conv2 = conv3x3(planes, planes);
    this.bn2 = new nn.BatchNorm2d(planes);
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
  bn1: nn.BatchNorm2d;
  conv2: nn.Conv2d;
  bn2: nn.BatchNorm2d;
  conv3: nn.Conv2d;
  bn3: nn.BatchNorm2d;
  relu: nn.ReLU = new nn.ReLU({ inplace: true });
  downsample: nn.Sequential | null;

  constructor(input: number, planes: number, { stride, downsample, groups, widthPerGroup }: BlockOptions) {
    super();
    const width = Math.floor((planes * widthPerGroup) / 64) * groups;
    const output = planes * Bottleneck.expansion;
    this.conv1 = conv1x1(input, width);
    this.bn1 = new nn.BatchNorm2d(width);
    this.conv2 = conv3x3(width, width, stride, groups);
    this.bn2 = new nn.BatchNorm2d(width);
    this.conv3 = conv1x1(width, output);
    this.bn3 = new nn.BatchNorm2d(output);
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
 * @throws RangeError for groups in a network of basic blocks.
 * @example
 * import { ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * models.resnet18({ numClasses: 10 }).eval()(ones([1, 3, 32, 32])).shape; // [1, 10]
 */
export class ResNet extends nn.Module {
  conv1: nn.Conv2d = new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false });
  bn1: nn.BatchNorm2d = new nn.BatchNorm2d(64);
  relu: nn.ReLU = new nn.ReLU({ inplace: true });
  maxpool: nn.MaxPool2d = new nn.MaxPool2d(3, { stride: 2, padding: 1 });
  layer1: nn.Sequential;
  layer2: nn.Sequential;
  layer3: nn.Sequential;
  layer4: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  fc: nn.Linear;

  /** `layers`: the number of blocks in each of the four stages. */
  constructor(block: Block, layers: readonly [number, number, number, number], options: ResNetOptions = {}) {
    super();
    const {
      numClasses = 1000,
      zeroInitResidual = false,
      groups = 1,
      widthPerGroup = 64,
    } = optionsOf(options, 'ResNet');
    let channels = 64;
    const stage = (planes: number, blocks: number, firstStride: number) => {
      const output = planes * block.expansion;
      const made = Array.from({ length: blocks }, (_, i) => {
        const stride = i === 0 ? firstStride : 1;
        const downsample =
          stride === 1 && channels === output
            ? null
            : new nn.Sequential(conv1x1(channels, output, stride), new nn.BatchNorm2d(output));
        const next = new block(channels, planes, { stride, downsample, groups, widthPerGroup });
        channels = output;
        return next;
      });
      return new nn.Sequential(...made);
    };
    this.layer1 = stage(64, layers[0], 1);
    this.layer2 = stage(128, layers[1], 2);
    this.layer3 = stage(256, layers[2], 2);
    this.layer4 = stage(512, layers[3], 2);
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(channels, numClasses);
    for (const module of this.modules())
      if (module instanceof nn.Conv2d) nn.init.kaimingNormal_(module.weight, { mode: 'fan_out', nonlinearity: 'relu' });
    if (zeroInitResidual)
      for (const module of this.modules()) {
        const last = module instanceof Bottleneck ? module.bn3 : module instanceof BasicBlock ? module.bn2 : null;
        if (last !== null) nn.init.zeros_(last.weight!);
      }
  }

  forward(x: Tensor): Tensor {
    const stem = this.maxpool(convNormRelu(x, this.conv1, this.bn1, this.relu));
    const features = this.layer4(this.layer3(this.layer2(this.layer1(stem))));
    return this.fc(this.avgpool(features).flatten(1));
  }
}

/** ResNet with 18 layers. (`torchvision.models.resnet18`) */
export const resnet18 = (options?: ResNetOptions): ResNet => new ResNet(BasicBlock, [2, 2, 2, 2], options);
/** ResNet with 34 layers. (`torchvision.models.resnet34`) */
export const resnet34 = (options?: ResNetOptions): ResNet => new ResNet(BasicBlock, [3, 4, 6, 3], options);
/** ResNet with 50 layers. (`torchvision.models.resnet50`) */
export const resnet50 = (options?: ResNetOptions): ResNet => new ResNet(Bottleneck, [3, 4, 6, 3], options);
/** ResNet with 101 layers. (`torchvision.models.resnet101`) */
export const resnet101 = (options?: ResNetOptions): ResNet => new ResNet(Bottleneck, [3, 4, 23, 3], options);
/** ResNet with 152 layers. (`torchvision.models.resnet152`) */
export const resnet152 = (options?: ResNetOptions): ResNet => new ResNet(Bottleneck, [3, 8, 36, 3], options);
