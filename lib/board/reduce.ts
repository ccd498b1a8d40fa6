// Curves as a chart of so many pixels shows them: smoothed over all their points, then the least and the greatest of each pixel.
import type { Curve, XAxis } from './api.js';
import type { Series } from './series.js';

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

/** The x of a row. */
export function xOf(series: Series, axis: XAxis): (row: number) => number {
  const [steps, walls] = series.columns as [Float64Array, Float64Array];
  if (axis === 'step') return (row) => steps[row]!;
  const origin = axis === 'relative' ? walls[0]! : 0;
  return (row) => walls[row]! - origin;
}

/**
 * The exponential average of values that come one by one, freed of the bias towards 0 that its start has; what is not finite is given back
 * and changes nothing. 0 gives the values themselves.
 */
export function smoother(weight: number): (value: number) => number {
  let [average, rest] = [0, 1];
  return (value) => {
    if (weight === 0 || !Number.isFinite(value)) return value;
    average = average * weight + (1 - weight) * value;
    rest *= weight;
    return average / (1 - rest);
  };
}

// The x of all points in the range and of their neighbours, in order; null where they are more than `most`.
function distinct(all: readonly Series[], { axis, from, to }: View, most: number): Float64Array | null {
  const found = new Set<number>();
  for (const series of all) {
    const x = xOf(series, axis);
    let before: number | null = null;
    let after = false;
    for (let row = 0; row < series.length && !after; row++) {
      const at = x(row);
      if (from !== null && at < from) {
        before = at;
        continue;
      }
      if (before !== null) found.add(before);
      before = null;
      // The wall time may go back, the step does not.
      after = axis === 'step' && to !== null && at > to;
      found.add(at);
      if (found.size > most) return null;
    }
    if (before !== null) found.add(before);
  }
  return Float64Array.from(found).sort();
}

function extent(all: readonly Series[], { axis, from, to }: View): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const series of all) {
    const x = xOf(series, axis);
    const rows = axis === 'step' ? [0, series.length - 1] : series.steps.keys();
    for (const row of rows) {
      low = Math.min(low, x(row));
      high = Math.max(high, x(row));
    }
  }
  return [from ?? (low <= high ? low : 0), to ?? (low <= high ? high : 1)];
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

// Calls `visit` with each point, and gives the facts of those in the range.
function eachPoint(
  series: Series,
  { axis, smoothing }: View,
  [from, to]: [number, number],
  visit: (at: number, value: number, smoothed: number) => void,
): Omit<Curve, 'run'> {
  const facts = { points: 0, broken: 0, brokenAt: null as number | null, min: Infinity, max: -Infinity };
  const x = xOf(series, axis);
  const smooth = smoother(smoothing);
  const [steps, walls, values] = series.columns as [Float64Array, Float64Array, Float64Array];
  let last: Curve['last'] = null;
  for (let row = 0; row < series.length; row++) {
    const value = values[row]!;
    const smoothed = smooth(value);
    const at = x(row);
    if (at >= from && at <= to) {
      facts.points++;
      if (value - value !== 0) {
        facts.broken++;
        facts.brokenAt ??= steps[row]!;
      } else {
        if (value < facts.min) facts.min = value;
        if (value > facts.max) facts.max = value;
      }
      if (row === series.length - 1 || x(row + 1) > to)
        last = { step: steps[row]!, value: finite(value), smoothed: finite(smoothed), wall: walls[row]! };
    }
    visit(at, value, smoothed);
  }
  return { ...facts, min: finite(facts.min), max: finite(facts.max), thinned: series.thinned, last };
}

const mark = (value: number): number => (Number.isFinite(value) ? value : broken);

function exactly(series: Series, view: View, range: [number, number], x: Float64Array) {
  const smoothed = new Float64Array(x.length).fill(Number.NaN);
  const raw = view.raw ? new Float64Array(x.length).fill(Number.NaN) : null;
  const places = new Map<number, number>();
  for (const [i, at] of x.entries()) places.set(at, i);
  const facts = eachPoint(series, view, range, (at, value, average) => {
    const place = places.get(at);
    if (place === undefined) return;
    smoothed[place] = mark(average);
    if (raw !== null) raw[place] = mark(value);
  });
  return { facts, smoothed, raw };
}

/** The least and greatest of each pixel, in the order in which they came. */
class Pixels {
  readonly #least: Float64Array;
  readonly #greatest: Float64Array;
  // Which of them came first: 0 where there is none, 1 the least, 2 the greatest.
  readonly #first: Uint8Array;

  constructor(width: number) {
    this.#least = new Float64Array(width);
    this.#greatest = new Float64Array(width);
    this.#first = new Uint8Array(width);
  }

  add(pixel: number, value: number): void {
    if (this.#first[pixel] === 0) {
      this.#least[pixel] = this.#greatest[pixel] = value;
      this.#first[pixel] = 1;
    } else if (value < this.#least[pixel]!) {
      this.#least[pixel] = value;
      this.#first[pixel] = 2;
    } else if (value > this.#greatest[pixel]!) {
      this.#greatest[pixel] = value;
      this.#first[pixel] = 1;
    }
  }

  get values(): Float64Array {
    const out = new Float64Array(this.#first.length * 2).fill(Number.NaN);
    for (const [i, first] of this.#first.entries()) {
      if (first === 0) continue;
      const pair = [this.#least[i]!, this.#greatest[i]!];
      out[2 * i] = pair[first - 1]!;
      out[2 * i + 1] = pair[2 - first]!;
    }
    return out;
  }
}

function byPixels(series: Series, view: View, range: [number, number]) {
  const [from, to] = range;
  const scale = view.width / (to - from || 1);
  const smoothed = new Pixels(view.width);
  const raw = view.raw ? new Pixels(view.width) : null;
  const facts = eachPoint(series, view, range, (at, value, average) => {
    if (!(at >= from && at <= to) || value - value !== 0) return;
    const pixel = Math.min(view.width - 1, Math.floor((at - from) * scale));
    smoothed.add(pixel, average);
    raw?.add(pixel, value);
  });
  return { facts, smoothed: smoothed.values, raw: raw?.values ?? null };
}

/** The curves of `all` in `view`: all points where a chart of its width can show them, else two for each pixel. */
export function reduce(all: readonly Series[], view: View): Reduced {
  const range = extent(all, view);
  const x = distinct(all, view, 2 * view.width);
  const [from, to] = range;
  if (x !== null)
    return { x, exact: true, from, to, curves: all.map((series) => exactly(series, view, range, x)) };
  // A pixel's two values stand at its quarters.
  const step = (to - from) / view.width;
  const places = new Float64Array(2 * view.width).map((_, i) => from + step * (i / 2 + 0.25));
  return { x: places, exact: false, from, to, curves: all.map((series) => byPixels(series, view, range)) };
}

/** The row whose x is nearest to `target`, and its smoothed value. */
export function nearest(series: Series, axis: XAxis, target: number, smoothing: number): { row: number; smoothed: number } {
  const x = xOf(series, axis);
  let row = 0;
  for (let i = 1; i < series.length; i++) if (Math.abs(x(i) - target) <= Math.abs(x(row) - target)) row = i;
  const smooth = smoother(smoothing);
  const values = series.columns[2]!;
  let smoothed = Number.NaN;
  for (let i = 0; i <= row; i++) smoothed = smooth(values[i]!);
  return { row, smoothed };
}
