// `nn.utils`: gradients kept in bounds, parameters as one vector, and modules without initial values.
import { withoutGrad } from '../autograd.js';
import { CressetError } from '../errors.js';
import { describe, numberOf, optionsOf } from '../functional/check.js';
import { cat, stack } from '../functional/join.js';
import { Tensor, tensor } from '../tensor.js';
import { withoutInit } from './init.js';
import { type AnyModule, Module } from './module.js';

const listOf = (parameters: Tensor | Iterable<Tensor>): Tensor[] =>
  parameters instanceof Tensor ? [parameters] : [...parameters];

const gradientsOf = (parameters: Tensor | Iterable<Tensor>): Tensor[] =>
  listOf(parameters).flatMap((p) => p.grad ?? []);

/** Options of `clipGradNorm_`. */
export interface ClipGradNormOptions {
  /** The p of the norm, also Infinity; default 2. */
  normType?: number;
  /** Throw where the norm is infinite or NaN; waits for it. Default false. */
  errorIfNonfinite?: boolean;
}

/**
 * Scales all gradients by min(1, maxNorm / (norm + 1e-6)), with the norm of all of them as one vector, which it gives back.
 * (`torch.nn.utils.clip_grad_norm_`)
 * @throws CressetError for a norm that is infinite or NaN, with `errorIfNonfinite`.
 * @example
 * import { nn, tensor } from 'cresset';
 * const p = tensor([0, 0], { requiresGrad: true });
 * p.grad = tensor([3, 4]);
 * nn.utils.clipGradNorm_([p], 1).item(); // 5
 */
export function clipGradNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  options: ClipGradNormOptions = {},
): Tensor {
  numberOf(maxNorm, 'clipGradNorm_', 'maxNorm');
  const p = numberOf(
    optionsOf(options, 'clipGradNorm_', ['normType', 'errorIfNonfinite']).normType ?? 2,
    'clipGradNorm_',
    'normType',
  );
  const gradients = gradientsOf(parameters);
  const first = gradients[0];
  if (first === undefined) return tensor(0);
  return withoutGrad(() => {
    const total = stack(gradients.map((g) => g.norm(p).to(first.dtype))).norm(p);
    if (options.errorIfNonfinite === true && !Number.isFinite(total.item()))
      throw new CressetError(
        `clipGradNorm_: the norm of order ${p} of the gradients is ${total.item()}, so they cannot be clipped`,
      );
    const scale = total.add(1e-6).reciprocal().mul(maxNorm).clamp(null, 1);
    for (const g of gradients) g.mul_(scale.to(g.dtype));
    return total;
  });
}

/**
 * Limits every element of all gradients to [-clipValue, clipValue]. (`torch.nn.utils.clip_grad_value_`)
 * @example
 * import { nn, tensor } from 'cresset';
 * const p = tensor([0, 0], { requiresGrad: true });
 * p.grad = tensor([3, -4]);
 * nn.utils.clipGradValue_([p], 1);
 * p.grad.toArray(); // [1, -1]
 */
export function clipGradValue_(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  numberOf(clipValue, 'clipGradValue_', 'clipValue');
  withoutGrad(() => {
    for (const g of gradientsOf(parameters)) g.clamp_(-clipValue, clipValue);
  });
}

/**
 * All parameters one after the other in one vector. (`torch.nn.utils.parameters_to_vector`)
 * @throws CressetError where there are none.
 * @example
 * import { nn, ones, zeros } from 'cresset';
 * nn.utils.parametersToVector([zeros([1, 2]), ones([2])]).toArray(); // [0, 0, 1, 1]
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat(listOf(parameters).map((p) => p.reshape([-1])));
}

/**
 * Copies the parts of a vector into parameters. (`torch.nn.utils.vector_to_parameters`)
 * @throws CressetError where the vector has not as many elements as the parameters, which then stay as they are.
 * @example
 * import { nn, tensor, zeros } from 'cresset';
 * const p = zeros([1, 2]);
 * nn.utils.vectorToParameters(tensor([1, 2]), [p]);
 * p.toArray(); // [[1, 2]]
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  if (!(vector instanceof Tensor) || vector.ndim !== 1)
    throw new TypeError(`vectorToParameters: vector must be a Tensor of one dimension, got ${describe(vector)}`);
  const list = listOf(parameters);
  const count = list.reduce((sum, p) => sum + p.numel(), 0);
  if (count !== vector.numel())
    throw new CressetError(
      `vectorToParameters: the vector has ${vector.numel()} elements but the parameters have ${count}`,
    );
  withoutGrad(() => {
    let start = 0;
    for (const p of list) {
      p.copy_(vector.narrow(0, start, p.numel()).reshape(p.shape));
      start += p.numel();
    }
  });
}

/**
 * The module that `make` makes, with parameters as they lie in memory: within, layers and the functions of `nn.init` draw and fill
 * nothing, so that a network that is about to be loaded costs no time; buffers are what they always are.
 * (`torch.nn.utils.skip_init`)
 * @throws TypeError where `make` is no function or gives no module, as an async one does.
 * @example
 * import { nn } from 'cresset';
 * const layer = nn.utils.skipInit(() => new nn.Linear(1000, 10));
 * layer.loadStateDict(new nn.Linear(1000, 10).stateDict()).missingKeys; // []
 */
export function skipInit<M extends AnyModule>(make: () => M): M {
  if (typeof make !== 'function' || make instanceof Module)
    throw new TypeError(`skipInit: make must be a function that makes a Module, got ${describe(make)}`);
  const module = withoutInit(make);
  if (!(module instanceof Module)) throw new TypeError(`skipInit: make must give a Module, got ${describe(module)}`);
  return module;
}
