// Batches of a dataset, in order or shuffled as PyTorch shuffles.
import { setImmediate } from 'node:timers/promises';
import { CressetError } from '../errors.js';
import { optionsOf, wrongType } from '../functional/check.js';
import { native } from '../native.js';
import { drained } from '../stream.js';
import { type Collated, defaultCollate } from './collate.js';
import { type Dataset, drawPermutation } from './dataset.js';

// Samples are made on the event loop's thread, for at most this long before others have their turn.
const turnMs = 2;

/** How a DataLoader makes batches. */
export interface DataLoaderOptions<T, B> {
  /** Samples per batch; default 1. */
  batchSize?: number;
  /** Draw a new order from the global generator for each pass; default false. */
  shuffle?: boolean;
  /** The order of samples, instead of `shuffle`; iterated anew for each pass. */
  sampler?: Iterable<number>;
  /** Leave out a last batch that is not full; default false. */
  dropLast?: boolean;
  /** Makes a batch of a list of samples; default `defaultCollate`. */
  collate?: (samples: T[]) => B;
}

/**
 * Iterates a dataset in batches, with `for await`; the stream's backlog is awaited between batches, so that the event loop stays free
 * and JavaScript is never more than a batch ahead of the arithmetic. The same seed gives PyTorch's batches. (`torch.utils.data.DataLoader`)
 * @throws CressetError for a batch size that is not a positive integer, for `shuffle` together with `sampler`, and for a sampler that can
 * be iterated only once.
 * @example
 * import { tensor } from 'cresset';
 * import { DataLoader, TensorDataset } from 'cresset/data';
 * const loader = new DataLoader(new TensorDataset(tensor([1, 2, 3])), { batchSize: 2 });
 * for await (const [x] of loader) console.log(x.shape); // [2], then [1]
 */
export class DataLoader<T, B = Collated<T>> {
  readonly batchSize: number;
  readonly dropLast: boolean;
  readonly #shuffle: boolean;
  readonly #sampler: Iterable<number> | undefined;
  readonly #collate: (samples: T[]) => B;

  constructor(
    readonly dataset: Dataset<T>,
    options: DataLoaderOptions<T, B> = {},
  ) {
    const { batchSize = 1, shuffle = false, sampler, dropLast = false, collate } = optionsOf(options, 'DataLoader');
    if (!Number.isSafeInteger(batchSize) || batchSize < 1)
      throw new CressetError(`DataLoader: batchSize must be a positive integer, got ${batchSize}`);
    if (shuffle && sampler !== undefined) throw new CressetError('DataLoader: sampler and shuffle exclude each other');
    if (typeof dataset?.get !== 'function' || !Number.isSafeInteger(dataset.length))
      throw new TypeError('DataLoader: dataset must have a length and a method get(index)');
    if (sampler !== undefined) checkSampler(sampler);
    this.batchSize = batchSize;
    this.dropLast = dropLast;
    this.#shuffle = shuffle;
    this.#sampler = sampler;
    this.#collate = collate ?? (defaultCollate as unknown as (samples: T[]) => B);
  }

  /** The number of batches of a pass; throws TypeError for a sampler that has neither `length` nor `size`. */
  get length(): number {
    const samples = this.#sampler === undefined ? this.dataset.length : lengthOf(this.#sampler);
    return this.dropLast ? Math.floor(samples / this.batchSize) : Math.ceil(samples / this.batchSize);
  }

  *#batches(): Generator<number[]> {
    const order = this.#sampler ?? (this.#shuffle ? drawPermutation(this.dataset.length) : range(this.dataset.length));
    let batch: number[] = [];
    for (const index of order) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<B, void, undefined> {
    native.drawSeed(); // the seed that PyTorch draws for its workers
    let backlog: Promise<void> = Promise.resolve();
    let resumed = performance.now();
    for (const indices of this.#batches()) {
      const samples: T[] = [];
      for (const index of indices) {
        const sample = this.dataset.get(index);
        samples.push(sample instanceof Promise ? await sample : sample);
        if (performance.now() - resumed < turnMs) continue;
        await setImmediate();
        resumed = performance.now();
      }
      const batch = this.#collate(samples);
      await backlog;
      backlog = drained();
      yield batch;
      resumed = performance.now();
    }
    await backlog;
  }
}

function checkSampler(sampler: Iterable<number>): void {
  if (typeof sampler?.[Symbol.iterator] !== 'function')
    wrongType('DataLoader', 'sampler', 'an iterable of indices', sampler);
  // An iterator that is its own iterable, as a generator makes it, is used up by the first pass.
  if ((sampler as { next?: unknown }).next !== undefined)
    throw new CressetError(
      'DataLoader: sampler can be iterated only once; give an array, or an object whose [Symbol.iterator] starts anew',
    );
}

// Not counted by iterating, which may draw random numbers.
function lengthOf(sampler: Iterable<number>): number {
  const { length, size } = sampler as { length?: unknown; size?: unknown };
  const count = length ?? size;
  if (typeof count !== 'number')
    wrongType('DataLoader', 'sampler', 'one with a length or size, to be counted', sampler);
  return count;
}

function* range(n: number): Generator<number> {
  for (let i = 0; i < n; i++) yield i;
}
