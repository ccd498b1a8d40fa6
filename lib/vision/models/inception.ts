// Inception v3. (Szegedy et al. 2015, https://arxiv.org/abs/1512.00567)
import { flag, optionsOf } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { BasicConv2d, initialise, renormalised } from './basic-conv.js';
import { builder } from './builder.js';
import { InceptionA, InceptionAux, InceptionB, InceptionC, InceptionD, InceptionE } from './inception-blocks.js';
import { InceptionV3Weights } from './weights/inception.js';

/** Options of Inception v3. */
export interface Inception3Options {
  /** Default 1000. */
  numClasses?: number;
  /** Add a classifier that reads the middle of the network, for training; default true. */
  auxLogits?: boolean;
  /** Take pictures normalised with ImageNet's means and deviations; default false. */
  transformInput?: boolean;
  /** Draw weights as torchvision does, instead of the layers' own initial values; default true. */
  initWeights?: boolean;
  /** The probability with which elements before the last layer are dropped in training; default 0.5. */
  dropout?: number;
}

/** What Inception v3 gives in training. */
export interface InceptionOutputs {
  /** Of the whole network: [n, classes]. */
  logits: Tensor;
  /** Of the classifier in the middle: [n, classes]. */
  auxLogits: Tensor | null;
}

/**
 * Eleven blocks of branches, pooled and classified: [n, 3, h, w] with sides of at least 75 to [n, classes]; in training, with
 * `auxLogits`, and sides of at least 299, to what both classifiers say. (`torchvision.models.Inception3`)
 * @throws RangeError for a `numClasses` that is no positive integer and a `dropout` outside [0, 1]; on the call ShapeError for an
 * input that is no [n, 3, h, w], with `transformInput`.
 * @example
 * import { nn, ones, type Tensor } from 'cresset';
 * import { models } from 'cresset/vision';
 * const inception = nn.utils.skipInit(() => models.inceptionV3());
 * inception.fc = new nn.Linear(2048, 10);
 * (inception.eval()(ones([1, 3, 75, 75])) as Tensor).shape; // [1, 10]
 */
export class Inception3 extends nn.Module<[x: Tensor], Tensor | InceptionOutputs> {
  auxLogits: boolean;
  transformInput: boolean;
  Conv2d_1a_3x3: nn.Module = new BasicConv2d(3, 32, 3, { stride: 2 });
  Conv2d_2a_3x3: nn.Module = new BasicConv2d(32, 32, 3);
  Conv2d_2b_3x3: nn.Module = new BasicConv2d(32, 64, 3, { padding: 1 });
  maxpool1: nn.Module = new nn.MaxPool2d(3, { stride: 2 });
  Conv2d_3b_1x1: nn.Module = new BasicConv2d(64, 80, 1);
  Conv2d_4a_3x3: nn.Module = new BasicConv2d(80, 192, 3);
  maxpool2: nn.Module = new nn.MaxPool2d(3, { stride: 2 });
  Mixed_5b: nn.Module = new InceptionA(192, 32);
  Mixed_5c: nn.Module = new InceptionA(256, 64);
  Mixed_5d: nn.Module = new InceptionA(288, 64);
  Mixed_6a: nn.Module = new InceptionB(288);
  Mixed_6b: nn.Module = new InceptionC(768, 128);
  Mixed_6c: nn.Module = new InceptionC(768, 160);
  Mixed_6d: nn.Module = new InceptionC(768, 160);
  Mixed_6e: nn.Module = new InceptionC(768, 192);
  AuxLogits: (nn.Module & { fc: nn.Module }) | null;
  Mixed_7a: nn.Module;
  Mixed_7b: nn.Module;
  Mixed_7c: nn.Module;
  avgpool: nn.Module;
  dropout: nn.Module;
  fc: nn.Module;

  constructor(options: Inception3Options = {}) {
    super();
    const { numClasses = 1000, dropout = 0.5 } = optionsOf(options, 'Inception3', [
      'numClasses',
      'auxLogits',
      'transformInput',
      'initWeights',
      'dropout',
    ]);
    checkSizes('Inception3', { numClasses });
    this.auxLogits = flag(options.auxLogits, 'Inception3', 'auxLogits', true);
    this.transformInput = flag(options.transformInput, 'Inception3', 'transformInput');
    const aux = this.auxLogits ? new InceptionAux(768, numClasses) : null;
    this.AuxLogits = aux;
    this.Mixed_7a = new InceptionD(768);
    this.Mixed_7b = new InceptionE(1280);
    this.Mixed_7c = new InceptionE(2048);
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.dropout = new nn.Dropout(dropout);
    this.fc = new nn.Linear(2048, numClasses);
    if (flag(options.initWeights, 'Inception3', 'initWeights', true))
      initialise(this, (layer) => (layer === aux?.fc ? 0.001 : 0.1));
  }

  forward(input: Tensor): Tensor | InceptionOutputs {
    const withAux = this.training && this.auxLogits;
    let x = this.transformInput ? renormalised(input, 'Inception3') : input;
    x = this.maxpool1(this.Conv2d_2b_3x3(this.Conv2d_2a_3x3(this.Conv2d_1a_3x3(x))));
    x = this.maxpool2(this.Conv2d_4a_3x3(this.Conv2d_3b_1x1(x)));
    x = this.Mixed_5d(this.Mixed_5c(this.Mixed_5b(x)));
    x = this.Mixed_6e(this.Mixed_6d(this.Mixed_6c(this.Mixed_6b(this.Mixed_6a(x)))));
    const auxLogits = (withAux && this.AuxLogits?.(x)) || null;
    x = this.Mixed_7c(this.Mixed_7b(this.Mixed_7a(x)));
    const logits = this.fc(this.dropout(this.avgpool(x)).flatten(1));
    return withAux ? { logits, auxLogits } : logits;
  }
}

/** Inception v3. With published weights `transformInput` is true by default. (`torchvision.models.inception_v3`) */
export const inceptionV3 = builder(
  'inception_v3',
  InceptionV3Weights,
  (options?: Inception3Options) => new Inception3(options),
  {
    prepare(options) {
      flag(options.auxLogits, 'inceptionV3', 'auxLogits');
      return { ...options, transformInput: options.transformInput ?? true, auxLogits: true };
    },
    finish(model, { auxLogits = true }) {
      if (auxLogits) return;
      model.auxLogits = false;
      model.AuxLogits = null;
    },
  },
);
