// SqueezeNet: few channels between 1x1 and 3x3 convolutions. (Iandola et al. 2016, https://arxiv.org/abs/1602.07360)
import { optionsOf } from '../../functional/check.js';
import { cat } from '../../functional/join.js';
import * as nn from '../../nn/index.js';
import { convNormRelu } from '../../nn/layers/fused.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { builder } from './builder.js';
import { SqueezeNet1_0Weights, SqueezeNet1_1Weights } from './weights/squeezenet.js';

/** Options of a SqueezeNet. */
export interface SqueezeNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** The probability with which the classifier drops elements in training; default 0.5. */
  dropout?: number;
}

/** @internal A 1x1 convolution to few channels, then 1x1 and 3x3 ones side by side. */
export class Fire extends nn.Module {
  squeeze: nn.Conv2d;
  squeeze_activation: nn.ReLU = new nn.ReLU({ inplace: true });
  expand1x1: nn.Conv2d;
  expand1x1_activation: nn.ReLU = new nn.ReLU({ inplace: true });
  expand3x3: nn.Conv2d;
  expand3x3_activation: nn.ReLU = new nn.ReLU({ inplace: true });

  constructor(input: number, squeezed: number, expanded: number) {
    super();
    this.squeeze = new nn.Conv2d(input, squeezed, 1);
    this.expand1x1 = new nn.Conv2d(squeezed, expanded, 1);
    this.expand3x3 = new nn.Conv2d(squeezed, expanded, 3, { padding: 1 });
  }

  forward(x: Tensor): Tensor {
    const narrow = convNormRelu(x, this.squeeze, null, this.squeeze_activation);
    const one = convNormRelu(narrow, this.expand1x1, null, this.expand1x1_activation);
    const three = convNormRelu(narrow, this.expand3x3, null, this.expand3x3_activation);
    return cat([one, three], 1);
  }
}

// The first convolution's channels and kernel, then the channels of each Fire: squeezed, expanded; null is a pooling.
const versions = {
  '1_0': {
    stem: [96, 7],
    fires: [[16, 64], [16, 64], [32, 128], null, [32, 128], [48, 192], [48, 192], [64, 256], null, [64, 256]],
  },
  '1_1': {
    stem: [64, 3],
    fires: [[16, 64], [16, 64], null, [32, 128], [32, 128], null, [48, 192], [48, 192], [64, 256], [64, 256]],
  },
} as const;

/** The versions of SqueezeNet. */
export type SqueezeNetVersion = keyof typeof versions;

/**
 * Fire modules, then a convolution to the classes: [n, 3, h, w] with sides of at least 21, or 17 in version 1.1, to [n, classes].
 * (`torchvision.models.SqueezeNet`)
 * @throws RangeError for an unknown version, a `numClasses` that is no positive integer and a `dropout` outside [0, 1].
 * @example
 * import { nn, ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * const squeezenet = models.squeezenet1_1();
 * squeezenet.classifier[1] = new nn.Conv2d(512, 10, 1);
 * squeezenet.eval()(ones([1, 3, 32, 32])).shape; // [1, 10]
 */
export class SqueezeNet extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Sequential;

  constructor(version: SqueezeNetVersion = '1_0', options: SqueezeNetOptions = {}) {
    super();
    if (!Object.hasOwn(versions, version))
      throw new RangeError(`SqueezeNet: version must be '1_0' or '1_1', got '${String(version)}'`);
    const { numClasses = 1000, dropout = 0.5 } = optionsOf(options, 'SqueezeNet', ['numClasses', 'dropout']);
    checkSizes('SqueezeNet', { numClasses });
    const { stem, fires } = versions[version];
    const pool = () => new nn.MaxPool2d(3, { stride: 2, ceilMode: true });
    let channels: number = stem[0];
    const features: nn.AnyModule[] = [
      new nn.Conv2d(3, channels, stem[1], { stride: 2 }),
      new nn.ReLU({ inplace: true }),
    ];
    for (const fire of [null, ...fires]) {
      features.push(fire === null ? pool() : new Fire(channels, fire[0], fire[1]));
      if (fire !== null) channels = 2 * fire[1];
    }
    this.features = new nn.Sequential(...features);
    const last = new nn.Conv2d(channels, numClasses, 1);
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      last,
      new nn.ReLU({ inplace: true }),
      new nn.AdaptiveAvgPool2d([1, 1]),
    );
    for (const module of this.modules()) {
      if (!(module instanceof nn.Conv2d)) continue;
      if (module === last) nn.init.normal_(module.weight, 0, 0.01);
      else nn.init.kaimingUniform_(module.weight);
      nn.init.zeros_(module.bias!);
    }
  }

  forward(x: Tensor): Tensor {
    return this.classifier(this.features(x)).flatten(1);
  }
}

/** SqueezeNet 1.0. (`torchvision.models.squeezenet1_0`) */
export const squeezenet1_0 = builder(
  'squeezenet1_0',
  SqueezeNet1_0Weights,
  (options?: SqueezeNetOptions) => new SqueezeNet('1_0', options),
);
/** SqueezeNet 1.1, with less than half the arithmetic. (`torchvision.models.squeezenet1_1`) */
export const squeezenet1_1 = builder(
  'squeezenet1_1',
  SqueezeNet1_1Weights,
  (options?: SqueezeNetOptions) => new SqueezeNet('1_1', options),
);
