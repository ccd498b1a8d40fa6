// One chart of scalars: curves by uPlot, their points at the cursor, zoom by drag or keys.
import uPlot from 'uplot';
import type { Curves, Nearest, XAxis } from '../api.js';
import type { App } from './app.js';
import { address, ask, askCurves, type CurveData, latest } from './client.js';
import { h, put } from './dom.js';
import { clocks, many, number, span, tick, time } from './format.js';

/** What all charts share. */
export interface ChartSettings {
  axis: XAxis;
  smoothing: number;
  logarithmic: boolean;
}

const mostFaint = 12;
const mostInTip = 8;

const xText = (axis: XAxis, x: number): string =>
  axis === 'step' ? `step ${number(Math.round(x * 100) / 100)}` : axis === 'relative' ? span(x) : time(x);

// uPlot joins points over undefined and breaks a curve at null.
const forPlot = (values: Float64Array, logarithmic: boolean): (number | null | undefined)[] =>
  Array.from(values, (value) =>
    Number.isNaN(value) ? undefined : Number.isFinite(value) && !(logarithmic && value <= 0) ? value : null,
  );

/** The chart of one tag. */
export class Chart {
  readonly element: HTMLElement;
  readonly #plotted: HTMLElement;
  readonly #tip = h('div', { class: 'tip', hidden: true });
  readonly #notes = h('p', { class: 'chart-notes' });
  readonly #table = h('tbody');
  readonly #details: HTMLDetailsElement;
  readonly #reset: HTMLButtonElement;
  readonly load = latest(() => this.#load());
  #plot: uPlot | null = null;
  // What the plot was made for: other runs, axes or colours need a new one.
  #made = '';
  #data: (Curves & CurveData) | null = null;
  #range: [number, number] | null = null;
  #version = '';
  #asking = 0;
  isVisible = false;

  constructor(
    private readonly app: App,
    readonly tag: string,
    title: string,
    public ids: readonly number[],
    private readonly settings: () => ChartSettings,
  ) {
    this.#plotted = h('div', {
      class: 'plot',
      tabindex: 0,
      role: 'img',
      onkeydown: (event: KeyboardEvent) => this.#key(event),
      onblur: () => this.#hideTip(),
    });
    this.#reset = h('button', { hidden: true, onclick: () => this.#zoom(null) }, 'Show all');
    this.#details = h(
      'details',
      { ontoggle: () => this.#fillTable() },
      h('summary', {}, 'Values'),
      h(
        'div',
        { class: 'scroll', tabindex: 0 },
        h(
          'table',
          {},
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              ...['Run', 'Last', 'Smoothed', 'Least', 'Greatest', 'Step', 'Points', ''].map((text) =>
                h('th', {}, text),
              ),
            ),
          ),
          this.#table,
        ),
      ),
    );
    const expand = h(
      'button',
      {
        'aria-pressed': false,
        onclick: () => {
          expand.setAttribute('aria-pressed', String(this.element.classList.toggle('wide')));
          this.load();
        },
      },
      'Widen',
    );
    this.element = h(
      'figure',
      { class: 'card chart' },
      h('figcaption', { title: tag }, h('span', {}, title), this.#reset, expand),
      this.#plotted,
      this.#tip,
      this.#notes,
      this.#details,
    );
    new ResizeObserver(() => this.#resize()).observe(this.#plotted);
  }

  /** Loads anew where something that it shows has changed and it is seen. */
  refresh(): void {
    if (!this.isVisible) return;
    const shown = this.app.shown(this.ids).map(({ id }) => id);
    const { axis, smoothing, logarithmic } = this.settings();
    const version = [this.app.state?.version, axis, smoothing, logarithmic, this.app.isDark, shown].join();
    if (version === this.#version) return;
    this.#version = version;
    this.load();
  }

  get #parameters() {
    const { axis, smoothing } = this.settings();
    return {
      tag: this.tag,
      runs: this.app
        .shown(this.ids)
        .map(({ id }) => id)
        .join(),
      x: axis,
      smoothing,
    };
  }

  async #load(): Promise<void> {
    const width = Math.max(100, this.#plotted.clientWidth - 60);
    const { smoothing } = this.settings();
    const few = this.app.shown(this.ids).length <= mostFaint;
    try {
      this.#data = await askCurves({
        ...this.#parameters,
        from: this.#range?.[0] ?? null,
        to: this.#range?.[1] ?? null,
        width,
        raw: smoothing > 0 && few ? 1 : 0,
      });
      this.#draw(this.#data);
    } catch (error) {
      put(this.#notes, `This chart could not be loaded: ${(error as Error).message}`);
    }
  }

  #draw(data: Curves & CurveData): void {
    const { axis, logarithmic } = this.settings();
    const key = [axis, logarithmic, this.app.isDark, data.raw, data.curves.map(({ run }) => run)].join();
    if (key !== this.#made) this.#make(data);
    this.#made = key;
    const columns = [...data.raws, ...data.smoothed].map((column) => forPlot(column, logarithmic));
    this.#plot!.setData([Array.from(data.x), ...columns] as uPlot.AlignedData);
    const count = data.curves.reduce((sum, { points }) => sum + points, 0);
    const label = `${this.tag}: ${many(data.curves.length, 'run')}, ${many(count, 'point')}, ${xText(axis, data.from)} to ${xText(axis, data.to)}`;
    this.#plotted.setAttribute('aria-label', `${label}. Arrow keys move the cursor, plus and minus zoom, 0 shows all.`);
    this.#reset.hidden = this.#range === null;
    const notes = data.curves.flatMap(({ run, broken, brokenAt, thinned }) => {
      const name = this.app.run(run)?.name ?? '';
      return [
        broken > 0 && `${name}: ${many(broken, 'value')} NaN or infinite, the first at step ${number(brokenAt)}`,
        thinned && `${name}: points were left out to save memory`,
      ].filter((note) => note !== false);
    });
    put(
      this.#notes,
      notes.length > 3 ? `${notes.slice(0, 3).join('. ')}. And ${notes.length - 3} more` : notes.join('. '),
    );
    this.#fillTable();
  }

  #make(data: Curves & CurveData): void {
    this.#plot?.destroy();
    const { axis, logarithmic } = this.settings();
    const style = getComputedStyle(this.#plotted);
    const [ink, line] = [style.getPropertyValue('--ink-2'), style.getPropertyValue('--grid')];
    const curve = (run: number, faint: boolean): uPlot.Series => ({
      stroke: this.app.color(run),
      width: faint ? 1 : 1.75,
      alpha: faint ? 0.3 : 1,
      spanGaps: true,
      points: { show: !faint && data.x.length < 60, size: 4, fill: this.app.color(run) },
    });
    const font = `11px ${style.fontFamily}`;
    const common = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font };
    this.#plot = new uPlot(
      {
        width: this.#plotted.clientWidth || 300,
        height: 240,
        padding: [10, 12, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 }, y: false },
        scales: {
          x: { time: axis === 'wall', range: () => this.#xRange() },
          y: logarithmic ? { distr: 3 } : { range: (_, low, high) => yRange(low, high) },
        },
        axes: [
          axis === 'wall'
            ? { ...common, size: 32, space: 72, values: (_, values) => clocks(values) }
            : {
                ...common,
                size: 32,
                space: 64,
                values: (_, values) =>
                  values.map((value) => (axis === 'relative' ? span(value) : tick(value, values[1]! - values[0]!))),
              },
          {
            ...common,
            size: 56,
            values: (_, values) =>
              values.map((value) =>
                value === null ? '' : tick(value, logarithmic ? 1 : Math.abs(values[1]! - values[0]!)),
              ),
          },
        ],
        series: [
          {},
          ...data.raws.map((_, i) => curve(data.curves[i]!.run, true)),
          ...data.smoothed.map((_, i) => curve(data.curves[i]!.run, false)),
        ],
        hooks: {
          setSelect: [
            (plot) => {
              if (plot.select.width < 3) return;
              this.#zoom([
                plot.posToVal(plot.select.left, 'x'),
                plot.posToVal(plot.select.left + plot.select.width, 'x'),
              ]);
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
          setCursor: [(plot) => this.#moved(plot)],
        },
      },
      [[]],
      this.#plotted,
    );
    this.#plot.over.addEventListener('dblclick', () => this.#zoom(null));
    this.#plot.over.addEventListener('mouseleave', () => this.#hideTip());
  }

  #xRange(): [number, number] {
    if (this.#range !== null) return this.#range;
    const { from = 0, to = 1 } = this.#data ?? {};
    return from === to ? [from - 0.5, to + 0.5] : [from, to];
  }

  #resize(): void {
    if (this.#plot !== null && this.#plotted.clientWidth > 0)
      this.#plot.setSize({ width: this.#plotted.clientWidth, height: 240 });
  }

  #zoom(range: [number, number] | null): void {
    if (range !== null && isNarrow(...range)) return;
    this.#range = range;
    this.load();
  }

  #key(event: KeyboardEvent): void {
    const plot = this.#plot;
    if (plot === null || this.#data === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const [from, to] = this.#xRange();
    const middle = plot.cursor.left! >= 0 ? plot.posToVal(plot.cursor.left!, 'x') : (from + to) / 2;
    const zoom = (factor: number) => this.#zoom([middle - (middle - from) * factor, middle + (to - middle) * factor]);
    const move = (by: number) => {
      const at = plot.cursor.idx ?? (by > 0 ? -1 : this.#data!.count);
      const left = plot.valToPos(this.#data!.x[Math.max(0, Math.min(this.#data!.count - 1, at + by))]!, 'x');
      plot.setCursor({ left, top: plot.over.clientHeight / 2 });
    };
    const actions: Record<string, () => void> = {
      ArrowRight: () => move(event.shiftKey ? 10 : 1),
      ArrowLeft: () => move(event.shiftKey ? -10 : -1),
      '+': () => zoom(0.5),
      '=': () => zoom(0.5),
      '-': () => zoom(2),
      '0': () => this.#zoom(null),
      Escape: () => this.#zoom(null),
    };
    if (actions[event.key] === undefined) return;
    event.preventDefault();
    actions[event.key]!();
  }

  #hideTip(): void {
    this.#tip.hidden = true;
    this.#asking++;
  }

  #moved(plot: uPlot): void {
    const { idx, left = -1, top = -1 } = plot.cursor;
    if (this.#data === null || idx === null || idx === undefined || left < 0) {
      this.#hideTip();
      return;
    }
    const x = this.#data.exact ? this.#data.x[idx]! : plot.posToVal(left, 'x');
    this.#tip.style.left = left < plot.over.clientWidth / 2 ? `${left + 80}px` : '';
    this.#tip.style.right = left < plot.over.clientWidth / 2 ? '' : `${plot.over.clientWidth - left + 28}px`;
    // The points themselves are asked for, as a chart has but two for each pixel.
    const asking = ++this.#asking;
    setTimeout(async () => {
      if (asking !== this.#asking) return;
      const points = await ask<Nearest>('at', { ...this.#parameters, at: x }).catch(() => null);
      if (asking === this.#asking && points !== null) this.#fillTip(points, x, plot.posToVal(top, 'y'));
    }, 30);
  }

  #fillTip(points: Nearest, x: number, y: number): void {
    const far = (point: Nearest[number]) => Math.abs((point.smoothed ?? Number.POSITIVE_INFINITY) - y);
    const sorted = points.toSorted((a, b) => far(a) - far(b)).slice(0, mostInTip);
    const smoothing = this.settings().smoothing > 0;
    put(
      this.#tip,
      h('strong', {}, xText(this.settings().axis, sorted[0]?.x ?? x)),
      h(
        'table',
        {},
        h('tr', {}, h('th'), smoothing && h('th', {}, 'smoothed'), h('th', {}, 'value'), h('th', {}, 'step')),
        ...sorted
          .toSorted((a, b) => (b.smoothed ?? 0) - (a.smoothed ?? 0))
          .map(({ run, value, smoothed, step }) =>
            h(
              'tr',
              {},
              h('td', {}, this.#swatch(run), this.app.run(run)?.name ?? ''),
              smoothing && h('td', {}, number(smoothed)),
              h('td', {}, value === null ? 'NaN' : number(value)),
              h('td', { class: 'faint' }, number(step)),
            ),
          ),
      ),
      points.length > sorted.length && h('small', {}, `and ${many(points.length - sorted.length, 'run')} further away`),
    );
    this.#tip.hidden = false;
  }

  #swatch(run: number): HTMLElement {
    const swatch = h('i', { class: 'swatch' });
    swatch.style.background = this.app.color(run);
    return swatch;
  }

  #fillTable(): void {
    if (!this.#details.open || this.#data === null) return;
    const smoothing = this.settings().smoothing > 0;
    put(
      this.#table,
      ...this.#data.curves.map(({ run, points, min, max, last }) =>
        h(
          'tr',
          {},
          h('td', {}, this.#swatch(run), this.app.run(run)?.name ?? ''),
          h('td', {}, number(last?.value)),
          h('td', {}, smoothing ? number(last?.smoothed) : '–'),
          h('td', {}, number(min)),
          h('td', {}, number(max)),
          h('td', {}, number(last?.step)),
          h('td', {}, number(points)),
          h('td', {}, h('a', { href: address('csv', { tag: this.tag, run }), download: 'scalars.csv' }, 'CSV')),
        ),
      ),
    );
  }
}

// Whether two numbers are so near that an axis between them would run out of digits.
const isNarrow = (low: number, high: number): boolean => high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high));

// A little room above and below, also around a curve that does not move.
function yRange(low: number, high: number): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const room = isNarrow(low, high) ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.06;
  return [low - room, high + room];
}
