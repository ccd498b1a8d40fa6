// The same seed gives PyTorch's numbers, initial weights, dropout masks and order of samples.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DataLoader, TensorDataset } from '../lib/data/index.js';
import {
  arange,
  getRngState,
  manualSeed,
  nn,
  ones,
  rand,
  randint,
  randn,
  randperm,
  setRngState,
  type Tensor,
} from '../lib/index.js';

const goldens: Record<string, Record<string, number[]>> = JSON.parse(
  readFileSync(`${__dirname}/golden/random.json`, 'utf8'),
);
const numbers = (x: Tensor): number[] => Array.from(x.detach().reshape([-1]).toTypedArray(), Number);

function expectNear(actual: number[], expected: number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((v, i) => {
    expect(Math.abs(v - expected[i]!)).toBeLessThan(1e-6);
  });
}

describe.each(Object.entries(goldens))('seed %s', (seed, golden) => {
  const seeded = <R>(fn: () => R): R => {
    manualSeed(Number(seed));
    return fn();
  };

  test('rand is equal to the bit', () => expect(numbers(seeded(() => rand([5])))).toEqual(golden.rand));
  test.each([5, 16, 37])('randn of %d', (n) => expectNear(numbers(seeded(() => randn([n]))), golden[`randn${n}`]!));
  test('randn of 1000', () => expectNear(numbers(seeded(() => randn([1000]))).slice(990), golden.randn1000!));
  test('randperm', () => expect(numbers(seeded(() => randperm(20)))).toEqual(golden.randperm));
  test('randint', () => expect(numbers(seeded(() => randint(0, 10, [12])))).toEqual(golden.randint));
  test('dropout', () => expect(numbers(seeded(() => nn.functional.dropout(ones([20]), 0.3)))).toEqual(golden.dropout));
  test('default initialisation', () => {
    const [linear, conv] = seeded(() => [new nn.Linear(4, 3), new nn.Conv2d(2, 2, 3)] as const);
    expect([...numbers(linear.weight), ...numbers(linear.bias!)]).toEqual(golden.linear);
    expect([...numbers(conv.weight), ...numbers(conv.bias!)]).toEqual(golden.conv2d);
  });
  test('DataLoader shuffles in its order', async () => {
    const loader = seeded(() => new DataLoader(new TensorDataset(arange(10)), { batchSize: 4, shuffle: true }));
    const batches: number[][] = [];
    for (let pass = 0; pass < 2; pass++) for await (const [x] of loader) batches.push(numbers(x as Tensor));
    expect(batches).toEqual(golden.loader);
  });
});

test('the state can be kept and restored', () => {
  manualSeed(3);
  randn([3]);
  const state = getRngState();
  const first = numbers(randn([4]));
  setRngState(state);
  expect(numbers(randn([4]))).toEqual(first);
  expect(() => setRngState(new Uint8Array(5))).toThrow('not a generator state');
});
