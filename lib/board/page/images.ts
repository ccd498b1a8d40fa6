// Pictures, at the step of their slider.
import type { RunInfo } from '../api.js';
import type { App, View } from './app.js';
import { cardsView, type RunCard, stepCard, widenButton } from './cards.js';
import { empty, h, put } from './dom.js';
import { time } from './format.js';

function imageCard(app: App, tag: string, run: RunInfo): RunCard {
  let wall = 0;
  const note = h('p', { class: 'chart-notes' });
  const image = h('img', {
    onload: () => {
      // Pixels of small pictures stay pixels.
      image.classList.toggle('small', image.naturalWidth < 200);
      put(note, `${image.naturalWidth} × ${image.naturalHeight} · ${time(wall)}`);
    },
    onerror: () => put(note, 'This is no picture of a kind that is shown (PNG, JPEG, GIF, WebP).'),
  });
  const content = h('div', { class: 'picture' }, image);
  return stepCard(app, tag, run, ['images', 'image'], { tools: [widenButton()], content, note }, (at) => {
    wall = at.wall;
    image.alt = `${tag} of ${run.name} at step ${at.step}`;
    if (image.getAttribute('src') !== at.address) image.src = at.address;
  });
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
