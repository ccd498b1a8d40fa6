// Makes batches of a dataset's samples, each under a generator of its own.
import { setImmediate } from 'node:timers/promises';
import type { Dataset, IterableDataset } from './dataset.js';
import { exclusively, OwnGenerator } from './generator.js';

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
  collate: (samples: never) => unknown;
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

const listed = (indices: readonly unknown[]): string =>
  indices.slice(0, 8).map(String).join(', ') + (indices.length > 8 ? ', ...' : '');

/** Makes the batches of one pass over a dataset. Batch `number` draws from a generator seeded with `seed` + `number`. */
export class BatchMaker {
  readonly #plan: Plan;
  readonly #manner: Manner;
  readonly #seed: number;
  #puller: Puller | undefined;
  #next: number;
  // Of the batch that is being made: its generator, and since when no other had a turn.
  #generator!: OwnGenerator;
  #resumed = 0;
  /** What is being made, for errors to tell. */
  doing = '';

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

  /** Ends the stream. */
  async close(): Promise<void> {
    await this.#puller?.return?.();
    this.#puller = undefined;
  }

  #makeOne(number: number, indices: unknown, wanted: boolean): Promise<unknown> {
    return exclusively(() => this.#drawing(number, indices, wanted));
  }

  async #drawing(number: number, indices: unknown, wanted: boolean): Promise<unknown> {
    this.#generator = new OwnGenerator(this.#seed + number);
    this.#resumed = performance.now();
    this.#generator.enter();
    try {
      const samples = this.#plan.stream ? await this.#streamed(number) : await this.#indexed(indices);
      if (samples === ended || !wanted) return samples;
      const { lists, collate, stream } = this.#plan;
      if (lists && !stream) this.doing = `the batch of samples ${listed(indices as unknown[])}`;
      return collate((lists ? samples : samples[0]) as never);
    } finally {
      this.#generator.leave();
    }
  }

  // Others' turn on the event loop, with the global generator in its place.
  async #turn(): Promise<void> {
    this.#generator.leave();
    try {
      await setImmediate();
      this.#manner.signal?.throwIfAborted();
    } finally {
      this.#generator.enter();
    }
    this.#resumed = performance.now();
  }

  get #turnIsDue(): boolean {
    return performance.now() - this.#resumed >= this.#manner.turnMs;
  }

  async #indexed(indices: unknown): Promise<unknown[]> {
    const { dataset, lists } = this.#plan;
    const samples: unknown[] = [];
    for (const index of lists ? (indices as number[]) : [indices as number]) {
      this.doing = `sample ${String(index)}`;
      const sample = (dataset as Dataset).get(index);
      samples.push(sample instanceof Promise ? await this.#awaited(sample) : sample);
      if (this.#turnIsDue) await this.#turn();
    }
    return samples;
  }

  async #streamed(number: number): Promise<unknown[] | typeof ended> {
    const { batchSize, dropLast } = this.#plan;
    this.doing = `batch ${number}`;
    const samples: unknown[] = [];
    while (samples.length < batchSize) {
      const step = this.#pull();
      const { value, done } = step instanceof Promise ? await this.#awaited(step) : step;
      if (done) break;
      samples.push(value instanceof Promise ? await this.#awaited(value) : value);
      if (this.#turnIsDue) await this.#turn();
    }
    const short = samples.length < batchSize;
    return samples.length === 0 || (short && dropLast) ? ended : samples;
  }

  #pull(): IteratorResult<unknown> | Promise<IteratorResult<unknown>> {
    const source = this.#plan.dataset as Iterable<unknown> & AsyncIterable<unknown>;
    this.#puller ??= source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]();
    return this.#puller.next();
  }

  #awaited<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this.#manner;
    if (signal === undefined) return promise;
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    });
  }
}
