// Texts, the newest first.
import type { RunInfo, Texts } from '../api.js';
import { type App, setting, type View } from './app.js';
import { cardHead, cardsView, type RunCard } from './cards.js';
import { ask, latest } from './client.js';
import { empty, h, put } from './dom.js';
import { time } from './format.js';
import { markdown } from './markdown-view.js';

/** The view of texts. */
export function textsView(app: App, signal: AbortSignal): View {
  const plain = setting<boolean>('plain', false);
  const box = h('input', {
    type: 'checkbox',
    checked: plain.value,
    onchange: () => {
      plain.value = box.checked;
      view.update();
    },
  });

  const card = (tag: string, run: RunInfo): RunCard => {
    const items = h('div', { class: 'texts' });
    const load = latest(async () => {
      try {
        const { total, items: texts } = (await ask<Texts>('texts', { run: run.id, tag, most: 20 }))!;
        put(
          items,
          ...texts.map(({ step, wall, text }) =>
            h(
              'article',
              {},
              h('small', {}, `step ${step.toLocaleString('en')} · ${time(wall)}`),
              plain.value ? h('pre', {}, text) : markdown(text),
            ),
          ),
          total > texts.length && h('p', { class: 'chart-notes' }, `The newest ${texts.length} of ${total}`),
        );
      } catch (error) {
        put(items, (error as Error).message);
      }
    });
    return { element: h('figure', { class: 'card' }, cardHead(app, run), items), load };
  };

  const view = cardsView(
    app,
    signal,
    'texts',
    card,
    () =>
      empty(
        'No texts',
        h('p', {}, 'Texts come from ', h('code', {}, "writer.addText('notes', '**Markdown** or plain', step)"), '.'),
      ),
    { tools: [h('label', { class: 'control' }, box, h('span', {}, 'Plain text'))], look: () => plain.value },
  );
  return view;
}
