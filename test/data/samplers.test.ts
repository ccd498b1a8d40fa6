// Samplers, splits and shuffled loaders give PyTorch's indices for a seed, and leave the global generator as PyTorch does.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import {
  BatchSampler,
  DataLoader,
  DistributedSampler,
  RandomSampler,
  randomSplit,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from '../../lib/data/index.js';
import { manualSeed, rand, type Tensor } from '../../lib/index.js';

interface Passes {
  passes: unknown[];
  next: number;
}
const golden: {
  samplers: Record<string, Passes>;
  loaders: Record<string, Passes>;
  distributed: Record<string, [number, number[]][]>;
  splits: Record<string, number[][]>;
} = JSON.parse(readFileSync(`${__dirname}/../golden/data.json`, 'utf8'));

const numbers = (length: number) => ({ length, get: (i: number) => i });
const weights = [0.1, 3, 0, 0.7, 2, 0.05, 1];

describe('samplers', () => {
  const samplers: Record<string, Iterable<unknown> & { length: number }> = {
    random: new RandomSampler(numbers(11)),
    'random, more': new RandomSampler(numbers(5), { numSamples: 13 }),
    'random, fewer': new RandomSampler(numbers(9), { numSamples: 4 }),
    'random, replacement': new RandomSampler(numbers(7), { replacement: true, numSamples: 70 }),
    subset: new SubsetRandomSampler([30, 10, 50, 20]),
    weighted: new WeightedRandomSampler(weights, 20),
    'weighted, one': new WeightedRandomSampler(weights, 1),
    'weighted, no replacement': new WeightedRandomSampler(weights, 5, { replacement: false }),
    batches: new BatchSampler(new RandomSampler(numbers(7)), 3),
  };

  test.each(Object.keys(golden.samplers))('%s', (name) => {
    const sampler = samplers[name]!;
    const expected = golden.samplers[name]!;
    manualSeed(0);
    expect([[...sampler], [...sampler]]).toEqual(expected.passes);
    expect(rand([1]).item()).toBe(expected.next);
    expect(sampler.length).toBe((expected.passes[0] as unknown[]).length);
  });

  test('in order, as many as there are when asked', () => {
    const dataset = { length: 2 };
    const sampler = new SequentialSampler(dataset);
    dataset.length = 3;
    expect([sampler.length, ...sampler]).toEqual([3, 0, 1, 2]);
    dataset.length = Number.NaN;
    expect(() => [...sampler]).toThrow('SequentialSampler: the length of the dataset must be an integer, got NaN');
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'nothing to draw from',
      () => new RandomSampler(numbers(0)),
      /RandomSampler: numSamples must be a positive integer, got 0/,
    ],
    [
      'samples of nothing',
      () => [...new RandomSampler(numbers(0), { numSamples: 2 })],
      /RandomSampler: the length of the dataset must be a positive integer, got 0/,
    ],
    ['no dataset', () => new SequentialSampler(undefined as never), /dataset must be something with a length/],
    ['weights of another kind', () => new WeightedRandomSampler(3 as never, 1), /weights must be an array of numbers/],
    [
      'no sampler',
      () => new BatchSampler(3 as never, 1),
      /BatchSampler: sampler must be an iterable of indices, got 3/,
    ],
    ['no samples', () => new WeightedRandomSampler([1], 0), /numSamples must be a positive integer, got 0/],
    [
      'negative weights',
      () => new WeightedRandomSampler([1, -1], 1),
      /weights\[1\] must be finite and not negative, got -1/,
    ],
    ['weights of 0', () => new WeightedRandomSampler([0, 0], 1), /the sum of the weights must not be 0/],
    [
      'more than there are',
      () => new WeightedRandomSampler([1, 1], 3, { replacement: false }),
      /at most as many samples as weights, got 3 of 2/,
    ],
    ['batches of nothing', () => new BatchSampler([1], 0), /BatchSampler: batchSize must be a positive integer, got 0/],
    [
      'a rank beyond the replicas',
      () => new DistributedSampler(numbers(4), { numReplicas: 2, rank: 2 }),
      /rank must be between 0 and 1, got 2/,
    ],
    ['indices that are none', () => new SubsetRandomSampler(3 as never), /indices must be an array of indices, got 3/],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('distributed', () => {
  const make = (n: number, options: object, epoch = 0) =>
    [0, 1, 2].map((rank) => {
      const sampler = new DistributedSampler(numbers(n), { numReplicas: 3, rank, ...options });
      sampler.setEpoch(epoch);
      return [sampler.length, [...sampler]];
    });

  test('by seed and epoch alone; all ranks have as many', () => {
    expect(make(11, {})).toEqual(golden.distributed.plain);
    expect(make(11, { seed: 2 }, 4)).toEqual(golden.distributed.epoch);
    expect(make(11, { dropLast: true, shuffle: false })).toEqual(golden.distributed.drop);
    expect(make(1, {})).toEqual(golden.distributed.few);
  });
});

describe('loaders', () => {
  test.each([
    ['shuffle', { shuffle: true }],
    ['sampler', { sampler: new SubsetRandomSampler([1, 3, 5, 7, 9]) }],
  ])('%s', async (name, options) => {
    const expected = golden.loaders[name]!;
    manualSeed(1);
    const loader = new DataLoader(numbers(10), { batchSize: 4, ...options });
    for (const pass of expected.passes) {
      const batches: unknown[] = [];
      for await (const batch of loader) batches.push((batch as Tensor).toArray());
      expect(batches).toEqual(pass);
    }
    expect(rand([1]).item()).toBe(expected.next);
  });
});

test.each([
  ['lengths', 10, [3, 7]],
  ['fractions', 11, [0.3, 0.3, 0.4]],
  ['thirds', 8, [1 / 3, 1 / 3, 1 / 3]],
])('randomSplit by %s', (name, n, lengths) => {
  manualSeed(5);
  expect(randomSplit(numbers(n), lengths).map((part) => part.indices)).toEqual(golden.splits[name]);
});
