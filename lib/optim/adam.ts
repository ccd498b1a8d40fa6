// Adam and AdamW.

import { optionsOf } from '../functional/check.js';
import { zerosLike } from '../functional/creation.js';
import { native } from '../native.js';
import type { Tensor } from '../tensor.js';
import { checkRange, Optimizer, type ParamGroup } from './optimizer.js';

/** Options of Adam and AdamW. */
export interface AdamOptions {
  /** Scales the update; default 0.001. */
  lr: number;
  /** Decay of the averages of gradients and of their squares; default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator; default 1e-8. */
  eps: number;
  /** Adds weightDecay · p to the gradient (in AdamW: takes lr · weightDecay · p off the parameter); default 0, in AdamW 0.01. */
  weightDecay: number;
  /** Divides by the largest average of squares so far; default false. */
  amsgrad: boolean;
  /** Climbs instead of descending; default false. */
  maximize: boolean;
}

interface State {
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq?: Tensor;
}

const defaults: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

/**
 * p -= lr · m̂ / (√v̂ + eps), with running averages m of the gradient and v of its square. (Kingma & Ba 2014; `torch.optim.Adam`)
 * @throws RangeError for options out of range.
 * @example
 * import { optim, tensor } from 'cresset';
 * const p = tensor([1], { requiresGrad: true });
 * p.square().sum().backward();
 * new optim.Adam([p], { lr: 0.5 }).step();
 * p.item().toFixed(4); // '0.5000'
 */
export class Adam extends Optimizer<AdamOptions, State> {
  protected readonly decoupled: boolean = false;

  constructor(params: Iterable<Tensor> | Iterable<ParamGroup<AdamOptions>>, options: Partial<AdamOptions> = {}) {
    super(params, defaults, options);
  }

  protected check(o: AdamOptions): void {
    const name = this.constructor.name;
    checkRange(`${name}: lr`, o.lr, 0);
    if (!Array.isArray(o.betas) || o.betas.length !== 2)
      throw new TypeError(`${name}: betas must be a pair of numbers, got ${String(o.betas)}`);
    checkRange(`${name}: betas[0]`, o.betas[0], 0, 1);
    checkRange(`${name}: betas[1]`, o.betas[1], 0, 1);
    checkRange(`${name}: eps`, o.eps, 0);
    checkRange(`${name}: weightDecay`, o.weightDecay, 0);
  }

  protected initialState(p: Tensor, o: AdamOptions): State {
    const state = { step: 0, expAvg: zerosLike(p), expAvgSq: zerosLike(p) };
    return o.amsgrad ? { ...state, maxExpAvgSq: zerosLike(p) } : state;
  }

  protected foreignOptions() {
    return { foreach: null, capturable: false, differentiable: false, fused: null };
  }

  protected update(params: Tensor[], o: AdamOptions): void {
    // Parameters that have seen the same number of steps go together.
    const bySteps = new Map<number, Tensor[]>();
    for (const p of params) {
      const state = this.stateOf(p, o);
      if (o.amsgrad) state.maxExpAvgSq ??= zerosLike(p);
      const list = bySteps.get(state.step);
      if (list) list.push(p);
      else bySteps.set(state.step, [p]);
    }
    for (const [step, list] of bySteps) {
      const states = list.map((p) => this.stateOf(p, o));
      native.adam(
        list.map((p) => p.id),
        states.map((s) => s.expAvg.id),
        states.map((s) => s.expAvgSq.id),
        o.amsgrad ? states.map((s) => s.maxExpAvgSq!.id) : [],
        o.lr,
        o.betas[0],
        o.betas[1],
        o.eps,
        o.weightDecay,
        this.decoupled,
        o.maximize,
        step + 1,
      );
      for (const state of states) state.step = step + 1;
    }
  }
}

/**
 * Adam whose weight decay is apart from the gradient: p -= lr · weightDecay · p first. (Loshchilov & Hutter 2017; `torch.optim.AdamW`)
 * @throws RangeError for options out of range.
 * @example
 * import { optim, tensor } from 'cresset';
 * const p = tensor([1], { requiresGrad: true });
 * p.sum().backward();
 * new optim.AdamW([p], { lr: 0.5, weightDecay: 1 }).step();
 * p.item().toFixed(4); // '0.0000'
 */
export class AdamW extends Adam {
  protected override readonly decoupled: boolean = true;

  constructor(params: Iterable<Tensor> | Iterable<ParamGroup<AdamOptions>>, options: Partial<AdamOptions> = {}) {
    super(params, {
      weightDecay: 0.01,
      ...optionsOf(options, 'AdamW', Object.keys(defaults) as (keyof AdamOptions)[]),
    });
  }
}
