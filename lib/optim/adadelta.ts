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
  weightDecay: number;
  maximize: boolean;
}

/** p -= lr · √(d + eps) / √(s + eps) · gradient, with running averages s of squared gradients and d of squared updates. (Zeiler 2012; `torch.optim.Adadelta`) */
export class Adadelta extends Optimizer<AdadeltaOptions> {
  readonly #states = new WeakMap<Tensor, { squareAvg: Tensor; accDelta: Tensor }>();

  constructor(
    params: Iterable<Tensor> | Iterable<ParamGroup<AdadeltaOptions>>,
    options: Partial<AdadeltaOptions> = {},
  ) {
    super(params, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false, ...options });
  }

  protected check(o: AdadeltaOptions): void {
    checkRange('Adadelta: lr', o.lr, 0);
    if (!(o.rho >= 0 && o.rho <= 1)) throw new RangeError(`Adadelta: rho is out of range: ${o.rho}`);
    checkRange('Adadelta: eps', o.eps, 0);
    checkRange('Adadelta: weightDecay', o.weightDecay, 0);
  }

  step(): void {
    for (const group of this.paramGroups) {
      const params = group.params.filter((p) => p.grad !== null);
      if (params.length === 0) continue;
      for (const p of params)
        if (!this.#states.has(p)) this.#states.set(p, { squareAvg: zerosLike(p), accDelta: zerosLike(p) });
      const states = params.map((p) => this.#states.get(p)!);
      const { lr, rho, eps, weightDecay, maximize } = group;
      native.adadelta(
        params.map((p) => p.id),
        states.map((s) => s.squareAvg.id),
        states.map((s) => s.accDelta.id),
        lr,
        rho,
        eps,
        weightDecay,
        maximize,
      );
    }
  }
}
