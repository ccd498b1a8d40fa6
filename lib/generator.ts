// Generators beside the global one: what runs under one draws from it, also after it awaited, and nothing else does.
import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';
import { type Native, native } from './native.js';

// A call of `run`. What its function left behind (timers, callbacks) keeps it as its context, so it says that it has ended.
interface Scope {
  readonly generator: OwnGenerator;
  readonly outer: Scope | undefined;
  ended: boolean;
}
const contexts = new AsyncLocalStorage<Scope>();

// How many calls of `run` have not ended; while there are any, each draw first asks whose it is.
let running = 0;

// Whose numbers the native generator draws, and where the global one stands meanwhile.
let current: OwnGenerator | undefined;
let globalState: Uint8Array;

/** A generator of its own, of the same recipe as the global one. */
export class OwnGenerator {
  readonly #seed: number;
  #state: Uint8Array | undefined;
  /** Whether anything was drawn. */
  drew = false;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** What `f` returns, which may be async, and whose random numbers come from this generator. */
  run<R>(f: () => R): R {
    const scope: Scope = { generator: this, outer: contexts.getStore(), ended: false };
    const over = () => end(scope);
    running++;
    let result: R | undefined;
    try {
      result = contexts.run(scope, f);
    } finally {
      if (!types.isPromise(result)) over();
    }
    if (types.isPromise(result)) Promise.prototype.then.call(result, over, over);
    return result;
  }

  /** Has the native generator draw the numbers of `next`, the global one's for undefined. */
  static switchTo(next: OwnGenerator | undefined): void {
    const state = native.randomState();
    if (current === undefined) globalState = state;
    else current.#state = state;
    if (next === undefined) native.setRandomState(globalState);
    else if (next.#state === undefined) native.manualSeed(next.#seed);
    else native.setRandomState(next.#state);
    if (next !== undefined) next.drew = true;
    current = next;
  }
}

function end(scope: Scope): void {
  scope.ended = true;
  if (current === scope.generator) OwnGenerator.switchTo(undefined);
  // Node 20 follows every promise of the process while a storage is in use.
  if (--running === 0) contexts.disable();
}

/** The native core, its generator being that of the context which is running: all that draws is called on it. */
export function drawing(): Native {
  if (running !== 0) {
    let scope = contexts.getStore();
    while (scope?.ended) scope = scope.outer;
    if (scope?.generator !== current) OwnGenerator.switchTo(scope?.generator);
  }
  return native;
}
