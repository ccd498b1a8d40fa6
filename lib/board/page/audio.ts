// Sounds, at the step of their slider.
import type { RunInfo, Steps } from '../api.js';
import type { App, View } from './app.js';
import { type Card, cardHead, cardsView, StepSlider } from './cards.js';
import { address, ask, latest } from './client.js';
import { empty, h, put } from './dom.js';

function audioCard(app: App, tag: string, run: RunInfo): Card {
  let steps: Steps = { steps: [], walls: [], thinned: false };
  const note = h('p', { class: 'chart-notes' });
  const player = h('audio', {
    controls: true,
    preload: 'none',
    onerror: () => put(note, 'This is no sound of a kind that is played.'),
  });
  const slider = new StepSlider(`${tag}, ${run.name}`, (row) => {
    const next = address('audio', { run: run.id, tag, row, step: steps.steps[row]!, wall: steps.walls[row]! });
    if (player.getAttribute('src') !== next) player.src = next;
    player.setAttribute('aria-label', `${tag} of ${run.name} at step ${steps.steps[row]}`);
  });
  const load = latest(async () => {
    try {
      steps = (await ask<Steps>('steps', { run: run.id, tag, kind: 'audio' }))!;
      slider.steps = steps.steps;
    } catch (error) {
      put(note, (error as Error).message);
    }
  });
  return { element: h('figure', { class: 'card' }, cardHead(app, run), player, slider.element, note), load };
}

/** The view of sounds. */
export const audioView = (app: App, signal: AbortSignal): View =>
  cardsView(
    app,
    signal,
    'audio',
    (tag, run) => audioCard(app, tag, run),
    () =>
      empty(
        'No audio',
        h('p', {}, 'Sounds come from ', h('code', {}, "writer.addAudio('voice', tensor, step, { sampleRate })"), '.'),
      ),
  );
