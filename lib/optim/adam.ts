// Adam and AdamW.
import { zerosLike } from '../functional/creation.js';
import { native } from '../native.js';
import type { Tensor } from '../tensor.js';
import { checkRange, Optimizer, type ParamGroup } from './optimizer.js';

/** Options of Adam and AdamW. */
export interface AdamOptions {
  /** Default 0.001. */
  lr: number;
  /** Decay of the averages of gradients and of their squares; default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator; default 1e-8. */
  eps: number;
  /** Default 0, for AdamW 0.01. */
  weightDecay: number;
  amsgrad: boolean;
  maximize: boolean;
}

interface State {
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq: Tensor | null;
}

/** p -= lr · m̂ / (√v̂ + eps), with running averages m of the gradient and v of its square. (Kingma & Ba 2014; `torch.optim.Adam`) */
export class Adam extends Optimizer<AdamOptions> {
  readonly #states = new WeakMap<Tensor, State>();
  protected readonly decoupled: boolean = false;

  constructor(params: Iterable<Tensor> | Iterable<ParamGroup<AdamOptions>>, options: Partial<AdamOptions> = {}) {
    super(params, {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      amsgrad: false,
      maximize: false,
      ...options,
    });
  }

  protected check(o: AdamOptions): void {
    checkRange('Adam: lr', o.lr, 0);
    checkRange('Adam: betas[0]', o.betas[0], 0, 1);
    checkRange('Adam: betas[1]', o.betas[1], 0, 1);
    checkRange('Adam: eps', o.eps, 0);
    checkRange('Adam: weightDecay', o.weightDecay, 0);
  }

  step(): void {
    for (const group of this.paramGroups) {
      // Parameters that have seen the same number of steps go together.
      for (const [step, params] of this.#groupBySteps(group)) {
        const states = params.map((p) => this.#state(p, group.amsgrad));
        const { lr, betas, eps, weightDecay, amsgrad, maximize } = group;
        native.adam(
          params.map((p) => p.id),
          states.map((s) => s.expAvg.id),
          states.map((s) => s.expAvgSq.id),
          amsgrad ? states.map((s) => s.maxExpAvgSq!.id) : [],
          lr,
          betas[0],
          betas[1],
          eps,
          weightDecay,
          this.decoupled,
          maximize,
          step + 1,
        );
        for (const state of states) state.step = step + 1;
      }
    }
  }

  #groupBySteps(group: { params: Tensor[]; amsgrad: boolean }): Map<number, Tensor[]> {
    const groups = new Map<number, Tensor[]>();
    for (const p of group.params) {
      if (p.grad === null) continue;
      const { step } = this.#state(p, group.amsgrad);
      const list = groups.get(step);
      if (list) list.push(p);
      else groups.set(step, [p]);
    }
    return groups;
  }

  #state(p: Tensor, amsgrad: boolean): State {
    let state = this.#states.get(p);
    if (state === undefined) {
      state = { step: 0, expAvg: zerosLike(p), expAvgSq: zerosLike(p), maxExpAvgSq: amsgrad ? zerosLike(p) : null };
      this.#states.set(p, state);
    }
    return state;
  }
}

/** Adam whose weight decay is apart from the gradient: p -= lr · weightDecay · p first. (Loshchilov & Hutter 2017; `torch.optim.AdamW`) */
export class AdamW extends Adam {
  protected override readonly decoupled: boolean = true;

  constructor(params: Iterable<Tensor> | Iterable<ParamGroup<AdamOptions>>, options: Partial<AdamOptions> = {}) {
    super(params, { weightDecay: 0.01, ...options });
  }
}
