// Batch normalisation.
import { ShapeError } from '../../errors.js';
import { flag, optionsOf } from '../../functional/check.js';
import { empty, ones, zeros } from '../../functional/creation.js';
import { batchNorm } from '../../functional/layers.js';
import type { Tensor } from '../../tensor.js';
import { ones_, zeros_ } from '../init.js';
import { Module } from '../module.js';
import { Buffer, Parameter } from '../parameter.js';
import { checkSizes, float, python } from './text.js';

/** Options of `BatchNorm1d`, `BatchNorm2d` and `BatchNorm3d`. */
export interface BatchNormLayerOptions {
  /** Added to the variance; default 1e-5. */
  eps?: number;
  /** The share of a batch in the running statistics; null makes them the mean of all batches. Default 0.1. */
  momentum?: number | null;
  /** Learn a factor and a summand for each channel; default true. */
  affine?: boolean;
  /** Keep running statistics for evaluation; default true. */
  trackRunningStats?: boolean;
}

abstract class BatchNorm extends Module<[x: Tensor]> {
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  weight: Parameter | null;
  bias: Parameter | null;
  running_mean: Buffer | null;
  running_var: Buffer | null;
  num_batches_tracked: Buffer | null;

  /** The numbers of dimensions that the input may have. */
  protected abstract get dims(): readonly number[];

  constructor(
    readonly numFeatures: number,
    options: BatchNormLayerOptions = {},
  ) {
    super();
    const name = this.typeName;
    checkSizes(name, { numFeatures }, 0);
    this.eps = optionsOf(options, name, ['eps', 'momentum', 'affine', 'trackRunningStats']).eps ?? 1e-5;
    this.momentum = options.momentum === undefined ? 0.1 : options.momentum;
    this.affine = flag(options.affine, name, 'affine', true);
    this.trackRunningStats = flag(options.trackRunningStats, name, 'trackRunningStats', true);
    const channels = [numFeatures];
    this.weight = this.affine ? new Parameter(empty(channels)) : null;
    this.bias = this.affine ? new Parameter(empty(channels)) : null;
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
    const tracks = this.trackRunningStats;
    this.running_mean = tracks ? new Buffer(zeros(channels)) : null;
    this.running_var = tracks ? new Buffer(ones(channels)) : null;
    this.num_batches_tracked = tracks ? new Buffer(zeros([], { dtype: 'int64' })) : null;
  }

  forward(x: Tensor): Tensor {
    if (!this.dims.includes(x.ndim))
      throw new ShapeError(
        `${this.typeName}: input must have ${this.dims.join(' or ')} dimensions, got shape [${x.shape.join(', ')}]`,
      );
    let momentum = this.momentum ?? 0;
    if (this.training && this.num_batches_tracked !== null) {
      this.num_batches_tracked.add_(1);
      if (this.momentum === null) momentum = 1 / (this.num_batches_tracked.item() as number);
    }
    return batchNorm(x, this.running_mean, this.running_var, {
      weight: this.weight,
      bias: this.bias,
      training: this.training || this.running_mean === null,
      momentum,
      eps: this.eps,
    });
  }

  override get stateVersion(): number {
    return 2;
  }

  override get laterKeys(): Readonly<Record<string, number>> {
    return { num_batches_tracked: 2 };
  }

  override extraRepr(): string {
    const momentum = this.momentum === null ? 'None' : this.momentum === 0 ? '0' : String(this.momentum);
    return `${this.numFeatures}, eps=${float(this.eps)}, momentum=${momentum}, affine=${python(this.affine)}, track_running_stats=${python(this.trackRunningStats)}`;
  }
}

/**
 * Batch normalisation of [n, c] or [n, c, l]. (`torch.nn.BatchNorm1d`)
 * @throws RangeError for sizes out of range; ShapeError for other inputs.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.BatchNorm1d(1, { eps: 0 })(tensor([[1], [3]])).toArray(); // [[-1], [1]]
 */
export class BatchNorm1d extends BatchNorm {
  protected override get dims(): readonly number[] {
    return [2, 3];
  }
}

/**
 * Batch normalisation of [n, c, h, w]. (`torch.nn.BatchNorm2d`)
 * @throws RangeError for sizes out of range; ShapeError for other inputs.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.BatchNorm2d(1, { eps: 0 })(tensor([[[[1, 3]]]])).toArray(); // [[[[-1, 1]]]]
 */
export class BatchNorm2d extends BatchNorm {
  protected override get dims(): readonly number[] {
    return [4];
  }
}

/**
 * Batch normalisation of [n, c, d, h, w]. (`torch.nn.BatchNorm3d`)
 * @throws RangeError for sizes out of range; ShapeError for other inputs.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.BatchNorm3d(1, { eps: 0 })(tensor([[[[[1, 3]]]]])).toArray(); // [[[[[-1, 1]]]]]
 */
export class BatchNorm3d extends BatchNorm {
  protected override get dims(): readonly number[] {
    return [5];
  }
}
