// Precision-recall curves: what TensorBoard reads of PyTorch's, ours, and tensors that are none.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { PrCurve } from '../../lib/board/api.js';
import { atThreshold, nearestPoint, placed } from '../../lib/board/page/pr-points.js';
import { pointsOf, prCurvesAt } from '../../lib/board/pr-curves.js';
import { Store } from '../../lib/board/store.js';
import { tensor } from '../../lib/index.js';
import { SummaryWriter } from '../../lib/tensorboard/index.js';
import { dataType } from '../../lib/tensorboard/messages.js';
import { temporaryFolder } from '../temporary.js';
import { bytesOf, writeEvents } from './files.js';

const root = temporaryFolder();
const golden = join(__dirname, '../golden/board');
// What TensorBoard's plugin gives its page.
interface Entry {
  step: number;
  wall_time: number;
  thresholds: number[];
  [row: string]: number | number[];
}
const theirs: Record<string, { curves: Record<string, Entry[]> }> = JSON.parse(
  readFileSync(join(golden, 'tensorboard.json'), 'utf8'),
);
const rowNames = ['true_positives', 'false_positives', 'true_negatives', 'false_negatives', 'precision', 'recall'];

async function chosen(logdir: string, tag: string, ...names: string[]) {
  const store = new Store(logdir);
  await store.refresh();
  return names.map((name) => {
    const run = store.runs.get(name)!;
    return { run, series: run.seriesOf('prCurves', tag)! };
  });
}

test.each([
  ['first', 'curve'],
  ['sweep', 'pr/third'],
])("PyTorch's of %s, as TensorBoard reads them", async (name, tag) => {
  const of = await chosen(golden, tag, name);
  for (const expected of theirs[name]!.curves[tag]!) {
    const [curve] = await prCurvesAt(of, expected.step);
    const { length } = expected.thresholds;
    expect([curve!.step, curve!.wall, curve!.problem]).toEqual([expected.step, expected.wall_time, null]);
    for (const [i, threshold] of expected.thresholds.entries()) expect(curve!.thresholds[i]).toBeCloseTo(threshold, 12);
    // TensorBoard cuts counts to whole ones, and ends the curve where they come to 0; with weights there is more to show.
    const isWhole = curve!.rows[0]!.every(Number.isInteger) && curve!.rows[1]!.every(Number.isInteger);
    if (isWhole) expect(curve!.total).toBe(length);
    else expect(curve!.total).toBeGreaterThanOrEqual(length);
    for (const [row, key] of rowNames.entries())
      expect(curve!.rows[row]!.slice(0, length).map((value) => (row < 4 ? Math.trunc(value!) : value))).toEqual(
        expected[key],
      );
  }
});

test('ours, each run as it was at the step; one that begins later has none', async () => {
  for (const [name, first] of [
    ['early', 0],
    ['late', 5],
  ] as const) {
    const writer = new SummaryWriter(join(root, 'ours', name));
    for (const step of [first, first + 4])
      writer.addPrCurve('c', tensor([0, 1, 1, 0]), tensor([0.1, 0.4, 0.8, 0.6]), step, { numThresholds: 5 });
    await writer.close();
  }
  const of = await chosen(join(root, 'ours'), 'c', 'early', 'late');
  const [only, ...others] = await prCurvesAt(of, 4.5);
  expect([only!.step, others]).toEqual([4, []]);
  expect(only!.thresholds).toEqual([0, 0.25, 0.5, 0.75]);
  expect(only!.rows.slice(0, 4)).toEqual([
    [2, 2, 1, 1],
    [2, 1, 1, 0],
    [0, 1, 1, 2],
    [0, 0, 1, 1],
  ]);
  expect(only!.rows[4]).toEqual([0.5, Math.fround(2 / 3), 0.5, 1]);
  expect(only!.rows[5]).toEqual([1, 1, 0.5, 0.5]);
  expect((await prCurvesAt(of, 7)).map(({ step }) => step)).toEqual([4, 5]);
});

const shape = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size })) });
const rows = [2, 1, 1, 0, 0, 1, 0, 1, 2 / 3, 1, 1, 0.5];

test('numbers may lie in memory as a whole; what is not finite is null', () => {
  const expected = [...rows.slice(0, 2)];
  for (const [dtype, data] of [
    [dataType.float, Float32Array.from(rows)],
    [dataType.double, Float64Array.from(rows)],
  ] as const) {
    const content = new Uint8Array(data.buffer);
    expect(pointsOf({ dtype, shape: shape(6, 2), content }).rows[0]).toEqual(expected);
  }
  const broken = rows.with(8, Number.NaN).with(9, Number.POSITIVE_INFINITY);
  expect(pointsOf({ dtype: dataType.float, shape: shape(6, 2), floats: broken }).rows[4]).toEqual([null, null]);
});

test('of very many thresholds, evenly spread ones are given', () => {
  const floats = new Float32Array(6 * 5001).fill(1);
  const { total, thresholds, rows: made } = pointsOf({ dtype: dataType.float, shape: shape(6, 5001), floats });
  expect([total, thresholds.length, made[5]!.length]).toEqual([5001, 1000, 1000]);
  expect([thresholds[0], thresholds.at(-1)]).toEqual([0, 1]);
});

test('a tensor that is no such curve is told, and others are shown', async () => {
  expect(() => pointsOf({ shape: shape(2, 6), floats: rows })).toThrow(
    'a precision-recall curve has 6 rows of 2 or more numbers, got the shape [2, 6] and 12 numbers',
  );
  expect(() => pointsOf({ shape: shape(6, 1e9), floats: rows })).toThrow('the shape [6, 1000000000] and 12 numbers');
  expect(() => pointsOf({})).toThrow('the shape [] and 0 numbers');
  const metadata = { plugin: { name: 'pr_curves' } };
  for (const [name, size] of [
    ['bad', 7],
    ['good', 2],
  ] as const)
    writeEvents(
      join(root, 'hostile', name, 'events.out.tfevents.1'),
      bytesOf({
        wallTime: 1,
        summary: {
          value: [{ tag: 'c', metadata, tensor: { dtype: dataType.float, shape: shape(6, size), floats: rows } }],
        },
      }),
    );
  const made = await prCurvesAt(await chosen(join(root, 'hostile'), 'c', 'bad', 'good'), 0);
  expect(made.map(({ problem, total }) => [problem, total])).toEqual([
    [expect.stringContaining('got the shape [6, 7] and 12 numbers'), 0],
    [null, 2],
  ]);
});

test('the points of a drawing, the nearest, and those of all runs at its threshold', () => {
  const curve = (run: number, thresholds: number[], precision: (number | null)[], recall: number[]): PrCurve => {
    const counts = [1, 2, 3, 4].map((count) => thresholds.map(() => count));
    return { run, step: 0, wall: 0, total: 0, thresholds, rows: [...counts, precision, recall], problem: null };
  };
  const first = curve(0, [0, 0.5, 1], [0.5, null, 7], [1, 0.5, 0]);
  const points = placed([first, curve(1, [0, 0.4, 0.8], [0, 0.5, 1], [1, 0.5, 0.5]), curve(2, [], [], [])], 460);
  // Between 46 and 14 pixels of room at the sides, 10 and 40 above and below; beyond 1 is at 1.
  expect(points.map((all) => all.map(({ at, x, y }) => [at, x, y]))).toEqual([
    [
      [0, 446, 120],
      [2, 46, 10],
    ],
    [
      [0, 446, 230],
      [1, 246, 120],
      [2, 246, 10],
    ],
    [],
  ]);
  const near = nearestPoint(points.flat(), 250, 100)!;
  expect([near.curve.run, near.at]).toEqual([1, 1]);
  expect(atThreshold(points, 0.4).map(({ curve: { run }, at }) => [run, at])).toEqual([
    [0, 0],
    [1, 1],
  ]);
  expect(nearestPoint([], 0, 0)).toBeUndefined();
});
