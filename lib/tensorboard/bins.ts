// Edges of histogram bins, and how many values lie in each, as NumPy finds them.
import { CressetError } from '../errors.js';
import { describe } from '../functional/check.js';

/** How many values lie between each edge and the next. */
export interface Histogram {
  counts: number[];
  edges: readonly number[];
}

/** The values of a histogram in ascending order. */
type Sorted = Float64Array;

const range = (x: Sorted): number => x.at(-1)! - x[0]!;

/** The quantile `q` of `x`, interpolated. */
function quantile(x: Sorted, q: number): number {
  const place = q * (x.length - 1);
  const below = Math.floor(place);
  const low = x[below]!;
  return low + (place - below) * ((x[below + 1] ?? low) - low);
}

function moments(x: Sorted): { std: number; skew: number } {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  const std = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) ** 2, 0) / x.length);
  return { std, skew: x.reduce((sum, v) => sum + ((v - mean) / std) ** 3, 0) / x.length };
}

const sturges = (x: Sorted): number => range(x) / (Math.log2(x.length) + 1);
const freedmanDiaconis = (x: Sorted): number => (2 * (quantile(x, 0.75) - quantile(x, 0.25))) / Math.cbrt(x.length);

function doane(x: Sorted): number {
  if (x.length <= 2) return 0;
  const n = x.length;
  const { std, skew } = moments(x);
  if (!(std > 0)) return 0;
  const spread = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  return range(x) / (1 + Math.log2(n) + Math.log2(1 + Math.abs(skew) / spread));
}

// The number of bins with the least estimated loss when a bin's values are left out one by one.
function stone(x: Sorted): number {
  const n = x.length;
  const width = range(x);
  if (n <= 1 || width === 0) return 0;
  let best = { bins: 1, loss: Number.POSITIVE_INFINITY };
  for (let bins = 1; bins <= Math.max(100, Math.floor(Math.sqrt(n))); bins++) {
    const squares = equalBins(x, bins).counts.reduce((sum, count) => sum + (count / n) ** 2, 0);
    const loss = ((2 - (n + 1) * squares) * bins) / width;
    if (loss < best.loss) best = { bins, loss };
  }
  return width / best.bins;
}

// The width of a bin by each rule; 0 where the rule has none.
const rules = {
  auto: (x: Sorted) => (freedmanDiaconis(x) > 0 ? Math.min(freedmanDiaconis(x), sturges(x)) : sturges(x)),
  doane,
  fd: freedmanDiaconis,
  rice: (x: Sorted) => range(x) / (2 * Math.cbrt(x.length)),
  scott: (x: Sorted) => Math.cbrt((24 * Math.sqrt(Math.PI)) / x.length) * moments(x).std,
  sqrt: (x: Sorted) => range(x) / Math.sqrt(x.length),
  stone,
  sturges,
};

/** How the bins of a histogram are found: TensorFlow's fixed edges, one of NumPy's rules, their number or their edges. */
export type Bins = 'tensorflow' | keyof typeof rules | number | readonly number[];

// Both signs of 1e-12 and up, each edge a tenth above the one before, and 0.
const tensorflowEdges = (() => {
  const edges: number[] = [];
  for (let v = 1e-12; v < 1e20; v *= 1.1) edges.push(v);
  return [...edges.map((v) => -v).reverse(), 0, ...edges];
})();

// What memory there is for them.
const mostBins = 10_000_000;

/** Throws for what is none of `Bins`. */
export function checkBins(bins: Bins, op: string): void {
  if (Array.isArray(bins)) {
    if (bins.length < 2) throw new RangeError(`${op}: bins needs two edges at least, got ${bins.length}`);
    const at = bins.findIndex((edge, i) => typeof edge !== 'number' || !(i === 0 || edge >= bins[i - 1]!));
    if (at >= 0) throw new RangeError(`${op}: the edges in bins must not fall, got ${bins[at]} after ${bins[at - 1]}`);
  } else if (typeof bins === 'number') {
    if (!Number.isSafeInteger(bins) || bins < 1 || bins > mostBins)
      throw new RangeError(`${op}: bins must be a whole number from 1 to ${mostBins}, got ${bins}`);
  } else if (bins !== 'tensorflow' && !Object.hasOwn(rules, bins as string)) {
    const names = ['tensorflow', ...Object.keys(rules)].join(', ');
    throw new CressetError(`${op}: bins must be one of ${names}, a number or an array of edges, got ${describe(bins)}`);
  }
}

/** How many of the sorted `x` lie before `edge`, and at it too where `inclusive`. */
function before(x: Sorted, edge: number, inclusive: boolean): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = x[middle]!;
    if (value < edge || (inclusive && value === edge)) low = middle + 1;
    else high = middle;
  }
  return low;
}

// A value at an edge belongs to the bin above it, at the last edge to the last bin.
function givenBins(x: Sorted, edges: readonly number[]): Histogram {
  const places = edges.map((edge, i) => before(x, edge, i === edges.length - 1));
  return { counts: places.slice(1).map((place, i) => place - places[i]!), edges };
}

function equalBins(x: Sorted, bins: number): Histogram {
  let first = x[0]!;
  let last = x.at(-1)!;
  if (first === last) [first, last] = [first - 0.5, last + 0.5];
  const step = (last - first) / bins;
  const edges = Array.from({ length: bins + 1 }, (_, i) => (i === bins ? last : i * step + first));
  return givenBins(x, edges);
}

/** The histogram of `values`; NaN lies in no bin of given edges. Throws for a rule or a number of bins and values that are not finite. */
export function histogramOf(values: ArrayLike<number>, bins: Bins, op: string): Histogram {
  const x = Float64Array.from(values).sort();
  if (bins === 'tensorflow') return givenBins(x, tensorflowEdges);
  if (typeof bins === 'object') return givenBins(x, bins);
  const [first, last] = [x[0]!, x.at(-1)!];
  if (!Number.isFinite(first) || !Number.isFinite(last))
    throw new RangeError(`${op}: bins of a range from ${first} to ${last} cannot be found; give their edges`);
  if (typeof bins === 'number') return equalBins(x, bins);
  const width = rules[bins as keyof typeof rules](x);
  const count = width > 0 ? Math.ceil(range(x) / width) : 1;
  if (count > mostBins)
    throw new RangeError(
      `${op}: bins '${bins}' finds ${count} bins, more than ${mostBins}; give their number or edges`,
    );
  return equalBins(x, count);
}
