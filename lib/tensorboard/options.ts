// The options of SummaryWriter and of what it adds.
import type { Tensor } from '../tensor.js';
import type { Bins } from './bins.js';
import type { Numbers } from './snapshot.js';

/** Options of `SummaryWriter`. */
export interface SummaryWriterOptions {
  /** What ends the name of the default folder. */
  comment?: string;
  /** TensorBoard hides what earlier writers of the same folder wrote from this step on: where a training resumes after a crash. */
  purgeStep?: number | null;
  /** So many records wait at most before they are written; default 10. */
  maxQueue?: number;
  /** So many seconds they wait at most; default 120. */
  flushSecs?: number;
  /** What ends the names of the event files. */
  filenameSuffix?: string;
}

/** Options of all that is added at a step. */
export interface EventOptions {
  /** The time of the event, in seconds since 1970, instead of now. */
  walltime?: number | null;
}

/** Options of `addScalar`. */
export interface ScalarOptions extends EventOptions {
  /** Store a tensor instead of a plain number. Default false. */
  newStyle?: boolean;
  /** Store 64 bits, in the new style. Default false. */
  doublePrecision?: boolean;
}

/** Options of `addHistogram`. */
export interface HistogramOptions extends EventOptions {
  /** The rule for the bins, their number, or their edges. Default 'tensorflow'. */
  bins?: Bins;
  /** Join neighbouring bins so that there are about as many at most. */
  maxBins?: number | null;
}

/** A histogram that is counted already. */
export interface RawHistogram {
  min: number;
  max: number;
  num: number;
  sum: number;
  sumSquares: number;
  /** The right edge of each bin. */
  bucketLimits: readonly number[];
  bucketCounts: readonly number[];
}

/** Options of `addImage` and `addImages`. */
export interface ImageOptions extends EventOptions {
  /** The tensor's dimensions in order: 'CHW' (of `addImage`), 'NCHW' (of `addImages`), 'HWC', 'HW' and so on. */
  dataformats?: string;
}

/** Options of `addAudio`. */
export interface AudioOptions extends EventOptions {
  /** Samples per second; default 44100. */
  sampleRate?: number;
}

/** Options of `addHparams`. */
export interface HparamsOptions {
  /** All values that a hyperparameter can have. */
  hparamDomainDiscrete?: Readonly<Record<string, readonly (number | string | boolean)[]>>;
  /** The folder of the run within the writer's; default the time. */
  runName?: string;
  globalStep?: number | null;
}

/** Options of `addEmbedding`. */
export interface EmbeddingOptions {
  /** A label for each row, or several, one for each of `metadataHeader`. */
  metadata?: readonly (unknown | readonly unknown[])[] | null;
  /** A picture for each row, [n, c, h, w]; not higher than wide. */
  labelImg?: Tensor | null;
  globalStep?: number | null;
  /** Default 'default'. */
  tag?: string;
  metadataHeader?: readonly string[] | null;
}

/** Options of `addPrCurveRaw`. */
export interface PrCurveOptions extends EventOptions {
  /** Default, and at most, 127. */
  numThresholds?: number;
}

/** Options of `addPrCurve`. */
export interface PrCurveWeightOptions extends PrCurveOptions {
  /** What each label counts, or all of them. Default 1. */
  weights?: Numbers | number | null;
}

/** The counts of a precision-recall curve at each threshold. */
export interface RawPrCurve {
  truePositiveCounts: Numbers;
  falsePositiveCounts: Numbers;
  trueNegativeCounts: Numbers;
  falseNegativeCounts: Numbers;
  precision: Numbers;
  recall: Numbers;
}

/** Options of `addMesh`. */
export interface MeshOptions extends EventOptions {
  /** [b, n, 3], 0 to 255. */
  colors?: Tensor | null;
  /** [b, n, 3], the numbers of each triangle's vertices. */
  faces?: Tensor | null;
  /** Classes of three.js and their settings. */
  configDict?: Readonly<Record<string, unknown>> | null;
  globalStep?: number | null;
}

/** Options of `addGraph`. */
export interface GraphOptions {
  /** Also print the graph. Default false. */
  verbose?: boolean;
}
