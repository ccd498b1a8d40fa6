// Scalars: a chart for each tag, grouped by what stands before the first slash.
import type { XAxis } from '../api.js';
import { type App, setting, type View } from './app.js';
import { Chart } from './chart.js';
import { choice, empty, h, labelled, put } from './dom.js';
import { many } from './format.js';
import { groupsView } from './groups.js';
import type { ChartSettings } from './plot.js';

const axes = [
  ['step', 'Step'],
  ['relative', 'Relative'],
  ['wall', 'Wall'],
] as const;

/** The name of a tag's group. */
export const groupOf = (tag: string): string => (tag.includes('/') ? tag.slice(0, tag.indexOf('/')) : 'general');

/** What of a tag's name its group does not say. */
export const titleIn = (group: string, tag: string): string =>
  tag.startsWith(`${group}/`) ? tag.slice(group.length + 1) : tag;

/** The view of scalars. */
export function scalarsView(app: App, signal: AbortSignal): View {
  const smoothing = setting<number>('smoothing', 0.6);
  const axis = setting<string>('axis', 'step');
  const logarithmic = setting<boolean>('logarithmic', false);
  const settings = (): ChartSettings => ({
    axis: axes.some(([name]) => name === axis.value) ? (axis.value as XAxis) : 'step',
    smoothing: Math.min(0.99, Math.max(0, smoothing.value)),
    logarithmic: logarithmic.value,
  });

  const value = h('output', {}, settings().smoothing.toFixed(2));
  const slider = h('input', {
    type: 'range',
    min: 0,
    max: 0.99,
    step: 0.01,
    value: settings().smoothing,
    oninput: () => {
      smoothing.value = Number(slider.value);
      put(value, smoothing.value.toFixed(2));
      view.update();
    },
  });
  const log = h('input', {
    type: 'checkbox',
    checked: logarithmic.value,
    onchange: () => {
      logarithmic.value = log.checked;
      view.update();
    },
  });

  // By tag, the runs that have it.
  let runs = new Map<string, number[]>();
  const chart = (tag: string, group: string) => (): Chart => {
    const title = titleIn(group, tag);
    return new Chart(app, tag, title, () => runs.get(tag) ?? [], settings);
  };
  const view = groupsView(signal, {
    kind: 'scalars',
    groups(matches) {
      runs = new Map(app.state?.tags.scalars);
      const byGroup = Map.groupBy([...runs.keys()].filter(matches), groupOf);
      return [...byGroup].map(([name, tags]) => ({
        name,
        size: many(tags.length, 'chart'),
        cards: tags.map((tag) => ({ key: tag, make: chart(tag, name) })),
      }));
    },
    nothing: () =>
      runs.size > 0
        ? null
        : empty(
            'No scalars',
            h('p', {}, 'Curves come from ', h('code', {}, "writer.addScalar('loss', loss, step)"), '.'),
          ),
    tools: [
      labelled('Smoothing', slider),
      value,
      choice('Horizontal', axes, settings().axis, (chosen) => {
        axis.value = chosen;
        view.update();
      }),
      h('label', { class: 'control' }, log, h('span', {}, 'Log scale')),
    ],
  });
  return view;
}
