// One chart of scalars: curves by uPlot, their points at the cursor, zoom by drag or keys.
import type uPlot from 'uplot';
import type { Curves, Nearest, XAxis } from '../api.js';
import type { App } from './app.js';
import { widenButton } from './cards.js';
import { address, ask, askCurves, type CurveData, latest } from './client.js';
import { h, put } from './dom.js';
import { many, number, span, time } from './format.js';
import type { Card } from './groups.js';
import { type ChartSettings, forPlot, height, isNarrow, makePlot } from './plot.js';

const mostFaint = 12;
const mostInTip = 8;

const xText = (axis: XAxis, x: number): string =>
  axis === 'step' ? `step ${number(Math.round(x * 100) / 100)}` : axis === 'relative' ? span(x) : time(x);

/** The chart of one tag of the runs that `ids` gives. */
export class Chart implements Card {
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
  #asking = 0;

  constructor(
    private readonly app: App,
    readonly tag: string,
    title: string,
    private readonly ids: () => readonly number[],
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
    this.element = h(
      'figure',
      { class: 'card chart' },
      h('figcaption', { title: tag }, h('span', {}, title), this.#reset, widenButton(this.load)),
      this.#plotted,
      this.#tip,
      this.#notes,
      this.#details,
    );
    new ResizeObserver(() => this.#resize()).observe(this.#plotted);
  }

  version(): string {
    const runs = this.app.shown(this.ids()).map(({ id, version }) => [id, version]);
    return JSON.stringify([runs, this.settings(), this.app.isDark]);
  }

  close(): void {
    this.#plot?.destroy();
  }

  get #parameters() {
    const { axis, smoothing } = this.settings();
    return {
      tag: this.tag,
      runs: this.app
        .shown(this.ids())
        .map(({ id }) => id)
        .join(),
      x: axis,
      smoothing,
    };
  }

  async #load(): Promise<void> {
    const width = Math.max(100, this.#plotted.clientWidth - 60);
    const { smoothing } = this.settings();
    const few = this.app.shown(this.ids()).length <= mostFaint;
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
    this.#plot = makePlot(this.#plotted, data, {
      ...this.settings(),
      paint: (run) => this.app.paint(run),
      xRange: () => this.#xRange(),
      zoom: (range) => this.#zoom(range),
      moved: (plot) => this.#moved(plot),
    });
    this.#plot.over.addEventListener('dblclick', () => this.#zoom(null));
    this.#plot.over.addEventListener('mouseleave', () => this.#hideTip());
  }

  #xRange(): [number, number] {
    if (this.#range !== null) return this.#range;
    const { from = 0, to = 1 } = this.#data ?? {};
    return isNarrow(from, to) ? [from - 0.5, to + 0.5] : [from, to];
  }

  #resize(): void {
    if (this.#plot !== null && this.#plotted.clientWidth > 0)
      this.#plot.setSize({ width: this.#plotted.clientWidth, height });
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
              h('td', {}, this.app.swatch(run), this.app.run(run)?.name ?? ''),
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

  #fillTable(): void {
    if (!this.#details.open || this.#data === null) return;
    const smoothing = this.settings().smoothing > 0;
    put(
      this.#table,
      ...this.#data.curves.map(({ run, points, min, max, last }) =>
        h(
          'tr',
          {},
          h('td', {}, this.app.swatch(run), this.app.run(run)?.name ?? ''),
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
