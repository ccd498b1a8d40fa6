// What the page asks for beside curves: pictures, sounds, histograms, texts, graphs and hyperparameters, from the event files.
import { graph as graphMessage, type HistogramValue } from '../tensorboard/messages.js';
import { decode, type Init } from '../tensorboard/protobuf.js';
import type { Cell, Graph, GraphNode, Histograms, HParams, Texts } from './api.js';
import { readBytes } from './events.js';
import type { Run } from './run.js';
import type { Series } from './series.js';
import type { Store } from './store.js';

const longestText = 256 << 10;
const longestGraph = 64 << 20;
const mostNodes = 200_000;
const mostBins = 4096;
const utf8 = new TextDecoder();

/** Bytes of a kind that a browser shows, by what they begin with. */
export interface Media {
  type: string;
  bytes: Uint8Array;
}

const begins: [type: string, at: number, bytes: string][] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF87a'],
  ['image/gif', 0, 'GIF89a'],
  ['image/webp', 8, 'WEBP'],
  ['audio/wav', 8, 'WAVE'],
  ['audio/mpeg', 0, 'ID3'],
  ['audio/ogg', 0, 'OggS'],
  ['audio/flac', 0, 'fLaC'],
];

/** `bytes` with their kind, if it is a picture's or a sound's that is known; whatever the file calls them. */
function mediaOf(bytes: Uint8Array, group: 'image' | 'audio'): Media | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(16, bytes.length)).toString('latin1');
  const found = begins.find(([type, at, text]) => type.startsWith(group) && start.startsWith(text, at));
  return found === undefined ? null : { type: found[0], bytes };
}

/** The picture or sound in a row of a series; null where it is of no kind that is shown. */
export async function mediaAt(run: Run, series: Series, row: number, group: 'image' | 'audio'): Promise<Media | null> {
  const { image, audio } = await run.valueAt(series, row);
  const bytes = group === 'image' ? image?.png : audio?.wav;
  return bytes === undefined ? null : mediaOf(bytes, group);
}

/** `count` rows of `length`, evenly spread, with the first and the last. */
export function spread(length: number, count: number): number[] {
  if (length <= count) return Array.from({ length }, (_, i) => i);
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - 1)) / Math.max(1, count - 1)));
}

const numbers = (values: Iterable<number | bigint> = []): number[] => Array.from(values, Number);

// Neighbouring bins become one where there are more than a page can show.
function fewer({ limits, counts }: { limits: number[]; counts: number[] }) {
  const size = Math.ceil(counts.length / mostBins);
  if (size <= 1) return { limits, counts };
  const out = { limits: [] as number[], counts: [] as number[] };
  for (let i = 0; i < counts.length; i += size) {
    out.counts.push(counts.slice(i, i + size).reduce((a, b) => a + b, 0));
    out.limits.push(limits[Math.min(i + size, counts.length) - 1]!);
  }
  return out;
}

function binsOf({ limits, counts }: HistogramValue) {
  const [edges, heights] = [numbers(limits), numbers(counts)];
  const length = Math.min(edges.length, heights.length);
  return fewer({ limits: edges.slice(0, length), counts: heights.slice(0, length) });
}

/** `most` histograms of a series. */
export async function histogramsOf(run: Run, series: Series, most: number): Promise<Histograms> {
  const items: Histograms['items'] = [];
  for (const row of spread(series.length, most)) {
    const { histogram = {} } = await run.valueAt(series, row);
    const { min = 0, max = 0, num = 0, sum = 0 } = histogram;
    items.push({
      step: series.at(row, 'step'),
      wall: series.at(row, 'wall'),
      min,
      max,
      num,
      sum,
      ...binsOf(histogram),
    });
  }
  return { total: series.length, items };
}

/** The newest `most` texts of a series. */
export async function textsOf(run: Run, series: Series, most: number): Promise<Texts> {
  const items: Texts['items'] = [];
  for (let row = series.length - 1; row >= Math.max(0, series.length - most); row--) {
    const { tensor } = await run.valueAt(series, row);
    const bytes = tensor?.strings ?? [];
    const whole = bytes.map((part) => utf8.decode(part.subarray(0, longestText))).join('\n\n');
    const text = whole.length > longestText ? `${whole.slice(0, longestText)}…` : whole;
    items.push({ step: series.at(row, 'step'), wall: series.at(row, 'wall'), text });
  }
  return { total: series.length, items };
}

type Attribute = NonNullable<NonNullable<NonNullable<Init<typeof graphMessage>['node']>[number]['attributes']>[string]>;

const shapeText = ({ dim = [] }: { dim?: readonly { size?: number | bigint | undefined }[] | undefined }): string =>
  `[${dim.map(({ size = 0 }) => (size === -1 ? '?' : size)).join(', ')}]`;

function attributeText({ text, int, float, bool, shape, list }: Attribute): string {
  if (text !== undefined) return text;
  if (shape !== undefined) return shapeText(shape);
  if (bool !== undefined) return bool ? 'true' : 'false';
  const one = int ?? float;
  if (one !== undefined) return String(one);
  if (list === undefined) return '';
  const parts = [
    ...(list.text ?? []),
    ...numbers(list.int),
    ...numbers(list.float),
    ...numbers(list.bool).map((bool) => (bool ? 'true' : 'false')),
    ...(list.shape ?? []).map(shapeText),
  ];
  return parts.join(', ');
}

/** The graph of a run. Throws RangeError for one that is too long, or of more than `most` values. */
export async function graphOf(run: Run, most?: number): Promise<Graph | null> {
  if (run.graph === null) return null;
  const { path, offset, length } = run.graph;
  if (length > longestGraph)
    throw new RangeError(`a graph of ${length} bytes is longer than the ${longestGraph} that are shown`);
  const { node = [] } = decode(graphMessage, await readBytes(path, offset, length), most);
  if (node.length > mostNodes)
    throw new RangeError(`of more than ${mostNodes} nodes there is no view, the graph has ${node.length}`);
  const nodes = node.map(({ name = '', op = '', input = [], attributes = {} }): GraphNode => {
    const shapes = attributes._output_shapes?.list?.shape ?? [];
    const others = Object.entries(attributes).filter(([key]) => key !== '_output_shapes');
    return {
      name,
      op,
      inputs: [...input],
      attributes: others.map(([key, value]): [string, string] => [key, attributeText(value)]),
      shape: shapes.map(shapeText).join(', '),
    };
  });
  return { nodes };
}

// JSON has no other numbers.
const numberCell = (value: number): Cell => (Number.isFinite(value) ? value : String(value));

const statuses = ['', 'finished', 'failed', 'running'];

/** The table of the runs that have hyperparameters, with the last values of their metrics. */
export function hparamsOf({ runs }: Store): HParams {
  const sessions = [...runs.values()].filter(({ hparams }) => hparams.start !== undefined);
  const names = new Set<string>();
  const metrics = new Map<string, { group: string; tag: string }>();
  for (const { hparams } of runs.values()) {
    for (const { name } of hparams.experiment?.hparams ?? []) if (name !== undefined) names.add(name);
    for (const { name } of hparams.experiment?.metrics ?? []) {
      const { group = '', tag = '' } = name ?? {};
      metrics.set(group === '' ? tag : `${group}/${tag}`, { group, tag });
    }
    for (const name of Object.keys(hparams.start?.hparams ?? {})) names.add(name);
  }
  const metricOf = (run: Run, { group, tag }: { group: string; tag: string }): Cell => {
    const name = group === '' ? run.name : `${run.name === '.' ? '' : `${run.name}/`}${group}`;
    const series = runs.get(name)?.seriesOf('scalars', tag);
    if (series == null) return null;
    return numberCell(series.at(series.length - 1, 'value'));
  };
  const cell = (run: Run, name: string): Cell => {
    const { number, text, bool } = run.hparams.start?.hparams?.[name] ?? {};
    if (number !== undefined) return numberCell(number);
    return text ?? (bool === undefined ? null : Boolean(bool));
  };
  return {
    hparams: [...names],
    metrics: [...metrics.keys()],
    rows: sessions.map((run) => ({
      run: run.id,
      // Without an end, a session is running; its status is 0 where it is not told.
      status: run.hparams.end === undefined ? 'running' : (statuses[Number(run.hparams.end.status ?? 0)] ?? ''),
      hparams: [...names].map((name) => cell(run, name)),
      metrics: [...metrics.values()].map((metric) => metricOf(run, metric)),
    })),
  };
}
