// Histograms over common bins, so that those of different steps can stand behind one another.
import type { HistogramData } from '../api.js';

/** The counts of `histogram` in `count` equal bins from `low` to `high`; what a bin of the file holds is taken to lie in it evenly. */
export function rebin(histogram: HistogramData, low: number, high: number, count: number): number[] {
  const out = new Array<number>(count).fill(0);
  const width = (high - low) / count;
  if (!(width > 0) || !Number.isFinite(width)) return out;
  const place = (value: number): number => Math.min(count - 1, Math.max(0, Math.floor((value - low) / width)));
  let left = histogram.min;
  for (const [i, limit] of histogram.limits.entries()) {
    // The outermost bins reach to infinity, or as far as floats go.
    const right = Math.min(limit ?? histogram.max, histogram.max);
    const held = histogram.counts[i]!;
    const start = Math.max(left, histogram.min);
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

/** The least and the greatest value of all histograms; a little apart where they are the same. */
export function rangeOf(histograms: readonly HistogramData[]): [number, number] {
  const finite = histograms.flatMap(({ min, max }) => [min, max]).filter((value) => typeof value === 'number');
  if (finite.length === 0) return [0, 1];
  const [low, high] = [Math.min(...finite), Math.max(...finite)];
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
