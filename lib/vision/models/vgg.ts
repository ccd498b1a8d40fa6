// VGG networks: stacks of 3x3 convolutions. (Simonyan and Zisserman 2014, https://arxiv.org/abs/1409.1556)
import { optionsOf } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { builder } from './builder.js';
import {
  VGG11BNWeights,
  VGG11Weights,
  VGG13BNWeights,
  VGG13Weights,
  VGG16BNWeights,
  VGG16Weights,
  VGG19BNWeights,
  VGG19Weights,
} from './weights/vgg.js';

/** Options of a VGG network. */
export interface VGGOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Draw weights as torchvision does, instead of the layers' own initial values; default true. */
  initWeights?: boolean;
  /** The probability with which the classifier drops elements in training; default 0.5. */
  dropout?: number;
}

/**
 * Features, pooled to 7x7, and three linear layers. (`torchvision.models.VGG`)
 * @throws RangeError for a `numClasses` that is no positive integer and a `dropout` outside [0, 1].
 * @example
 * import { ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * const vgg = models.vgg11({ numClasses: 10, initWeights: false }).eval();
 * vgg(ones([1, 3, 32, 32])).shape; // [1, 10]
 */
export class VGG extends nn.Module {
  features: nn.Module;
  avgpool: nn.Module = new nn.AdaptiveAvgPool2d([7, 7]);
  classifier: nn.Sequential;

  /** `features`: [n, 3, h, w] to [n, 512, ...]. */
  constructor(features: nn.Module, options: VGGOptions = {}) {
    super();
    const {
      numClasses = 1000,
      initWeights = true,
      dropout = 0.5,
    } = optionsOf(options, 'VGG', ['numClasses', 'initWeights', 'dropout']);
    checkSizes('VGG', { numClasses });
    this.features = features;
    this.classifier = new nn.Sequential(
      new nn.Linear(512 * 7 * 7, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, numClasses),
    );
    if (initWeights) for (const module of this.modules()) initialise(module);
  }

  forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

function initialise(module: nn.AnyModule): void {
  if (module instanceof nn.Conv2d) {
    nn.init.kaimingNormal_(module.weight, { mode: 'fan_out', nonlinearity: 'relu' });
    if (module.bias !== null) nn.init.zeros_(module.bias);
  } else if (module instanceof nn.Linear) {
    nn.init.normal_(module.weight, 0, 0.01);
    nn.init.zeros_(module.bias!);
  }
}

// Convolutions of each stage; a 2x2 pooling ends it.
const widths = [64, 128, 256, 512, 512];
const depths = { 11: [1, 1, 2, 2, 2], 13: [2, 2, 2, 2, 2], 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] };

function vgg(layers: keyof typeof depths, batchNorm: boolean, options?: VGGOptions): VGG {
  const features: nn.AnyModule[] = [];
  let channels = 3;
  for (const [stage, depth] of depths[layers].entries()) {
    const width = widths[stage]!;
    for (let i = 0; i < depth; i++) {
      features.push(new nn.Conv2d(channels, width, 3, { padding: 1 }));
      if (batchNorm) features.push(new nn.BatchNorm2d(width));
      features.push(new nn.ReLU({ inplace: true }));
      channels = width;
    }
    features.push(new nn.MaxPool2d(2, { stride: 2 }));
  }
  return new VGG(new nn.Sequential(...features), options);
}

/** VGG with 11 layers. (`torchvision.models.vgg11`) */
export const vgg11 = builder('vgg11', VGG11Weights, (options?: VGGOptions) => vgg(11, false, options));
/** VGG with 11 layers and batch normalisation. (`torchvision.models.vgg11_bn`) */
export const vgg11Bn = builder('vgg11_bn', VGG11BNWeights, (options?: VGGOptions) => vgg(11, true, options));
/** VGG with 13 layers. (`torchvision.models.vgg13`) */
export const vgg13 = builder('vgg13', VGG13Weights, (options?: VGGOptions) => vgg(13, false, options));
/** VGG with 13 layers and batch normalisation. (`torchvision.models.vgg13_bn`) */
export const vgg13Bn = builder('vgg13_bn', VGG13BNWeights, (options?: VGGOptions) => vgg(13, true, options));
/** VGG with 16 layers. (`torchvision.models.vgg16`) */
export const vgg16 = builder('vgg16', VGG16Weights, (options?: VGGOptions) => vgg(16, false, options));
/** VGG with 16 layers and batch normalisation. (`torchvision.models.vgg16_bn`) */
export const vgg16Bn = builder('vgg16_bn', VGG16BNWeights, (options?: VGGOptions) => vgg(16, true, options));
/** VGG with 19 layers. (`torchvision.models.vgg19`) */
export const vgg19 = builder('vgg19', VGG19Weights, (options?: VGGOptions) => vgg(19, false, options));
/** VGG with 19 layers and batch normalisation. (`torchvision.models.vgg19_bn`) */
export const vgg19Bn = builder('vgg19_bn', VGG19BNWeights, (options?: VGGOptions) => vgg(19, true, options));
