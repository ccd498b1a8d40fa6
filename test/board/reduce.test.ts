// Curves as a chart shows them.
import { expect, test } from '@jest/globals';
import { nearest, reduce, Smoother, type View } from '../../lib/board/reduce.js';
import { Series } from '../../lib/board/series.js';

function seriesOf(values: readonly number[], steps = values.map((_, i) => i)): Series {
  const series = new Series(3);
  for (const [i, value] of values.entries()) series.push(steps[i]!, 100 + 10 * steps[i]!, value);
  return series;
}
const view = (change: Partial<View> = {}): View => {
  return { axis: 'step', from: null, to: null, width: 100, smoothing: 0, raw: false, ...change };
};

test("smoothing is TensorBoard's average, freed of its bias", () => {
  const smoother = new Smoother(0.6);
  const values = [1, 2, Number.NaN, 4];
  // Weights 1, 0.6, 0.36 from the newest on, over their sum; NaN neither counts nor changes anything.
  const expected = [1, (2 + 0.6) / 1.6, Number.NaN, (4 + 0.6 * 2 + 0.36) / 1.96];
  for (const [i, value] of values.entries()) {
    const smoothed = smoother.next(value);
    if (Number.isNaN(value)) expect(smoothed).toBeNaN();
    else expect(smoothed).toBeCloseTo(expected[i]!, 12);
  }
});

test('few points are given as they are, over the steps of all runs', async () => {
  const { x, exact, from, to, curves } = await reduce([seriesOf([5, Number.NaN, 7]), seriesOf([1, 2], [1, 4])], view());
  expect([exact, from, to, [...x]]).toEqual([true, 0, 4, [0, 1, 2, 4]]);
  expect(curves.map(({ smoothed }) => [...smoothed])).toEqual([
    [5, Number.POSITIVE_INFINITY, 7, Number.NaN],
    [Number.NaN, 1, Number.NaN, 2],
  ]);
  expect(curves[0]!.facts).toEqual({
    points: 3,
    broken: 1,
    brokenAt: 1,
    min: 5,
    max: 7,
    thinned: false,
    last: { step: 2, value: 7, smoothed: 7, wall: 120 },
  });
});

test('a part has the neighbours towards which its lines go, and is smoothed from the beginning', async () => {
  const series = seriesOf([0, 1, 2, 3, 4, 5]);
  const { x, curves } = await reduce([series], view({ from: 1.5, to: 3.5, smoothing: 0.5, raw: true }));
  expect([...x]).toEqual([1, 2, 3, 4]);
  const all = (await reduce([series], view({ smoothing: 0.5 }))).curves[0]!.smoothed;
  expect([...curves[0]!.smoothed]).toEqual([...all.subarray(1, 5)]);
  expect([...curves[0]!.raw!]).toEqual([1, 2, 3, 4]);
  expect(curves[0]!.facts.points).toBe(2);
});

test('many points become the least and the greatest of each pixel, in their order', async () => {
  const values = Array.from({ length: 2000 }, (_, i) => Math.sin(i / 100));
  values[345] = 50;
  values[1777] = -50;
  const { x, exact, curves } = await reduce([seriesOf(values)], view({ width: 20 }));
  const drawn = [...curves[0]!.smoothed];
  expect([exact, x.length, drawn.length]).toEqual([false, 40, 40]);
  expect([Math.max(...drawn), Math.min(...drawn)]).toEqual([50, -50]);
  for (let pixel = 0; pixel < 20; pixel++) {
    const inside = values.filter((_, i) => Math.min(19, Math.floor(i / 99.95)) === pixel);
    const pair = [drawn[2 * pixel]!, drawn[2 * pixel + 1]!];
    expect([Math.min(...pair), Math.max(...pair)]).toEqual([Math.min(...inside), Math.max(...inside)]);
    expect(inside.indexOf(pair[0]!)).toBeLessThanOrEqual(inside.lastIndexOf(pair[1]!));
  }
  expect(Math.abs(x[2 * 3]! - 345)).toBeLessThan(100);
});

test('one long curve is gone through in slices, between which others have their turn', async () => {
  const long = seriesOf(Array.from({ length: 2000 }, (_, i) => Math.sin(i)));
  for (const axis of ['step', 'relative'] as const) {
    const asked = view({ axis, smoothing: 0.5, raw: true });
    let turns = 0;
    let done = false;
    const turn = (): void => {
      turns++;
      if (!done) setImmediate(turn);
    };
    setImmediate(turn);
    const sliced = await reduce([long], asked, 100);
    expect(turns).toBeGreaterThanOrEqual(19);
    turns = 0;
    expect(await nearest(long, axis, 1e6, 0.5, 100)).toEqual(await nearest(long, axis, 1e6, 0.5));
    expect(turns).toBeGreaterThanOrEqual(19);
    done = true;
    expect(sliced).toEqual(await reduce([long], asked));
  }
});

test('a curve that grows, restarts or is thinned meanwhile is still one', async () => {
  const long = seriesOf(Array.from({ length: 2000 }, (_, i) => i));
  const reducing = reduce([long], view({ smoothing: 0.5 }), 100);
  setImmediate(() => {
    long.thin();
    for (let i = 0; i < 3000; i++) long.push(500 + i, i, -1);
  });
  const { x, curves } = await reducing;
  expect([x.length, curves[0]!.smoothed.length]).toEqual([200, 200]);
  expect(curves[0]!.facts.points).toBeGreaterThanOrEqual(1000);
  expect(Math.max(...curves[0]!.smoothed.filter(Number.isFinite))).toBeLessThan(2000);
});

test.each([
  ['relative', [0, 20, 40], 0],
  ['wall', [100, 120, 140], 100],
] as const)('over %s time', async (axis, expected, from) => {
  const reduced = await reduce([seriesOf([1, 2, 3], [0, 2, 4])], view({ axis }));
  expect([[...reduced.x], reduced.from]).toEqual([expected, from]);
});

test('the nearest point, with its smoothed value', async () => {
  const series = seriesOf([1, 3, Number.NaN], [0, 10, 20]);
  const second = { x: 10, step: 10, wall: 200, value: 3, smoothed: 3 };
  expect(await nearest(series, 'step', 14, 0)).toEqual(second);
  expect(await nearest(series, 'step', 15, 0)).toEqual({ x: 20, step: 20, wall: 300, value: null, smoothed: null });
  expect(await nearest(series, 'relative', 1e9, 0.5)).toMatchObject({ x: 200, step: 20 });
  expect(await nearest(series, 'wall', 0, 0.5)).toMatchObject({ x: 100, step: 0, smoothed: 1 });
  expect(await nearest(series, 'step', -5, 0.5)).toMatchObject({ step: 0, smoothed: 1 });
  expect((await nearest(series, 'step', 10, 0.5)).smoothed).toBeCloseTo((3 + 0.5) / 1.5, 12);
});
