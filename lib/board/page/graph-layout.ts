// Where the nodes and edges of a graph stand.
import { Graph, layout } from '@dagrejs/dagre';
import { type Edge, type Item, titleOf } from './scopes.js';

/** A box around its middle. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Layout {
  boxes: Map<string, Box>;
  edges: { edge: Edge; label: string; points: { x: number; y: number }[]; at: { x: number; y: number } | null }[];
  width: number;
  height: number;
}

const pen = document.createElement('canvas').getContext('2d');
const fonts = { title: '600 12px system-ui, sans-serif', kind: '11px system-ui, sans-serif' };

function widthOf(text: string, font: keyof typeof fonts): number {
  if (pen === null) return text.length * 7;
  pen.font = fonts[font];
  return pen.measureText(text).width;
}

const longest = 40;
const header = 14;
/** A text that fits into a box. */
export const short = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);

/** What stands on an edge. */
function edgeLabel({ shapes, count }: Edge): string {
  const [shape] = shapes;
  if (shapes.size === 1 && shape!.length <= longest) return count === 1 ? shape! : `${count} × ${shape}`;
  return count > 1 ? `${count} tensors` : '';
}

/** The path of an edge along `points`. */
export function curve(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (first === undefined || last === undefined) return '';
  let path = `M${first.x},${first.y}`;
  // Through the middles between points, bent towards the points.
  for (const [i, point] of rest.entries()) {
    const next = rest[i + 1] ?? last;
    const end = i === rest.length - 1 ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    path += `Q${point.x},${point.y} ${end.x},${end.y}`;
  }
  return rest.length === 0 ? `${path}L${last.x},${last.y}` : path;
}

/** The layout of what is seen of a graph, from top to bottom. */
export function layoutOf({ items, edges }: { items: Map<string, Item>; edges: Edge[] }): Layout {
  const graph = new Graph({ compound: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 28, ranksep: 36, edgesep: 14, marginx: 20, marginy: 20 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [id, { scope, kind, parent }] of items) {
    const words = titleOf(scope);
    const width =
      Math.max(
        widthOf(short(words.title), 'title') + (kind === 'folded' ? 34 : 0),
        widthOf(short(words.kind), 'kind'),
      ) + 28;
    graph.setNode(
      id,
      kind === 'unfolded' ? {} : { width: Math.max(72, Math.ceil(width)), height: words.kind === '' ? 32 : 44 },
    );
    if (parent !== null) graph.setParent(id, parent);
  }
  for (const edge of edges) {
    const label = edgeLabel(edge);
    const size = label === '' ? {} : { width: widthOf(label, 'kind') + 8, height: 16, labelpos: 'c' };
    graph.setEdge(edge.from, edge.to, { ...size, minlen: 1 });
  }
  layout(graph);
  // Room for the names of what is around others: an outer one needs more than what it is around. It comes before that in `items`.
  const rooms = new Map<string, number>();
  for (const [id, { kind, parent }] of [...items].reverse()) {
    if (kind !== 'unfolded') continue;
    const room = (rooms.get(id) ?? 0) + header;
    rooms.set(id, room);
    if (parent !== null) rooms.set(parent, Math.max(rooms.get(parent) ?? 0, room));
  }
  const boxes = new Map(
    [...items.keys()].map((id) => {
      const { x, y, width, height } = graph.node(id) as unknown as Box;
      const room = rooms.get(id) ?? 0;
      return [id, { x, y: y - room / 2, width, height: height + room }];
    }),
  );
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    boxes,
    edges: edges.map((edge) => {
      const { points, x, y } = graph.edge(edge.from, edge.to) as unknown as Layout['edges'][number] & {
        x?: number;
        y?: number;
      };
      return { edge, label: edgeLabel(edge), points, at: x === undefined || y === undefined ? null : { x, y } };
    }),
    width,
    height,
  };
}
