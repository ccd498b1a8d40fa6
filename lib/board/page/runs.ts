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
  // They stay as long as their runs, so that neither the focus nor a click is lost when something is new.
  const rows = new Map<number, ReturnType<typeof newRow>>();

  const listed = (): RunInfo[] => app.runs.filter(({ name }) => pattern(filter.value).matches(name));
  const only = ({ id }: RunInfo): void => {
    app.show(
      app.runs.filter((run) => run.id === id),
      true,
    );
    app.show(
      app.runs.filter((run) => run.id !== id),
      false,
    );
  };

  function newRow(run: RunInfo) {
    const box = h('input', { type: 'checkbox', onchange: () => app.show([run], box.checked) });
    box.style.setProperty('--run', app.color(run.id));
    const length = h('small');
    const element = h(
      'li',
      {},
      h('label', { title: run.name }, box, h('span', { class: 'name' }, run.name), length),
      h('button', { class: 'only', onclick: () => only(run), 'aria-label': `Show only ${run.name}` }, 'only'),
    );
    return { element, box, length };
  }

  function rowOf(run: RunInfo): HTMLElement {
    const row = rows.get(run.id) ?? newRow(run);
    rows.set(run.id, row);
    row.box.checked = app.isShown(run);
    const { from, to } = run;
    put(row.length, from !== null && to !== null && to !== from && span(to - from));
    return row.element;
  }

  function update(): void {
    const known = new Set(app.runs.map(({ id }) => id));
    for (const id of rows.keys()) if (!known.has(id)) rows.delete(id);
    const elements = listed().map(rowOf);
    // What is in its place is not moved, as that would take the focus from it.
    for (const [i, element] of elements.entries())
      if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null);
    while (list.children.length > elements.length) list.lastElementChild!.remove();
    const reason = pattern(filter.value).wrong;
    put(wrong, reason);
    filter.setAttribute('aria-invalid', String(reason !== null));
    put(count, `${app.runs.filter((run) => app.isShown(run)).length} of ${many(app.runs.length, 'run')}`);
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
  for (const what of ['state', 'runs'] as const) app.on(what, update);

  return h(
    'aside',
    { class: 'panel', 'aria-label': 'Runs' },
    h('div', { class: 'panel-head' }, h('h2', {}, 'Runs'), count),
    filter,
    wrong,
    h(
      'div',
      { class: 'buttons' },
      h('button', { onclick: () => app.show(listed(), true) }, 'All'),
      h('button', { onclick: () => app.show(listed(), false) }, 'None'),
    ),
    list,
    problems,
  );
}
