// Histograms: one behind the other, the newest in front, with the one of the slider's step drawn out.
import type { HistogramData, Histograms, RunInfo } from '../api.js';
import type { App, View } from './app.js';
import { rangeOf, rebin, roundValues } from './bins.js';
import { cardHead, cardsView, type RunCard, StepSlider } from './cards.js';
import { ask, latest } from './client.js';
import { empty, h, put, s } from './dom.js';
import { number, tick } from './format.js';

const binCount = 40;
const [width, height, left, right, top, bottom] = [480, 260, 14, 62, 64, 30];

/** The drawing of histograms over a common axis. */
function ridges(
  items: readonly HistogramData[],
  color: string,
  chosen: number,
  choose: (row: number) => void,
): SVGSVGElement {
  const [low, high] = rangeOf(items);
  const binned = items.map((item) => rebin(item, low, high, binCount));
  const inner = width - left - right;
  const base = (row: number): number => {
    const depth = items.length < 2 ? 0 : (items.length - 1 - row) / (items.length - 1);
    return height - bottom - depth * (height - bottom - top) * Math.min(1, items.length / 8);
  };
  const x = (bin: number): number => left + ((bin + 0.5) / binCount) * inner;
  // The highest is high, and none reaches over the upper edge.
  const highest = binned.map((counts) => Math.max(1e-300, ...counts));
  const scale = Math.min((top + 44) / Math.max(...highest), ...highest.map((count, row) => (base(row) - 8) / count));
  const path = (row: number): string => {
    const points = binned[row]!.map((count, bin) => `${x(bin).toFixed(1)},${(base(row) - count * scale).toFixed(1)}`);
    return `M${left},${base(row).toFixed(1)}L${points.join('L')}L${left + inner},${base(row).toFixed(1)}Z`;
  };
  const curves = items.map((item, row) => {
    const age = items.length < 2 ? 1 : row / (items.length - 1);
    const curve = s(
      'path',
      { d: path(row), class: row === chosen ? 'ridge chosen' : 'ridge', onclick: () => choose(row) },
      s('title', {}, `step ${item.step}`),
    );
    curve.style.fill = `color-mix(in oklch, ${color} ${Math.round(25 + 65 * age)}%, var(--surface))`;
    return curve;
  });
  const ticks = roundValues(low, high).map((value) => {
    const at = left + ((value - low) / (high - low)) * inner;
    return s(
      'g',
      { class: 'axis' },
      s('line', { x1: at, x2: at, y1: top / 2, y2: height - bottom }),
      s('text', { x: at, y: height - 10, 'text-anchor': 'middle' }, tick(value, (high - low) / 5)),
    );
  });
  const labelled = items.length < 2 ? [0] : [0, Math.floor((items.length - 1) / 2), items.length - 1];
  const labels = labelled.map((row) =>
    s('text', { class: 'step-label', x: width - right + 8, y: base(row) + 3 }, tick(items[row]!.step, 1)),
  );
  const label = `Distribution from ${number(low)} to ${number(high)} at ${items.length} steps, the last of ${number(items.at(-1)!.num)} values`;
  return s(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
    ...ticks,
    ...curves,
    ...labels,
  );
}

function histogramCard(app: App, tag: string, run: RunInfo): RunCard {
  let data: Histograms = { total: 0, items: [] };
  const drawing = h('div', { class: 'ridges' });
  const facts = h('dl', { class: 'facts' });
  const note = h('p', { class: 'chart-notes' });
  const slider = new StepSlider(`${tag}, ${run.name}`, show);

  function show(row: number): void {
    const item = data.items[row];
    if (item === undefined) return;
    put(
      drawing,
      ridges(data.items, app.color(run.id), row, (chosen) => slider.go(chosen)),
    );
    const pairs: [string, number | null][] = [
      ['Values', item.num],
      ['Mean', item.sum === null ? null : item.sum / item.num],
      ['Least', item.min],
      ['Greatest', item.max],
    ];
    put(
      facts,
      ...pairs.map(([name, value]) =>
        h('div', {}, h('dt', {}, name), h('dd', {}, Number.isFinite(value) ? number(value) : 'not finite')),
      ),
    );
  }

  const load = latest(async () => {
    try {
      data = (await ask<Histograms>('histograms', { run: run.id, tag, most: 50 }))!;
      slider.steps = data.items.map(({ step }) => step);
      put(note, data.total > data.items.length && `${data.items.length} of ${data.total} steps`);
    } catch (error) {
      put(note, (error as Error).message);
    }
  });
  return {
    element: h('figure', { class: 'card histogram' }, cardHead(app, run), drawing, slider.element, facts, note),
    load,
  };
}

/** The view of histograms. */
export const histogramsView = (app: App, signal: AbortSignal): View =>
  cardsView(
    app,
    signal,
    'histograms',
    (tag, run) => histogramCard(app, tag, run),
    () =>
      empty(
        'No histograms',
        h(
          'p',
          {},
          'Distributions come from ',
          h('code', {}, "writer.addHistogram('weights', layer.weight, step)"),
          '.',
        ),
      ),
  );
