// GoogLeNet: convolutions of several sizes beside each other. (Szegedy et al. 2014, https://arxiv.org/abs/1409.4842)
import { flag, optionsOf } from '../../functional/check.js';
import { cat } from '../../functional/join.js';
import { adaptiveAvgPool2d } from '../../functional/layers.js';
import * as nn from '../../nn/index.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { BasicConv2d, initialise, renormalised } from './basic-conv.js';
import { builder } from './builder.js';
import { GoogLeNetWeights } from './weights/googlenet.js';

/** Options of GoogLeNet. */
export interface GoogLeNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Add two classifiers that read earlier layers, for training; default true. */
  auxLogits?: boolean;
  /** Take pictures normalised with ImageNet's means and deviations; default false. */
  transformInput?: boolean;
  /** Draw weights as torchvision does, instead of the layers' own initial values; default true. */
  initWeights?: boolean;
  /** The probability with which elements before the last layer are dropped in training; default 0.2. */
  dropout?: number;
  /** The same for the classifiers that read earlier layers; default 0.7. */
  dropoutAux?: number;
}

/** What GoogLeNet gives in training. */
export interface GoogLeNetOutputs {
  /** Of the whole network: [n, classes]. */
  logits: Tensor;
  /** Of the classifier behind `inception4d`: [n, classes]. */
  auxLogits2: Tensor | null;
  /** Of the classifier behind `inception4a`: [n, classes]. */
  auxLogits1: Tensor | null;
}

/** @internal Branches of 1x1, twice 3x3 and a pooling, side by side. */
export class Inception extends nn.Module {
  branch1: BasicConv2d;
  branch2: nn.Sequential;
  branch3: nn.Sequential;
  branch4: nn.Sequential;

  /** Channels: of the 1x1 branch; before and of the 3x3 branch; before and of the second such; behind the pooling. */
  constructor(input: number, one: number, three: [number, number], five: [number, number], pool: number) {
    super();
    this.branch1 = new BasicConv2d(input, one, 1);
    const branch = ([narrow, output]: [number, number]) =>
      new nn.Sequential(new BasicConv2d(input, narrow, 1), new BasicConv2d(narrow, output, 3, { padding: 1 }));
    this.branch2 = branch(three);
    // The paper has 5x5 here; the trained weights are 3x3.
    this.branch3 = branch(five);
    this.branch4 = new nn.Sequential(
      new nn.MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }),
      new BasicConv2d(input, pool, 1),
    );
  }

  forward(x: Tensor): Tensor {
    return cat([this.branch1(x), this.branch2(x), this.branch3(x), this.branch4(x)], 1);
  }
}

/** @internal A classifier beside the network, for training. */
export class InceptionAux extends nn.Module {
  conv: BasicConv2d;
  fc1: nn.Linear;
  fc2: nn.Module;
  dropout: nn.Dropout;

  constructor(input: number, numClasses: number, dropout: number) {
    super();
    this.conv = new BasicConv2d(input, 128, 1);
    this.fc1 = new nn.Linear(2048, 1024);
    this.fc2 = new nn.Linear(1024, numClasses);
    this.dropout = new nn.Dropout(dropout);
  }

  forward(x: Tensor): Tensor {
    const features = this.conv(adaptiveAvgPool2d(x, 4)).flatten(1);
    return this.fc2(this.dropout(this.fc1(features).relu_()));
  }
}

const pool = (size: number) => new nn.MaxPool2d(size, { stride: 2, ceilMode: true });

/**
 * Nine Inception blocks, pooled and classified: [n, 3, h, w] with sides of at least 15 to [n, classes]; in training, with
 * `auxLogits`, to what three classifiers say. (`torchvision.models.GoogLeNet`)
 * @throws RangeError for a `numClasses` that is no positive integer and dropouts outside [0, 1]; on the call ShapeError for an
 * input that is no [n, 3, h, w], with `transformInput`.
 * @example
 * import { nn, ones, type Tensor } from 'cresset';
 * import { models } from 'cresset/vision';
 * const googlenet = nn.utils.skipInit(() => models.googlenet());
 * googlenet.fc = new nn.Linear(1024, 10);
 * (googlenet.eval()(ones([1, 3, 32, 32])) as Tensor).shape; // [1, 10]
 * const { logits, auxLogits1 } = googlenet.train()(ones([2, 3, 32, 32])) as models.GoogLeNetOutputs;
 * [logits.shape, auxLogits1?.shape]; // [[2, 10], [2, 1000]]
 */
export class GoogLeNet extends nn.Module<[x: Tensor], Tensor | GoogLeNetOutputs> {
  auxLogits: boolean;
  transformInput: boolean;
  conv1: nn.Module = new BasicConv2d(3, 64, 7, { stride: 2, padding: 3 });
  maxpool1: nn.Module = pool(3);
  conv2: nn.Module = new BasicConv2d(64, 64, 1);
  conv3: nn.Module = new BasicConv2d(64, 192, 3, { padding: 1 });
  maxpool2: nn.Module = pool(3);
  inception3a: nn.Module = new Inception(192, 64, [96, 128], [16, 32], 32);
  inception3b: nn.Module = new Inception(256, 128, [128, 192], [32, 96], 64);
  maxpool3: nn.Module = pool(3);
  inception4a: nn.Module = new Inception(480, 192, [96, 208], [16, 48], 64);
  inception4b: nn.Module = new Inception(512, 160, [112, 224], [24, 64], 64);
  inception4c: nn.Module = new Inception(512, 128, [128, 256], [24, 64], 64);
  inception4d: nn.Module = new Inception(512, 112, [144, 288], [32, 64], 64);
  inception4e: nn.Module = new Inception(528, 256, [160, 320], [32, 128], 128);
  maxpool4: nn.Module = pool(2);
  inception5a: nn.Module = new Inception(832, 256, [160, 320], [32, 128], 128);
  inception5b: nn.Module = new Inception(832, 384, [192, 384], [48, 128], 128);
  aux1: (nn.Module & { fc2: nn.Module }) | null;
  aux2: (nn.Module & { fc2: nn.Module }) | null;
  avgpool: nn.Module;
  dropout: nn.Module;
  fc: nn.Module;

  constructor(options: GoogLeNetOptions = {}) {
    super();
    const {
      numClasses = 1000,
      dropout = 0.2,
      dropoutAux = 0.7,
    } = optionsOf(options, 'GoogLeNet', [
      'numClasses',
      'auxLogits',
      'transformInput',
      'initWeights',
      'dropout',
      'dropoutAux',
    ]);
    checkSizes('GoogLeNet', { numClasses });
    this.auxLogits = flag(options.auxLogits, 'GoogLeNet', 'auxLogits', true);
    this.transformInput = flag(options.transformInput, 'GoogLeNet', 'transformInput');
    this.aux1 = this.auxLogits ? new InceptionAux(512, numClasses, dropoutAux) : null;
    this.aux2 = this.auxLogits ? new InceptionAux(528, numClasses, dropoutAux) : null;
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.dropout = new nn.Dropout(dropout);
    this.fc = new nn.Linear(1024, numClasses);
    if (flag(options.initWeights, 'GoogLeNet', 'initWeights', true)) initialise(this, () => 0.01);
  }

  forward(input: Tensor): Tensor | GoogLeNetOutputs {
    const withAux = this.training && this.auxLogits;
    const x = this.transformInput ? renormalised(input, 'GoogLeNet') : input;
    const three = this.maxpool2(this.conv3(this.conv2(this.maxpool1(this.conv1(x)))));
    const a = this.inception4a(this.maxpool3(this.inception3b(this.inception3a(three))));
    const auxLogits1 = (withAux && this.aux1?.(a)) || null;
    const d = this.inception4d(this.inception4c(this.inception4b(a)));
    const auxLogits2 = (withAux && this.aux2?.(d)) || null;
    const five = this.inception5b(this.inception5a(this.maxpool4(this.inception4e(d))));
    const logits = this.fc(this.dropout(this.avgpool(five).flatten(1)));
    return withAux ? { logits, auxLogits2, auxLogits1 } : logits;
  }
}

/**
 * GoogLeNet. With published weights `transformInput` is true by default, and `auxLogits` false: the two other classifiers are in the file,
 * but were never trained. (`torchvision.models.googlenet`)
 */
export const googlenet = builder(
  'googlenet',
  GoogLeNetWeights,
  (options?: GoogLeNetOptions) => new GoogLeNet(options),
  {
    prepare(options) {
      flag(options.auxLogits, 'googlenet', 'auxLogits');
      return { ...options, transformInput: options.transformInput ?? true, auxLogits: true };
    },
    finish(model, { auxLogits = false }) {
      if (auxLogits) return;
      model.auxLogits = false;
      model.aux1 = null;
      model.aux2 = null;
    },
  },
);
