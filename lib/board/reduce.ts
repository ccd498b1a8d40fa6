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

// Calls `visit` with each point that the range needs, and gives the facts of those in it.
function eachPoint(
  series: Series,
  view: View,
  [from, to]: [number, number],
  visit: (x: number, value: number, smoothed: number) => void,
): Omit<Curve, 'run'> {
  const facts = { points: 0, broken: 0, brokenAt: null as number | null };
  let [min, max, last, lastSmoothed] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0];
  const { at, origin } = placesOf(series, view.axis);
  const [steps, walls, values] = series.columns as [Float64Array, Float64Array, Float64Array];
  const smoother = new Smoother(view.smoothing);
  const [start, end] = rowsOf(series, view);
  if (view.smoothing > 0) for (let row = 0; row < start; row++) smoother.next(values[row]!);
  for (let row = start; row < end; row++) {
    const value = values[row]!;
    const smoothed = smoother.next(value);
    const x = at[row]! - origin;
    if (x >= from && x <= to) {
      facts.points++;
      last = row;
      lastSmoothed = smoothed;
      if (value - value !== 0) {
        facts.broken++;
        facts.brokenAt ??= steps[row]!;
      } else {
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
    visit(x, value, smoothed);
  }
  return {
    ...facts,
    min: finite(min),
    max: finite(max),
    thinned: series.thinned,
    last:
      last < 0
        ? null
        : { step: steps[last]!, value: finite(values[last]!), smoothed: finite(lastSmoothed), wall: walls[last]! },
  };
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
  if (x !== null) return { x, exact: true, from, to, curves: all.map((series) => exactly(series, view, range, x)) };
  // A pixel's two values stand at its quarters.
  const step = (to - from) / view.width;
  const places = new Float64Array(2 * view.width).map((_, i) => from + step * (i / 2 + 0.25));
  return { x: places, exact: false, from, to, curves: all.map((series) => byPixels(series, view, range)) };
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
