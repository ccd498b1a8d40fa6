// Where gradients are recorded (per asynchronous context) and how they are asked for.
import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';
import { flag, idsOf, optionalId, optionsOf, wrongType } from './functional/check.js';
import { native } from './native.js';
import { type Tensor, wrap } from './tensor.js';

const noGradMode = 0;
const gradMode = 1;
const inferenceModeCode = 2;

// A call of `noGrad` or the like. What its function started (timers, callbacks) keeps it as its context beyond its end, so it says that it
// has ended; then the scope around it counts.
interface Scope {
  readonly mode: number;
  readonly outer: Scope | undefined;
  ended: boolean;
}
const contexts = new AsyncLocalStorage<Scope>();

function currentScope(): Scope | undefined {
  let scope = contexts.getStore();
  while (scope?.ended) scope = scope.outer;
  return scope;
}

/** How many async scopes have not ended; while there are any, each op first asks which context it runs in. */
export let asyncScopes = 0;

// The mode of the innermost scope whose synchronous part is running.
let running: number | null = null;

/** Sets the native mode to that of the asynchronous context which is running. */
export function followContext(): void {
  native.setGradMode(running ?? currentScope()?.mode ?? gradMode);
}

function runIn<R>(mode: number, fn: () => R): R {
  const outer = running;
  const before = native.setGradMode(mode);
  running = mode;
  try {
    return fn();
  } finally {
    running = outer;
    native.setGradMode(before);
  }
}

/** `noGrad` for the library's own synchronous code: it makes no asynchronous context. */
export function withoutGrad<R>(fn: () => R): R {
  return runIn(noGradMode, fn);
}

function scoped<R>(op: string, mode: number, fn: () => R): R {
  if (typeof fn !== 'function') wrongType(op, 'fn', 'a function', fn);
  const scope: Scope = { mode, outer: currentScope(), ended: false };
  let result: R | undefined;
  try {
    result = contexts.run(scope, () => runIn(mode, fn));
  } finally {
    // Only a promise goes on by itself; another thenable may start its work when `then` is called, which is for the caller to do.
    scope.ended = !types.isPromise(result);
  }
  if (scope.ended) return result;
  asyncScopes++;
  const end = () => {
    scope.ended = true;
    if (--asyncScopes === 0) native.setGradMode(running ?? gradMode);
  };
  Promise.prototype.then.call(result, end, end);
  return result;
}

/**
 * Runs `fn`, which may be async, without recording for gradients, and returns its result; callbacks that `fn` leaves behind are on their
 * own once it has returned or its promise has settled. (`torch.no_grad`)
 * @example
 * import { noGrad, tensor } from 'cresset';
 * const x = tensor([1, 2], { requiresGrad: true });
 * noGrad(() => x.mul(2)).requiresGrad; // false
 */
export function noGrad<R>(fn: () => R): R {
  return scoped('noGrad', noGradMode, fn);
}

/**
 * Runs `fn`, which may be async, recording for gradients again inside `noGrad`. (`torch.enable_grad`)
 * @example
 * import { enableGrad, noGrad, tensor } from 'cresset';
 * const x = tensor([1, 2], { requiresGrad: true });
 * noGrad(() => enableGrad(() => x.mul(2))).requiresGrad; // true
 */
export function enableGrad<R>(fn: () => R): R {
  return scoped('enableGrad', gradMode, fn);
}

/**
 * Runs `fn`, which may be async, for its results alone: nothing is recorded or kept for gradients. (`torch.inference_mode`)
 * @example
 * import { inferenceMode, isGradEnabled } from 'cresset';
 * inferenceMode(() => isGradEnabled()); // false
 */
export function inferenceMode<R>(fn: () => R): R {
  return scoped('inferenceMode', inferenceModeCode, fn);
}

/**
 * True where ops are recorded for gradients. (`torch.is_grad_enabled`)
 * @example
 * import { isGradEnabled } from 'cresset';
 * isGradEnabled(); // true
 */
export function isGradEnabled(): boolean {
  if (asyncScopes !== 0) followContext();
  return native.gradMode() === gradMode;
}

/** Options of `grad`. */
export interface GradOptions {
  /** The gradients of the outputs; needed for those that have more than one element. */
  gradOutputs?: Tensor | readonly (Tensor | null)[];
  /** Keep the graph for another pass. Default false. */
  retainGraph?: boolean;
  /** Give null for inputs that the outputs do not depend on instead of throwing. Default false. */
  allowUnused?: boolean;
}

/**
 * The gradients of the sum of `outputs` with respect to each of `inputs`, which keep their `grad` as it is. (`torch.autograd.grad`)
 * @throws AutogradError where an input does not take part, unless `allowUnused`.
 * @example
 * import { grad, tensor } from 'cresset';
 * const x = tensor([1, 2], { requiresGrad: true });
 * grad(x.square().sum(), x)[0]?.toArray(); // [2, 4]
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  options: GradOptions = {},
): (Tensor | null)[] {
  const roots = (Array.isArray(outputs) ? outputs : [outputs]) as readonly Tensor[];
  const leaves = (Array.isArray(inputs) ? inputs : [inputs]) as readonly Tensor[];
  const { gradOutputs, retainGraph, allowUnused } = optionsOf(options, 'grad', [
    'gradOutputs',
    'retainGraph',
    'allowUnused',
  ]);
  const given = gradOutputs ?? [];
  const seeds = (Array.isArray(given) ? given : [given]) as readonly (Tensor | null)[];
  return native.gradients(
    idsOf(roots, 'grad', 'outputs'),
    idsOf(leaves, 'grad', 'inputs'),
    roots.map((_, i) => optionalId(seeds[i], 'grad', `gradOutputs[${i}]`)),
    flag(retainGraph, 'grad', 'retainGraph'),
    flag(allowUnused, 'grad', 'allowUnused'),
    wrap,
  ) as (Tensor | null)[];
}
