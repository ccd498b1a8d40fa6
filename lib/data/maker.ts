// Makes batches of a dataset's samples, each under a generator of its own.
import { setImmediate } from 'node:timers/promises';
import { wrongType } from '../functional/check.js';
import { OwnGenerator } from '../generator.js';
import type { Dataset, IterableDataset } from './dataset.js';

/** What `make` gives when a stream has no more. */
export const ended = Symbol('ended');

/** What batches are made of, and how. */
export interface Plan {
  dataset: Dataset | IterableDataset;
  stream: boolean;
  /** Whether batches are lists of samples; else each sample is one by itself. */
  lists: boolean;
  /** Of a stream: samples of a batch. */
  batchSize: number;
  dropLast: boolean;
  collateFn: (samples: never) => unknown;
}

/** How a maker works. */
export interface Manner {
  /** For how long, in milliseconds, samples are made before others on the event loop have their turn. */
  turnMs: number;
  /** Of a stream: the number of the first batch, and the distance to the next. */
  first?: number;
  step?: number;
  signal?: AbortSignal | undefined;
}

type Puller = Iterator<unknown> | AsyncIterator<unknown>;

/** Whether `value` is a promise, also one of another realm or of a library. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

const listed = (indices: readonly unknown[]): string =>
  indices.slice(0, 8).map(String).join(', ') + (indices.length > 8 ? ', ...' : '');

/** Makes the batches of one pass over a dataset. Batch `number` draws from a generator seeded with `seed` + `number`. */
export class BatchMaker {
  readonly #plan: Plan;
  readonly #manner: Manner;
  readonly #seed: number;
  #puller: Puller | undefined;
  // Whether the stream has no more; whether it was asked for a sample and has not given it.
  #over = false;
  #pulling = false;
  #next: number;
  // Since when no other had a turn.
  #resumed = 0;
  /** What is being made, for errors to tell. */
  doing = '';
  /** Whether a batch drew random numbers. */
  drew = false;

  constructor(plan: Plan, seed: number, manner: Manner) {
    this.#plan = plan;
    this.#manner = manner;
    this.#seed = seed;
    this.#next = manner.first ?? 0;
  }

  /** The batch of the samples `indices`, or, of a stream, batch `number`; those before it are made and dropped. */
  async make(number: number, indices: unknown): Promise<unknown> {
    if (!this.#plan.stream) return this.#makeOne(number, indices, true);
    for (; this.#next < number; this.#next += this.#manner.step ?? 1)
      if ((await this.#makeOne(this.#next, undefined, false)) === ended) return ended;
    this.#next += this.#manner.step ?? 1;
    return this.#makeOne(number, undefined, true);
  }

  /** Ends the stream. One that threw, or whose sample is no longer waited for, is told so but not waited for. */
  async close(): Promise<void> {
    if (this.#over) return;
    const closing = (async () => void (await this.#puller?.return?.()))();
    this.#over = true;
    if (this.#pulling) closing.catch(() => {});
    else await closing;
  }

  async #makeOne(number: number, indices: unknown, wanted: boolean): Promise<unknown> {
    const generator = new OwnGenerator(this.#seed + number);
    this.#resumed = performance.now();
    try {
      return await generator.run(() => this.#made(number, indices, wanted));
    } finally {
      this.drew ||= generator.drew;
    }
  }

  async #made(number: number, indices: unknown, wanted: boolean): Promise<unknown> {
    const { lists, collateFn, stream } = this.#plan;
    const samples = stream ? await this.#streamed(number) : await this.#indexed(indices);
    if (samples === ended || !wanted) return samples;
    if (lists && !stream) this.doing = `the batch of samples ${listed(indices as unknown[])}`;
    const batch = collateFn((lists ? samples : samples[0]) as never);
    return isThenable(batch) ? this.#awaited(batch) : batch;
  }

  get #turnIsDue(): boolean {
    return performance.now() - this.#resumed >= this.#manner.turnMs;
  }

  // Others' turn on the event loop.
  async #turn(): Promise<void> {
    await setImmediate();
    this.#manner.signal?.throwIfAborted();
    this.#resumed = performance.now();
  }

  async #indexed(indices: unknown): Promise<unknown[]> {
    const { dataset, lists } = this.#plan;
    if (lists && !Array.isArray(indices))
      wrongType('DataLoader', 'each batch of batchSampler', 'an array of indices', indices);
    const samples: unknown[] = [];
    for (const index of lists ? (indices as number[]) : [indices as number]) {
      this.doing = `sample ${String(index)}`;
      const sample = (dataset as Dataset).get(index);
      samples.push(isThenable(sample) ? await this.#awaited(sample) : sample);
      if (this.#turnIsDue) await this.#turn();
    }
    return samples;
  }

  async #streamed(number: number): Promise<unknown[] | typeof ended> {
    const { batchSize, dropLast } = this.#plan;
    this.doing = `batch ${number}`;
    const samples: unknown[] = [];
    while (samples.length < batchSize && !this.#over) {
      this.#pulling = true;
      const step = this.#pull();
      const { value, done } = isThenable(step) ? await this.#awaited(step) : step;
      this.#pulling = false;
      this.#over = done === true;
      if (!done) samples.push(isThenable(value) ? await this.#awaited(value) : value);
      if (this.#turnIsDue) await this.#turn();
    }
    const short = samples.length < batchSize;
    return samples.length === 0 || (short && dropLast) ? ended : samples;
  }

  #pull(): IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>> {
    const source = this.#plan.dataset as Iterable<unknown> & AsyncIterable<unknown>;
    this.#puller ??= source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
    return this.#puller.next();
  }

  // What `given` becomes, or the signal's reason.
  #awaited<T>(given: PromiseLike<T>): Promise<T> {
    const promise = Promise.resolve(given);
    const { signal } = this.#manner;
    if (signal === undefined) return promise;
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
  }
}
