// Layers that run in one pass where nobody can tell: a convolution, the batch normalisation behind it and a ReLU.
import { idOf, optionalId } from '../../functional/check.js';
import { native } from '../../native.js';
import { type Tensor, wrap } from '../../tensor.js';
import { hooksOf } from '../hooks.js';
import type { AnyModule } from '../module.js';
import { ReLU } from './activation.js';
import { BatchNorm2d } from './batch-norm.js';
import { Conv2d } from './conv.js';

type Fusing = typeof Conv2d | typeof BatchNorm2d | typeof ReLU;
// What the classes do, before anyone replaces it.
const forwards = new Map<Fusing, unknown>([Conv2d, BatchNorm2d, ReLU].map((type) => [type, type.prototype.forward]));

// Whether a call of `module` does what its class does, no more and no less.
function isPlain(module: unknown, type: Fusing): boolean {
  if (!(module instanceof type) || module.forward !== forwards.get(type)) return false;
  const hooks = hooksOf.get(module);
  return hooks === undefined || hooks.before.size + hooks.after.size === 0;
}

// Other values than these are left to what the layers say about them one by one.
const isPair = (value: unknown) => Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);

function fusesConv(conv: unknown): conv is Conv2d {
  if (!isPlain(conv, Conv2d)) return false;
  const { stride, padding, dilation, groups } = conv as Conv2d;
  return isPair(stride) && isPair(padding) && isPair(dilation) && Number.isSafeInteger(groups);
}

function fusesNorm(norm: unknown, x: Tensor): norm is BatchNorm2d {
  if (!isPlain(norm, BatchNorm2d)) return false;
  const { training, running_mean, running_var, eps } = norm as BatchNorm2d;
  return !training && running_mean !== null && running_var !== null && typeof eps === 'number' && x.ndim === 4;
}

/** @internal relu(norm(conv(x))), in one pass where it can be; without a `norm` or `relu` it is left out. */
export function convNormRelu(x: Tensor, conv: AnyModule, norm: AnyModule | null, relu: AnyModule | null): Tensor {
  if (!fusesConv(conv) || (norm !== null && !fusesNorm(norm, x)) || (relu !== null && !isPlain(relu, ReLU))) {
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
    const fuses = fusesConv(conv);
    const norm = fuses && fusesNorm(modules[i], y) ? modules[i++]! : null;
    const relu = fuses && isPlain(modules[i], ReLU) ? modules[i++]! : null;
    y = convNormRelu(y, conv, norm, relu);
  }
  return y;
}
