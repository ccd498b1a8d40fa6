// Stochastic depth. (Huang et al. 2016, https://arxiv.org/abs/1603.09382)
import { idOf, numberOf, optionsOf } from '../../functional/check.js';
import { empty } from '../../functional/creation.js';
import * as nn from '../../nn/index.js';
import { float } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';

/** What is dropped together: the whole batch, or each sample by itself. */
export type StochasticDepthMode = 'batch' | 'row';

function check(op: string, p: number, mode: StochasticDepthMode): void {
  if (!(numberOf(p, op, 'p') >= 0 && p <= 1)) throw new RangeError(`${op}: p must be between 0 and 1, got ${p}`);
  if (mode !== 'batch' && mode !== 'row')
    throw new RangeError(`${op}: mode must be 'batch' or 'row', got '${String(mode)}'`);
}

/**
 * Zeroes samples of [n, ...] with probability p and scales the others by 1 / (1 - p), while training; gives the input itself where there
 * is nothing to do. (`torchvision.ops.stochastic_depth`)
 * @throws RangeError for a p outside [0, 1] and an unknown mode.
 * @example
 * import { ones } from 'cresset';
 * import { ops } from 'cresset/vision';
 * ops.stochasticDepth(ones([2, 1]), 1, 'row').toArray(); // [[0], [0]]
 */
export function stochasticDepth(
  x: Tensor,
  p: number,
  mode: StochasticDepthMode,
  options: { training?: boolean } = {},
): Tensor {
  check('stochasticDepth', p, mode);
  idOf(x, 'stochasticDepth', 'input');
  if (!(optionsOf(options, 'stochasticDepth', ['training']).training ?? true) || p === 0) return x;
  const shape = x.shape.map((size, i) => (mode === 'row' && i === 0 ? size : 1));
  const keep = empty(shape, { dtype: x.dtype }).bernoulli_(1 - p);
  return x.mul(p < 1 ? keep.div_(1 - p) : keep);
}

/**
 * While training, drops the results of a block, sample by sample or all at once. (`torchvision.ops.StochasticDepth`)
 * @throws RangeError for a p outside [0, 1] and an unknown mode.
 * @example
 * import { ones } from 'cresset';
 * import { ops } from 'cresset/vision';
 * new ops.StochasticDepth(0.5, 'row').eval()(ones([2])).toArray(); // [1, 1]
 */
export class StochasticDepth extends nn.Module {
  constructor(
    readonly p: number,
    readonly mode: StochasticDepthMode,
  ) {
    super();
    check('StochasticDepth', p, mode);
  }

  forward(x: Tensor): Tensor {
    return stochasticDepth(x, this.p, this.mode, this);
  }

  override extraRepr(): string {
    return `p=${float(this.p)}, mode=${this.mode}`;
  }
}
