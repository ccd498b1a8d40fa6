// Datasets made of others: one after the other, side by side, or split at random.
import { CressetError } from '../errors.js';
import { describe, wrongType } from '../functional/check.js';
import { randperm } from '../random.js';
import { checkIndex, type Dataset, type IterableDataset, isStream, Subset } from './dataset.js';
import { isThenable } from './maker.js';
import { type Recipe, recipe, recipeOf } from './recipe.js';

function listed<D>(datasets: Iterable<D>, op: string): D[] {
  if (typeof datasets?.[Symbol.iterator] !== 'function') wrongType(op, 'datasets', 'an array of datasets', datasets);
  return [...datasets];
}

/**
 * The samples of several datasets, one dataset after the other. (`torch.utils.data.ConcatDataset`)
 * @throws CressetError without any dataset; TypeError for streams, which `ChainDataset` takes.
 * @example
 * import { tensor } from 'cresset';
 * import { ConcatDataset, TensorDataset } from 'cresset/data';
 * const both = new ConcatDataset([new TensorDataset(tensor([1, 2])), new TensorDataset(tensor([3]))]);
 * (await both.get(2))[0].item(); // 3
 */
export class ConcatDataset<T> implements Dataset<T> {
  readonly datasets: readonly Dataset<T>[];
  /** The number of samples up to and with each dataset. */
  readonly cumulativeSizes: readonly number[];
  readonly length: number;

  constructor(datasets: Iterable<Dataset<T>>) {
    this.datasets = listed(datasets, 'ConcatDataset');
    if (this.datasets.length === 0) throw new CressetError('ConcatDataset: expected at least one dataset');
    let length = 0;
    this.cumulativeSizes = this.datasets.map((dataset) => {
      if (isStream(dataset, 'ConcatDataset'))
        throw new TypeError('ConcatDataset: streams have no index; use ChainDataset');
      length += dataset.length;
      return length;
    });
    this.length = length;
  }

  get(index: number): T | Promise<T> {
    checkIndex('ConcatDataset', index, this.length);
    const which = this.cumulativeSizes.findIndex((size) => index < size);
    return this.datasets[which]!.get(index - (this.cumulativeSizes[which - 1] ?? 0));
  }

  [recipe](): Recipe {
    return recipeOf(this, this.constructor === ConcatDataset, import.meta.url, [this.datasets]);
  }
}

/**
 * Streams, one after the other; shards are those of each stream. (`torch.utils.data.ChainDataset`)
 * @throws TypeError for datasets that are no streams.
 * @example
 * import { ChainDataset } from 'cresset/data';
 * const stream = (values: number[]) => ({ [Symbol.iterator]: () => values.values() });
 * const seen: number[] = [];
 * for await (const value of new ChainDataset([stream([1, 2]), stream([3])])) seen.push(value);
 * seen; // [1, 2, 3]
 */
export class ChainDataset<T> {
  readonly datasets: readonly IterableDataset<T>[];

  constructor(datasets: Iterable<IterableDataset<T>>) {
    this.datasets = listed(datasets, 'ChainDataset');
    for (const dataset of this.datasets)
      if (!isStream(dataset, 'ChainDataset'))
        throw new TypeError('ChainDataset: expected streams; datasets with an index are for ConcatDataset');
  }

  /** The sum of the lengths, where all streams have one. */
  get length(): number {
    return this.datasets.reduce((sum, { length }) => {
      if (length === undefined) throw new TypeError('ChainDataset: a stream has no length');
      return sum + length;
    }, 0);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (const dataset of this.datasets) yield* dataset as AsyncIterable<T>;
  }

  [recipe](): Recipe {
    return recipeOf(this, this.constructor === ChainDataset, import.meta.url, [this.datasets]);
  }
}

/** The datasets of a `StackDataset`: in an array, or by name. */
export type Stackable = readonly Dataset[] | Readonly<Record<string, Dataset>>;

/** A sample of each of the datasets. */
export type Stacked<D extends Stackable> = {
  -readonly [K in keyof D]: D[K] extends Dataset<infer T> ? T : never;
};

/**
 * Datasets of one length side by side: a sample is an array, or a record, of a sample of each. (`torch.utils.data.StackDataset`)
 * @throws CressetError without any dataset and for datasets of different lengths; TypeError for streams.
 * @example
 * import { StackDataset } from 'cresset/data';
 * const squares = { length: 3, get: (i: number) => i * i };
 * const names = { length: 3, get: (i: number) => 'abc'[i] };
 * new StackDataset({ squares, names }).get(2); // { squares: 4, names: 'c' }
 */
export class StackDataset<const D extends Stackable> implements Dataset<Stacked<D>> {
  readonly length: number;

  constructor(readonly datasets: D) {
    if (typeof datasets !== 'object' || datasets === null)
      wrongType('StackDataset', 'datasets', 'an array or a record of datasets', datasets);
    const lengths = Object.values<Dataset>(datasets).map((dataset) => {
      if (isStream(dataset, 'StackDataset')) throw new TypeError('StackDataset: streams have no index');
      return dataset.length;
    });
    if (lengths.length === 0) throw new CressetError('StackDataset: expected at least one dataset');
    if (lengths.some((length) => length !== lengths[0]))
      throw new CressetError(`StackDataset: the datasets' lengths differ: ${lengths.join(', ')}`);
    this.length = lengths[0]!;
  }

  get(index: number): Stacked<D> | Promise<Stacked<D>> {
    checkIndex('StackDataset', index, this.length);
    const samples = Object.values<Dataset>(this.datasets).map((dataset) => dataset.get(index));
    return samples.some(isThenable)
      ? Promise.all(samples).then((settled) => this.#stacked(settled))
      : this.#stacked(samples);
  }

  #stacked(samples: unknown[]): Stacked<D> {
    const names = Object.keys(this.datasets);
    return (
      Array.isArray(this.datasets) ? samples : Object.fromEntries(names.map((name, i) => [name, samples[i]]))
    ) as Stacked<D>;
  }

  [recipe](): Recipe {
    return recipeOf(this, this.constructor === StackDataset, import.meta.url, [this.datasets]);
  }
}

/** A part for each length. */
export type Parts<T, L extends readonly number[]> = { -readonly [K in keyof L]: Subset<T> };

/**
 * Splits a dataset at random into parts of the given lengths, or of fractions of it whose sum is 1: what is left after rounding them down goes to
 * the first parts, one sample each. The permutation is drawn from the global generator. (`torch.utils.data.random_split`)
 * @throws RangeError for lengths whose sum is not the dataset's, and for a fraction outside [0, 1]; TypeError for streams.
 * @example
 * import { randomSplit } from 'cresset/data';
 * const numbers = { length: 10, get: (i: number) => i };
 * randomSplit(numbers, [0.75, 0.25]).map((part) => part.length); // [8, 2]
 */
export function randomSplit<T, const L extends readonly number[]>(dataset: Dataset<T>, lengths: L): Parts<T, L> {
  if (isStream(dataset, 'randomSplit')) throw new TypeError('randomSplit: streams have no index');
  if (!Array.isArray(lengths) || !lengths.every((length) => typeof length === 'number'))
    wrongType('randomSplit', 'lengths', 'an array of numbers', lengths);
  const total = lengths.reduce((a, b) => a + b, 0);
  const fractions = total <= 1 && total >= 1 - 1e-9;
  const parts = fractions ? lengthsOf(dataset.length, lengths) : lengths;
  if (parts.some((length) => !Number.isSafeInteger(length) || length < 0) || (!fractions && total !== dataset.length))
    throw new RangeError(
      `randomSplit: lengths must be whole numbers whose sum is the dataset's length ${dataset.length}, or fractions whose sum is 1, got ${describe(lengths)}`,
    );
  const order = randperm(dataset.length).toArray() as number[];
  let offset = 0;
  return parts.map((length) => {
    offset += length;
    return new Subset(dataset, order.slice(offset - length, offset));
  }) as Parts<T, L>;
}

function lengthsOf(n: number, fractions: readonly number[]): number[] {
  const lengths = fractions.map((fraction, i) => {
    if (!(fraction >= 0 && fraction <= 1))
      throw new RangeError(`randomSplit: lengths[${i}] must be a fraction between 0 and 1, got ${fraction}`);
    return Math.floor(n * fraction);
  });
  const rest = n - lengths.reduce((a, b) => a + b, 0);
  for (let i = 0; i < rest; i++) lengths[i % lengths.length]!++;
  return lengths;
}
