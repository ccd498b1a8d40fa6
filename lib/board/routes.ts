// The answers to the page's questions, by path.
import type { Curves, Kind, Nearest, PrSteps, State, Steps, XAxis } from './api.js';
import { graphOf, histogramsOf, hparamsOf, mediaAt, textsOf } from './contents.js';
import { prCurvesAt } from './pr-curves.js';
import { finite, nearest, reduce, type View } from './reduce.js';
import type { Run } from './run.js';
import type { Series } from './series.js';
import type { Store } from './store.js';

/** An answer: bytes or text of a type, or nothing new. */
export interface Answer {
  type: string;
  /** As a whole, or piece by piece. */
  body: string | Uint8Array | Generator<string>;
  /** The name of the file under which it is saved. */
  saveAs?: string;
}

/** What is wrong with a question. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const widest = 8192;
const mostHistograms = 200;
const csvRows = 10_000;

const json = (value: object): Answer => ({ type: 'application/json; charset=utf-8', body: JSON.stringify(value) });

const kinds: readonly Kind[] = ['scalars', 'images', 'histograms', 'prCurves', 'texts', 'audio'];

/** The parameters of a question, checked. */
class Query {
  constructor(private readonly parameters: URLSearchParams) {}

  text(name: string): string {
    const value = this.parameters.get(name);
    if (value === null) throw new RequestError(400, `the parameter ${name} is missing`);
    return value;
  }

  /** A number between `least` and `most`, or `otherwise` where there is none. */
  number<T>(name: string, least: number, most: number, otherwise: T): number | T {
    const given = this.parameters.get(name);
    if (given === null || given === '') return otherwise;
    const value = Number(given);
    if (!(value >= least && value <= most))
      throw new RequestError(400, `the parameter ${name} must be a number from ${least} to ${most}, got ${given}`);
    return value;
  }

  whole(name: string, most: number, otherwise: number): number {
    return Math.floor(this.number(name, 0, most, otherwise));
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const value = this.text(name);
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) throw new RequestError(400, `the parameter ${name} must be one of ${values.join(', ')}`);
    return found;
  }
}

function runOf(store: Store, query: Query): Run {
  const id = query.whole('run', Number.MAX_SAFE_INTEGER, -1);
  const run = store.run(id);
  if (run === undefined) throw new RequestError(404, 'there is no such run');
  return run;
}

function seriesOf(store: Store, query: Query, kind: Kind): { run: Run; series: Series } {
  const run = runOf(store, query);
  const series = run.seriesOf(kind, query.text('tag'));
  if (series === null) throw new RequestError(404, 'the run has no such tag');
  return { run, series };
}

// The series of those of the runs asked for that have the tag.
function chosenOf(store: Store, query: Query, kind: Kind): { run: Run; series: Series }[] {
  const tag = query.text('tag');
  const wanted = new Set(query.text('runs').split(',').filter(Boolean).map(Number));
  return [...store.runs.values()].flatMap((run) => {
    const series = wanted.has(run.id) ? run.seriesOf(kind, tag) : null;
    return series === null ? [] : [{ run, series }];
  });
}

const axes: readonly XAxis[] = ['step', 'relative', 'wall'];

function viewOf(query: Query): View {
  const anything = Number.MAX_VALUE;
  return {
    axis: query.oneOf('x', axes),
    from: query.number('from', -anything, anything, null),
    to: query.number('to', -anything, anything, null),
    width: Math.max(16, query.whole('width', widest, 600)),
    smoothing: query.number('smoothing', 0, 0.9999, 0),
    raw: query.whole('raw', 1, 0) === 1,
  };
}

// As api.ts lays curves out.
async function curvesAnswer(store: Store, query: Query): Promise<Answer> {
  const chosen = chosenOf(store, query, 'scalars');
  const view = viewOf(query);
  const { x, exact, from, to, curves } = await reduce(
    chosen.map(({ series }) => series),
    view,
  );
  const head: Curves = {
    count: x.length,
    raw: view.raw,
    exact,
    from,
    to,
    curves: curves.map(({ facts }, i) => ({ run: chosen[i]!.run.id, ...facts })),
  };
  const text = Buffer.from(JSON.stringify(head));
  const columns = [x, ...curves.flatMap(({ smoothed, raw }) => (raw === null ? [smoothed] : [smoothed, raw]))];
  const start = Math.ceil((4 + text.length) / 8) * 8;
  const body = Buffer.alloc(start + columns.length * x.length * 8);
  body.writeUInt32LE(text.length);
  text.copy(body, 4);
  for (const [i, data] of columns.entries())
    body.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start + i * x.length * 8);
  return { type: 'application/octet-stream', body };
}

async function nearestAnswer(store: Store, query: Query): Promise<Answer> {
  const { axis, smoothing } = viewOf(query);
  const target = query.number('at', -Number.MAX_VALUE, Number.MAX_VALUE, 0);
  const points: Nearest = [];
  for (const { run, series } of chosenOf(store, query, 'scalars'))
    points.push({ run: run.id, ...(await nearest(series, axis, target, smoothing)) });
  return json(points);
}

function csvAnswer(store: Store, query: Query): Answer {
  const { series } = seriesOf(store, query, 'scalars');
  const [steps, walls, values] = series.columns as [Float64Array, Float64Array, Float64Array];
  const { length } = series;
  function* lines(): Generator<string> {
    yield 'wall_time,step,value\n';
    for (let start = 0; start < length; start += csvRows) {
      let text = '';
      for (let row = start; row < Math.min(length, start + csvRows); row++)
        text += `${walls[row]},${steps[row]},${values[row]}\n`;
      yield text;
    }
  }
  return { type: 'text/csv; charset=utf-8', body: lines(), saveAs: 'scalars.csv' };
}

function stepsAnswer(store: Store, query: Query): Answer {
  const { series } = seriesOf(store, query, query.oneOf('kind', kinds));
  const steps: Steps = {
    steps: [...series.steps],
    walls: [...series.columns[1]!.subarray(0, series.length)],
  };
  return json(steps);
}

function prStepsAnswer(store: Store, query: Query): Answer {
  const steps = new Set(chosenOf(store, query, 'prCurves').flatMap(({ series }) => [...series.steps]));
  return json([...steps].sort((a, b) => a - b) satisfies PrSteps);
}

async function mediaAnswer(store: Store, query: Query, group: 'image' | 'audio'): Promise<Answer> {
  const { run, series } = seriesOf(store, query, group === 'image' ? 'images' : 'audio');
  const row = query.whole('row', series.length - 1, 0);
  const media = await mediaAt(run, series, row, group);
  if (media === null) throw new RequestError(415, `this is no ${group} of a kind that is shown`);
  return { type: media.type, body: media.bytes };
}

/** What there is, as the page is told. */
export function stateOf(store: Store): State {
  const tags = Object.fromEntries(kinds.map((kind) => [kind, new Map<string, number[]>()])) as Record<
    Kind,
    Map<string, number[]>
  >;
  const others = new Map<string, number>();
  const byName = new Intl.Collator('en', { numeric: true }).compare;
  const runs = [...store.runs.values()].sort((a, b) => byName(a.name, b.name));
  for (const run of runs) {
    for (const { kind, name, series } of run.tags.values()) {
      if (kind === null || series!.length === 0) continue;
      const ids = tags[kind].get(name);
      if (ids === undefined) tags[kind].set(name, [run.id]);
      else ids.push(run.id);
    }
    for (const [plugin, count] of run.others) others.set(plugin, (others.get(plugin) ?? 0) + count);
  }
  return {
    version: store.version,
    started: store.started,
    logdir: store.logdir,
    isMissing: store.isMissing,
    interval: store.interval,
    problem: store.problem,
    read: store.bytesRead,
    size: store.size,
    isReading: store.isReading,
    runs: runs.map(({ id, name, version, problems, firstWall, lastWall }) => {
      return { id, name, version, problems, from: finite(firstWall), to: finite(lastWall) };
    }),
    tags: Object.fromEntries(
      kinds.map((kind) => [kind, [...tags[kind]].sort(([a], [b]) => byName(a, b))]),
    ) as State['tags'],
    graphs: runs.flatMap(({ id, graph }) => (graph === null ? [] : [id])),
    hparams: runs.filter(({ hparams }) => hparams.start !== undefined).length,
    others: [...others],
  };
}

/** The answer to a question at `path`, null where nothing changed. Throws RequestError. */
export async function answer(store: Store, path: string, parameters: URLSearchParams): Promise<Answer | null> {
  const query = new Query(parameters);
  switch (path) {
    case '/api/state':
      return query.number('since', -1, Number.MAX_SAFE_INTEGER, -1) === store.version ? null : json(stateOf(store));
    case '/api/scalars':
      return curvesAnswer(store, query);
    case '/api/at':
      return nearestAnswer(store, query);
    case '/api/csv':
      return csvAnswer(store, query);
    case '/api/steps':
      return stepsAnswer(store, query);
    case '/api/image':
      return mediaAnswer(store, query, 'image');
    case '/api/audio':
      return mediaAnswer(store, query, 'audio');
    case '/api/histograms': {
      const { run, series } = seriesOf(store, query, 'histograms');
      return json(await histogramsOf(run, series, query.whole('most', mostHistograms, 50)));
    }
    case '/api/pr-steps':
      return prStepsAnswer(store, query);
    case '/api/pr-curves': {
      const step = query.number('step', -Number.MAX_VALUE, Number.MAX_VALUE, Number.MAX_VALUE);
      return json(await prCurvesAt(chosenOf(store, query, 'prCurves'), step));
    }
    case '/api/texts': {
      const { run, series } = seriesOf(store, query, 'texts');
      return json(await textsOf(run, series, query.whole('most', 1000, 20)));
    }
    case '/api/graph': {
      const graph = await graphOf(runOf(store, query));
      if (graph === null) throw new RequestError(404, 'the run has no graph');
      return json(graph);
    }
    case '/api/hparams':
      return json(hparamsOf(store));
    default:
      throw new RequestError(404, 'there is no such page');
  }
}
