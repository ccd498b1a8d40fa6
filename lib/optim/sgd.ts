// Stochastic gradient descent.
import { zerosLike } from '../functional/creation.js';
import { native } from '../native.js';
import type { Tensor } from '../tensor.js';
import { checkRange, Optimizer, type ParamGroup } from './optimizer.js';

/** Options of SGD. */
export interface SGDOptions {
  /** Scales the update; default 0.001. */
  lr: number;
  /** How much of the last update is kept; default 0. */
  momentum: number;
  /** How little of a new gradient goes into the momentum; default 0. */
  dampening: number;
  /** Adds weightDecay · p to the gradient; default 0. */
  weightDecay: number;
  /** Looks ahead by the momentum; default false. */
  nesterov: boolean;
  /** Climbs instead of descending; default false. */
  maximize: boolean;
}

interface State {
  momentumBuffer: Tensor | null;
}

/**
 * p -= lr · b, with b = momentum · b + (1 - dampening) · gradient. (`torch.optim.SGD`)
 * @throws RangeError for options out of range, or nesterov without a momentum or with a dampening.
 * @example
 * import { optim, tensor } from 'cresset';
 * const p = tensor([1], { requiresGrad: true });
 * p.square().sum().backward();
 * new optim.SGD([p], { lr: 0.1 }).step();
 * p.item(); // 0.800000011920929
 */
export class SGD extends Optimizer<SGDOptions, State> {
  constructor(params: Iterable<Tensor> | Iterable<ParamGroup<SGDOptions>>, options: Partial<SGDOptions> = {}) {
    const defaults = { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false };
    super(params, defaults, options);
  }

  protected check(o: SGDOptions): void {
    checkRange('SGD: lr', o.lr, 0);
    checkRange('SGD: momentum', o.momentum, 0);
    checkRange('SGD: weightDecay', o.weightDecay, 0);
    if (o.nesterov && (o.momentum <= 0 || o.dampening !== 0))
      throw new RangeError('SGD: nesterov needs a momentum and no dampening');
  }

  protected initialState(): State {
    return { momentumBuffer: null };
  }

  protected foreignOptions() {
    return { foreach: null, differentiable: false, fused: null };
  }

  protected update(params: Tensor[], o: SGDOptions): void {
    if (o.momentum === 0) {
      this.#launch(params, [], o, false);
      return;
    }
    const fresh = params.filter((p) => this.stateOf(p, o).momentumBuffer === null);
    const known = params.filter((p) => this.stateOf(p, o).momentumBuffer !== null);
    for (const p of fresh) this.stateOf(p, o).momentumBuffer = zerosLike(p);
    for (const list of [fresh, known])
      if (list.length > 0)
        this.#launch(
          list,
          list.map((p) => this.stateOf(p, o).momentumBuffer!),
          o,
          list === fresh,
        );
  }

  #launch(params: Tensor[], buffers: Tensor[], o: SGDOptions, first: boolean): void {
    native.sgd(
      params.map((p) => p.id),
      buffers.map((b) => b.id),
      o.lr,
      o.momentum,
      o.dampening,
      o.weightDecay,
      o.nesterov,
      o.maximize,
      first,
    );
  }
}
