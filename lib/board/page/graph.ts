// The graph of a run: scopes that fold and unfold, zoom and pan, and what a node is.
import type { Graph, RunInfo } from '../api.js';
import { type App, setting, type View } from './app.js';
import { ask } from './client.js';
import { empty, h, labelled, newId, put, s } from './dom.js';
import { many } from './format.js';
import { factsOf, type Loaded, loaded } from './graph-facts.js';
import { curve, type Layout, layoutOf, short } from './graph-layout.js';
import { PanZoom } from './pan-zoom.js';
import { type Item, lengthOf, type Scope, sourceOf, titleOf, visible } from './scopes.js';

// What can be laid out in a few seconds.
const mostItems = 800;
const longestEdges = 5000;

// What is unfolded at first: the largest scope of the outermost.
function firstOpen(root: Scope): string[] {
  const [largest] = [...root.children.values()].sort((a, b) => b.size - a.size);
  return largest !== undefined && largest.children.size > 0 ? [largest.id] : [];
}

/** The view of graphs. */
export function graphView(app: App, signal: AbortSignal): View {
  const showsGiven = setting<boolean>('graph-given', false);
  let open = new Set<string>();
  // What was unfolded when all could be laid out.
  let drawn = new Set<string>();
  let graph: Loaded | null = null;
  let laidOut: Layout | null = null;
  let selected: string | null = null;
  let chosenRun: number | null = null;
  let asked = '';

  const arrow = newId();
  const picker = h('select', { onchange: () => choose(Number(picker.value)) });
  const given = h('input', {
    type: 'checkbox',
    checked: showsGiven.value,
    onchange: () => {
      showsGiven.value = given.checked;
      draw(null);
    },
  });
  const search = h('input', {
    type: 'search',
    placeholder: 'Find a node, Enter',
    'aria-label': 'Find a node by its name or op',
    onkeydown: (event: KeyboardEvent) => event.key === 'Enter' && find(),
  });
  const scene = s('g');
  const canvas = s(
    'svg',
    {
      class: 'graph-canvas',
      tabindex: 0,
      role: 'group',
      'aria-label':
        'Graph. Arrow keys pan, plus and minus zoom, 0 fits all; Tab goes from node to node, Enter unfolds.',
    },
    s(
      'defs',
      {},
      s(
        'marker',
        { id: arrow, viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' },
        s('path', { d: 'M0,0.5L8,4L0,7.5Z', class: 'arrow' }),
      ),
    ),
    scene,
  );
  const zoom = new PanZoom(canvas, scene, signal);
  const panel = h('section', { class: 'node-panel', 'aria-label': 'Selected node', 'aria-live': 'polite' });
  const note = h('p', { class: 'wrong', role: 'status' });
  const stage = h('div', { class: 'stage' }, canvas, panel);
  const tools = h(
    'div',
    { class: 'toolbar' },
    labelled('Run', picker),
    search,
    h('label', { class: 'control' }, given, h('span', {}, 'Parameters and constants')),
    h(
      'div',
      { class: 'buttons' },
      h('button', { onclick: () => foldAll() }, 'Fold all'),
      h('button', { onclick: () => zoom.by(1.25), 'aria-label': 'Zoom in' }, '+'),
      h('button', { onclick: () => zoom.by(0.8), 'aria-label': 'Zoom out' }, '−'),
      h('button', { onclick: () => laidOut && zoom.fit(laidOut) }, 'Fit'),
    ),
    note,
  );
  const content = h('div', { class: 'graph-view' }, tools, stage);
  const element = h('div', { class: 'fill' }, content);

  async function choose(id: number): Promise<void> {
    chosenRun = id;
    const question = `${id} ${app.run(id)?.name}`;
    asked = question;
    const answer = await ask<Graph>('graph', { run: id }).catch((error: Error) => error.message);
    // Another may have been chosen meanwhile.
    if (asked !== question) return;
    graph = laidOut = null;
    drawn = new Set();
    put(scene);
    select(null);
    if (answer === null || typeof answer === 'string') {
      put(note, answer);
      return;
    }
    graph = loaded(answer);
    open = new Set(firstOpen(graph.root));
    // What is too large unfolded may be shown folded.
    if (draw(null) || draw(null)) zoom.fit(laidOut!);
  }

  function toggle(id: string): void {
    if (!open.delete(id)) open.add(id);
    draw(id);
  }

  function foldAll(): void {
    open.clear();
    draw(null);
    if (laidOut !== null) zoom.fit(laidOut);
  }

  // Draws what is seen; the node `around` stays where it was on the screen. Where it is too large, all stays as it was.
  function draw(around: string | null): boolean {
    if (graph === null) return false;
    const seen = visible(graph.root, graph.places, open, showsGiven.value ? new Set() : graph.given);
    const tooLarge =
      seen.items.size > mostItems
        ? `${many(seen.items.size, 'node')} at once are more than the ${mostItems} that are laid out.`
        : lengthOf(seen) > longestEdges
          ? `${many(seen.edges.length, 'edge')} between ${many(seen.items.size, 'node')} are too many to lay out.`
          : null;
    const advice =
      laidOut === null ? 'Find a node by its name to see what it reads and what reads it.' : 'Fold some scopes first.';
    put(note, tooLarge !== null && `${tooLarge} ${advice}`);
    if (tooLarge !== null) {
      open = new Set(drawn);
      return false;
    }
    drawn = new Set(open);
    const before = around === null ? undefined : laidOut?.boxes.get(around);
    laidOut = layoutOf(seen);
    const after = around === null ? undefined : laidOut.boxes.get(around);
    if (before !== undefined && after !== undefined)
      zoom.shift(before.x - after.x, before.y - before.height / 2 - (after.y - after.height / 2));
    const sorted = [...seen.items].sort(([a], [b]) => laidOut!.boxes.get(a)!.y - laidOut!.boxes.get(b)!.y);
    // Unfolded scopes lie behind what is in them, the outer ones furthest.
    const outer = [...seen.items].filter(([, { kind }]) => kind === 'unfolded').map(([id, item]) => shape(id, item));
    const inside = sorted.filter(([, { kind }]) => kind !== 'unfolded').map(([id, item]) => shape(id, item));
    const edges = laidOut.edges.map(({ edge, label, points, at }) =>
      s(
        'g',
        { class: 'edge', 'data-from': edge.from, 'data-to': edge.to },
        s(
          'path',
          { d: curve(points), 'marker-end': `url(#${arrow})` },
          s('title', {}, `${[...edge.shapes].join('\n') || label}`),
        ),
        label !== '' && at !== null && s('text', { x: at.x, y: at.y + 4, 'text-anchor': 'middle' }, label),
      ),
    );
    put(scene, ...outer, ...edges, ...inside);
    mark();
    if (around !== null)
      scene.querySelector<SVGElement>(`[data-id="${CSS.escape(around)}"]`)?.focus({ preventScroll: true });
    return true;
  }

  function shape(id: string, { scope, kind }: Item): SVGElement {
    const { x, y, width, height } = laidOut!.boxes.get(id)!;
    const words = titleOf(scope);
    const isOpen = kind === 'unfolded';
    const [left, top] = [x - width / 2, y - height / 2];
    const act = (): void => {
      select(scope);
      if (kind !== 'node') toggle(id);
    };
    const name = [words.title, words.kind].filter(Boolean).join(', ');
    return s(
      'g',
      {
        class: `node ${kind}${scope.node?.op === 'IO Node' ? ' io' : ''}`,
        tabindex: 0,
        role: 'button',
        'data-id': id,
        'aria-label': kind === 'node' ? name : `${name}, ${many(scope.size, 'node')}`,
        'aria-expanded': kind === 'node' ? null : String(isOpen),
        onclick: (event: Event) => {
          event.stopPropagation();
          if (!zoom.wasDragged) act();
        },
        onkeydown: (event: KeyboardEvent) => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          event.stopPropagation();
          act();
        },
        onfocus: () => zoom.show({ x, y: isOpen ? top + 12 : y }),
      },
      s('title', {}, scope.id),
      s('rect', { x: left, y: top, width, height, rx: kind === 'node' ? 6 : 10 }),
      isOpen
        ? s(
            'text',
            { x: left + 12, y: top + 18, class: 'title' },
            `▾ ${short(words.title)}`,
            words.kind !== '' && s('tspan', { class: 'kind', dx: 6 }, short(words.kind)),
          )
        : s(
            'text',
            { x, y: words.kind === '' ? y + 4 : y - 3, class: 'title', 'text-anchor': 'middle' },
            kind === 'folded' ? `▸ ${short(words.title)}` : short(words.title),
          ),
      !isOpen &&
        words.kind !== '' &&
        s('text', { x, y: y + 13, class: 'kind', 'text-anchor': 'middle' }, short(words.kind)),
      kind === 'folded' &&
        s('text', { x: left + width - 9, y: top + 14, class: 'badge', 'text-anchor': 'end' }, scope.size),
    );
  }

  function mark(): void {
    for (const node of scene.querySelectorAll<SVGElement>('.node'))
      node.classList.toggle('selected', node.dataset.id === selected);
    for (const edge of scene.querySelectorAll<SVGElement>('.edge'))
      edge.classList.toggle('selected', edge.dataset.from === selected || edge.dataset.to === selected);
  }

  function select(scope: Scope | null): void {
    selected = scope?.id ?? null;
    mark();
    if (graph === null || scope === null)
      put(panel, h('p', { class: 'faint' }, 'Choose a node to see what it is. A click or Enter unfolds a scope.'));
    else put(panel, ...factsOf(graph, scope, reveal));
  }

  // Unfolds what a node is in, and selects it.
  function reveal(name: string): void {
    const scope = graph?.places.get(sourceOf(name));
    if (graph === null || scope === undefined) return;
    if (graph.given.has(scope.node!.name) && !showsGiven.value) given.checked = showsGiven.value = true;
    for (let around = scope.parent; around !== null; around = around.parent) open.add(around.id);
    select(scope);
    draw(scope.id);
  }

  function find(): void {
    const text = search.value.toLowerCase();
    const all = [...(graph?.places.values() ?? [])];
    const found =
      all.find(({ node }) => node!.op.toLowerCase().includes(text)) ??
      all.find(({ node }) => node!.name.toLowerCase().includes(text));
    if (text === '') return;
    if (found === undefined) put(note, `No node has ${search.value} in its op or name.`);
    else reveal(found.node!.name);
  }

  function update(): void {
    const runs = (app.state?.graphs ?? []).map((id) => app.run(id)).filter((run): run is RunInfo => run !== undefined);
    if (runs.length === 0) {
      put(
        element,
        empty('No graph', h('p', {}, 'Graphs come from ', h('code', {}, 'writer.addGraph(model, input)'), '.')),
      );
      return;
    }
    if (!element.contains(content)) put(element, content);
    const key = JSON.stringify(runs.map(({ id, name }) => [id, name]));
    if (picker.dataset.runs !== key) {
      picker.dataset.runs = key;
      put(picker, ...runs.map(({ id, name }) => h('option', { value: id, selected: id === chosenRun }, name)));
    }
    const run = runs.find(({ id }) => id === chosenRun) ?? runs[0]!;
    if (asked !== `${run.id} ${run.name}`) void choose(run.id);
  }
  return { element, update };
}
