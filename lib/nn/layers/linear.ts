// Linear and Identity.
import { flag, optionsOf } from '../../functional/check.js';
import { empty } from '../../functional/creation.js';
import { linear } from '../../functional/matmul.js';
import type { Tensor } from '../../tensor.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { checkSizes, python, resetParameters } from './text.js';

/**
 * y = x weightᵀ + bias, of [..., in] to [..., out]. (`torch.nn.Linear`)
 * @throws RangeError for sizes that are no positive integers.
 * @example
 * import { nn, ones } from 'cresset';
 * new nn.Linear(3, 2)(ones([4, 3])).shape; // [4, 2]
 */
export class Linear extends Module<[x: Tensor]> {
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options: { bias?: boolean } = {},
  ) {
    super();
    checkSizes('Linear', { inFeatures, outFeatures });
    this.weight = new Parameter(empty([outFeatures, inFeatures]));
    this.bias = flag(optionsOf(options, 'Linear', ['bias']).bias, 'Linear', 'bias', true)
      ? new Parameter(empty([outFeatures]))
      : null;
    resetParameters(this.weight, this.bias);
  }

  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${python(this.bias !== null)}`;
  }
}

/** @internal A Linear under the name that PyTorch prints for the last projection of attention. */
export class NonDynamicallyQuantizableLinear extends Linear {}

/**
 * Gives its argument back. (`torch.nn.Identity`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.Identity()(tensor([1, 2])).toArray(); // [1, 2]
 */
export class Identity extends Module<[x: Tensor]> {
  forward(x: Tensor): Tensor {
    return x;
  }
}
