// Histograms as TensorBoard's plugin takes them.
import { CressetError } from '../errors.js';
import { type Bins, type Histogram, histogramOf } from './bins.js';
import type { Value } from './messages.js';

// Neighbouring bins become one, so that there are about `most`; PyTorch's way, which may leave empty ones behind the last.
function joined({ counts, edges }: Histogram, most: number): Histogram {
  const size = Math.floor(counts.length / most);
  const rest = counts.length % size;
  const padded = rest === 0 ? counts : [...counts, ...new Array<number>(size - rest).fill(0)];
  const sums = Array.from({ length: padded.length / size }, (_, i) =>
    padded.slice(i * size, (i + 1) * size).reduce((a, b) => a + b, 0),
  );
  return { counts: sums, edges: [...sums.map((_, i) => edges[i * size]!), edges.at(-1)!] };
}

/** The summary of `values` under `tag`. Throws where no value lies in a bin. */
export function histogramValue(
  tag: string,
  values: ArrayLike<number>,
  bins: Bins,
  maxBins: number | null,
  op: string,
): Value {
  const all = histogramOf(values, bins, op);
  const { counts, edges } = maxBins !== null && all.counts.length > maxBins ? joined(all, maxBins) : all;
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) throw new CressetError(`${op}: none of the ${values.length} values of ${tag} lies within the bins`);
  const last = counts.findLastIndex((count) => count > 0);
  // Only right edges are stored: an empty bin before the first gives its left one.
  let [min, max, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    sumSquares += value * value;
  }
  return {
    tag,
    histogram: {
      min,
      max,
      num: values.length,
      sum,
      sumSquares,
      limits: edges.slice(first, last + 2),
      counts: [0, ...counts.slice(first, last + 1)],
    },
  };
}
