// Generators beside the global one, which stands aside while they draw.
import { AsyncLocalStorage } from 'node:async_hooks';
import { native } from '../native.js';

/** A generator of its own, of the same recipe as the global one. */
export class OwnGenerator {
  readonly #seed: number;
  #state: Uint8Array | undefined;
  #global: Uint8Array | undefined;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** From here to `leave` all random numbers come from this generator. */
  enter(): void {
    this.#global = native.randomState();
    if (this.#state === undefined) native.manualSeed(this.#seed);
    else native.setRandomState(this.#state);
  }

  /** The global generator is back as it was. */
  leave(): void {
    this.#state = native.randomState();
    native.setRandomState(this.#global!);
  }

  /** What `draw` returns, which draws from this generator. */
  run<R>(draw: () => R): R {
    this.enter();
    try {
      return draw();
    } finally {
      this.leave();
    }
  }
}

const holding = new AsyncLocalStorage<{ active: boolean }>();
let last: Promise<void> = Promise.resolve();
let waiting = 0;

/**
 * Runs `f` when all that was given here before has ended, as what awaits in the middle of its draws would see others' generators. A call from
 * inside of `f` runs at once.
 */
export async function exclusively<R>(f: () => Promise<R>): Promise<R> {
  if (holding.getStore()?.active) return f();
  const before = last;
  let release!: () => void;
  last = new Promise((resolve) => {
    release = resolve;
  });
  waiting++;
  await before;
  const token = { active: true };
  try {
    return await holding.run(token, f);
  } finally {
    token.active = false;
    release();
    // Node 20 follows every promise of the process while a storage is in use.
    if (--waiting === 0) holding.disable();
  }
}
