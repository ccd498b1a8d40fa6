// Layers that run in one pass where nobody can tell: a convolution, the batch normalisation behind it and a ReLU.
import { idOf, optionalId } from '../../functional/check.js';
import { native } from '../../native.js';
import { type Tensor, wrap } from '../../tensor.js';
import { hooksOf } from '../hooks.js';
import type { AnyModule } from '../module.js';
import { ReLU } from './activation.js';
import { BatchNorm2d } from './batch-norm.js';
import { Conv2d } from './conv.js';

// Whether a call of `module` does what its class does, no more and no less.
const isPlain = (module: unknown, type: typeof Conv2d | typeof BatchNorm2d | typeof ReLU): boolean =>
  module instanceof type && module.forward === type.prototype.forward && !hooksOf.has(module);

const fusesConv = (conv: unknown): conv is Conv2d => isPlain(conv, Conv2d) && Array.isArray((conv as Conv2d).padding);
const fusesNorm = (norm: unknown): norm is BatchNorm2d => {
  if (!isPlain(norm, BatchNorm2d)) return false;
  const { training, running_mean, running_var } = norm as BatchNorm2d;
  return !training && running_mean !== null && running_var !== null;
};

/** @internal relu(norm(conv(x))), in one pass where it can be; without a `norm` or `relu` it is left out. */
export function convNormRelu(x: Tensor, conv: AnyModule, norm: AnyModule | null, relu: AnyModule | null): Tensor {
  if (!fusesConv(conv) || (norm !== null && !fusesNorm(norm)) || (relu !== null && !isPlain(relu, ReLU))) {
    const y = norm === null ? conv(x) : norm(conv(x));
    return (relu === null ? y : relu(y)) as Tensor;
  }
  const [op, eps] = ['conv2d', norm?.eps ?? 0];
  return wrap(
    native.convBnRelu(
      idOf(x, op, 'input'),
      idOf(conv.weight, op, 'weight'),
      optionalId(conv.bias, op, 'bias'),
      [...conv.stride],
      [...(conv.padding as readonly [number, number])],
      [...conv.dilation],
      conv.groups,
      optionalId(norm?.weight ?? null, 'batchNorm', 'weight'),
      optionalId(norm?.bias ?? null, 'batchNorm', 'bias'),
      optionalId(norm?.running_mean ?? null, 'batchNorm', 'runningMean'),
      optionalId(norm?.running_var ?? null, 'batchNorm', 'runningVar'),
      eps,
      relu !== null,
    ),
  );
}

/** @internal Runs modules one after the other. */
export function runInOrder(modules: readonly AnyModule[], x: Tensor): Tensor {
  let y = x;
  for (let i = 0; i < modules.length; ) {
    const conv = modules[i++]!;
    const norm = fusesConv(conv) && fusesNorm(modules[i]) ? modules[i++]! : null;
    const relu = fusesConv(conv) && isPlain(modules[i], ReLU) ? modules[i++]! : null;
    y = norm === null && relu === null ? (conv(y) as Tensor) : convNormRelu(y, conv, norm, relu);
  }
  return y;
}
