// What a node or a scope of a graph is, in words, with what it reads and what reads it.
import type { Graph } from '../api.js';
import { h } from './dom.js';
import { givenNames, type Scope, sourceOf, titleOf, treeOf } from './scopes.js';

const mostListed = 100;

/** A graph that is loaded. */
export interface Loaded {
  root: Scope;
  /** Where each node is in the tree. */
  places: Map<string, Scope>;
  /** Names of constants and parameters. */
  given: Set<string>;
  /** Names of the nodes that read a node. */
  readers: Map<string, string[]>;
}

/** The scopes of a graph, and who reads whom. */
export function loaded({ nodes }: Graph): Loaded {
  const readers = new Map<string, string[]>();
  for (const { name, inputs } of nodes)
    for (const source of new Set(inputs.map(sourceOf))) {
      const names = readers.get(source);
      if (names === undefined) readers.set(source, [name]);
      else names.push(name);
    }
  return { ...treeOf(nodes), given: givenNames(nodes), readers };
}

type Facts = (HTMLElement | false)[];

const table = (rows: readonly (readonly [string, string])[]): HTMLElement =>
  h(
    'dl',
    { class: 'facts' },
    ...rows
      .filter(([, value]) => value !== '')
      .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );

function list(graph: Loaded, title: string, names: readonly string[], reveal: (name: string) => void): Facts {
  const describe = (name: string): string => {
    const node = graph.places.get(sourceOf(name))?.node;
    if (node == null) return '';
    const value = node.op === 'prim::Constant' ? node.attributes.find(([key]) => key === 'attr')?.[1] : node.shape;
    return ` ${node.op} ${value ?? ''}`;
  };
  const items = names
    .slice(0, mostListed)
    .map((name) =>
      h('li', {}, h('button', { class: 'link', onclick: () => reveal(name) }, name), h('small', {}, describe(name))),
    );
  return names.length === 0 ? [] : [h('h3', {}, `${title} (${names.length})`), h('ul', {}, ...items)];
}

function scopeFacts(graph: Loaded, scope: Scope, reveal: (name: string) => void): Facts {
  const ops = new Map<string, number>();
  const inside = new Set<string>();
  const walk = ({ node, children }: Scope): void => {
    if (node !== null) {
      ops.set(node.op, (ops.get(node.op) ?? 0) + 1);
      inside.add(node.name);
    }
    for (const child of children.values()) walk(child);
  };
  walk(scope);
  const read = new Set([...inside].flatMap((name) => graph.places.get(name)!.node!.inputs.map(sourceOf)));
  const inputs = [...read].filter((name) => !inside.has(name) && !graph.given.has(name));
  const isRead = (name: string) => (graph.readers.get(name) ?? []).some((reader) => !inside.has(reader));
  const outputs = [...inside].filter((name) => !graph.given.has(name) && isRead(name));
  const { title, kind } = titleOf(scope);
  const counts = [...ops].sort(([, a], [, b]) => b - a);
  return [
    h('h2', {}, title),
    table([
      ['Scope', scope.id],
      ['Kind', kind],
      ['Nodes', String(scope.size)],
    ]),
    ...list(graph, 'Inputs', inputs, reveal),
    ...list(graph, 'Outputs', outputs, reveal),
    h('h3', {}, 'Ops'),
    h('ul', {}, ...counts.map(([op, times]) => h('li', {}, op, h('small', {}, ` × ${times}`)))),
  ];
}

/** What `scope` is; `reveal` goes to a node by its name. */
export function factsOf(graph: Loaded, scope: Scope, reveal: (name: string) => void): Facts {
  if (scope.node === null) return scopeFacts(graph, scope, reveal);
  const { name, op, shape, attributes, inputs } = scope.node;
  return [
    h('h2', {}, op || name),
    table([['Name', name], ['Op', op], ['Shape', shape], ...attributes]),
    ...list(graph, 'Inputs', inputs, reveal),
    ...list(graph, 'Read by', graph.readers.get(name) ?? [], reveal),
  ];
}
