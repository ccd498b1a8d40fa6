// Curves as a chart of so many pixels shows them: smoothed over all their points, then the least and the greatest of each pixel.
import { setImmediate } from 'node:timers/promises';
import type { Curve, XAxis } from './api.js';
import type { Series } from './series.js';

const pointsAtOnce = 300_000;

/** What of a curve is asked for. */
export interface View {
  axis: XAxis;
  /** The range of x; all where it is null. */
  from: number | null;
  to: number | null;
  /** In pixels. */
  width: number;
  /** The weight of what was before, from 0 to below 1. */
  smoothing: number;
  /** Whether the values themselves are wanted beside the smoothed ones. */
  raw: boolean;
}

/** Curves over one x. */
export interface Reduced {
  x: Float64Array;
  exact: boolean;
  from: number;
  to: number;
  curves: { facts: Omit<Curve, 'run'>; smoothed: Float64Array; raw: Float64Array | null }[];
}

/** What marks a value that is NaN or infinite; NaN marks where there is no point. */
const broken = Number.POSITIVE_INFINITY;

/** Where the x of a series stand: in which column, and what is taken off them. */
function placesOf({ columns }: Series, axis: XAxis): { at: Float64Array; origin: number } {
  const [steps, walls] = columns as [Float64Array, Float64Array];
  return axis === 'step' ? { at: steps, origin: 0 } : { at: walls, origin: axis === 'relative' ? walls[0]! : 0 };
}

/**
 * The exponential average of values that come one by one, freed of the bias towards 0 that its start has; what is not finite is given back
 * and changes nothing. 0 gives the values themselves.
 */
export class Smoother {
  #average = 0;
  #rest = 1;

  constructor(private readonly weight: number) {}

  next(value: number): number {
    if (this.weight === 0 || value - value !== 0) return value;
    this.#average = this.#average * this.weight + (1 - this.weight) * value;
    this.#rest *= this.weight;
    return this.#average / (1 - this.#rest);
  }
}

// The rows that a chart of the range needs: with their neighbours, towards which its lines go. The wall time may go back, the step does not.
function rowsOf(series: Series, { axis, from, to }: View): [start: number, end: number] {
  if (axis !== 'step') return [0, series.length];
  const start = from === null ? 0 : series.firstFrom(from) - 1;
  let end = to === null ? series.length : series.firstFrom(to);
  while (end < series.length && series.at(end, 'step') === to) end++;
  if (to !== null) end++;
  return [Math.max(0, start), Math.min(series.length, end)];
}

// The x of all points that the range needs, in order; null where they are more than `most`.
function distinct(all: readonly Series[], view: View, most: number): Float64Array | null {
  const found = new Set<number>();
  for (const series of all) {
    const { at, origin } = placesOf(series, view.axis);
    const [start, end] = rowsOf(series, view);
    for (let row = start; row < end; row++) {
      const x = at[row]! - origin;
      if (view.axis !== 'step' && !(x >= (view.from ?? x) && x <= (view.to ?? x))) continue;
      found.add(x);
      if (found.size > most) return null;
    }
  }
  return Float64Array.from(found).sort();
}

function extent(all: readonly Series[], { axis, from, to }: View): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const series of all) {
    const { at, origin } = placesOf(series, axis);
    for (let row = 0; row < series.length; row++) {
      if (at[row]! - origin < low) low = at[row]! - origin;
      if (at[row]! - origin > high) high = at[row]! - origin;
      // Steps ascend: the first and the last are enough.
      if (axis === 'step') row = Math.max(row, series.length - 2);
    }
  }
  return [from ?? (low <= high ? low : 0), to ?? (low <= high ? high : 1)];
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** The points of a series that a range needs: their x, values and smoothed values. */
interface Points {
  x: Float64Array;
  values: Float64Array;
  smoothed: Float64Array;
}

function pointsOf(series: Series, view: View): Points & { start: number } {
  const { at, origin } = placesOf(series, view.axis);
  const [start, end] = rowsOf(series, view);
  const all = series.columns[2]!;
  const values = all.subarray(start, end);
  const x = origin === 0 ? at.subarray(start, end) : at.slice(start, end);
  if (origin !== 0) for (let i = 0; i < x.length; i++) x[i]! -= origin;
  if (view.smoothing === 0) return { x, values, smoothed: values, start };
  const smoother = new Smoother(view.smoothing);
  for (let row = 0; row < start; row++) smoother.next(all[row]!);
  const smoothed = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) smoothed[i] = smoother.next(values[i]!);
  return { x, values, smoothed, start };
}

function factsOf(
  series: Series,
  { x, values, smoothed, start }: Points & { start: number },
  [from, to]: [number, number],
) {
  const facts = { points: 0, broken: 0, brokenAt: null as number | null };
  let [min, max, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1];
  for (let i = 0; i < values.length; i++) {
    if (!(x[i]! >= from && x[i]! <= to)) continue;
    const value = values[i]!;
    facts.points++;
    last = i;
    if (value - value !== 0) {
      facts.broken++;
      facts.brokenAt ??= series.at(start + i, 'step');
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const row = start + last;
  const lastPoint = {
    step: series.at(row, 'step'),
    value: finite(values[last]!),
    smoothed: finite(smoothed[last]!),
    wall: series.at(row, 'wall'),
  };
  return {
    ...facts,
    min: finite(min),
    max: finite(max),
    thinned: series.thinned,
    last: last < 0 ? null : lastPoint,
  };
}

const mark = (value: number): number => (Number.isFinite(value) ? value : broken);

// The values at the places that all curves share.
function exactly(x: Float64Array, values: Float64Array, places: ReadonlyMap<number, number>): Float64Array {
  const out = new Float64Array(places.size).fill(Number.NaN);
  for (let i = 0; i < values.length; i++) {
    const place = places.get(x[i]!);
    if (place !== undefined) out[place] = mark(values[i]!);
  }
  return out;
}

// The least and greatest of each pixel, in the order in which they came.
function byPixels(x: Float64Array, values: Float64Array, [from, to]: [number, number], width: number): Float64Array {
  const least = new Float64Array(width);
  const greatest = new Float64Array(width);
  // Which of them came first: 0 where there is none, 1 the least, 2 the greatest.
  const first = new Uint8Array(width);
  const scale = width / (to - from || 1);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const at = x[i]!;
    if (!(at >= from && at <= to) || value - value !== 0) continue;
    const pixel = Math.min(width - 1, Math.floor((at - from) * scale));
    if (first[pixel] === 0) {
      least[pixel] = greatest[pixel] = value;
      first[pixel] = 1;
    } else if (value < least[pixel]!) {
      least[pixel] = value;
      first[pixel] = 2;
    } else if (value > greatest[pixel]!) {
      greatest[pixel] = value;
      first[pixel] = 1;
    }
  }
  const out = new Float64Array(2 * width).fill(Number.NaN);
  for (let i = 0; i < width; i++) {
    if (first[i] === 0) continue;
    out[2 * i] = first[i] === 1 ? least[i]! : greatest[i]!;
    out[2 * i + 1] = first[i] === 1 ? greatest[i]! : least[i]!;
  }
  return out;
}

/**
 * The curves of `all` in `view`: all points where a chart of its width can show them, else two for each pixel. Between curves others have
 * their turn.
 */
export async function reduce(all: readonly Series[], view: View): Promise<Reduced> {
  const range = extent(all, view);
  const [from, to] = range;
  const shared = distinct(all, view, 2 * view.width);
  const places = new Map([...(shared ?? [])].map((x, i) => [x, i]));
  const curves: Reduced['curves'] = [];
  let pointsSince = 0;
  for (const series of all) {
    pointsSince += series.length;
    if (pointsSince > pointsAtOnce) {
      await setImmediate();
      pointsSince = 0;
    }
    const points = pointsOf(series, view);
    const drawn = (values: Float64Array): Float64Array =>
      shared === null ? byPixels(points.x, values, range, view.width) : exactly(points.x, values, places);
    curves.push({
      facts: factsOf(series, points, range),
      smoothed: drawn(points.smoothed),
      raw: view.raw ? drawn(points.values) : null,
    });
  }
  if (shared !== null) return { x: shared, exact: true, from, to, curves };
  // A pixel's two values stand at its quarters.
  const step = (to - from) / view.width;
  const x = new Float64Array(2 * view.width).map((_, i) => from + step * (i / 2 + 0.25));
  return { x, exact: false, from, to, curves };
}

/** The row whose x is nearest to `target`, the later of two; and its smoothed value. */
export function nearest(
  series: Series,
  axis: XAxis,
  target: number,
  smoothing: number,
): { row: number; smoothed: number } {
  const { at, origin } = placesOf(series, axis);
  // Steps ascend, so that only two rows can be nearest.
  const first = axis === 'step' ? Math.max(0, series.firstFrom(target) - 1) : 0;
  const end = axis === 'step' ? Math.min(series.length, first + 2) : series.length;
  let row = first;
  for (let i = first; i < end; i++)
    if (Math.abs(at[i]! - origin - target) <= Math.abs(at[row]! - origin - target)) row = i;
  const smoother = new Smoother(smoothing);
  const values = series.columns[2]!;
  let smoothed = values[row]!;
  if (smoothing > 0) for (let i = 0; i <= row; i++) smoothed = smoother.next(values[i]!);
  return { row, smoothed };
}
