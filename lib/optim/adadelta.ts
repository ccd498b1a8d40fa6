// Adadelta.
import { zerosLike } from '../functional/creation.js';
import { native } from '../native.js';
import type { Tensor } from '../tensor.js';
import { checkRange, Optimizer, type ParamGroup } from './optimizer.js';

/** Options of Adadelta. */
export interface AdadeltaOptions {
  /** Scales the update; default 1. */
  lr: number;
  /** Decay of the running averages; default 0.9. */
  rho: number;
  /** Added under the roots; default 1e-6. */
  eps: number;
  /** Adds weightDecay · p to the gradient; default 0. */
  weightDecay: number;
  /** Climbs instead of descending; default false. */
  maximize: boolean;
}

interface State {
  step: number;
  squareAvg: Tensor;
  accDelta: Tensor;
}

/**
 * p -= lr · √(d + eps) / √(s + eps) · gradient, with running averages s of squared gradients and d of squared updates.
 * (Zeiler 2012; `torch.optim.Adadelta`)
 * @throws RangeError for options out of range.
 * @example
 * import { optim, tensor } from 'cresset';
 * const p = tensor([1], { requiresGrad: true });
 * p.square().sum().backward();
 * new optim.Adadelta([p]).step();
 * p.item(); // 0.9968377351760864
 */
export class Adadelta extends Optimizer<AdadeltaOptions, State> {
  constructor(
    params: Iterable<Tensor> | Iterable<ParamGroup<AdadeltaOptions>>,
    options: Partial<AdadeltaOptions> = {},
  ) {
    super(params, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false }, options);
  }

  protected check(o: AdadeltaOptions): void {
    checkRange('Adadelta: lr', o.lr, 0);
    if (!(o.rho >= 0 && o.rho <= 1))
      throw new RangeError(`Adadelta: rho is out of range: ${o.rho}; it must be between 0 and 1`);
    checkRange('Adadelta: eps', o.eps, 0);
    checkRange('Adadelta: weightDecay', o.weightDecay, 0);
  }

  protected initialState(p: Tensor): State {
    return { step: 0, squareAvg: zerosLike(p), accDelta: zerosLike(p) };
  }

  protected foreignOptions() {
    return { capturable: false, foreach: null, differentiable: false };
  }

  protected update(params: Tensor[], o: AdadeltaOptions): void {
    const states = params.map((p) => this.stateOf(p, o));
    native.adadelta(
      params.map((p) => p.id),
      states.map((s) => s.squareAvg.id),
      states.map((s) => s.accDelta.id),
      o.lr,
      o.rho,
      o.eps,
      o.weightDecay,
      o.maximize,
    );
    for (const state of states) state.step++;
  }
}
