// The largest elements where there are NaN and infinities, and where the gradient goes.
import { describe, expect, test } from '@jest/globals';
import { tensor, topk, zeros } from '../../lib/index.js';

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe('topk ranks NaN above all numbers, as PyTorch does', () => {
  const x = tensor([1, nan, 3, -inf, nan, 2, inf]);
  test.each([
    [1, true, [nan], [1]],
    [3, true, [nan, nan, inf], [1, 4, 6]],
    [7, true, [nan, nan, inf, 3, 2, 1, -inf], [1, 4, 6, 2, 5, 0, 3]],
    [1, false, [-inf], [3]],
    [3, false, [-inf, 1, 2], [3, 0, 5]],
    [7, false, [-inf, 1, 2, 3, inf, nan, nan], [3, 0, 5, 2, 6, 4, 1]],
  ])('the %s best, largest: %s', (k, largest, values, indices) => {
    const result = topk(x, k, { largest });
    expect(result.values.toArray()).toEqual(values);
    expect(result.indices.toArray()).toEqual(indices);
  });

  test('also among so many that it selects by a heap', () => {
    const many = zeros([200]);
    many.select(0, 50).fill_(nan);
    many.select(0, 150).fill_(nan);
    expect(many.topk(3).indices.toArray()).toEqual([50, 150, 1]);
    expect(many.topk(3, { largest: false }).values.toArray()).toEqual([0, 0, 0]);
  });
});

test('the gradient goes to the elements that came', () => {
  const x = tensor([[3, 1, 2]], { requiresGrad: true });
  x.topk(2)
    .values.mul(tensor([10, 1]))
    .sum()
    .backward();
  expect(x.grad!.toArray()).toEqual([[10, 0, 1]]);
});

test.each([
  ['topk', tensor([[1, 2]]).topk(1)],
  ['max', tensor([[1, 2]]).max(1, { keepdim: true })],
  [
    'min',
    tensor([[2, 1]])
      .neg()
      .min(1, { keepdim: true }),
  ],
])('values and indices of %s come by name and in order', (_, result) => {
  const all = [...result];
  expect(all.length === 2 && all[0] === result.values && all[1] === result.indices).toBe(true);
  expect(Object.keys(result)).toEqual(['values', 'indices']);
});
