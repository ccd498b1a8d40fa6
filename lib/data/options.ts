// What a DataLoader is told, and which of it excludes what.
import { CressetError } from '../errors.js';
import { flag, integerOf, numberOf, optionsOf, wrongType } from '../functional/check.js';
import { defaultCollate } from './collate.js';
import { type Dataset, type IterableDataset, isStream } from './dataset.js';
import type { Plan } from './maker.js';
import { BatchSampler, RandomSampler, SequentialSampler } from './samplers.js';

/** How a DataLoader makes batches. */
export interface DataLoaderOptions<T, B> {
  /** Samples per batch; default 1. With null each sample is a batch by itself, and `collateFn` gets it instead of a list. */
  batchSize?: number | null;
  /** A new order for each pass, whose seed comes from the global generator; default false. */
  shuffle?: boolean;
  /** The order of samples, instead of `shuffle`; iterated anew for each pass. */
  sampler?: Iterable<number>;
  /** The samples of each batch, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: Iterable<readonly number[]>;
  /** Leave out a last batch that is not full; default false. */
  dropLast?: boolean;
  /** Makes a batch of a list of samples, or a promise of it; default `defaultCollate`. With workers it needs a recipe: see `exported`. */
  collateFn?: (samples: T[]) => B | Promise<B>;
  /** How many threads make batches; default 0, in which case the calling one does. */
  numWorkers?: number;
  /** How many batches each worker is ahead of the loop; default 2. Only with workers. */
  prefetchFactor?: number;
  /** Keep the workers between passes, until `close` or the end of the loader; default false. */
  persistentWorkers?: boolean;
  /** For how many milliseconds the loop waits for a batch of a worker before it is an error (PyTorch's are seconds); default 0, without an end. */
  timeout?: number;
  /** Called in each worker with its number before the first batch; needs a recipe: see `exported`. */
  workerInitFn?: (id: number) => unknown;
  /** Ends the pass and its workers: the loop throws the signal's reason. */
  signal?: AbortSignal;
}

/** The options, checked and completed. */
export interface Settings {
  plan: Plan;
  /** The indices of each batch, of a pass; undefined for streams. */
  order: Iterable<unknown> | undefined;
  /** What `order` makes batches of. */
  indices: Iterable<number> | undefined;
  collateGiven: ((samples: never) => unknown) | undefined;
  numWorkers: number;
  prefetchFactor: number;
  persistentWorkers: boolean;
  timeout: number;
  workerInitFn: ((id: number) => unknown) | undefined;
  signal: AbortSignal | undefined;
}

const op = 'DataLoader';

function exclude(condition: boolean, what: string): void {
  if (condition) throw new CressetError(`${op}: ${what}`);
}

/** @throws CressetError for options that exclude each other, TypeError for what is no option. */
export function settingsOf<T, B>(dataset: Dataset<T> | IterableDataset<T>, options: DataLoaderOptions<T, B>): Settings {
  const { sampler, batchSampler, collateFn, workerInitFn, signal } = optionsOf(options, op, [
    'batchSize',
    'shuffle',
    'sampler',
    'batchSampler',
    'dropLast',
    'collateFn',
    'numWorkers',
    'prefetchFactor',
    'persistentWorkers',
    'timeout',
    'workerInitFn',
    'signal',
  ]);
  const stream = isStream(dataset, op);
  const shuffle = flag(options.shuffle, op, 'shuffle');
  const dropLast = flag(options.dropLast, op, 'dropLast');
  const persistentWorkers = flag(options.persistentWorkers, op, 'persistentWorkers');
  const numWorkers = count(options.numWorkers ?? 0, 'numWorkers', 0);
  const timeout = numberOf(options.timeout ?? 0, op, 'timeout');
  exclude(!(timeout >= 0), `timeout must not be negative, got ${timeout}`);
  const prefetchFactor = count(options.prefetchFactor ?? 2, 'prefetchFactor', 1);
  for (const name of ['prefetchFactor', 'persistentWorkers', 'timeout', 'workerInitFn'] as const)
    exclude(numWorkers === 0 && !!options[name], `${name} is for workers, but numWorkers is 0`);

  for (const name of ['shuffle', 'sampler', 'batchSampler'] as const)
    exclude(stream && !!options[name], `a stream has no indices, so that it takes no ${name}`);
  exclude(sampler !== undefined && shuffle, 'sampler and shuffle exclude each other');
  const { batchSize: given = 1 } = options;
  exclude(
    batchSampler !== undefined && (given !== 1 || shuffle || sampler !== undefined || dropLast),
    'batchSampler excludes batchSize, shuffle, sampler and dropLast',
  );
  exclude(given === null && dropLast, 'without batches, as batchSize is null, there is no last one to drop');
  const batchSize = batchSampler !== undefined || given === null ? null : count(given, 'batchSize', 1);

  if (sampler !== undefined) checkSampler(sampler, 'sampler');
  if (batchSampler !== undefined) checkSampler(batchSampler, 'batchSampler');
  for (const [name, f] of Object.entries({ collateFn, workerInitFn }))
    if (f !== undefined && typeof f !== 'function') wrongType(op, name, 'a function', f);
  if (signal !== undefined && !(signal instanceof AbortSignal)) wrongType(op, 'signal', 'an AbortSignal', signal);

  const indices = stream
    ? undefined
    : (sampler ?? (shuffle ? new RandomSampler(dataset) : new SequentialSampler(dataset)));
  const order =
    batchSampler ?? (indices && batchSize !== null ? new BatchSampler(indices, batchSize, dropLast) : indices);
  const lists = batchSize !== null || batchSampler !== undefined;
  const plan: Plan = {
    dataset,
    stream,
    lists,
    batchSize: batchSize ?? 1,
    dropLast,
    collateFn: collateOf(collateFn, lists),
  };
  return {
    plan,
    order,
    indices: lists && batchSampler === undefined ? indices : undefined,
    collateGiven: collateFn,
    numWorkers,
    prefetchFactor,
    persistentWorkers,
    timeout,
    workerInitFn,
    signal,
  };
}

/** The function that makes batches: the given one, or the usual one for lists or for single samples. */
export function collateOf(
  collateFn: ((samples: never) => unknown) | undefined,
  lists: boolean,
): (samples: never) => unknown {
  return collateFn ?? (lists ? defaultCollate : (sample: unknown) => sample);
}

function count(value: number, name: string, least: number): number {
  integerOf(value, op, name);
  exclude(value < least, `${name} must be ${least === 0 ? 'a non-negative' : 'a positive'} integer, got ${value}`);
  return value;
}

function checkSampler(sampler: Iterable<unknown>, name: string): void {
  if (typeof sampler?.[Symbol.iterator] !== 'function') wrongType(op, name, 'an iterable of indices', sampler);
  // An iterator that is its own iterable, as a generator makes it, is used up by the first pass.
  if ((sampler as { next?: unknown }).next !== undefined)
    throw new CressetError(
      `${op}: ${name} can be iterated only once; give an array, or an object whose [Symbol.iterator] starts anew`,
    );
}
