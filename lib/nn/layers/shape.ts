// Layers that only change the shape.
import { integerOf, integersOf } from '../../functional/check.js';
import type { Tensor } from '../../tensor.js';
import { Module } from '../module.js';
import { tuple } from './text.js';

/**
 * Joins the dimensions from `startDim` to `endDim`. (`torch.nn.Flatten`)
 * @example
 * import { nn, ones } from 'cresset';
 * new nn.Flatten()(ones([2, 3, 4])).shape; // [2, 12]
 */
export class Flatten extends Module<[x: Tensor]> {
  constructor(
    readonly startDim = 1,
    readonly endDim = -1,
  ) {
    super();
    integerOf(startDim, 'Flatten', 'startDim');
    integerOf(endDim, 'Flatten', 'endDim');
  }

  forward(x: Tensor): Tensor {
    return x.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/**
 * Cuts dimension `dim` into several of the sizes given, of which one may be -1. (`torch.nn.Unflatten`)
 * @throws TypeError for sizes that are no integers; on the call ShapeError where they do not multiply to the dimension's.
 * @example
 * import { nn, ones } from 'cresset';
 * new nn.Unflatten(1, [3, 4])(ones([2, 12])).shape; // [2, 3, 4]
 */
export class Unflatten extends Module<[x: Tensor]> {
  readonly unflattenedSize: readonly number[];

  constructor(
    readonly dim: number,
    unflattenedSize: readonly number[],
  ) {
    super();
    integerOf(dim, 'Unflatten', 'dim');
    this.unflattenedSize = [...integersOf(unflattenedSize, 'Unflatten', 'unflattenedSize')];
  }

  forward(x: Tensor): Tensor {
    return x.unflatten(this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${tuple(this.unflattenedSize)}`;
  }
}
