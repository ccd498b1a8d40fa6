// AlexNet, in the form with one column. (Krizhevsky 2014, https://arxiv.org/abs/1404.5997)
import { optionsOf } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { builder } from './builder.js';
import { AlexNetWeights } from './weights/alexnet.js';

/** Options of AlexNet. */
export interface AlexNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** The probability with which the classifier drops elements in training; default 0.5. */
  dropout?: number;
}

/**
 * Five convolutions and three linear layers: [n, 3, h, w] with sides of at least 63 to [n, classes]. (`torchvision.models.AlexNet`)
 * @throws RangeError for a `numClasses` that is no positive integer and a `dropout` outside [0, 1].
 * @example
 * import { nn, ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * const alexnet = nn.utils.skipInit(() => models.alexnet());
 * alexnet.classifier[6] = new nn.Linear(4096, 10);
 * alexnet.eval()(ones([1, 3, 64, 64])).shape; // [1, 10]
 */
export class AlexNet extends nn.Module {
  features: nn.Sequential = new nn.Sequential(
    new nn.Conv2d(3, 64, 11, { stride: 4, padding: 2 }),
    new nn.ReLU({ inplace: true }),
    new nn.MaxPool2d(3, { stride: 2 }),
    new nn.Conv2d(64, 192, 5, { padding: 2 }),
    new nn.ReLU({ inplace: true }),
    new nn.MaxPool2d(3, { stride: 2 }),
    new nn.Conv2d(192, 384, 3, { padding: 1 }),
    new nn.ReLU({ inplace: true }),
    new nn.Conv2d(384, 256, 3, { padding: 1 }),
    new nn.ReLU({ inplace: true }),
    new nn.Conv2d(256, 256, 3, { padding: 1 }),
    new nn.ReLU({ inplace: true }),
    new nn.MaxPool2d(3, { stride: 2 }),
  );
  avgpool: nn.Module = new nn.AdaptiveAvgPool2d([6, 6]);
  classifier: nn.Sequential;

  constructor(options: AlexNetOptions = {}) {
    super();
    const { numClasses = 1000, dropout = 0.5 } = optionsOf(options, 'AlexNet', ['numClasses', 'dropout']);
    checkSizes('AlexNet', { numClasses });
    this.classifier = new nn.Sequential(
      new nn.Dropout(dropout),
      new nn.Linear(256 * 6 * 6, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Linear(4096, numClasses),
    );
  }

  forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

/** AlexNet. (`torchvision.models.alexnet`) */
export const alexnet = builder('alexnet', AlexNetWeights, (options?: AlexNetOptions) => new AlexNet(options));
