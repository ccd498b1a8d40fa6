// Activations.
import { flag, integerOf, numberOf, optionsOf } from '../../functional/check.js';
import { elu, type GeluOptions, gelu, leakyRelu, silu, softplus } from '../../functional/unary.js';
import type { Tensor } from '../../tensor.js';
import { Module } from '../module.js';
import { float } from './text.js';

/** Options of activations that can overwrite their input. */
export interface InplaceOptions {
  /** Overwrite the input. Default false. */
  inplace?: boolean;
}

/** An activation that can overwrite its input. */
abstract class InplaceActivation extends Module<[x: Tensor]> {
  readonly inplace: boolean;

  constructor(options: InplaceOptions) {
    super();
    this.inplace = flag(
      optionsOf(options, this.constructor.name, ['inplace']).inplace,
      this.constructor.name,
      'inplace',
    );
  }

  protected abstract compute(x: Tensor): Tensor;

  forward(x: Tensor): Tensor {
    // Backward reads the input of before: that is the clone.
    return this.inplace ? x.copy_(this.compute(x.clone())) : this.compute(x);
  }

  protected join(text = ''): string {
    return [text, this.inplace ? 'inplace=True' : ''].filter(Boolean).join(', ');
  }

  override extraRepr(): string {
    return this.join();
  }
}

/**
 * max(x, 0). (`torch.nn.ReLU`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.ReLU()(tensor([-1, 2])).toArray(); // [0, 2]
 */
export class ReLU extends InplaceActivation {
  constructor(options: InplaceOptions = {}) {
    super(options);
  }

  protected compute(x: Tensor): Tensor {
    return x.relu();
  }

  override forward(x: Tensor): Tensor {
    return this.inplace ? x.relu_() : x.relu();
  }
}

/**
 * x above 0, else negativeSlope · x. (`torch.nn.LeakyReLU`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.LeakyReLU(0.5)(tensor([-2, 2])).toArray(); // [-1, 2]
 */
export class LeakyReLU extends InplaceActivation {
  constructor(
    readonly negativeSlope = 0.01,
    options: InplaceOptions = {},
  ) {
    super(options);
    numberOf(negativeSlope, 'LeakyReLU', 'negativeSlope');
  }

  protected compute(x: Tensor): Tensor {
    return leakyRelu(x, this.negativeSlope);
  }

  override extraRepr(): string {
    return this.join(`negative_slope=${float(this.negativeSlope)}`);
  }
}

/**
 * x above 0, else alpha · (eˣ - 1). (`torch.nn.ELU`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.ELU()(tensor([0, 2])).toArray(); // [0, 2]
 */
export class ELU extends InplaceActivation {
  constructor(
    readonly alpha = 1,
    options: InplaceOptions = {},
  ) {
    super(options);
    numberOf(alpha, 'ELU', 'alpha');
  }

  protected compute(x: Tensor): Tensor {
    return elu(x, this.alpha);
  }

  override extraRepr(): string {
    return this.join(`alpha=${float(this.alpha)}`);
  }
}

/**
 * x · sigmoid(x). (`torch.nn.SiLU`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.SiLU()(tensor([0])).toArray(); // [0]
 */
export class SiLU extends InplaceActivation {
  constructor(options: InplaceOptions = {}) {
    super(options);
  }

  protected compute(x: Tensor): Tensor {
    return silu(x);
  }

  override forward(x: Tensor): Tensor {
    return silu(x, this);
  }
}

/**
 * x · Φ(x) with the normal distribution Φ, or its approximation by tanh. (`torch.nn.GELU`)
 * @throws RangeError for another approximation than 'none' or 'tanh'.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.GELU({ approximate: 'tanh' })(tensor([0])).toArray(); // [0]
 */
export class GELU extends Module<[x: Tensor]> {
  readonly approximate: 'none' | 'tanh';

  constructor(options: GeluOptions = {}) {
    super();
    this.approximate = optionsOf(options, 'GELU', ['approximate']).approximate ?? 'none';
    if (this.approximate !== 'none' && this.approximate !== 'tanh')
      throw new RangeError(`GELU: approximate must be 'none' or 'tanh', got '${String(this.approximate)}'`);
  }

  forward(x: Tensor): Tensor {
    return gelu(x, this);
  }

  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

/**
 * ln(1 + e^(beta x)) / beta, and x itself where beta x > threshold. (`torch.nn.Softplus`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.Softplus()(tensor([30])).toArray(); // [30]
 */
export class Softplus extends Module<[x: Tensor]> {
  readonly beta: number;
  readonly threshold: number;

  constructor(options: { beta?: number; threshold?: number } = {}) {
    super();
    this.beta = numberOf(optionsOf(options, 'Softplus', ['beta', 'threshold']).beta ?? 1, 'Softplus', 'beta');
    this.threshold = numberOf(options.threshold ?? 20, 'Softplus', 'threshold');
  }

  forward(x: Tensor): Tensor {
    return softplus(x, this.beta, this.threshold);
  }

  override extraRepr(): string {
    return `beta=${float(this.beta)}, threshold=${float(this.threshold)}`;
  }
}

/**
 * 1 / (1 + exp(-x)). (`torch.nn.Sigmoid`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.Sigmoid()(tensor([0])).toArray(); // [0.5]
 */
export class Sigmoid extends Module<[x: Tensor]> {
  forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}

/**
 * tanh(x). (`torch.nn.Tanh`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.Tanh()(tensor([0])).toArray(); // [0]
 */
export class Tanh extends Module<[x: Tensor]> {
  forward(x: Tensor): Tensor {
    return x.tanh();
  }
}

/**
 * exp(x) / sum(exp(x)) along `dim`. (`torch.nn.Softmax`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.Softmax(0)(tensor([0, 0])).toArray(); // [0.5, 0.5]
 */
export class Softmax extends Module<[x: Tensor]> {
  constructor(readonly dim: number) {
    super();
    integerOf(dim, 'Softmax', 'dim');
  }

  forward(x: Tensor): Tensor {
    return x.softmax(this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/**
 * ln(softmax(x)) along `dim`. (`torch.nn.LogSoftmax`)
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.LogSoftmax(0)(tensor([3])).toArray(); // [0]
 */
export class LogSoftmax extends Module<[x: Tensor]> {
  constructor(readonly dim: number) {
    super();
    integerOf(dim, 'LogSoftmax', 'dim');
  }

  forward(x: Tensor): Tensor {
    return x.logSoftmax(this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
