// Sounds, at the step of their slider.
import type { RunInfo } from '../api.js';
import type { App, View } from './app.js';
import { cardsView, type RunCard, stepCard } from './cards.js';
import { empty, h, put } from './dom.js';

function audioCard(app: App, tag: string, run: RunInfo): RunCard {
  const note = h('p', { class: 'chart-notes' });
  const player = h('audio', {
    controls: true,
    preload: 'none',
    onerror: () => put(note, 'This is no sound of a kind that is played.'),
  });
  return stepCard(app, tag, run, ['audio', 'audio'], { content: player, note }, ({ step, address }) => {
    player.setAttribute('aria-label', `${tag} of ${run.name} at step ${step}`);
    if (player.getAttribute('src') === address) return;
    put(note);
    player.src = address;
  });
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
