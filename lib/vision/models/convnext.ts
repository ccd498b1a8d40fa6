// ConvNeXt: convolutions arranged as a transformer's layers are. (Liu et al. 2022, https://arxiv.org/abs/2201.03545)
import { numberOf, optionsOf } from '../../functional/check.js';
import { full } from '../../functional/creation.js';
import * as nn from '../../nn/index.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { Conv2dNormActivation, LayerNorm2d, Permute, StochasticDepth } from '../ops/index.js';
import { builder } from './builder.js';
import { arrayOf } from './common.js';
import {
  ConvNeXtBaseWeights,
  ConvNeXtLargeWeights,
  ConvNeXtSmallWeights,
  ConvNeXtTinyWeights,
} from './weights/convnext.js';

/** Options of a ConvNeXt. */
export interface ConvNeXtOptions {
  /** Default 1000. */
  numClasses?: number;
  /** The probability with which the last block is dropped in training, earlier ones less; by default 0.1 to 0.5, the larger the network the more. */
  stochasticDepthProb?: number;
  /** The first factor of what each block adds; default 1e-6. */
  layerScale?: number;
}

const norm = (channels: number) => new LayerNorm2d(channels, { eps: 1e-6 });

/** @internal A 7x7 convolution channel by channel and two linear layers for each pixel, beside the identity. */
export class CNBlock extends nn.Module {
  layer_scale: nn.Parameter;
  block: nn.Sequential;
  stochastic_depth: StochasticDepth;

  constructor(channels: number, layerScale: number, dropped: number) {
    super();
    this.block = new nn.Sequential(
      new nn.Conv2d(channels, channels, 7, { padding: 3, groups: channels }),
      new Permute([0, 2, 3, 1]),
      new nn.LayerNorm(channels, { eps: 1e-6 }),
      new nn.Linear(channels, 4 * channels),
      new nn.GELU(),
      new nn.Linear(4 * channels, channels),
      new Permute([0, 3, 1, 2]),
    );
    this.layer_scale = new nn.Parameter(full([channels, 1, 1], layerScale));
    this.stochastic_depth = new StochasticDepth(dropped, 'row');
  }

  forward(x: Tensor): Tensor {
    return this.stochastic_depth(this.block(x).mul(this.layer_scale)).add_(x);
  }
}

/**
 * Stages of blocks, each at half the size of the one before, pooled and classified: [n, 3, h, w], of at least 32x32, to [n, classes].
 * (`torchvision.models.ConvNeXt`)
 * @throws RangeError for numbers of depths and widths that differ, and for sizes and probabilities out of range.
 * @example
 * import { ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * new models.ConvNeXt([1, 2], [8, 16], { numClasses: 10 }).eval()(ones([1, 3, 32, 32])).shape; // [1, 10]
 */
export class ConvNeXt extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  classifier: nn.Sequential;

  /** `depths` and `widths`: the blocks and the channels of each stage. */
  constructor(depths: readonly number[], widths: readonly number[], options: ConvNeXtOptions = {}) {
    super();
    const {
      numClasses = 1000,
      stochasticDepthProb = 0,
      layerScale = 1e-6,
    } = optionsOf(options, 'ConvNeXt', ['numClasses', 'stochasticDepthProb', 'layerScale']);
    arrayOf(depths, 'ConvNeXt', 'depths');
    arrayOf(widths, 'ConvNeXt', 'widths');
    if (depths.length !== widths.length || depths.length === 0)
      throw new RangeError(
        `ConvNeXt: needs a width for each depth, got ${depths.length} depths, ${widths.length} widths`,
      );
    checkSizes('ConvNeXt', { depths, widths });
    numberOf(layerScale, 'ConvNeXt', 'layerScale');
    const last = depths.reduce((sum, depth) => sum + depth, 0) - 1;
    let made = 0;
    const features: nn.AnyModule[] = [
      new Conv2dNormActivation(3, widths[0]!, {
        kernelSize: 4,
        stride: 4,
        padding: 0,
        normLayer: norm,
        activationLayer: null,
        bias: true,
      }),
    ];
    for (const [i, depth] of depths.entries()) {
      const width = widths[i]!;
      const block = () => new CNBlock(width, layerScale, last === 0 ? 0 : (stochasticDepthProb * made++) / last);
      features.push(new nn.Sequential(...Array.from({ length: depth }, block)));
      const next = widths[i + 1];
      if (next !== undefined)
        features.push(new nn.Sequential(norm(width), new nn.Conv2d(width, next, 2, { stride: 2 })));
    }
    this.features = new nn.Sequential(...features);
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    const width = widths.at(-1)!;
    this.classifier = new nn.Sequential(norm(width), new nn.Flatten(1), new nn.Linear(width, numClasses));
    for (const module of this.modules())
      if (module instanceof nn.Conv2d || module instanceof nn.Linear) {
        nn.init.truncNormal_(module.weight, { std: 0.02 });
        if (module.bias !== null) nn.init.zeros_(module.bias);
      }
  }

  forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)));
  }
}

const variant = (depth: number, width: number, stochasticDepthProb: number, options: ConvNeXtOptions = {}) =>
  new ConvNeXt([3, 3, depth, 3], [width, 2 * width, 4 * width, 8 * width], {
    stochasticDepthProb,
    ...optionsOf(options, 'ConvNeXt'),
  });

/** ConvNeXt, tiny. (`torchvision.models.convnext_tiny`) */
export const convnextTiny = builder('convnext_tiny', ConvNeXtTinyWeights, (options?: ConvNeXtOptions) =>
  variant(9, 96, 0.1, options),
);
/** ConvNeXt, small. (`torchvision.models.convnext_small`) */
export const convnextSmall = builder('convnext_small', ConvNeXtSmallWeights, (options?: ConvNeXtOptions) =>
  variant(27, 96, 0.4, options),
);
/** ConvNeXt, base. (`torchvision.models.convnext_base`) */
export const convnextBase = builder('convnext_base', ConvNeXtBaseWeights, (options?: ConvNeXtOptions) =>
  variant(27, 128, 0.5, options),
);
/** ConvNeXt, large. (`torchvision.models.convnext_large`) */
export const convnextLarge = builder('convnext_large', ConvNeXtLargeWeights, (options?: ConvNeXtOptions) =>
  variant(27, 192, 0.5, options),
);
