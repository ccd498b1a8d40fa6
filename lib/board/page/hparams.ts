// Hyperparameters and what they led to, as a table that sorts by any column.
import type { Cell, HParams } from '../api.js';
import type { App, View } from './app.js';
import { ask, latest } from './client.js';
import { empty, h, put } from './dom.js';
import { number } from './format.js';

const text = (cell: Cell): string => (typeof cell === 'number' ? number(cell) : cell === null ? '–' : String(cell));

/** Numbers before texts, nothing last. */
export function compare(a: Cell, b: Cell): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

/** The view of hyperparameters. */
export function hparamsView(app: App): View {
  const content = h('div', { class: 'groups' });
  let data: HParams | null = null;
  let version = -1;
  let laidOut = '';
  // It stays, so that it does not jump when something is new.
  const table = h('table');
  const card = h('div', { class: 'card table' }, h('div', { class: 'scroll', tabindex: 0 }, table));
  let sorted = { column: -1, down: false };

  type Row = HParams['rows'][number];
  const cells = (row: Row): Cell[] => [app.run(row.run)?.name ?? '', ...row.hparams, ...row.metrics, row.status];

  function show(): void {
    if (data === null) return;
    const shown = new Set(app.shown(data.rows.map(({ run }) => run)).map(({ id }) => id));
    const rows = data.rows.filter(({ run }) => shown.has(run));
    const key = JSON.stringify([data, [...shown], sorted]);
    if (key === laidOut) return;
    laidOut = key;
    const { column, down } = sorted;
    if (column >= 0)
      rows.sort((a, b) => {
        const [x, y] = [cells(a)[column]!, cells(b)[column]!];
        // What is missing stays last either way.
        return x === null || y === null ? compare(x, y) : compare(x, y) * (down ? -1 : 1);
      });
    const names = ['Run', ...data.hparams, ...data.metrics, 'Status'];
    const firstMetric = 1 + data.hparams.length;
    const kind = (i: number): string =>
      i === 0 || i === names.length - 1 ? '' : i < firstMetric ? 'hparam' : 'metric';
    const isNumber = names.map((_, i) => rows.some((row) => typeof cells(row)[i] === 'number'));
    const classes = (i: number): string =>
      `${kind(i)}${isNumber[i] ? ' number' : ''}${i === firstMetric ? ' first' : ''}`;
    const best = names.map((_, i) => {
      const values = rows.map((row) => cells(row)[i]).filter((value) => typeof value === 'number');
      return { low: Math.min(...values), high: Math.max(...values) };
    });
    const shade = (cell: Cell, i: number, element: HTMLElement): HTMLElement => {
      const { low, high } = best[i]!;
      if (kind(i) === 'metric' && typeof cell === 'number' && high > low)
        element.style.setProperty('--part', `${Math.round((100 * (cell - low)) / (high - low))}%`);
      return element;
    };
    const sortBy = (i: number): void => {
      sorted = { column: i, down: sorted.column === i && !sorted.down };
      show();
      content.querySelectorAll<HTMLElement>('th button')[i]?.focus();
    };
    const head = names.map((name, i) =>
      h(
        'th',
        { class: classes(i), scope: 'col', 'aria-sort': i !== column ? 'none' : down ? 'descending' : 'ascending' },
        h(
          'button',
          { onclick: () => sortBy(i) },
          name,
          h('span', { 'aria-hidden': true }, i !== column ? '' : down ? ' ↓' : ' ↑'),
        ),
      ),
    );
    const body = rows.map((row) => {
      return h(
        'tr',
        {},
        ...cells(row).map((cell, i) =>
          shade(
            cell,
            i,
            h(
              'td',
              { class: classes(i), title: text(cell).length > 40 && text(cell) },
              i === 0 && app.swatch(row.run),
              text(cell),
            ),
          ),
        ),
      );
    });
    const shownNow =
      data.rows.length === 0
        ? empty(
            'No hyperparameters',
            h(
              'p',
              {},
              'They come from ',
              h('code', {}, "writer.addHparams({ lr: 0.1 }, { 'hparam/accuracy': 0.9 })"),
              '.',
            ),
          )
        : card;
    if (content.firstElementChild !== shownNow) put(content, shownNow);
    put(table, h('thead', {}, h('tr', {}, ...head)), h('tbody', {}, ...body));
  }

  const load = latest(async () => {
    try {
      data = await ask<HParams>('hparams');
      show();
    } catch (error) {
      put(content, h('p', { class: 'wrong' }, (error as Error).message));
    }
  });
  return {
    element: content,
    update() {
      if (version !== app.state?.version) {
        version = app.state?.version ?? -1;
        load();
      } else show();
    },
  };
}
