// The list of runs: which are shown, in which colour, and what of them could not be read.
import type { RunInfo } from '../api.js';
import { type App, pattern } from './app.js';
import { h, put } from './dom.js';
import { many, span } from './format.js';

const mostProblems = 20;

/** The panel of runs. */
export function runsPanel(app: App): HTMLElement {
  const filter = h('input', {
    type: 'search',
    placeholder: 'Filter runs',
    'aria-label': 'Filter runs by a regular expression',
    oninput: () => update(),
  });
  const wrong = h('p', { class: 'wrong', role: 'status' });
  const list = h('ul', { class: 'runs' });
  const problems = h('div', { class: 'problems' });
  const count = h('span', { class: 'count' });

  const listed = (): RunInfo[] => app.runs.filter(({ name }) => pattern(filter.value).matches(name));
  const show = (runs: readonly RunInfo[], shown: boolean): void => {
    for (const { id } of runs)
      if (shown) app.hidden.delete(id);
      else app.hidden.add(id);
    app.tell('runs');
  };
  const only = (run: RunInfo): void => {
    for (const { id } of app.runs) app.hidden.add(id);
    show([run], true);
  };

  const row = (run: RunInfo): HTMLElement => {
    const box = h('input', {
      type: 'checkbox',
      checked: !app.hidden.has(run.id),
      onchange: () => show([run], box.checked),
    });
    box.style.setProperty('--run', app.color(run.id));
    const length = run.from === null || run.to === null || run.to === run.from ? '' : span(run.to - run.from);
    return h(
      'li',
      {},
      h('label', { title: run.name }, box, h('span', { class: 'name' }, run.name), h('small', {}, length)),
      h('button', { class: 'only', onclick: () => only(run), 'aria-label': `Show only ${run.name}` }, 'only'),
    );
  };

  function update(): void {
    const focused = [...list.children].findIndex((item) => item.contains(document.activeElement));
    put(list, ...listed().map(row));
    if (focused >= 0) list.children[focused]?.querySelector('input')?.focus();
    const reason = pattern(filter.value).wrong;
    put(wrong, reason);
    filter.setAttribute('aria-invalid', String(reason !== null));
    put(
      count,
      `${app.runs.length - app.runs.filter(({ id }) => app.hidden.has(id)).length} of ${many(app.runs.length, 'run')}`,
    );
    const found = app.runs.flatMap(({ name, problems: texts }) => texts.map((text) => [name, text] as const));
    if (app.state?.problem) found.unshift(['', app.state.problem]);
    put(
      problems,
      found.length > 0 && h('h3', {}, 'Not shown'),
      ...found
        .slice(0, mostProblems)
        .map(([name, text]) => h('p', {}, name !== '' && h('strong', {}, name), ` ${text}`)),
      found.length > mostProblems && h('p', {}, `and ${found.length - mostProblems} more`),
    );
  }
  for (const what of ['state', 'runs', 'theme'] as const) app.on(what, update);

  return h(
    'aside',
    { class: 'panel', 'aria-label': 'Runs' },
    h('div', { class: 'panel-head' }, h('h2', {}, 'Runs'), count),
    filter,
    wrong,
    h(
      'div',
      { class: 'buttons' },
      h('button', { onclick: () => show(listed(), true) }, 'All'),
      h('button', { onclick: () => show(listed(), false) }, 'None'),
    ),
    list,
    problems,
  );
}
