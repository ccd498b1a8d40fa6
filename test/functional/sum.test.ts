// Sums over dimensions that lie in memory in every way, long enough to be cut into parts.
import { expect, test } from '@jest/globals';
import { getNumThreads, rand, setNumThreads, type Tensor, tensor } from '../../lib/index.js';

const { abs, floor, max } = Math; // Globals are slow to reach in jest's sandbox.
const numbers = (x: Tensor) => Array.from(x.to('float64').toTypedArray() as Float64Array);

/** The sum over `dims` by a plain loop over the elements. */
function plainSum(x: Tensor, dims: number[]): number[] {
  const kept = x.shape.map((size, d) => (dims.includes(d) ? 1 : size));
  const out = Array(kept.reduce((a, b) => a * b, 1)).fill(0);
  numbers(x.contiguous()).forEach((value, i) => {
    let rest = i;
    let step = 1;
    let at = 0;
    for (let d = x.shape.length - 1; d >= 0; d--) {
      if (kept[d] !== 1) at += (rest % x.shape[d]!) * step;
      rest = floor(rest / x.shape[d]!);
      step *= kept[d]!;
    }
    out[at] += value;
  });
  return out;
}

const inputs: [string, () => Tensor, number[]][] = [
  ['columns, by parts of the rows', () => rand([1000, 700]), [0]],
  ['few columns, by parts of the rows', () => rand([70_000, 3]), [0]],
  ['columns of pictures', () => rand([30, 7, 600]), [1]],
  ['columns of two dimensions', () => rand([5, 6, 7]), [0, 1]],
  ['rows', () => rand([400, 49]), [1]],
  ['rows by spans', () => rand([2, 70_000]), [1]],
  ['rows of two dimensions', () => rand([5, 6, 7]), [1, 2]],
  ['both ends', () => rand([5, 6, 7]), [0, 2]],
  ['a dimension of 1', () => rand([5, 1, 7]), [1]],
  ['channels-last pictures', () => rand([2, 9, 11, 5]).permute(0, 3, 1, 2), [2, 3]],
  ['the channels of channels-last pictures', () => rand([2, 9, 11, 5]).permute(0, 3, 1, 2), [1]],
  ['columns of a transposed matrix', () => rand([30, 20]).t(), [0]],
  ['a narrowed matrix', () => rand([30, 20]).narrow(1, 3, 11), [0]],
  ['every second row', () => rand([15, 2, 20]).select(1, 1), [1]],
  ['an expanded row', () => rand([1, 20]).expand([9, 20]), [0]],
  ['an expanded column', () => rand([9, 1]).expand([9, 20]), [1]],
];

test.each(inputs)('%s', (_, make, dims) => {
  const x = make();
  const threads = getNumThreads();
  const [y, again] = [1, 3].map((n) => {
    setNumThreads(n);
    return numbers(x.sum(dims));
  });
  setNumThreads(threads);
  expect(again).toEqual(y);
  const expected = plainSum(x, dims);
  const count = x.numel() / expected.length;
  expect(y!.length).toBe(expected.length);
  const worst = (actual: number[], wanted: number[]) =>
    actual.reduce((most, value, i) => max(most, abs(value / wanted[i]! - 1)), 0);
  expect(worst(y!, expected)).toBeLessThanOrEqual(2e-7);
  const means = numbers(x.mean(dims));
  expect(means.length).toBe(expected.length);
  expect(
    worst(
      means.map((mean) => mean * count),
      expected,
    ),
  ).toBeLessThanOrEqual(4e-7);
});

test('NaN and infinity reach the sum of their row or column alone', () => {
  const x = tensor(Array(40).fill(1), { shape: [4, 10] });
  x.select(0, 1).select(0, 2).fill_(Number.NaN);
  x.select(0, 3).select(0, 9).fill_(Number.NEGATIVE_INFINITY);
  expect(numbers(x.sum(1))).toEqual([10, Number.NaN, 10, Number.NEGATIVE_INFINITY]);
  expect(numbers(x.sum(0))).toEqual([4, 4, Number.NaN, 4, 4, 4, 4, 4, 4, Number.NEGATIVE_INFINITY]);
});

test('argmax and argmin find the first of equals and the first NaN in rows of any length', () => {
  for (const n of [1, 5, 63, 64, 65, 200]) {
    const values = Array.from({ length: n }, (_, i) => (i * 7) % 50);
    for (const [i, special] of [
      [n - 1, 99],
      [n >> 1, 99],
      [n >> 2, Number.NaN],
      [n - 1, Number.NaN],
    ] as const) {
      const row = values.with(i, special);
      expect(tensor(row).argmax().item()).toBe(i);
      const smallest = Number.isNaN(special) ? i : row.indexOf(Math.min(...row));
      expect(tensor(row).argmin().item()).toBe(smallest);
    }
  }
});
