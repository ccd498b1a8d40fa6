// What the board's server tells its page.

/** What has a view. */
export type Kind = 'scalars' | 'images' | 'histograms' | 'prCurves' | 'texts' | 'audio';

export interface RunInfo {
  id: number;
  name: string;
  /** Rises whenever what it holds changes. */
  version: number;
  /** What of it is not shown, and why. */
  problems: string[];
  /** Times of its first and last event, in seconds since 1970; null where it has none. */
  from: number | null;
  to: number | null;
}

/** `GET /api/state`: what there is; 204 where nothing changed since `?since=version`. */
export interface State {
  version: number;
  /** Tells this board from another that is at its address later. */
  started: number;
  logdir: string;
  /** Whether there is no such folder, for which the board waits. */
  isMissing: boolean;
  /** How often the board looks at the files, in milliseconds. */
  interval: number;
  problem: string | null;
  /** Bytes that are read, of all there are. */
  read: number;
  size: number;
  isReading: boolean;
  runs: RunInfo[];
  /** By tag, the ids of the runs that have it. */
  tags: Record<Kind, [tag: string, runs: number[]][]>;
  /** Ids of the runs that have a graph. */
  graphs: number[];
  hparams: number;
  /** Plugins that have no view, and how many values are theirs. */
  others: [plugin: string, values: number][];
}

/** What the x axis shows: the step, seconds since the run's first point, or since 1970. */
export type XAxis = 'step' | 'relative' | 'wall';

/** Facts of one curve, in the range that was asked for. */
export interface Curve {
  run: number;
  points: number;
  /** Values that are NaN or infinite; the step of the first. */
  broken: number;
  brokenAt: number | null;
  /** Whether points were left out to save memory. */
  thinned: boolean;
  min: number | null;
  max: number | null;
  last: { step: number; value: number | null; smoothed: number | null; wall: number } | null;
}

/**
 * `GET /api/scalars`: the head of curves that share their x. Behind its length (32 bits) and itself, padded to 8 bytes, come `columns`
 * times `count` numbers of 64 bits: x, for each curve the smoothed values and, where `raw`, then its own. NaN is where a curve has no
 * point, infinity where its value is no finite number.
 */
export interface Curves {
  count: number;
  raw: boolean;
  /** Whether these are all points; else the least and greatest of each pixel. */
  exact: boolean;
  from: number;
  to: number;
  curves: Curve[];
}

/** `GET /api/at`: each run's point nearest to an x. */
export type Nearest = {
  run: number;
  x: number;
  step: number;
  wall: number;
  value: number | null;
  smoothed: number | null;
}[];

/** `GET /api/steps`: the points of what is no scalar. */
export interface Steps {
  steps: number[];
  walls: number[];
}

/** Numbers that are NaN or infinite are null. */
export interface HistogramData {
  step: number;
  wall: number;
  min: number | null;
  max: number | null;
  num: number;
  sum: number | null;
  /** The right edge of each bin. */
  limits: (number | null)[];
  counts: number[];
}

/** `GET /api/histograms`: evenly spread over the steps, of which there are `total`. */
export interface Histograms {
  total: number;
  items: HistogramData[];
}

/** A precision-recall curve of a run. */
export interface PrCurve {
  run: number;
  step: number;
  wall: number;
  /** How many thresholds there are, of which a part is given where they are very many. */
  total: number;
  thresholds: number[];
  /** True and false positives, true and false negatives, precision, recall at each threshold; null where a number is not finite. */
  rows: (number | null)[][];
  /** Why there are no points. */
  problem: string | null;
}

/** `GET /api/pr-steps`: the steps at which any of the runs has a curve. */
export type PrSteps = number[];

/** `GET /api/pr-curves`: each run's newest curve up to a step. */
export type PrCurves = PrCurve[];

/** `GET /api/texts`: the newest first. */
export interface Texts {
  total: number;
  items: { step: number; wall: number; text: string }[];
}

export interface GraphNode {
  name: string;
  op: string;
  inputs: string[];
  attributes: [name: string, value: string][];
  /** The shape of its output, as a text. */
  shape: string;
}

/** `GET /api/graph`. */
export interface Graph {
  nodes: GraphNode[];
}

export type Cell = number | string | boolean | null;

/** `GET /api/hparams`: a row for each run that has them. */
export interface HParams {
  hparams: string[];
  metrics: string[];
  rows: { run: number; status: string; hparams: Cell[]; metrics: Cell[] }[];
}
