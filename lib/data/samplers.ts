// The orders in which samples are visited; all that can be iterated anew for each pass.
import { CressetError } from '../errors.js';
import { describe, flag, integerOf, optionsOf, wrongType } from '../functional/check.js';
import { drawing, OwnGenerator } from '../generator.js';
import { rand, randint, randperm } from '../random.js';

/** An order of samples, iterated anew for each pass; `length` is how many there are. (`torch.utils.data.Sampler`) */
export interface Sampler<I = number> extends Iterable<I> {
  readonly length: number;
}

/** What samplers ask of a dataset. */
export interface Counted {
  readonly length: number;
}

const permutation = (n: number): number[] => randperm(n).toArray() as number[];
const integers = (n: number, count: number): number[] => randint(0, n, [count]).toArray() as number[];

function positive(value: number, op: string, name: string): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new CressetError(`${op}: ${name} must be a positive integer, got ${describe(value)}`);
  return value;
}

function counted<D extends Counted>(dataset: D, op: string): D {
  if (typeof dataset?.length !== 'number') wrongType(op, 'dataset', 'something with a length', dataset);
  return dataset;
}

/**
 * 0, 1, 2 and so on. (`torch.utils.data.SequentialSampler`)
 * @example
 * import { SequentialSampler } from 'cresset/data';
 * [...new SequentialSampler({ length: 3 })]; // [0, 1, 2]
 */
export class SequentialSampler implements Sampler {
  constructor(readonly dataset: Counted) {
    counted(dataset, 'SequentialSampler');
  }

  get length(): number {
    return integerOf(this.dataset.length, 'SequentialSampler', 'the length of the dataset');
  }

  *[Symbol.iterator](): Generator<number, void, undefined> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

/** Options of `RandomSampler`. */
export interface RandomSamplerOptions {
  /** Draw each index from all of them, so that some may come twice; default false. */
  replacement?: boolean;
  /** How many indices; default as many as samples. More than those without replacement are several orders in a row. */
  numSamples?: number;
}

/**
 * All indices in a random order, or indices drawn with replacement; each pass has a generator of its own, seeded from the global one.
 * (`torch.utils.data.RandomSampler`)
 * @throws CressetError for a number of samples that is not a positive integer, also that of an empty dataset.
 * @example
 * import { RandomSampler } from 'cresset/data';
 * [...new RandomSampler({ length: 5 })]; // [1, 3, 4, 2, 0]
 */
export class RandomSampler implements Sampler {
  readonly replacement: boolean;
  readonly #numSamples: number | undefined;

  constructor(
    readonly dataset: Counted,
    options: RandomSamplerOptions = {},
  ) {
    counted(dataset, 'RandomSampler');
    this.replacement = flag(
      optionsOf(options, 'RandomSampler', ['replacement', 'numSamples']).replacement,
      'RandomSampler',
      'replacement',
    );
    this.#numSamples = options.numSamples;
    positive(this.length, 'RandomSampler', 'numSamples');
  }

  get length(): number {
    return this.#numSamples ?? this.dataset.length;
  }

  *[Symbol.iterator](): Generator<number, void, undefined> {
    const n = positive(this.dataset.length, 'RandomSampler', 'the length of the dataset');
    const generator = new OwnGenerator(drawing().drawSeed());
    const block = this.replacement ? 65_536 : n;
    for (let left = this.length; left > 0; left -= block) {
      const draw = () => (this.replacement ? integers(n, Math.min(left, block)) : permutation(n).slice(0, left));
      yield* generator.run(draw);
    }
  }
}

/**
 * The given indices in a random order. (`torch.utils.data.SubsetRandomSampler`)
 * @example
 * import { SubsetRandomSampler } from 'cresset/data';
 * [...new SubsetRandomSampler([10, 20, 30])]; // [30, 10, 20]
 */
export class SubsetRandomSampler implements Sampler {
  constructor(readonly indices: readonly number[]) {
    if (!Array.isArray(indices)) wrongType('SubsetRandomSampler', 'indices', 'an array of indices', indices);
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): Generator<number, void, undefined> {
    for (const i of permutation(this.indices.length)) yield this.indices[i]!;
  }
}

/**
 * `numSamples` indices, of which each is drawn in proportion to its weight; without replacement none comes twice.
 * (`torch.utils.data.WeightedRandomSampler`)
 * @throws CressetError for negative or infinite weights, a sum of 0, and more samples without replacement than weights.
 * @example
 * import { WeightedRandomSampler } from 'cresset/data';
 * [...new WeightedRandomSampler([0, 1, 0], 4)]; // [1, 1, 1, 1]
 */
export class WeightedRandomSampler implements Sampler {
  readonly weights: Float64Array;
  readonly replacement: boolean;

  constructor(
    weights: ArrayLike<number>,
    readonly numSamples: number,
    options: { replacement?: boolean } = {},
  ) {
    const op = 'WeightedRandomSampler';
    positive(numSamples, op, 'numSamples');
    this.replacement = flag(optionsOf(options, op, ['replacement']).replacement, op, 'replacement', true);
    if (typeof weights?.length !== 'number') wrongType(op, 'weights', 'an array of numbers', weights);
    this.weights = Float64Array.from(weights);
    const odd = this.weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
    if (odd >= 0)
      throw new CressetError(`${op}: weights[${odd}] must be finite and not negative, got ${this.weights[odd]}`);
    if (!this.weights.some((weight) => weight > 0))
      throw new CressetError(`${op}: the sum of the weights must not be 0`);
    if (!this.replacement && numSamples > this.weights.length)
      throw new CressetError(
        `${op}: without replacement there are at most as many samples as weights, got ${numSamples} of ${this.weights.length}`,
      );
  }

  get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): Generator<number, void, undefined> {
    yield* this.replacement && this.numSamples > 1 ? this.#withReplacement() : this.#largest();
  }

  // Where each of some uniform numbers falls among the sums of the weights.
  #withReplacement(): number[] {
    let sum = 0;
    const ends = this.weights.map((weight) => (sum += weight)).map((end) => end / sum);
    ends[ends.length - 1] = 1;
    return Array.from(uniform(this.numSamples), (value) => {
      let [left, right] = [0, ends.length];
      while (left < right) {
        const middle = (left + right) >> 1;
        if (ends[middle]! < value) left = middle + 1;
        else right = middle;
      }
      return left;
    });
  }

  // The largest quotients of weights and exponential numbers.
  #largest(): number[] {
    const draws = uniform(this.weights.length);
    const quotients = this.weights.map((weight, i) => weight / -Math.log1p(-draws[i]!));
    const order = Array.from(quotients, (_, i) => i).sort((a, b) => quotients[b]! - quotients[a]! || a - b);
    return order.slice(0, this.numSamples);
  }
}

const uniform = (n: number): Float64Array => rand([n], { dtype: 'float64' }).toTypedArray() as Float64Array;

/**
 * The indices of another sampler in batches. (`torch.utils.data.BatchSampler`)
 * @throws CressetError for a batch size that is not a positive integer.
 * @example
 * import { BatchSampler, SequentialSampler } from 'cresset/data';
 * [...new BatchSampler(new SequentialSampler({ length: 5 }), 2, true)]; // [[0, 1], [2, 3]]
 */
export class BatchSampler<I = number> implements Sampler<I[]> {
  constructor(
    readonly sampler: Iterable<I>,
    readonly batchSize: number,
    readonly dropLast: boolean = false,
  ) {
    if (typeof sampler?.[Symbol.iterator] !== 'function')
      wrongType('BatchSampler', 'sampler', 'an iterable of indices', sampler);
    positive(batchSize, 'BatchSampler', 'batchSize');
    flag(dropLast, 'BatchSampler', 'dropLast');
  }

  get length(): number {
    return batchesOf(lengthOf(this.sampler, 'BatchSampler'), this.batchSize, this.dropLast);
  }

  *[Symbol.iterator](): Generator<I[], void, undefined> {
    let batch: I[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}

/** How many batches `samples` make. */
export const batchesOf = (samples: number, batchSize: number, dropLast: boolean): number =>
  dropLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize);

/** The number of indices of a sampler. Not counted by iterating, which may draw random numbers. */
export function lengthOf(sampler: Iterable<unknown>, op: string): number {
  const { length, size } = sampler as { length?: unknown; size?: unknown };
  const count = length ?? size;
  if (typeof count !== 'number') wrongType(op, 'sampler', 'one with a length or size, to be counted', sampler);
  return count;
}

/** Options of `DistributedSampler`. */
export interface DistributedSamplerOptions {
  /** How many processes share the dataset. */
  numReplicas: number;
  /** Which of them this is, from 0 on. */
  rank: number;
  /** Default true. */
  shuffle?: boolean;
  /** The order's seed, to which the epoch is added; the same in all processes. Default 0. */
  seed?: number;
  /** Leave out the last samples rather than give some twice, so that all have as many; default false. */
  dropLast?: boolean;
}

/**
 * The part of the indices that is for one of several processes: every `numReplicas`-th from `rank` on, of an order that depends on the seed and the
 * epoch alone. (`torch.utils.data.distributed.DistributedSampler`)
 * @throws RangeError for a rank that is not below the number of replicas.
 * @example
 * import { DistributedSampler } from 'cresset/data';
 * [...new DistributedSampler({ length: 5 }, { numReplicas: 2, rank: 1, shuffle: false })]; // [1, 3, 0]
 */
export class DistributedSampler implements Sampler {
  readonly numReplicas: number;
  readonly rank: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly dropLast: boolean;
  /** What `setEpoch` set. */
  epoch = 0;

  constructor(
    readonly dataset: Counted,
    options: DistributedSamplerOptions,
  ) {
    const op = 'DistributedSampler';
    counted(dataset, op);
    const { numReplicas, rank, shuffle, seed, dropLast } = optionsOf(options, op, [
      'numReplicas',
      'rank',
      'shuffle',
      'seed',
      'dropLast',
    ]);
    this.numReplicas = positive(numReplicas, op, 'numReplicas');
    this.rank = integerOf(rank, op, 'rank');
    if (rank < 0 || rank >= numReplicas)
      throw new RangeError(`${op}: rank must be between 0 and ${numReplicas - 1}, got ${rank}`);
    this.shuffle = flag(shuffle, op, 'shuffle', true);
    this.seed = integerOf(seed ?? 0, op, 'seed');
    this.dropLast = flag(dropLast, op, 'dropLast');
  }

  get length(): number {
    return batchesOf(this.dataset.length, this.numReplicas, this.dropLast);
  }

  /** Has the next passes take another order, which each epoch should. */
  setEpoch(epoch: number): void {
    this.epoch = integerOf(epoch, 'setEpoch', 'epoch');
  }

  *[Symbol.iterator](): Generator<number, void, undefined> {
    const n = this.dataset.length;
    const order = this.shuffle ? new OwnGenerator(this.seed + this.epoch).run(() => permutation(n)) : undefined;
    for (let i = 0; i < this.length; i++) {
      const at = (this.rank + i * this.numReplicas) % n;
      yield order?.[at] ?? at;
    }
  }
}
