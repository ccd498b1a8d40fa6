// Vision transformer: a picture's patches as a sentence's words. (Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929)
import { ShapeError } from '../../errors.js';
import { idOf, optionsOf } from '../../functional/check.js';
import { empty, zeros } from '../../functional/creation.js';
import { cat } from '../../functional/join.js';
import * as nn from '../../nn/index.js';
import { checkSizes } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { MLP } from '../ops/index.js';
import { builder, type Rules } from './builder.js';
import { renameKeys } from './common.js';
import {
  ViTB16Weights,
  ViTB32Weights,
  ViTH14Weights,
  ViTL16Weights,
  ViTL32Weights,
} from './weights/vision-transformer.js';

/** Options of a vision transformer. */
export interface VisionTransformerOptions {
  /** Default 1000. */
  numClasses?: number;
  /** The side of the pictures, a multiple of the patches'; default 224. */
  imageSize?: number;
  /** The probability with which elements are dropped in training; default 0. */
  dropout?: number;
  /** The probability with which the attention's weights are dropped in training; default 0. */
  attentionDropout?: number;
  /** The width of a further layer before the last; null, the default, for none. */
  representationSize?: number | null;
}

/** The sizes of a vision transformer. */
export interface VisionTransformerSizes {
  /** The side of a patch. */
  patchSize: number;
  numLayers: number;
  numHeads: number;
  /** The features of each patch. */
  hiddenDim: number;
  /** The features inside of the linear layers. */
  mlpDim: number;
}

type Dropouts = Required<Pick<VisionTransformerOptions, 'dropout' | 'attentionDropout'>>;

const norm = (features: number) => new nn.LayerNorm(features, { eps: 1e-6 });

/** @internal Two linear layers for each patch. */
export class MLPBlock extends MLP {
  constructor(features: number, inner: number, dropout: number) {
    super(features, [inner, features], { activationLayer: () => new nn.GELU(), dropout });
    for (const layer of this)
      if (layer instanceof nn.Linear) {
        nn.init.xavierUniform_(layer.weight);
        nn.init.normal_(layer.bias!, 0, 1e-6);
      }
  }
}

/** @internal Attention between the patches and linear layers for each, both beside the identity. */
export class EncoderBlock extends nn.Module {
  ln_1: nn.LayerNorm;
  self_attention: nn.MultiheadAttention;
  dropout: nn.Dropout;
  ln_2: nn.LayerNorm;
  mlp: MLPBlock;

  constructor({ numHeads, hiddenDim, mlpDim }: VisionTransformerSizes, { dropout, attentionDropout }: Dropouts) {
    super();
    this.ln_1 = norm(hiddenDim);
    this.self_attention = new nn.MultiheadAttention(hiddenDim, numHeads, {
      dropout: attentionDropout,
      batchFirst: true,
    });
    this.dropout = new nn.Dropout(dropout);
    this.ln_2 = norm(hiddenDim);
    this.mlp = new MLPBlock(hiddenDim, mlpDim, dropout);
  }

  forward(input: Tensor): Tensor {
    const normal = this.ln_1(input);
    const [attended] = this.self_attention(normal, normal, normal, { needWeights: false });
    const x = this.dropout(attended).add(input);
    return this.mlp(this.ln_2(x)).add(x);
  }
}

/** @internal Layers of attention over patches that know their places. */
export class Encoder extends nn.Module {
  pos_embedding: nn.Parameter;
  dropout: nn.Dropout;
  layers: nn.Sequential;
  ln: nn.LayerNorm;

  constructor(length: number, sizes: VisionTransformerSizes, dropouts: Dropouts) {
    super();
    this.pos_embedding = new nn.Parameter(empty([1, length, sizes.hiddenDim]));
    nn.init.normal_(this.pos_embedding, 0, 0.02);
    this.dropout = new nn.Dropout(dropouts.dropout);
    this.layers = new nn.Sequential();
    for (let i = 0; i < sizes.numLayers; i++)
      this.layers.addModule(`encoder_layer_${i}`, new EncoderBlock(sizes, dropouts));
    this.ln = norm(sizes.hiddenDim);
  }

  forward(x: Tensor): Tensor {
    return this.ln(this.layers(this.dropout(x.add(this.pos_embedding))));
  }
}

/**
 * Patches of a picture, with a token for the class before them, through layers of attention; what the token becomes is classified:
 * [n, 3, imageSize, imageSize] to [n, classes]. The head begins with zeros, so that a new network gives zeros.
 * (`torchvision.models.VisionTransformer`)
 * @throws RangeError for sizes and probabilities out of range, and where patches do not divide the picture; on the call ShapeError for pictures
 * of other sizes.
 * @example
 * import { ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * const sizes = { patchSize: 8, numLayers: 2, numHeads: 2, hiddenDim: 8, mlpDim: 16 };
 * const model = new models.VisionTransformer(sizes, { imageSize: 16, numClasses: 10 });
 * model(ones([1, 3, 16, 16])).shape; // [1, 10]
 */
export class VisionTransformer extends nn.Module {
  readonly imageSize: number;
  class_token: nn.Parameter;
  conv_proj: nn.Conv2d;
  encoder: nn.Module;
  heads: nn.Module;

  constructor(sizes: VisionTransformerSizes, options: VisionTransformerOptions = {}) {
    super();
    const name = 'VisionTransformer';
    const { patchSize, numLayers, hiddenDim } = optionsOf(sizes, name);
    const {
      numClasses = 1000,
      imageSize = 224,
      dropout = 0,
      attentionDropout = 0,
    } = optionsOf(options, name, ['numClasses', 'imageSize', 'dropout', 'attentionDropout', 'representationSize']);
    checkSizes(name, { imageSize, patchSize, numLayers });
    if (imageSize % patchSize !== 0)
      throw new RangeError(`${name}: imageSize ${imageSize} must be divisible by patchSize ${patchSize}`);
    this.imageSize = imageSize;
    this.conv_proj = new nn.Conv2d(3, hiddenDim, patchSize, { stride: patchSize });
    this.class_token = new nn.Parameter(zeros([1, 1, hiddenDim]));
    this.encoder = new Encoder((imageSize / patchSize) ** 2 + 1, sizes, { dropout, attentionDropout });
    const inner = options.representationSize ?? null;
    const preLogits = inner === null ? null : new nn.Linear(hiddenDim, inner);
    const head = new nn.Linear(inner ?? hiddenDim, numClasses);
    this.heads = new nn.Sequential(preLogits === null ? { head } : { pre_logits: preLogits, act: new nn.Tanh(), head });
    nn.init.truncNormal_(this.conv_proj.weight, { std: Math.sqrt(1 / (3 * patchSize * patchSize)) });
    nn.init.zeros_(this.conv_proj.bias!);
    if (preLogits !== null) {
      nn.init.truncNormal_(preLogits.weight, { std: Math.sqrt(1 / hiddenDim) });
      nn.init.zeros_(preLogits.bias!);
    }
    nn.init.zeros_(head.weight);
    nn.init.zeros_(head.bias!);
  }

  /**
   * Copies tensors into the parameters of the same keys, also those of torchvision's published weights, in which the linear layers of a
   * block are named linear_1 and linear_2.
   * @throws CressetError that lists missing and unexpected keys (unless `strict: false`) and sizes that do not fit.
   */
  override loadStateDict(
    state: nn.StateDict | ReadonlyMap<string, Tensor>,
    options: { strict?: boolean } = {},
  ): nn.LoadResult {
    const rename = (key: string) => key.replace(/\.mlp\.linear_([12])\./, (_, i) => `.mlp.${3 * (Number(i) - 1)}.`);
    return super.loadStateDict(renameKeys(state, rename), options);
  }

  forward(x: Tensor): Tensor {
    const side = this.imageSize;
    idOf(x, 'VisionTransformer', 'input');
    if (x.ndim !== 4 || x.shape[2] !== side || x.shape[3] !== side)
      throw new ShapeError(
        `VisionTransformer: input must have shape [n, 3, ${side}, ${side}], got [${x.shape.join(', ')}]`,
      );
    const patches = this.conv_proj(x).flatten(2).transpose(1, 2);
    const token = this.class_token.expand([x.shape[0]!, 1, patches.shape[2]!]);
    return this.heads(this.encoder(cat([token, patches], 1)).select(1, 0));
  }
}

const variant = (
  patchSize: number,
  [numLayers, numHeads, hiddenDim, mlpDim]: readonly [number, number, number, number],
  options?: VisionTransformerOptions,
) => new VisionTransformer({ patchSize, numLayers, numHeads, hiddenDim, mlpDim }, options);

const base = [12, 12, 768, 3072] as const;
const large = [24, 16, 1024, 4096] as const;
const huge = [32, 16, 1280, 5120] as const;

// Embeddings of places are made for pictures of one size.
const sized: Rules<VisionTransformer, VisionTransformerOptions> = {
  needs: ({ meta }) => ({ imageSize: meta.minSize[0] }),
};

/** Vision transformer, base, of 16x16 patches. (`torchvision.models.vit_b_16`) */
export const vitB16 = builder(
  'vit_b_16',
  ViTB16Weights,
  (options?: VisionTransformerOptions) => variant(16, base, options),
  sized,
);
/** Vision transformer, base, of 32x32 patches. (`torchvision.models.vit_b_32`) */
export const vitB32 = builder(
  'vit_b_32',
  ViTB32Weights,
  (options?: VisionTransformerOptions) => variant(32, base, options),
  sized,
);
/** Vision transformer, large, of 16x16 patches. (`torchvision.models.vit_l_16`) */
export const vitL16 = builder(
  'vit_l_16',
  ViTL16Weights,
  (options?: VisionTransformerOptions) => variant(16, large, options),
  sized,
);
/** Vision transformer, large, of 32x32 patches. (`torchvision.models.vit_l_32`) */
export const vitL32 = builder(
  'vit_l_32',
  ViTL32Weights,
  (options?: VisionTransformerOptions) => variant(32, large, options),
  sized,
);
/** Vision transformer, huge, of 14x14 patches. (`torchvision.models.vit_h_14`) */
export const vitH14 = builder(
  'vit_h_14',
  ViTH14Weights,
  (options?: VisionTransformerOptions) => variant(14, huge, options),
  sized,
);
