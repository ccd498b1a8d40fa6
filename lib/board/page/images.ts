// Pictures, at the step of their slider.
import type { RunInfo, Steps } from '../api.js';
import type { App, View } from './app.js';
import { type Card, cardHead, cardsView, StepSlider } from './cards.js';
import { address, ask, latest } from './client.js';
import { empty, h, put } from './dom.js';
import { time } from './format.js';

function imageCard(app: App, tag: string, run: RunInfo): Card {
  let steps: Steps = { steps: [], walls: [], thinned: false };
  const note = h('p', { class: 'chart-notes' });
  const image = h('img', {
    onload: () => {
      // Pixels of small pictures stay pixels.
      image.classList.toggle('small', image.naturalWidth < 200);
      put(note, `${image.naturalWidth} × ${image.naturalHeight} · ${time(steps.walls[slider.row] ?? 0)}`);
    },
    onerror: () => put(note, 'This is no picture of a kind that is shown (PNG, JPEG, GIF, WebP).'),
  });
  const slider = new StepSlider(`${tag}, ${run.name}`, (row) => {
    image.alt = `${tag} of ${run.name} at step ${steps.steps[row]}`;
    // The step makes another address of another picture in the same row.
    image.src = address('image', { run: run.id, tag, row, step: steps.steps[row]!, wall: steps.walls[row]! });
  });
  const larger = h(
    'button',
    {
      'aria-pressed': false,
      onclick: () => larger.setAttribute('aria-pressed', String(element.classList.toggle('wide'))),
    },
    'Widen',
  );
  const element = h(
    'figure',
    { class: 'card image' },
    cardHead(app, run, larger),
    h('div', { class: 'picture' }, image),
    slider.element,
    note,
  );
  const load = latest(async () => {
    try {
      steps = (await ask<Steps>('steps', { run: run.id, tag, kind: 'images' }))!;
      slider.steps = steps.steps;
    } catch (error) {
      put(note, (error as Error).message);
    }
  });
  return { element, load };
}

/** The view of pictures. */
export const imagesView = (app: App, signal: AbortSignal): View =>
  cardsView(
    app,
    signal,
    'images',
    (tag, run) => imageCard(app, tag, run),
    () =>
      empty(
        'No images',
        h('p', {}, 'Pictures come from ', h('code', {}, "writer.addImage('input', tensor, step)"), '.'),
      ),
  );
