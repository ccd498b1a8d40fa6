// Histograms over common bins, so that those of different steps can stand behind one another.
import type { HistogramData } from '../api.js';

// Twice as far apart, two numbers would have no distance that is one.
const furthest = Number.MAX_VALUE / 4;
const within = (value: number): number => Math.min(furthest, Math.max(-furthest, value));

/** Where what is counted lies: between the least and the greatest value, or the edges of the bins with counts where those are not finite. */
function extentOf({ min, max, limits, counts }: HistogramData): [number, number] | null {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  const low = min ?? limits[first - 1] ?? limits[first];
  const high = max ?? limits[last];
  return typeof low === 'number' && typeof high === 'number' && low <= high ? [within(low), within(high)] : null;
}

/** The counts of `histogram` in `count` equal bins from `low` to `high`; what a bin of the file holds is taken to lie in it evenly. */
export function rebin(histogram: HistogramData, low: number, high: number, count: number): number[] {
  const out = new Array<number>(count).fill(0);
  const width = (high - low) / count;
  const extent = extentOf(histogram);
  if (!(width > 0) || extent === null) return out;
  const [least, greatest] = extent;
  const place = (value: number): number => Math.min(count - 1, Math.max(0, Math.floor((value - low) / width)));
  let left = least;
  for (const [i, limit] of histogram.limits.entries()) {
    // The outermost bins reach to infinity, or as far as floats go.
    const right = Math.min(limit ?? greatest, greatest);
    const held = histogram.counts[i]!;
    const start = left;
    left = Math.max(left, right);
    if (!(held > 0)) continue;
    if (!(right > start)) {
      out[place(start)]! += held;
      continue;
    }
    for (let bin = place(start); bin <= place(right); bin++) {
      const overlap = Math.min(right, low + (bin + 1) * width) - Math.max(start, low + bin * width);
      if (overlap > 0) out[bin]! += (held * overlap) / (right - start);
    }
  }
  return out;
}

/** The least and the greatest value of all histograms that is finite; a little apart where they are the same. */
export function rangeOf(histograms: readonly HistogramData[]): [number, number] {
  const ends = histograms.flatMap((histogram) => extentOf(histogram) ?? []);
  if (ends.length === 0) return [0, 1];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = low === high ? Math.abs(low) * 0.1 || 0.5 : 0;
  return [low - room, high + room];
}

/** Some four to ten round numbers between two. */
export function roundValues(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power >= 5 ? 5 : rough / power >= 2 ? 2 : 1);
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count > 0 && count < 20 ? count : 0 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}
