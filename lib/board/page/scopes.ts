// A graph's nodes as a tree of scopes, and what of it is seen when some are unfolded.
import type { GraphNode } from '../api.js';

/** A scope, or a node where it has `node` and nothing inside. */
export interface Scope {
  /** The whole name; of a node that shares it with a scope, with the last part in parentheses behind it. */
  id: string;
  label: string;
  parent: Scope | null;
  children: Map<string, Scope>;
  node: GraphNode | null;
  /** How many nodes are in it. */
  size: number;
}

/** What is seen: a node, a folded scope, or an unfolded one around others. */
export interface Item {
  scope: Scope;
  kind: 'node' | 'folded' | 'unfolded';
  parent: string | null;
}

export interface Edge {
  from: string;
  to: string;
  /** The shapes of what goes along it. */
  shapes: Set<string>;
  count: number;
}

const newScope = (id: string, label: string, parent: Scope | null): Scope => {
  return { id, label, parent, children: new Map(), node: null, size: 0 };
};

/** The name of the node that an input comes from: without the number of the output and the mark of an order without data. */
export const sourceOf = (input: string): string => input.replace(/^\^/, '').replace(/:\d+$/, '');

const deepest = 100;
const mostChildren = 400;
const together = 100;

/** The scopes of `nodes`, and where each node is by its name. */
export function treeOf(nodes: readonly GraphNode[]): { root: Scope; places: Map<string, Scope> } {
  const root = newScope('', '', null);
  const places = new Map<string, Scope>();
  for (const node of nodes) {
    const parts = node.name.split('/');
    if (parts.length > deepest) parts.splice(deepest - 1, parts.length, parts.slice(deepest - 1).join('/'));
    let scope = root;
    for (const part of parts) {
      let child = scope.children.get(part);
      if (child === undefined) {
        child = newScope(scope === root ? part : `${scope.id}/${part}`, part, scope);
        scope.children.set(part, child);
      }
      scope = child;
    }
    if (scope.node !== null) continue;
    scope.node = node;
    places.set(node.name, scope);
  }
  // A node that is a scope too stands in itself.
  for (const [name, scope] of places) {
    if (scope.children.size === 0) continue;
    const label = `(${scope.label})`;
    const inner = newScope(`${scope.id}/${label}`, label, scope);
    inner.node = scope.node;
    scope.node = null;
    scope.children.set(label, inner);
    places.set(name, inner);
  }
  gather(root);
  count(root);
  return { root, places };
}

// Of more children than can be seen at once, neighbours are put together into scopes, as often as it takes.
function gather(scope: Scope): void {
  for (const child of scope.children.values()) gather(child);
  const total = scope.children.size;
  for (let size = together; scope.children.size > mostChildren; size *= together) {
    const all = [...scope.children];
    scope.children = new Map();
    for (let i = 0; i < all.length; i += together) {
      const inside = all.slice(i, i + together);
      if (inside.length === 1) {
        scope.children.set(...inside[0]!);
        continue;
      }
      const before = (i / together) * size;
      const label = `${before + 1}–${Math.min(total, before + size)}`;
      // With an empty part, which names do not have, so that it is no other's id.
      const part = newScope(`${scope.id}//${label}`, label, scope);
      part.children = new Map(inside);
      for (const child of part.children.values()) child.parent = part;
      scope.children.set(part.id, part);
    }
  }
}

function count(scope: Scope): number {
  scope.size = scope.node === null ? 0 : 1;
  for (const child of scope.children.values()) scope.size += count(child);
  return scope.size;
}

const constants = new Set(['prim::Constant', 'prim::GetAttr', 'Const']);

/** Names of nodes that only hold what is given beforehand: constants, parameters, and lists of constants. */
export function givenNames(nodes: readonly GraphNode[]): Set<string> {
  const given = new Set(nodes.filter(({ op }) => constants.has(op)).map(({ name }) => name));
  for (const { name, op, inputs } of nodes)
    if (op === 'prim::ListConstruct' && inputs.every((input) => given.has(sourceOf(input)))) given.add(name);
  return given;
}

/** What is seen of a tree where the scopes in `open` are unfolded, without the nodes named in `hidden`. */
export function visible(
  root: Scope,
  places: Map<string, Scope>,
  open: ReadonlySet<string>,
  hidden: ReadonlySet<string>,
) {
  const items = new Map<string, Item>();
  const shownAs = new Map<string, string>();
  const shown = new Map<Scope, boolean>();
  const isShown = (scope: Scope): boolean => {
    const found =
      shown.get(scope) ??
      (scope.node !== null ? !hidden.has(scope.node.name) : [...scope.children.values()].some(isShown));
    shown.set(scope, found);
    return found;
  };
  const assign = (scope: Scope, id: string): void => {
    if (scope.node !== null) shownAs.set(scope.node.name, id);
    for (const child of scope.children.values()) assign(child, id);
  };
  const walk = (scope: Scope, parent: string | null): void => {
    for (let child of scope.children.values()) {
      if (!isShown(child)) continue;
      // A scope around nothing but one node is that node.
      const around = child;
      while (child.node === null && child.children.size === 1) child = child.children.values().next().value!;
      if (child.node === null) child = around;
      if (child.node !== null) {
        items.set(child.id, { scope: child, kind: 'node', parent });
        shownAs.set(child.node.name, child.id);
      } else if (open.has(child.id)) {
        items.set(child.id, { scope: child, kind: 'unfolded', parent });
        walk(child, child.id);
      } else {
        items.set(child.id, { scope: child, kind: 'folded', parent });
        assign(child, child.id);
      }
    }
  };
  walk(root, null);
  const edges = new Map<string, Edge>();
  for (const [name, { node }] of places) {
    const to = shownAs.get(name);
    if (to === undefined || hidden.has(name)) continue;
    for (const input of node!.inputs) {
      const source = sourceOf(input);
      const from = shownAs.get(source);
      if (from === undefined || from === to || hidden.has(source)) continue;
      const key = JSON.stringify([from, to]);
      const edge = edges.get(key) ?? { from, to, shapes: new Set(), count: 0 };
      edge.count++;
      const shape = places.get(source)?.node?.shape;
      if (shape) edge.shapes.add(shape);
      edges.set(key, edge);
    }
  }
  return { items, edges: [...edges.values()] };
}

/** How many rows the edges of what is seen cross in all, when each node stands below those that it reads: what laying it out costs. */
export function lengthOf({ items, edges }: { items: ReadonlyMap<string, Item>; edges: readonly Edge[] }): number {
  const sources = new Map<string, string[]>();
  for (const { from, to } of edges) sources.set(to, [...(sources.get(to) ?? []), from]);
  const rows = new Map<string, number>();
  const rowOf = (id: string): number => {
    const known = rows.get(id);
    if (known !== undefined) return known;
    // What a cycle comes back to counts as the first.
    rows.set(id, 0);
    const row = (sources.get(id) ?? []).reduce((most, source) => Math.max(most, rowOf(source) + 1), 0);
    rows.set(id, row);
    return row;
  };
  for (const id of items.keys()) rowOf(id);
  return edges.reduce((sum, { from, to }) => sum + Math.abs(rowOf(to) - rowOf(from)), 0);
}

/** What a scope or node is called: its name, and what it is. PyTorch's scopes are `Conv2d[0]`, its ops `aten::relu` with a number as name. */
export function titleOf({ label, node }: Scope): { title: string; kind: string } {
  if (node !== null) {
    const op = node.op.replace(/^(aten|prim)::/, '');
    return op === '' || op === 'IO Node' ? { title: label, kind: op } : { title: op, kind: label };
  }
  const [, kind, name] = /^(.+)\[(.*)\]$/.exec(label) ?? [];
  return kind !== undefined && name ? { title: name, kind } : { title: label, kind: '' };
}
