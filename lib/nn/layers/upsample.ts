// Upsampling.
import { optionsOf } from '../../functional/check.js';
import { type InterpolateMode, type InterpolateOptions, interpolate } from '../../functional/interpolate.js';
import type { Tensor } from '../../tensor.js';
import { Module } from '../module.js';
import { float, tuple } from './text.js';

/** Options of `Upsample`: those of `interpolate` but `antialias`. */
export type UpsampleOptions = Omit<InterpolateOptions, 'antialias'>;

/**
 * Resizes [n, c, h, w] or [n, c, l] to `size`, or by `scaleFactor`. (`torch.nn.Upsample`)
 * @throws RangeError for a scaleFactor that is not positive; on the call what `nn.functional.interpolate` throws.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.Upsample({ scaleFactor: 2 })(tensor([[[[1, 2]]]])).toArray(); // [[[[1, 1, 2, 2], [1, 1, 2, 2]]]]
 */
export class Upsample extends Module<[x: Tensor]> {
  readonly size: number | readonly number[] | null;
  readonly scaleFactor: number | readonly number[] | null;
  readonly mode: InterpolateMode;
  readonly alignCorners: boolean | null;
  readonly recomputeScaleFactor: boolean | null;

  constructor(options: UpsampleOptions) {
    super();
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = optionsOf(options, 'Upsample', [
      'size',
      'scaleFactor',
      'mode',
      'alignCorners',
      'recomputeScaleFactor',
    ]);
    this.size = size ?? null;
    this.scaleFactor = scaleFactor ?? null;
    this.mode = mode ?? 'nearest';
    this.alignCorners = alignCorners ?? null;
    this.recomputeScaleFactor = recomputeScaleFactor ?? null;
    for (const scale of [this.scaleFactor ?? 1].flat())
      if (!(typeof scale === 'number' && scale > 0))
        throw new RangeError(`Upsample: scaleFactor must be positive, got ${scale}`);
  }

  forward(x: Tensor): Tensor {
    return interpolate(x, this);
  }

  override extraRepr(): string {
    const { size, scaleFactor } = this;
    const text = (value: number | readonly number[] | null, one: (v: number) => string): string =>
      value === null ? 'None' : typeof value === 'number' ? one(value) : tuple(value.map(one));
    const sides = scaleFactor === null ? `size=${text(size, String)}` : `scale_factor=${text(scaleFactor, float)}`;
    return `${sides}, mode='${this.mode}'`;
  }
}
