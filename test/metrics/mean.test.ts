// Running averages of numbers and of tensors.
import { expect, test } from '@jest/globals';
import { metrics, ones, tensor } from '../../lib/index.js';
import { expectFree } from './stream.js';

test('weighs numbers and tensors alike, in any order', () => {
  const mean = new metrics.Mean();
  mean.update(2);
  mean.update(tensor(4), 3);
  mean.update(8, tensor(2));
  mean.update(tensor([1, 2]), tensor([0, 4]));
  mean.update(tensor([[3, 5]], { dtype: 'int64' }));
  expect(mean.compute().item()).toBe(Math.fround((2 + 12 + 16 + 8 + 8) / (1 + 3 + 2 + 4 + 2)));
  mean.reset();
  mean.update(5);
  expect(mean.compute().item()).toBe(5);
});

test('sums in float64', () => {
  const mean = new metrics.Mean();
  mean.update(tensor(2 ** 25), 1);
  for (let i = 0; i < 7; i++) mean.update(tensor(1));
  expect(mean.compute().item()).toBe(Math.fround((2 ** 25 + 7) / 8));
});

test('is NaN of nothing and with a NaN, and records nothing', () => {
  const mean = new metrics.Mean();
  expect(mean.compute().item()).toBeNaN();
  mean.update(ones([2], { requiresGrad: true }).mul(3));
  expect([mean.compute().item(), mean.compute().requiresGrad]).toEqual([3, false]);
  mean.update(Number.NaN);
  expect(mean.compute().item()).toBeNaN();
});

test('updates wait for nothing and leave nothing behind', () => {
  const mean = new metrics.Mean();
  const loss = ones([4]).mul(0.5);
  const weight = tensor(2);
  expectFree(() => {
    mean.update(loss, 4);
    mean.update(loss, weight);
  });
  expect(mean.compute().item()).toBe(0.5);
});

test.each<[() => void, string]>([
  [() => new metrics.Mean().update('1' as never), 'Mean: value must be a number or a Tensor, got the string "1"'],
  [() => new metrics.Mean().update(1, null as never), 'Mean: weight must be a number or a Tensor, got null'],
  [
    () => new metrics.Mean().update(ones([2, 3]), ones([3])),
    "Mean: weight must be of shape [] or of the value's shape [2, 3], got [3]",
  ],
])('misuse %#', (misuse, message) => {
  expect(misuse).toThrow(message);
});
