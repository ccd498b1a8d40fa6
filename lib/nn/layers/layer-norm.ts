// Layer normalisation. (Ba et al. 2016, https://arxiv.org/abs/1607.06450)
import { flag, integersOf, numberOf, optionsOf } from '../../functional/check.js';
import { empty } from '../../functional/creation.js';
import { layerNorm } from '../../functional/layer-norm.js';
import type { Tensor } from '../../tensor.js';
import { ones_, zeros_ } from '../init.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { checkSizes, float, python, tuple } from './text.js';

/** Options of `LayerNorm`. */
export interface LayerNormLayerOptions {
  /** Added to the variance; default 1e-5. */
  eps?: number;
  /** Learn a factor and a summand for each element; default true. */
  elementwiseAffine?: boolean;
  /** Learn the summand too; default true. */
  bias?: boolean;
}

/**
 * Normalises each sample of [..., ...normalizedShape] by its own mean and variance over the last dimensions. (`torch.nn.LayerNorm`)
 * @throws RangeError for sizes out of range; on the call ShapeError for other last dimensions.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.LayerNorm(2, { eps: 0 })(tensor([[1, 3], [5, 9]])).toArray(); // [[-1, 1], [-1, 1]]
 */
export class LayerNorm extends Module<[x: Tensor]> {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(normalizedShape: number | readonly number[], options: LayerNormLayerOptions = {}) {
    super();
    const name = this.typeName;
    this.normalizedShape = [...integersOf(normalizedShape, name, 'normalizedShape')];
    checkSizes(name, { normalizedShape: this.normalizedShape }, 0);
    if (this.normalizedShape.length === 0)
      throw new RangeError(`${name}: normalizedShape must have a dimension, got []`);
    this.eps = numberOf(optionsOf(options, name, ['eps', 'elementwiseAffine', 'bias']).eps ?? 1e-5, name, 'eps');
    this.elementwiseAffine = flag(options.elementwiseAffine, name, 'elementwiseAffine', true);
    const bias = flag(options.bias, name, 'bias', true);
    this.weight = this.elementwiseAffine ? new Parameter(ones_(empty(this.normalizedShape))) : null;
    this.bias = this.elementwiseAffine && bias ? new Parameter(zeros_(empty(this.normalizedShape))) : null;
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this);
  }

  override extraRepr(): string {
    return `${tuple(this.normalizedShape)}, eps=${float(this.eps)}, elementwise_affine=${python(this.elementwiseAffine)}`;
  }
}
