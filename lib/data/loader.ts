// Batches of a dataset, in order or shuffled as PyTorch shuffles, made here or by worker threads.
import { CressetError } from '../errors.js';
import { refusePlainFor } from '../functional/check.js';
import { drawing } from '../generator.js';
import { native } from '../native.js';
import { drained } from '../stream.js';
import type { Collated } from './collate.js';
import type { Dataset, IterableDataset } from './dataset.js';
import { BatchMaker, ended } from './maker.js';
import { type DataLoaderOptions, type Settings, settingsOf } from './options.js';
import { batchesOf, lengthOf } from './samplers.js';
import { Crew } from './workers/crew.js';
import { workerInfo } from './workers/info.js';
import { pack } from './workers/pack.js';

// Samples are made on the event loop's thread, for at most this long before others have their turn.
const turnMs = 2;

// The workers of a loader between its passes, and those of a pass, each apart from the object that users hold: when that is gone, they end.
interface Hired {
  crew: Crew | undefined;
}
const collected = new FinalizationRegistry<Hired>((hired) => void hired.crew?.end());

// Jest's realm on Node 20 lacks Symbol.asyncDispose.
const asyncDisposeSymbol: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/**
 * Iterates a dataset in batches, with `for await`; the stream's backlog is awaited between batches, so that the event loop stays free
 * and JavaScript is never more than a batch ahead of the arithmetic. The same seed gives PyTorch's order of samples, and what samples draw
 * at random depends on the seed and the batch alone: the batches are the same for any number of workers. (`torch.utils.data.DataLoader`)
 *
 * With `numWorkers` the batches are made by as many threads, whose results come in order, and whose errors are thrown by the loop. They make
 * the dataset anew from its recipe (see `recipe`), and get `collateFn` and `workerInitFn` by theirs (see `exported`).
 * @throws CressetError for options that exclude each other and for a sampler that can be iterated only once; TypeError for a dataset that
 * workers could not make. The loop throws what samples throw, a worker's errors of the same kind with the sample in the message, and CressetError
 * where a worker is gone or takes longer than `timeout`.
 * @example
 * import { tensor } from 'cresset';
 * import { DataLoader, TensorDataset } from 'cresset/data';
 * const loader = new DataLoader(new TensorDataset(tensor([1, 2, 3])), { batchSize: 2 });
 * for await (const [x] of loader) console.log(x.shape); // [2], then [1]
 */
export class DataLoader<T, B = Collated<T>> {
  /** Samples per batch; null where each is a batch by itself or a `batchSampler` says. */
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly numWorkers: number;
  readonly #settings: Settings;
  readonly #idle: Hired = { crew: undefined };
  #closed = false;

  static {
    refusePlainFor(DataLoader);
  }

  constructor(
    readonly dataset: Dataset<T> | IterableDataset<T>,
    options: DataLoaderOptions<T, B> = {},
  ) {
    this.#settings = settingsOf(dataset, options);
    const { plan, numWorkers } = this.#settings;
    this.batchSize =
      options.batchSampler !== undefined ? null : options.batchSize === undefined ? 1 : options.batchSize;
    this.dropLast = plan.dropLast;
    this.numWorkers = numWorkers;
    if (numWorkers > 0) this.#things(false);
    collected.register(this, this.#idle);
  }

  /** The number of batches of a pass; throws TypeError for a sampler that has neither `length` nor `size`, and for a stream without length. */
  get length(): number {
    const { plan, order, indices } = this.#settings;
    if (order !== undefined && indices === undefined) return lengthOf(order, 'DataLoader');
    const length = indices === undefined ? this.dataset.length : lengthOf(indices, 'DataLoader');
    if (typeof length !== 'number') throw new TypeError('DataLoader: the length of the stream is not known');
    return batchesOf(length, plan.batchSize, plan.dropLast);
  }

  /** Ends the workers that `persistentWorkers` keeps; a pass that is running ends its own. The next pass starts new ones. */
  async close(): Promise<void> {
    this.#closed = true;
    const { crew } = this.#idle;
    this.#idle.crew = undefined;
    await crew?.end();
  }

  [asyncDisposeSymbol](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): AsyncGenerator<B, void, undefined> {
    const hired: Hired = { crew: undefined };
    const batches = this.#iterate(hired) as AsyncGenerator<B, void, undefined>;
    if (this.numWorkers > 0) collected.register(batches, hired);
    return batches;
  }

  async *#iterate(hired: Hired): AsyncGenerator<unknown, void, undefined> {
    this.#settings.signal?.throwIfAborted();
    const seed = drawing().drawSeed(); // as PyTorch draws its workers'
    const source = this.numWorkers === 0 ? this.#made(seed) : this.#received(seed, hired);
    let backlog: Promise<void> = Promise.resolve();
    for await (const batch of source) {
      await backlog;
      backlog = drained();
      yield batch;
    }
    await backlog;
  }

  // Batches that this thread makes.
  async *#made(seed: number): AsyncGenerator<unknown, void, undefined> {
    const { plan, signal } = this.#settings;
    const maker = new BatchMaker(plan, seed, { turnMs, signal });
    try {
      let number = 0;
      for (const indices of this.#order()) {
        // Drawing waits for the stream, by which the event loop would stand still while the loop's step computes.
        if (maker.drew && native.pending() > 0) await drained();
        signal?.throwIfAborted();
        const batch = await maker.make(number++, indices);
        if (batch === ended) break;
        yield batch;
      }
    } finally {
      await maker.close();
    }
  }

  // Batches of workers, which are asked for as many ahead as they may be.
  async *#received(seed: number, hired: Hired): AsyncGenerator<unknown, void, undefined> {
    const { numWorkers, prefetchFactor, timeout, persistentWorkers, signal } = this.#settings;
    const ahead = numWorkers * prefetchFactor;
    this.#closed = false;
    const crew = this.#hire(seed);
    hired.crew = crew;
    const abort = () => crew.fail(signal!.reason);
    signal?.addEventListener('abort', abort);
    const order = this.#order();
    try {
      const asked: number[] = [];
      const ask = (number: number) => {
        const { value, done } = order.next();
        if (done) return;
        crew.ask(number, value, seed);
        asked.push(number);
      };
      for (let number = 0; number < ahead; number++) ask(number);
      for (let number = asked.shift(); number !== undefined; number = asked.shift()) {
        signal?.throwIfAborted();
        const received = await crew.receive(number, timeout);
        if ('ended' in received) continue;
        ask(number + ahead);
        yield received.batch;
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      hired.crew = undefined;
      if (persistentWorkers && !crew.failed && !this.#closed && this.#idle.crew === undefined) {
        crew.rest();
        this.#idle.crew = crew;
      } else await crew.end();
      order.return();
    }
  }

  *#order(): Generator<unknown, void, undefined> {
    const { order } = this.#settings;
    if (order !== undefined) yield* order;
    else while (true) yield undefined;
  }

  #hire(seed: number): Crew {
    if (workerInfo() !== null)
      throw new CressetError(
        'DataLoader: a worker cannot have workers. Is the dataset defined in the module that runs the loop? Workers import that module: ' +
          'define the dataset in one of its own, or run the loop only where isMainThread of node:worker_threads is true',
      );
    const { crew } = this.#idle;
    this.#idle.crew = undefined;
    if (crew !== undefined && !crew.failed) return crew;
    const { plan, numWorkers } = this.#settings;
    const { stream, lists, batchSize, dropLast } = plan;
    const sharded = stream && typeof (this.dataset as IterableDataset<T>).shard === 'function';
    return new Crew({
      numWorkers,
      seed,
      things: this.#things(true),
      plan: { stream, lists, batchSize, dropLast, sharded },
    });
  }

  // What workers make anew.
  #things(copyTensors: boolean) {
    const { collateGiven, workerInitFn } = this.#settings;
    return pack({ dataset: this.dataset, collateFn: collateGiven, workerInitFn }, copyTensors);
  }
}
