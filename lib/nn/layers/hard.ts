// Activations made of straight lines.
import { flag, numberOf, optionsOf } from '../../functional/check.js';
import { hardsigmoid, hardswish, hardtanh } from '../../functional/hard.js';
import type { Tensor } from '../../tensor.js';
import { Module } from '../module.js';
import type { InplaceOptions } from './activation.js';
import { float } from './text.js';

/**
 * x, but at least minVal and at most maxVal. (`torch.nn.Hardtanh`)
 * @throws RangeError where maxVal is not above minVal.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.Hardtanh()(tensor([-2, 0.5, 2])).toArray(); // [-1, 0.5, 1]
 */
export class Hardtanh extends Module<[x: Tensor]> {
  readonly inplace: boolean;

  constructor(
    readonly minVal = -1,
    readonly maxVal = 1,
    options: InplaceOptions = {},
  ) {
    super();
    const name = this.typeName;
    this.inplace = flag(optionsOf(options, name, ['inplace']).inplace, name, 'inplace');
    if (!(numberOf(maxVal, name, 'maxVal') > numberOf(minVal, name, 'minVal')))
      throw new RangeError(`${name}: maxVal must be above minVal, got ${maxVal} and ${minVal}`);
  }

  forward(x: Tensor): Tensor {
    return hardtanh(x, this.minVal, this.maxVal, this);
  }

  override extraRepr(): string {
    const bounds = `min_val=${float(this.minVal)}, max_val=${float(this.maxVal)}`;
    return this.inplace ? `${bounds}, inplace=True` : bounds;
  }
}

/**
 * min(max(0, x), 6). (`torch.nn.ReLU6`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.ReLU6()(tensor([-1, 3, 8])).toArray(); // [0, 3, 6]
 */
export class ReLU6 extends Hardtanh {
  constructor(options: InplaceOptions = {}) {
    super(0, 6, options);
  }

  override extraRepr(): string {
    return this.inplace ? 'inplace=True' : '';
  }
}

/**
 * min(max(0, x + 3), 6) / 6. (`torch.nn.Hardsigmoid`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.Hardsigmoid()(tensor([-4, 0, 3])).toArray(); // [0, 0.5, 1]
 */
export class Hardsigmoid extends Module<[x: Tensor]> {
  readonly inplace: boolean;

  constructor(options: InplaceOptions = {}) {
    super();
    this.inplace = flag(optionsOf(options, 'Hardsigmoid', ['inplace']).inplace, 'Hardsigmoid', 'inplace');
  }

  forward(x: Tensor): Tensor {
    return hardsigmoid(x, this);
  }
}

/**
 * x · min(max(0, x + 3), 6) / 6. (`torch.nn.Hardswish`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.Hardswish()(tensor([0, 3, 4])).toArray(); // [0, 3, 4]
 */
export class Hardswish extends Module<[x: Tensor]> {
  readonly inplace: boolean;

  constructor(options: InplaceOptions = {}) {
    super();
    this.inplace = flag(optionsOf(options, 'Hardswish', ['inplace']).inplace, 'Hardswish', 'inplace');
  }

  forward(x: Tensor): Tensor {
    return hardswish(x, this);
  }
}
