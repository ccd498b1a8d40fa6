// Dropout.
import { flag, optionsOf } from '../../functional/check.js';
import { dropout } from '../../functional/layers.js';
import type { Tensor } from '../../tensor.js';
import { Module } from '../module.js';
import { float, python } from './text.js';

/**
 * While training, zeroes elements with probability p and scales the others by 1 / (1 - p). (`torch.nn.Dropout`)
 * @throws RangeError for a p outside [0, 1].
 * @example
 * import { nn, ones } from 'cresset';
 * new nn.Dropout(0.5).eval()(ones([2])).toArray(); // [1, 1]
 */
export class Dropout extends Module<[x: Tensor]> {
  readonly inplace: boolean;

  constructor(
    readonly p = 0.5,
    options: { inplace?: boolean } = {},
  ) {
    super();
    if (!(p >= 0 && p <= 1)) throw new RangeError(`Dropout: p must be between 0 and 1, got ${p}`);
    this.inplace = flag(optionsOf(options, 'Dropout', ['inplace']).inplace, 'Dropout', 'inplace');
  }

  forward(x: Tensor): Tensor {
    return dropout(x, this.p, { training: this.training, inplace: this.inplace });
  }

  override extraRepr(): string {
    return `p=${float(this.p)}, inplace=${python(this.inplace)}`;
  }
}
