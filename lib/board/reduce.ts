// Curves as a chart of so many pixels shows them: smoothed over all their points, then the least and the greatest of each pixel.
import { setImmediate } from 'node:timers/promises';
import type { Curve, Nearest, XAxis } from './api.js';
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

/** Has others take their turn wherever so many rows were gone through since the last time. */
class Turns {
  #since = 0;

  constructor(private readonly atOnce: number) {}

  /** The rows from `start` to `end` in slices, between which others have their turn. */
  async *slices(start: number, end: number): AsyncGenerator<[start: number, end: number]> {
    for (let at = start; at < end; ) {
      const next = Math.min(end, at + this.atOnce - this.#since);
      yield [at, next];
      this.#since += next - at;
      at = next;
      if (this.#since < this.atOnce) continue;
      this.#since = 0;
      await setImmediate();
    }
  }
}

// The x of all points that the range needs, in order; null where they are more than `most`.
async function distinct(all: readonly Series[], view: View, most: number, turns: Turns): Promise<Float64Array | null> {
  const found = new Set<number>();
  for (const series of all) {
    const { at, origin } = placesOf(series, view.axis);
    for await (const [start, end] of turns.slices(...rowsOf(series, view)))
      for (let row = start; row < end; row++) {
        const x = at[row]! - origin;
        if (view.axis !== 'step' && !(x >= (view.from ?? x) && x <= (view.to ?? x))) continue;
        found.add(x);
        if (found.size > most) return null;
      }
  }
  return Float64Array.from(found).sort();
}

async function extent(all: readonly Series[], { axis, from, to }: View, turns: Turns): Promise<[number, number]> {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = (x: number): void => {
    if (x < low) low = x;
    if (x > high) high = x;
  };
  for (const series of all) {
    const { at, origin } = placesOf(series, axis);
    if (axis === 'step') {
      // Steps ascend.
      take(at[0]!);
      take(at[series.length - 1]!);
    } else
      for await (const [start, end] of turns.slices(0, series.length))
        for (let row = start; row < end; row++) take(at[row]! - origin);
  }
  return [from ?? (low <= high ? low : 0), to ?? (low <= high ? high : 1)];
}

/** `value`, or null where JSON has no such number. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const mark = (value: number): number => (Number.isFinite(value) ? value : broken);

/** Takes points one by one, and gives what is drawn of them. */
interface Drawing {
  add(x: number, value: number): void;
  readonly drawn: Float64Array;
}

/** The values at the places that all curves share. */
class AllPoints implements Drawing {
  readonly drawn: Float64Array;

  constructor(private readonly places: ReadonlyMap<number, number>) {
    this.drawn = new Float64Array(places.size).fill(Number.NaN);
  }

  add(x: number, value: number): void {
    const place = this.places.get(x);
    if (place !== undefined) this.drawn[place] = mark(value);
  }
}

/** The least and greatest of each pixel, in the order in which they came. */
class Pixels implements Drawing {
  readonly #least: Float64Array;
  readonly #greatest: Float64Array;
  // Which of them came first: 0 where there is none, 1 the least, 2 the greatest.
  readonly #first: Uint8Array;
  readonly #scale: number;

  constructor(
    private readonly from: number,
    private readonly to: number,
    private readonly width: number,
  ) {
    this.#least = new Float64Array(width);
    this.#greatest = new Float64Array(width);
    this.#first = new Uint8Array(width);
    this.#scale = width / (to - from || 1);
  }

  add(x: number, value: number): void {
    if (!(x >= this.from && x <= this.to) || value - value !== 0) return;
    const pixel = Math.min(this.width - 1, Math.floor((x - this.from) * this.#scale));
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

  get drawn(): Float64Array {
    const out = new Float64Array(2 * this.width).fill(Number.NaN);
    for (const [i, first] of this.#first.entries()) {
      if (first === 0) continue;
      const pair = [this.#least[i]!, this.#greatest[i]!];
      out.set(first === 1 ? pair : pair.reverse(), 2 * i);
    }
    return out;
  }
}

// The curve of a series in `view`, whose points `drawing` takes.
async function curveOf(
  series: Series,
  view: View,
  [from, to]: [number, number],
  drawing: () => Drawing,
  turns: Turns,
): Promise<Reduced['curves'][number]> {
  const { at, origin } = placesOf(series, view.axis);
  const [start, end] = rowsOf(series, view);
  // What is added meanwhile may come to lie elsewhere; the version that it gives the run has this asked again.
  const [steps, walls, values] = series.columns as [Float64Array, Float64Array, Float64Array];
  const smoother = new Smoother(view.smoothing);
  const smoothed = drawing();
  const raw = view.raw ? drawing() : null;
  const facts = { points: 0, broken: 0, brokenAt: null as number | null };
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let last: Curve['last'] = null;
  const take = (first: number, behind: number): void => {
    let [lastRow, lastSmoothed] = [-1, 0];
    for (let row = first; row < behind; row++) {
      const value = values[row]!;
      const smooth = smoother.next(value);
      if (row < start) continue;
      const x = at[row]! - origin;
      smoothed.add(x, smooth);
      raw?.add(x, value);
      if (!(x >= from && x <= to)) continue;
      facts.points++;
      [lastRow, lastSmoothed] = [row, smooth];
      if (value - value !== 0) {
        facts.broken++;
        facts.brokenAt ??= steps[row]!;
      } else {
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
    if (lastRow >= 0)
      last = {
        step: steps[lastRow]!,
        value: finite(values[lastRow]!),
        smoothed: finite(lastSmoothed),
        wall: walls[lastRow]!,
      };
  };
  // Averages begin at the first point.
  for await (const [first, behind] of turns.slices(view.smoothing === 0 ? start : 0, end)) take(first, behind);
  return {
    facts: { ...facts, min: finite(min), max: finite(max), thinned: series.thinned, last },
    smoothed: smoothed.drawn,
    raw: raw === null ? null : raw.drawn,
  };
}

/**
 * The curves of `all` in `view`: all points where a chart of its width can show them, else two for each pixel. After each `atOnce` points
 * others have their turn.
 */
export async function reduce(all: readonly Series[], view: View, atOnce = pointsAtOnce): Promise<Reduced> {
  const turns = new Turns(atOnce);
  const range = await extent(all, view, turns);
  const [from, to] = range;
  const shared = await distinct(all, view, 2 * view.width, turns);
  const places = new Map([...(shared ?? [])].map((x, i) => [x, i]));
  const drawing = () => (shared === null ? new Pixels(from, to, view.width) : new AllPoints(places));
  const curves: Reduced['curves'] = [];
  for (const series of all) curves.push(await curveOf(series, view, range, drawing, turns));
  if (shared !== null) return { x: shared, exact: true, from, to, curves };
  // A pixel's two values stand at its quarters.
  const step = (to - from) / view.width;
  const x = new Float64Array(2 * view.width).map((_, i) => from + step * (i / 2 + 0.25));
  return { x, exact: false, from, to, curves };
}

/** The point whose x is nearest to `target`, the later of two. As `reduce` it lets others have their turn. */
export async function nearest(
  series: Series,
  axis: XAxis,
  target: number,
  smoothing: number,
  atOnce = pointsAtOnce,
): Promise<Omit<Nearest[number], 'run'>> {
  const turns = new Turns(atOnce);
  const { at, origin } = placesOf(series, axis);
  const [steps, walls, values] = series.columns as [Float64Array, Float64Array, Float64Array];
  // Steps ascend, so that only two rows can be nearest.
  const first = axis === 'step' ? Math.max(0, series.firstFrom(target) - 1) : 0;
  const behind = axis === 'step' ? Math.min(series.length, first + 2) : series.length;
  let row = first;
  for await (const [start, end] of turns.slices(first, behind))
    for (let i = start; i < end; i++)
      if (Math.abs(at[i]! - origin - target) <= Math.abs(at[row]! - origin - target)) row = i;
  const smoother = new Smoother(smoothing);
  let smoothed = values[row]!;
  if (smoothing > 0)
    for await (const [start, end] of turns.slices(0, row + 1))
      for (let i = start; i < end; i++) smoothed = smoother.next(values[i]!);
  return {
    x: at[row]! - origin,
    step: steps[row]!,
    wall: walls[row]!,
    value: finite(values[row]!),
    smoothed: finite(smoothed),
  };
}
