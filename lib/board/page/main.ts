// The page: a bar of views, the runs, and the view that is chosen.
import type { Kind } from '../api.js';
import { App, type View } from './app.js';
import { audioView } from './audio.js';
import { empty, h, put } from './dom.js';
import { many, size } from './format.js';
import { graphView } from './graph.js';
import { histogramsView } from './histograms.js';
import { hparamsView } from './hparams.js';
import { imagesView } from './images.js';
import { prCurvesView } from './pr-curves.js';
import { runsPanel } from './runs.js';
import { scalarsView } from './scalars.js';
import { textsView } from './texts.js';

interface Tab {
  name: string;
  title: string;
  make(app: App, signal: AbortSignal): View;
  count(app: App): number;
}

const tags = (kind: Kind) => (app: App) => app.state?.tags[kind].length ?? 0;

const tabs: Tab[] = [
  { name: 'scalars', title: 'Scalars', make: scalarsView, count: tags('scalars') },
  { name: 'images', title: 'Images', make: imagesView, count: tags('images') },
  { name: 'histograms', title: 'Histograms', make: histogramsView, count: tags('histograms') },
  { name: 'pr-curves', title: 'PR curves', make: prCurvesView, count: tags('prCurves') },
  { name: 'graph', title: 'Graph', make: graphView, count: (app) => app.state?.graphs.length ?? 0 },
  { name: 'hparams', title: 'HParams', make: hparamsView, count: (app) => app.state?.hparams ?? 0 },
  { name: 'texts', title: 'Text', make: textsView, count: tags('texts') },
  { name: 'audio', title: 'Audio', make: audioView, count: tags('audio') },
];

const app = new App();
const main = h('main', { id: 'view', role: 'tabpanel', tabindex: -1 });
const buttons = tabs.map(({ name, title }) =>
  h(
    'button',
    { role: 'tab', id: `tab-${name}`, 'aria-controls': 'view', onclick: () => open(name) },
    title,
    h('small'),
  ),
);
const status = h('p', { class: 'status', role: 'status' });
const theme = h('button', { class: 'theme', onclick: nextTheme });
const notes = h('footer', { class: 'notes' });
let view: View | null = null;
let shown: Tab | null = null;
let ending = new AbortController();

// Until someone chooses, the first view that has something to show.
const named = (): Tab | undefined => tabs.find(({ name }) => location.hash === `#${name}`);
const current = (): Tab => named() ?? tabs.find((tab) => tab.count(app) > 0) ?? tabs[0]!;

function open(name: string): void {
  history.replaceState(null, '', `#${name}`);
  update();
}

function turn(event: KeyboardEvent): void {
  const at = tabs.indexOf(current());
  const places: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 };
  const next = places[event.key];
  if (next === undefined) return;
  event.preventDefault();
  const i = (next + tabs.length) % tabs.length;
  open(tabs[i]!.name);
  buttons[i]!.focus();
}

function nextTheme(): void {
  const order = ['auto', 'light', 'dark'];
  app.theme.value = order[(order.indexOf(app.theme.value) + 1) % order.length]!;
  app.applyTheme();
}

function statusText(): string {
  const { state, failure } = app;
  if (failure !== null) return `The board does not answer (${failure}). Is \`cresset board\` still running?`;
  if (state === null) return 'Asking the board…';
  if (state.isReading) return `Reading ${size(state.read)} of ${size(state.size)}`;
  if (state.isMissing) return `${state.logdir} · not there`;
  return `${state.logdir} · ${many(state.runs.length, 'run')} · live`;
}

function update(): void {
  const tab = current();
  for (const [i, button] of buttons.entries()) {
    const count = tabs[i]!.count(app);
    const isCurrent = tabs[i] === tab;
    button.setAttribute('aria-selected', String(isCurrent));
    button.tabIndex = isCurrent ? 0 : -1;
    button.classList.toggle('none', count === 0);
    put(button.lastElementChild!, count > 0 && count);
  }
  put(status, statusText());
  status.classList.toggle('wrong', app.failure !== null);
  status.classList.toggle('busy', app.state?.isReading === true);
  const others = app.state?.others ?? [];
  put(
    notes,
    others.length > 0 &&
      `No view for: ${others.map(([plugin, count]) => `${plugin || 'tensors of no plugin'} (${many(count, 'value')})`).join(', ')}.`,
  );
  if (app.state === null) return;
  if (app.runs.length === 0) {
    close();
    put(main, app.state.isMissing ? missing(app.state.logdir) : nothing(app.state.logdir));
    return;
  }
  if (shown === tab) {
    view?.update();
    return;
  }
  close();
  shown = tab;
  main.setAttribute('aria-labelledby', `tab-${tab.name}`);
  ending = new AbortController();
  view = tab.make(app, ending.signal);
  put(main, view.element, notes);
  view.update();
}

function close(): void {
  ending.abort();
  view = shown = null;
}

const missing = (logdir: string): HTMLElement =>
  empty(
    'The folder is not there',
    h(
      'p',
      {},
      'There is no folder ',
      h('code', {}, logdir),
      '. As soon as there is, its runs appear here. If it should be there already, look at how its name is written.',
    ),
  );

const nothing = (logdir: string): HTMLElement =>
  empty(
    'No event files yet',
    h('p', {}, 'Nothing in ', h('code', {}, logdir), ' or below is an event file. Write some, and they appear here:'),
    h(
      'pre',
      {},
      "import { SummaryWriter } from 'cresset/tensorboard';\n\nconst writer = new SummaryWriter('runs/first');\nwriter.addScalar('loss', loss, step);\nawait writer.close();",
    ),
  );

const showTheme = (): void => {
  const words: Record<string, string> = { auto: 'Auto', light: 'Light', dark: 'Dark' };
  put(theme, words[app.theme.value] ?? 'Auto');
  theme.setAttribute('aria-label', `Colours: ${words[app.theme.value] ?? 'Auto'}; change`);
};

document.body.append(
  h(
    'header',
    { class: 'bar' },
    h('h1', {}, 'Cresset', h('span', {}, 'board')),
    h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Views', onkeydown: turn }, ...buttons),
    status,
    theme,
  ),
  h('div', { class: 'body' }, runsPanel(app), main),
);
showTheme();
app.on('theme', showTheme);
for (const what of ['state', 'runs', 'theme'] as const) app.on(what, update);
addEventListener('hashchange', update);
void app.watch();
