// Datasets of datasets.
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import {
  ChainDataset,
  ConcatDataset,
  type Dataset,
  randomSplit,
  recipe,
  StackDataset,
  Subset,
  TensorDataset,
} from '../../lib/data/index.js';
import { ones, tensor } from '../../lib/index.js';

const numbers = (from: number, length: number): Dataset<number> => ({ length, get: (i) => from + i });
const stream = (...values: number[]) => ({ length: values.length, [Symbol.iterator]: () => values.values() });

test.each<[string, () => unknown, RegExp]>([
  ['TensorDataset', () => new TensorDataset([ones([2])] as never), /tensors\[0\] must be a Tensor, got the array/],
  ['TensorDataset', () => new TensorDataset(ones([2]), ones([3])), /the tensors' first sizes differ: 2, 3/],
  [
    'Subset',
    () => new Subset(numbers(0, 3), tensor([1]) as never),
    /indices must be an array of indices, got a Tensor/,
  ],
  ['Subset', () => new Subset(numbers(0, 3), [3]), /index 3 is out of range for 3 samples/],
  ['Subset', () => new Subset(stream(1) as never, [0]), /streams have no index/],
  ['ConcatDataset', () => new ConcatDataset(numbers(0, 1) as never), /datasets must be an array of datasets/],
  ['StackDataset', () => new StackDataset(undefined as never), /datasets must be an array or a record of datasets/],
  ['StackDataset', () => new StackDataset([stream(1), stream(2)] as never), /streams have no index/],
  ['randomSplit', () => randomSplit(stream(1) as never, [1]), /streams have no index/],
])('%s refuses other things by name', (name, make, message) => {
  expect(make).toThrow(message);
  expect(make).toThrow(new RegExp(`^${name}: `));
});

test('a subclass has no recipe of its own: workers would make one of the class above', () => {
  class Doubled extends TensorDataset {
    override get(index: number) {
      return super.get(index).map((x) => x.mul(2));
    }
  }
  expect(() => new Doubled(ones([2]))[recipe]()).toThrow(
    /^Doubled: workers can make a dataset of your own where its class has a method \[recipe\]\(\), such as `return \{/,
  );
  expect(new TensorDataset(ones([2]))[recipe]().export).toBe('TensorDataset');
});

describe('ConcatDataset', () => {
  test('has the samples of one dataset after those of the other', () => {
    const all = new ConcatDataset([numbers(0, 2), numbers(9, 0), numbers(10, 3)]);
    expect([all.length, all.cumulativeSizes]).toEqual([5, [2, 2, 5]]);
    expect([0, 1, 2, 3, 4].map((i) => all.get(i))).toEqual([0, 1, 10, 11, 12]);
    expect(() => all.get(5)).toThrow('ConcatDataset: index 5 is out of range for 5 samples');
  });

  test('refuses nothing, and streams', () => {
    expect(() => new ConcatDataset([])).toThrow('ConcatDataset: expected at least one dataset');
    expect(() => new ConcatDataset([stream(1) as never])).toThrow(/streams have no index; use ChainDataset/);
  });
});

describe('ChainDataset', () => {
  test('streams one after the other, async ones too', async () => {
    const later = {
      async *[Symbol.asyncIterator]() {
        yield 7;
      },
    };
    const seen: number[] = [];
    for await (const value of new ChainDataset<number>([stream(1, 2), later, stream(3)])) seen.push(value);
    expect(seen).toEqual([1, 2, 7, 3]);
    expect(new ChainDataset([stream(1, 2), stream(3)]).length).toBe(3);
    expect(() => new ChainDataset<number>([stream(1), later]).length).toThrow('ChainDataset: a stream has no length');
  });

  test('refuses datasets with an index', () => {
    expect(() => new ChainDataset([numbers(0, 1) as never])).toThrow(/datasets with an index are for ConcatDataset/);
  });
});

describe('StackDataset', () => {
  test('gives arrays of samples, or records', async () => {
    expect(new StackDataset([numbers(0, 2), numbers(10, 2)]).get(1)).toEqual([1, 11]);
    const slow: Dataset<string> = { length: 2, get: async (i) => 'ab'[i]! };
    expect(await new StackDataset({ x: numbers(0, 2), y: slow }).get(1)).toEqual({ x: 1, y: 'b' });
    const foreign = runInNewContext("({ length: 2, get: (i) => Promise.resolve('ab'[i]) })") as Dataset<string>;
    expect(await new StackDataset([numbers(0, 2), foreign]).get(1)).toEqual([1, 'b']);
  });

  test('refuses nothing, and datasets of other lengths', () => {
    expect(() => new StackDataset([])).toThrow('StackDataset: expected at least one dataset');
    expect(() => new StackDataset([numbers(0, 2), numbers(0, 3)])).toThrow(
      "StackDataset: the datasets' lengths differ: 2, 3",
    );
  });
});

describe('randomSplit refuses', () => {
  test.each<[string, unknown, RegExp]>([
    [
      'a sum that is not the length',
      [3, 4],
      /whole numbers whose sum is the dataset's length 10, .* got the array \[3, 4\]/,
    ],
    ['parts of samples', [2.5, 7.5], /lengths must be whole numbers/],
    ['negative lengths', [-1, 11], /lengths must be whole numbers/],
    ['fractions outside [0, 1]', [1.5, -0.5], /lengths\[0\] must be a fraction between 0 and 1, got 1.5/],
    ['what is no list', 10, /lengths must be an array of numbers, got 10/],
  ])('%s', (_, lengths, message) => {
    expect(() => randomSplit(numbers(0, 10), lengths as number[])).toThrow(message);
  });
});
