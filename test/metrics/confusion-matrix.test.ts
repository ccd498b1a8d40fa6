// Confusion matrices: rows are true, columns predicted; parts of rows, columns and all; precision, recall and F1 of each class.
import { describe, expect, test } from '@jest/globals';
import { manualSeed, metrics, randint, randn, tensor, zeros } from '../../lib/index.js';
import { expectFree } from './stream.js';

const int = (values: number[]) => tensor(values, { dtype: 'int64' });
const predicted = int([0, 1, 1, 2, 2, 2]);
const target = int([0, 0, 1, 1, 2, 2]);
const rounded = (x: { toArray(): unknown }) => (x.toArray() as number[]).map((value) => Number(value.toFixed(6)));

describe('confusionMatrix', () => {
  test('counts class indices', () => {
    const matrix = metrics.confusionMatrix(predicted, target.to('uint8'), { numClasses: 4 });
    expect(matrix.dtype).toBe('int64');
    expect(matrix.toArray()).toEqual([
      [1, 1, 0, 0],
      [0, 1, 1, 0],
      [0, 0, 2, 0],
      [0, 0, 0, 0],
    ]);
  });

  test('counts scores, the first of equal ones, in as many classes as they have', () => {
    const scores = tensor([
      [0, 1, 1],
      [2, 1, 0],
    ]);
    expect(metrics.confusionMatrix(scores, int([2, 0])).toArray()).toEqual([
      [1, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
    ]);
  });

  test('counts every pixel', () => {
    manualSeed(0);
    const [scores, truth] = [randn([2, 5, 3, 4]), randint(0, 5, [2, 3, 4])];
    const matrix = metrics.confusionMatrix(scores, truth).toArray() as number[][];
    const expected = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0]);
    const best = scores.argmax(1).flatten().toArray() as number[];
    for (const [i, t] of (truth.flatten().toArray() as number[]).entries()) expected[t]![best[i]!]!++;
    expect(matrix).toEqual(expected);
  });

  test.each([
    ['true', [[0.5, 0.5, 0], [0, 0.5, 0.5], [0, 0, 1]]], // biome-ignore format: a matrix
    ['pred', [[1, 0.5, 0], [0, 0.5, 1 / 3], [0, 0, 2 / 3]]], // biome-ignore format: a matrix
    ['all', [[1 / 6, 1 / 6, 0], [0, 1 / 6, 1 / 6], [0, 0, 1 / 3]]], // biome-ignore format: a matrix
  ] as const)('by the sums of %s', (normalize, expected) => {
    const matrix = metrics.confusionMatrix(predicted, target, { numClasses: 3, normalize });
    expect(matrix.equal(tensor(expected))).toBe(true);
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      'class indices without their number',
      () => metrics.confusionMatrix(predicted, target),
      /^confusionMatrix: numClasses must be given where output is class indices, got undefined/,
    ],
    [
      'scores for another number of classes',
      () => metrics.confusionMatrix(zeros([1, 3]), int([0]), { numClasses: 4 }),
      /^confusionMatrix: output has scores for 3 classes but numClasses is 4/,
    ],
    [
      'a prediction beyond the classes',
      () => metrics.confusionMatrix(predicted, target, { numClasses: 2 }),
      /^confusionMatrix: output 2 at position 3 is out of range for 2 classes/,
    ],
    [
      'targets of another shape',
      () => metrics.confusionMatrix(zeros([2, 3]), int([0])),
      /^confusionMatrix: scores of shape \[2, 3\] expect targets of shape \[2\], got \[1\]/,
    ],
    ['no classes', () => new metrics.ConfusionMatrix(0), /^ConfusionMatrix: numClasses must be at least 1, got 0/],
    [
      'another normalize',
      () => metrics.confusionMatrix(predicted, target, { numClasses: 3, normalize: 'rows' as never }),
      /^confusionMatrix: normalize must be 'true', 'pred' or 'all', got the string "rows"/,
    ],
  ])('%s is refused', (_, misuse, message) => {
    expect(misuse).toThrow(message);
  });
});

describe('ConfusionMatrix', () => {
  test('goes over batches, and starts anew', () => {
    const matrix = new metrics.ConfusionMatrix(3);
    matrix.update(predicted, target);
    const before = matrix.compute();
    matrix.update(predicted, target);
    expect(matrix.compute().equal(before.mul(2))).toBe(true);
    matrix.reset();
    expect(matrix.compute().sum().item()).toBe(0);
    const parts = new metrics.ConfusionMatrix(3, { normalize: 'true' });
    expect(parts.compute().toArray()).toEqual([[0, 0, 0], [0, 0, 0], [0, 0, 0]]); // biome-ignore format: a matrix
  });

  test('tells precision, recall and F1 of each class, 0 where there is nothing', () => {
    const matrix = new metrics.ConfusionMatrix(4);
    matrix.update(predicted, target);
    expect(rounded(matrix.precision())).toEqual([1, 0.5, 0.666667, 0]);
    expect(rounded(matrix.recall())).toEqual([0.5, 0.5, 1, 0]);
    expect(rounded(matrix.f1())).toEqual([0.666667, 0.5, 0.8, 0]);
  });

  test('updates wait for nothing and leave nothing behind', () => {
    const matrix = new metrics.ConfusionMatrix(3);
    expectFree(() => matrix.update(predicted, target));
    expect(matrix.compute().sum().item()).toBe(21 * 6);
  });
});
