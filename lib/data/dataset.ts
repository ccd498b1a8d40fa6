// Where samples come from: anything with a length and samples by index, or a stream.
import { inspect } from 'node:util';
import { CressetError } from '../errors.js';
import { wrongType } from '../functional/check.js';
import { Tensor } from '../tensor.js';
import { type Recipe, recipe, recipeOf } from './recipe.js';

/** Samples by index. (`torch.utils.data.Dataset`) */
export interface Dataset<T = unknown> {
  /** The number of samples. */
  readonly length: number;
  /** Sample `index`, 0 <= `index` < `length`. */
  get(index: number): T | Promise<T>;
}

/**
 * A stream of samples: what can be iterated, with `for` or `for await`, and has no `get`. (`torch.utils.data.IterableDataset`)
 *
 * Without `shard` every worker of a `DataLoader` goes through the whole stream and makes every N-th batch of it, so that the batches are the same
 * for any number of workers. With it worker `index` of `count` batches the stream that `shard` gives, and the workers' batches come in turns.
 */
export type IterableDataset<T = unknown> = (Iterable<T> | AsyncIterable<T>) & {
  /** The number of samples, if it is known. */
  readonly length?: number;
  /** The part of the stream for one worker of several. */
  shard?(index: number, count: number): Iterable<T> | AsyncIterable<T>;
};

/** Whether a dataset is a stream; throws the TypeError of `op` for what is no dataset at all. */
export function isStream<T>(dataset: Dataset<T> | IterableDataset<T>, op: string): dataset is IterableDataset<T> {
  const { get, length } = (dataset ?? {}) as Partial<Dataset<T>>;
  if (typeof get === 'function' && Number.isSafeInteger(length) && length! >= 0) return false;
  const iterable = dataset as Partial<Iterable<T> & AsyncIterable<T>> | null | undefined;
  if (
    typeof get !== 'function' &&
    !Array.isArray(dataset) &&
    typeof dataset === 'object' &&
    (typeof iterable?.[Symbol.asyncIterator] === 'function' || typeof iterable?.[Symbol.iterator] === 'function')
  )
    return true;
  throw new TypeError(`${op}: dataset must have a length and a method get(index), or be a stream to iterate`);
}

/** Throws the RangeError of `name` unless `index` is that of one of `length` samples. */
export function checkIndex(name: string, index: number, length: number, of = 'samples'): void {
  if (!Number.isInteger(index) || index < 0 || index >= length)
    throw new RangeError(`${name}: index ${index} is out of range for ${length} ${of}`);
}

/**
 * Tensors that share their first dimension, as samples of one row each. (`torch.utils.data.TensorDataset`)
 * @throws CressetError where the first sizes differ; TypeError for anything but tensors.
 * @example
 * import { tensor } from 'cresset';
 * import { TensorDataset } from 'cresset/data';
 * new TensorDataset(tensor([[1, 2], [3, 4]]), tensor([0, 1])).length; // 2
 */
export class TensorDataset implements Dataset<Tensor[]> {
  readonly tensors: Tensor[];
  readonly length: number;

  constructor(...tensors: Tensor[]) {
    tensors.forEach((t, i) => {
      if (!(t instanceof Tensor)) wrongType('TensorDataset', `tensors[${i}]`, 'a Tensor', t);
    });
    const sizes = tensors.map((t) => t.shape[0]);
    if (tensors.length === 0) throw new CressetError('TensorDataset: expected at least one tensor');
    if (sizes.some((s) => s === undefined || s !== sizes[0]))
      throw new CressetError(`TensorDataset: the tensors' first sizes differ: ${sizes.join(', ')}`);
    this.tensors = tensors;
    this.length = sizes[0]!;
  }

  get(index: number): Tensor[] {
    checkIndex('TensorDataset', index, this.length);
    return this.tensors.map((t) => t.select(0, index));
  }

  /** Its sizes; the tensors themselves would fill the screen. */
  [inspect.custom](): string {
    const tensors = this.tensors.map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`);
    return `${this.constructor.name} { length: ${this.length}, tensors: ${tensors.join(', ')} }`;
  }

  [recipe](): Recipe {
    return recipeOf(this, this.constructor === TensorDataset, import.meta.url, this.tensors);
  }
}

/**
 * Some samples of another dataset, in the order of `indices`. (`torch.utils.data.Subset`)
 * @throws RangeError for an index that the dataset does not have; TypeError for a stream.
 * @example
 * import { tensor } from 'cresset';
 * import { Subset, TensorDataset } from 'cresset/data';
 * new Subset(new TensorDataset(tensor([1, 2, 3])), [2, 0]).length; // 2
 */
export class Subset<T> implements Dataset<T> {
  readonly length: number;

  constructor(
    readonly dataset: Dataset<T>,
    readonly indices: readonly number[],
  ) {
    if (isStream(dataset, 'Subset')) throw new TypeError('Subset: streams have no index');
    if (!Array.isArray(indices) && !ArrayBuffer.isView(indices))
      wrongType('Subset', 'indices', 'an array of indices', indices);
    for (const index of indices) checkIndex('Subset', index, dataset.length);
    this.length = indices.length;
  }

  get(index: number): T | Promise<T> {
    checkIndex('Subset', index, this.length);
    return this.dataset.get(this.indices[index]!);
  }

  [recipe](): Recipe {
    return recipeOf(this, this.constructor === Subset, import.meta.url, [this.dataset, this.indices]);
  }
}
