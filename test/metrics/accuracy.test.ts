// Accuracy: of scores and of class indices, for one or several numbers of best classes, over one batch or many.
import { describe, expect, test } from '@jest/globals';
import { manualSeed, metrics, randint, randn, type Tensor, tensor, zeros } from '../../lib/index.js';
import { expectFree } from './stream.js';

const int = (values: number[], shape = [values.length]) => tensor(values, { dtype: 'int64' }).view(shape);
const scores = tensor([
  [0.1, 0.7, 0.2],
  [0.5, 0.2, 0.3],
  [0.6, 0.3, 0.1],
  [0.2, 0.3, 0.5],
]);

describe('accuracy', () => {
  test.each([
    [1, 0.25],
    [2, 0.75],
    [3, 1],
  ])('counts a target among the best %s', (topk, expected) => {
    expect(metrics.accuracy(scores, int([1, 2, 2, 1]), { topk }).item()).toBe(expected);
  });

  test('gives one number for each of several', () => {
    const result = metrics.accuracy(scores, int([1, 2, 2, 1]), { topk: [3, 1] });
    expect([result.dtype, result.toArray()]).toEqual(['float32', [1, 0.25]]);
  });

  test.each(['int64', 'int32', 'uint8'] as const)('takes targets and class indices of %s', (dtype) => {
    const target = int([1, 2, 2, 1]).to(dtype);
    expect(metrics.accuracy(scores, target).item()).toBe(0.25);
    expect(metrics.accuracy(int([1, 0, 2, 1]).to(dtype), target).item()).toBe(0.75);
  });

  test('takes classes in the second dimension, as losses do', () => {
    const pixels = tensor([
      [
        [1, 0],
        [0, 1],
        [0, 0],
      ],
    ]).double();
    expect(pixels.shape).toEqual([1, 3, 2]);
    expect(metrics.accuracy(pixels, int([0, 0], [1, 2])).item()).toBe(0.5);
    expect(metrics.accuracy(tensor([0, 3, 1]), int([1], [])).item()).toBe(1);
  });

  test('ranks equal scores as topk does', () => {
    manualSeed(0);
    const ties = randint(0, 3, [60, 10]).float();
    const target = randint(0, 10, [60]);
    const best = ties.topk(3).indices.toArray() as number[][];
    const truth = target.toArray() as number[];
    const right = best.filter((row, i) => row.includes(truth[i]!)).length;
    expect(metrics.accuracy(ties, target, { topk: 3 }).item()).toBeCloseTo(right / 60, 6);
  });

  test('is 0 of nothing, and records nothing', () => {
    expect(metrics.accuracy(zeros([0, 3]), int([])).item()).toBe(0);
    const output = randn([2, 3], { requiresGrad: true });
    expect(metrics.accuracy(output, int([0, 1])).requiresGrad).toBe(false);
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'a target beyond the classes',
      () => metrics.accuracy(scores, int([0, 1, 2, 3])),
      /^accuracy: target 3 at position 3 is out of range for 3 classes/,
    ],
    ['a negative target', () => metrics.accuracy(int([0]), int([-1])), /^accuracy: target -1 at position 0/],
    [
      'fewer targets than rows',
      () => metrics.accuracy(scores, int([0])),
      /^accuracy: scores of shape \[4, 3\] expect targets of shape \[4\], got \[1\]/,
    ],
    [
      'class indices of another shape',
      () => metrics.accuracy(int([0, 1]), int([0])),
      /^accuracy: class indices must have the target's shape \[1\], got \[2\]/,
    ],
    ['a scalar score', () => metrics.accuracy(tensor(1), int([0], [])), /^accuracy: scores of shape \[\] expect/],
    ['targets that are floats', () => metrics.accuracy(scores, zeros([4])), /target must be int64.*, got float32/],
    [
      'predictions that are bool',
      () => metrics.accuracy(tensor([true]), int([0])),
      /^accuracy: output must be scores \(floats\) or class indices \(integers\), got bool/,
    ],
    ['no target', () => metrics.accuracy(scores, null as never), /^accuracy: target must be a Tensor, got null/],
    [
      'scores of no classes',
      () => metrics.accuracy(zeros([2, 0]), int([0, 0])),
      /^accuracy: scores of shape \[2, 0\] have no classes/,
    ],
    ['topk 0', () => metrics.accuracy(scores, int([0]), { topk: 0 }), /^accuracy: topk must be at least 1, got 0/],
    ['no topk', () => metrics.accuracy(scores, int([0]), { topk: [] }), /^accuracy: topk must be a number or an array/],
    ['half a topk', () => new metrics.Accuracy({ topk: [1, 1.5] }), /^Accuracy: topk must be an integer, got 1.5/],
    [
      'topk beyond the classes',
      () => metrics.accuracy(scores, int([0, 0, 0, 0]), { topk: [1, 4] }),
      /^accuracy: topk 4 is out of range for 3 classes/,
    ],
    [
      'topk of class indices',
      () => metrics.accuracy(int([0]), int([0]), { topk: 2 }),
      /^accuracy: topk 2 needs scores, but output is the class indices/,
    ],
  ])('%s is refused', (_, misuse, message) => {
    expect(misuse).toThrow(message);
  });

  test.each(['int64', 'int32', 'uint8'] as const)('at the call where targets of %s are there', (dtype) => {
    const target = tensor([0, 1, 2, 3], { dtype });
    expect(() => metrics.accuracy(scores, target)).toThrow(/^accuracy: target 3 at position 3 is out of range/);
  });

  test('a target that the network computed is checked when it is known', () => {
    const computed = scores.argmax(1).add(3);
    expect(() => metrics.accuracy(scores, computed).item()).toThrow(/accuracy: target 4 at position 0/);
  });
});

describe('Accuracy', () => {
  const batches: [Tensor, Tensor][] = [
    [scores, int([1, 2, 2, 1])],
    [scores.slice(0, 0, 1), int([1])],
  ];

  test('goes over batches of any size, and starts anew', () => {
    const accuracy = new metrics.Accuracy({ topk: [1, 2] });
    expect(accuracy.compute().toArray()).toEqual([0, 0]);
    for (let pass = 0; pass < 2; pass++) {
      for (const [output, target] of batches) accuracy.update(output, target);
      expect((accuracy.compute().toArray() as number[]).map((x) => x.toFixed(6))).toEqual(['0.400000', '0.800000']);
      accuracy.reset();
    }
    expect(accuracy.compute().toArray()).toEqual([0, 0]);
  });

  test('its topk is its own', () => {
    const ks = [1, 2];
    const accuracy = new metrics.Accuracy({ topk: ks });
    ks[1] = 9;
    accuracy.update(...batches[0]!);
    expect(accuracy.compute().shape).toEqual([2]);
  });

  test('a batch that is refused does not count', () => {
    const accuracy = new metrics.Accuracy();
    accuracy.update(scores, int([1, 0, 0, 2]));
    expect(() => accuracy.update(scores, int([1, 0, 0, 9]))).toThrow(RangeError);
    expect(accuracy.compute().item()).toBe(1);
  });

  test('updates wait for nothing and leave nothing behind', () => {
    const accuracy = new metrics.Accuracy({ topk: 2 });
    expectFree(() => accuracy.update(...batches[0]!));
    expect(accuracy.compute().item()).toBe(0.75);
  });
});
