// Stochastic gradient descent.
import { zerosLike } from '../functional/creation.js';
import { native } from '../native.js';
import type { Tensor } from '../tensor.js';
import { checkRange, Optimizer, type ParamGroup } from './optimizer.js';

/** Options of SGD. */
export interface SGDOptions {
  /** Default 0.001. */
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  maximize: boolean;
}

/**
 * p -= lr · b, with b = momentum · b + (1 - dampening) · gradient. (`torch.optim.SGD`)
 * @example
 * import { optim, tensor } from 'cresset';
 * const p = tensor([1], { requiresGrad: true });
 * p.square().sum().backward();
 * new optim.SGD([p], { lr: 0.1 }).step();
 * p.item(); // 0.800000011920929
 */
export class SGD extends Optimizer<SGDOptions> {
  readonly #buffers = new WeakMap<Tensor, Tensor>();

  constructor(params: Iterable<Tensor> | Iterable<ParamGroup<SGDOptions>>, options: Partial<SGDOptions> = {}) {
    super(params, {
      lr: 1e-3,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      maximize: false,
      ...options,
    });
  }

  protected check(o: SGDOptions): void {
    checkRange('SGD: lr', o.lr, 0);
    checkRange('SGD: momentum', o.momentum, 0);
    checkRange('SGD: weightDecay', o.weightDecay, 0);
    if (o.nesterov && (o.momentum <= 0 || o.dampening !== 0))
      throw new RangeError('SGD: nesterov needs a momentum and no dampening');
  }

  step(): void {
    for (const group of this.paramGroups) {
      const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
      const update = (params: Tensor[], buffers: Tensor[], first: boolean) => {
        if (params.length > 0)
          native.sgd(
            params.map((p) => p.id),
            buffers.map((b) => b.id),
            lr,
            momentum,
            dampening,
            weightDecay,
            nesterov,
            maximize,
            first,
          );
      };
      const params = group.params.filter((p) => p.grad !== null);
      if (momentum === 0) {
        update(params, [], false);
        continue;
      }
      const fresh = params.filter((p) => !this.#buffers.has(p));
      const known = params.filter((p) => this.#buffers.has(p));
      for (const p of fresh) this.#buffers.set(p, zerosLike(p));
      update(
        fresh,
        fresh.map((p) => this.#buffers.get(p)!),
        true,
      );
      update(
        known,
        known.map((p) => this.#buffers.get(p)!),
        false,
      );
    }
  }
}
