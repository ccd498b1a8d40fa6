// DenseNets: each layer reads what all before it in its block wrote. (Huang et al. 2016, https://arxiv.org/abs/1608.06993)
import { numberOf, optionsOf } from '../../functional/check.js';
import { cat } from '../../functional/join.js';
import { adaptiveAvgPool2d, dropout } from '../../functional/layers.js';
import * as nn from '../../nn/index.js';
import { convNormRelu } from '../../nn/layers/fused.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { builder } from './builder.js';
import { renameKeys } from './common.js';
import { DenseNet121Weights, DenseNet161Weights, DenseNet169Weights, DenseNet201Weights } from './weights/densenet.js';

/** Options of a DenseNet. */
export interface DenseNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** The channels between the two convolutions of a layer, as a multiple of those it adds; default 4. */
  bnSize?: number;
  /** The probability with which layers drop elements of what they add in training; default 0. */
  dropRate?: number;
}

/** The sizes of a DenseNet. */
export interface DenseNetShape {
  /** The channels that each layer adds; default 32. */
  growthRate?: number;
  /** The layers of each block; default [6, 12, 24, 16]. */
  blockConfig?: readonly number[];
  /** The channels of the first convolution; default 64. */
  numInitFeatures?: number;
}

/** @internal A 1x1 and a 3x3 convolution of all that came before. */
export class DenseLayer extends nn.Module<[inputs: readonly Tensor[]]> {
  norm1: nn.BatchNorm2d;
  relu1: nn.ReLU = new nn.ReLU({ inplace: true });
  conv1: nn.Conv2d;
  norm2: nn.BatchNorm2d;
  relu2: nn.ReLU = new nn.ReLU({ inplace: true });
  conv2: nn.Conv2d;

  constructor(
    input: number,
    growthRate: number,
    bnSize: number,
    readonly dropRate: number,
  ) {
    super();
    this.norm1 = new nn.BatchNorm2d(input);
    this.conv1 = new nn.Conv2d(input, bnSize * growthRate, 1, { bias: false });
    this.norm2 = new nn.BatchNorm2d(bnSize * growthRate);
    this.conv2 = new nn.Conv2d(bnSize * growthRate, growthRate, 3, { padding: 1, bias: false });
  }

  override get typeName(): string {
    return '_DenseLayer';
  }

  forward(inputs: readonly Tensor[]): Tensor {
    const all = this.relu1(this.norm1(cat(inputs, 1)));
    const y = this.conv2(convNormRelu(all, this.conv1, this.norm2, this.relu2));
    return this.dropRate > 0 ? dropout(y, this.dropRate, { training: this.training }) : y;
  }
}

/** @internal Layers, each over the results of all before it. */
export class DenseBlock extends nn.Module {
  constructor(layers: number, input: number, growthRate: number, bnSize: number, dropRate: number) {
    super();
    for (let i = 0; i < layers; i++)
      this.addModule(`denselayer${i + 1}`, new DenseLayer(input + i * growthRate, growthRate, bnSize, dropRate));
  }

  override get typeName(): string {
    return '_DenseBlock';
  }

  forward(x: Tensor): Tensor {
    const features = [x];
    for (const layer of this.children()) features.push(layer(features) as Tensor);
    return cat(features, 1);
  }
}

/** @internal Half as many channels and half the sides. */
export class Transition extends nn.Sequential {
  constructor(input: number, output: number) {
    super({
      norm: new nn.BatchNorm2d(input),
      relu: new nn.ReLU({ inplace: true }),
      conv: new nn.Conv2d(input, output, 1, { bias: false }),
      pool: new nn.AvgPool2d(2, { stride: 2 }),
    });
  }

  override get typeName(): string {
    return '_Transition';
  }
}

/**
 * Blocks of densely connected layers, pooled and classified: [n, 3, h, w] with sides of at least 29 to [n, classes].
 * (`torchvision.models.DenseNet`, without `memory_efficient`)
 * @throws RangeError for sizes that are no positive integers and a `dropRate` outside [0, 1].
 * @example
 * import { nn, ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * const densenet = nn.utils.skipInit(() => models.densenet121());
 * densenet.classifier = new nn.Linear(1024, 10);
 * densenet.eval()(ones([1, 3, 32, 32])).shape; // [1, 10]
 */
export class DenseNet extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Module;

  constructor(shape: DenseNetShape = {}, options: DenseNetOptions = {}) {
    super();
    const { growthRate = 32, blockConfig = [6, 12, 24, 16], numInitFeatures = 64 } = optionsOf(shape, 'DenseNet');
    const {
      numClasses = 1000,
      bnSize = 4,
      dropRate = 0,
    } = optionsOf(options, 'DenseNet', ['numClasses', 'bnSize', 'dropRate']);
    checkSizes('DenseNet', { growthRate, blockConfig, numInitFeatures, numClasses, bnSize });
    if (!(numberOf(dropRate, 'DenseNet', 'dropRate') >= 0 && dropRate <= 1))
      throw new RangeError(`DenseNet: dropRate must be between 0 and 1, got ${dropRate}`);
    const features = new nn.Sequential({
      conv0: new nn.Conv2d(3, numInitFeatures, 7, { stride: 2, padding: 3, bias: false }),
      norm0: new nn.BatchNorm2d(numInitFeatures),
      relu0: new nn.ReLU({ inplace: true }),
      pool0: new nn.MaxPool2d(3, { stride: 2, padding: 1 }),
    });
    let channels = numInitFeatures;
    for (const [i, layers] of blockConfig.entries()) {
      if (i > 0) {
        const half = Math.floor(channels / 2);
        features.addModule(`transition${i}`, new Transition(channels, half));
        channels = half;
      }
      features.addModule(`denseblock${i + 1}`, new DenseBlock(layers, channels, growthRate, bnSize, dropRate));
      channels += layers * growthRate;
    }
    features.addModule('norm5', new nn.BatchNorm2d(channels));
    this.features = features;
    this.classifier = new nn.Linear(channels, numClasses);
    for (const module of this.modules())
      if (module instanceof nn.Conv2d) nn.init.kaimingNormal_(module.weight);
      else if (module instanceof nn.Linear) nn.init.zeros_(module.bias!);
  }

  /**
   * Copies tensors into the parameters of the same keys, also those of torchvision's published weights, which have `norm.1` for norm1.
   * @throws CressetError that lists missing and unexpected keys (unless `strict: false`) and sizes that do not fit.
   */
  override loadStateDict(
    state: nn.StateDict | ReadonlyMap<string, Tensor>,
    options: { strict?: boolean } = {},
  ): nn.LoadResult {
    const rename = (key: string) => key.replace(/(denselayer\d+\.(?:norm|relu|conv))\.([12]\.)/, '$1$2');
    return super.loadStateDict(renameKeys(state, rename), options);
  }

  forward(x: Tensor): Tensor {
    return this.classifier(adaptiveAvgPool2d(this.features(x).relu(), 1).flatten(1));
  }
}

function densenet(growthRate: number, blockConfig: number[], numInitFeatures: number, options?: DenseNetOptions) {
  return new DenseNet({ growthRate, blockConfig, numInitFeatures }, options);
}

/** DenseNet with 121 layers. (`torchvision.models.densenet121`) */
export const densenet121 = builder('densenet121', DenseNet121Weights, (options?: DenseNetOptions) =>
  densenet(32, [6, 12, 24, 16], 64, options),
);
/** DenseNet with 161 layers of more channels. (`torchvision.models.densenet161`) */
export const densenet161 = builder('densenet161', DenseNet161Weights, (options?: DenseNetOptions) =>
  densenet(48, [6, 12, 36, 24], 96, options),
);
/** DenseNet with 169 layers. (`torchvision.models.densenet169`) */
export const densenet169 = builder('densenet169', DenseNet169Weights, (options?: DenseNetOptions) =>
  densenet(32, [6, 12, 32, 32], 64, options),
);
/** DenseNet with 201 layers. (`torchvision.models.densenet201`) */
export const densenet201 = builder('densenet201', DenseNet201Weights, (options?: DenseNetOptions) =>
  densenet(32, [6, 12, 48, 32], 64, options),
);
