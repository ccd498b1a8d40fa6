// Scalars: a chart for each tag, grouped by what stands before the first slash.
import type { XAxis } from '../api.js';
import { type App, pattern, setting, type View } from './app.js';
import { Chart } from './chart.js';
import { choice, empty, h, labelled, put } from './dom.js';
import { many } from './format.js';
import type { ChartSettings } from './plot.js';

const axes = [
  ['step', 'Step'],
  ['relative', 'Relative'],
  ['wall', 'Wall'],
] as const;

/** The name of a tag's group. */
export const groupOf = (tag: string): string => (tag.includes('/') ? tag.slice(0, tag.indexOf('/')) : 'general');

/** The view of scalars. */
export function scalarsView(app: App, signal: AbortSignal): View {
  const smoothing = setting<number>('smoothing', 0.6);
  const axis = setting<string>('axis', 'step');
  const logarithmic = setting<boolean>('logarithmic', false);
  const folded = new Set<string>();
  const charts = new Map<string, Chart>();
  const settings = (): ChartSettings => ({
    axis: axes.some(([name]) => name === axis.value) ? (axis.value as XAxis) : 'step',
    smoothing: Math.min(0.99, Math.max(0, smoothing.value)),
    logarithmic: logarithmic.value,
  });

  const filter = h('input', {
    type: 'search',
    placeholder: 'Filter tags',
    'aria-label': 'Filter tags by a regular expression',
    oninput: () => layout(),
  });
  const wrong = h('p', { class: 'wrong', role: 'status' });
  const value = h('output', {}, smoothing.value.toFixed(2));
  const slider = h('input', {
    type: 'range',
    min: 0,
    max: 0.99,
    step: 0.01,
    value: settings().smoothing,
    oninput: () => {
      smoothing.value = Number(slider.value);
      put(value, smoothing.value.toFixed(2));
      refresh();
    },
  });
  const log = h('input', {
    type: 'checkbox',
    checked: logarithmic.value,
    onchange: () => {
      logarithmic.value = log.checked;
      refresh();
    },
  });
  const groups = h('div', { class: 'groups' });
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const chart = [...charts.values()].find(({ element }) => element === target);
        if (chart === undefined) continue;
        chart.isVisible = isIntersecting;
        chart.refresh();
      }
    },
    { rootMargin: '200px' },
  );
  signal.addEventListener('abort', () => seen.disconnect());

  function refresh(): void {
    for (const chart of charts.values()) chart.refresh();
  }

  function group(name: string, tags: readonly (readonly [string, number[]])[]): HTMLElement {
    const cards = tags.map(([tag, ids]) => {
      let chart = charts.get(tag);
      if (chart === undefined) {
        const title = tag.startsWith(`${name}/`) ? tag.slice(name.length + 1) : tag;
        chart = new Chart(app, tag, title, ids, settings);
        charts.set(tag, chart);
        seen.observe(chart.element);
      }
      chart.ids = ids;
      return chart.element;
    });
    const details = h(
      'details',
      {
        open: !folded.has(name),
        ontoggle: () => {
          if (details.open) folded.delete(name);
          else folded.add(name);
        },
      },
      h('summary', {}, h('h2', {}, name), h('small', {}, many(tags.length, 'chart'))),
      h('div', { class: 'grid' }, ...cards),
    );
    return details;
  }

  let laidOut = '';
  function layout(): void {
    const { matches, wrong: reason } = pattern(filter.value);
    put(wrong, reason !== null && `This is no regular expression: ${reason}`);
    filter.setAttribute('aria-invalid', String(reason !== null));
    const tags = (app.state?.tags.scalars ?? []).filter(([tag]) => matches(tag));
    for (const [tag, ids] of tags) {
      const chart = charts.get(tag);
      if (chart !== undefined) chart.ids = ids;
    }
    const key = JSON.stringify(tags.map(([tag]) => tag));
    if (key !== laidOut) {
      laidOut = key;
      const byGroup = Map.groupBy(tags, ([tag]) => groupOf(tag));
      put(
        groups,
        ...[...byGroup].map(([name, inside]) => group(name, inside)),
        tags.length === 0 &&
          (app.state?.tags.scalars.length
            ? empty('No tag matches', h('p', {}, 'Change or clear the filter above.'))
            : empty(
                'No scalars',
                h('p', {}, 'Curves come from ', h('code', {}, "writer.addScalar('loss', loss, step)"), '.'),
              )),
      );
    }
    refresh();
  }

  const element = h(
    'div',
    {},
    h(
      'div',
      { class: 'toolbar' },
      filter,
      labelled('Smoothing', slider),
      value,
      choice('Horizontal', axes, settings().axis, (chosen) => {
        axis.value = chosen;
        refresh();
      }),
      h('label', { class: 'control' }, log, h('span', {}, 'Log scale')),
      wrong,
    ),
    groups,
  );
  return { element, update: layout };
}
