// SummaryWriter: what a training tells TensorBoard.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CressetError, ShapeError } from '../errors.js';
import { flag, integerOf, numberOf, optionsOf } from '../functional/check.js';
import type { AnyModule } from '../nn/module.js';
import type { Tensor } from '../tensor.js';
import { checkBins } from './bins.js';
import { objectOf, stepOf, textOf, thresholdsOf } from './check.js';
import { describeEmbedding, embeddingOf, writeEmbedding } from './embedding.js';
import { EventFiles, secondsNow } from './files.js';
import { graphOf } from './graph/index.js';
import { histogramValue } from './histogram.js';
import { type HParamValue, hparamsValues, namedValues } from './hparams.js';
import { imageValue, layoutOf } from './image.js';
import type {
  AudioOptions,
  EmbeddingOptions,
  EventOptions,
  GraphOptions,
  HistogramOptions,
  HparamsOptions,
  ImageOptions,
  MeshOptions,
  PrCurveOptions,
  PrCurveWeightOptions,
  RawHistogram,
  RawPrCurve,
  ScalarOptions,
  SummaryWriterOptions,
} from './options.js';
import { type Numbers, type Snapshot, scalarSnapshot, snapshot } from './snapshot.js';
import {
  audioValue,
  type ChartLayout,
  type CurveRows,
  chartsValue,
  curveOf,
  curveValue,
  meshValues,
  scalarValue,
  tensorValue,
  textValue,
} from './summaries.js';

// Jest's realm on Node 20 lacks it.
const asyncDispose: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/**
 * Writes event files, which TensorBoard shows, to the folder `logDir` (default `runs/DATE_HOST` and the comment). Calls return at once:
 * tensors are copied as they are and written when they are computed, in order. What fails then, and whatever the disk refuses, is thrown
 * by `flush` and `close`. What is added after `close` goes to a new file. (`torch.utils.tensorboard.SummaryWriter`)
 * @throws The system's error where the folder or the file cannot be made; CressetError where the file system takes no folders, as `/proc`.
 * @example
 * import { SummaryWriter } from 'cresset/tensorboard';
 * const writer = new SummaryWriter('logs/run1');
 * for (let step = 0; step < 3; step++) writer.addScalar('loss', 1 / (step + 1), step);
 * await writer.close();
 */
export class SummaryWriter {
  /** The folder of the event files. */
  readonly logDir: string;
  readonly #files: EventFiles;
  #embeddings: string[] = [];

  constructor(logDir: string | null = null, options: SummaryWriterOptions = {}) {
    this.#files = new EventFiles(logDir, options);
    this.logDir = this.#files.folder;
  }

  /** The folder of the event files. */
  getLogdir(): string {
    return this.logDir;
  }

  /**
   * Adds a number, or a tensor of one element, to the curve `tag`. (`SummaryWriter.add_scalar`)
   * @throws TypeError for anything else.
   */
  addScalar(tag: string, value: Tensor | number, globalStep?: number | null, options: ScalarOptions = {}): void {
    const op = 'addScalar';
    const { newStyle, doublePrecision } = optionsOf(options, op, ['newStyle', 'doublePrecision', 'walltime']);
    const style = {
      newStyle: flag(newStyle, op, 'newStyle'),
      doublePrecision: flag(doublePrecision, op, 'doublePrecision'),
    };
    const number = scalarSnapshot(value, op, 'value');
    this.#files.addSummary(op, tag, globalStep, options, [number], () => scalarValue(tag, number.read()[0]!, style));
  }

  /** Adds numbers to the curves of one chart, each in a run of its own. (`SummaryWriter.add_scalars`) */
  addScalars(
    mainTag: string,
    tagScalarDict: Readonly<Record<string, Tensor | number>>,
    globalStep?: number | null,
    options: EventOptions = {},
  ): void {
    const op = 'addScalars';
    textOf(mainTag, op, 'mainTag');
    const at = { walltime: optionsOf(options, op, ['walltime']).walltime ?? secondsNow() };
    const numbers = Object.entries(objectOf(tagScalarDict, op, 'tagScalarDict')).map(
      ([tag, value]) => [tag, scalarSnapshot(value, op, `tagScalarDict.${tag}`)] as const,
    );
    for (const [tag, number] of numbers) {
      const folder = `${this.logDir}/${mainTag.replaceAll('/', '_')}_${tag}`;
      this.#files.addSummary(
        op,
        mainTag,
        globalStep,
        at,
        [number],
        () => scalarValue(mainTag, number.read()[0]!),
        folder,
      );
    }
  }

  /** Adds a whole tensor. (`SummaryWriter.add_tensor`) */
  addTensor(tag: string, x: Tensor, globalStep?: number | null, options: EventOptions = {}): void {
    const values = snapshot(x, 'addTensor', 'x');
    this.#files.addSummary('addTensor', tag, globalStep, options, [values], () => tensorValue(tag, values));
  }

  /**
   * Adds the distribution of all values. (`SummaryWriter.add_histogram`)
   * @throws CressetError where there is no value, and for a rule that is none; at `flush`, where no value lies within the bins.
   */
  addHistogram(tag: string, values: Numbers, globalStep?: number | null, options: HistogramOptions = {}): void {
    const op = 'addHistogram';
    const bins = optionsOf(options, op, ['bins', 'maxBins', 'walltime']).bins ?? 'tensorflow';
    const maxBins = options.maxBins ?? null;
    checkBins(bins, op);
    if (maxBins !== null && integerOf(maxBins, op, 'maxBins') < 1)
      throw new RangeError(`${op}: maxBins must be positive, got ${maxBins}`);
    const all = snapshot(values, op, 'values');
    if (all.shape.includes(0)) throw new CressetError(`${op}: values has no element, its shape is [${all.shape}]`);
    this.#files.addSummary(op, tag, globalStep, options, [all], () =>
      histogramValue(tag, all.read(), bins, maxBins, op),
    );
  }

  /** Adds a distribution that is counted already. (`SummaryWriter.add_histogram_raw`) */
  addHistogramRaw(tag: string, counted: RawHistogram, globalStep?: number | null, options: EventOptions = {}): void {
    const op = 'addHistogramRaw';
    const { bucketLimits: limits, bucketCounts: counts, ...rest } = objectOf(counted, op, 'counted');
    if (limits?.length !== counts?.length)
      throw new ShapeError(`${op}: ${limits?.length} bucketLimits do not fit ${counts?.length} bucketCounts`);
    const [edges, heights] = [snapshot(limits, op, 'bucketLimits'), snapshot(counts, op, 'bucketCounts')];
    for (const name of ['min', 'max', 'num', 'sum', 'sumSquares'] as const) numberOf(rest[name], op, name);
    const histogram = { ...rest, limits: [...edges.read()], counts: [...heights.read()] };
    this.#files.addSummary(op, tag, globalStep, options, [], () => ({ tag, histogram }));
  }

  #addPicture(
    op: string,
    tag: string,
    x: Tensor,
    step: number | null | undefined,
    options: ImageOptions,
    format: string,
  ) {
    const picture = snapshot(x, op, 'imgTensor');
    const layout = layoutOf(
      picture.shape,
      optionsOf(options, op, ['dataformats', 'walltime']).dataformats ?? format,
      op,
    );
    this.#files.addSummary(op, tag, step, options, [picture], () => imageValue(tag, picture, layout));
  }

  /**
   * Adds a picture: bytes, or numbers from 0 to 1, of 1 (gray), 3 or 4 channels. (`SummaryWriter.add_image`)
   * @throws ShapeError where the shape does not fit `dataformats`.
   */
  addImage(tag: string, imgTensor: Tensor, globalStep?: number | null, options: ImageOptions = {}): void {
    this.#addPicture('addImage', tag, imgTensor, globalStep, options, 'CHW');
  }

  /** Adds a batch of pictures of 1 or 3 channels, 8 in a row. (`SummaryWriter.add_images`) */
  addImages(tag: string, imgTensor: Tensor, globalStep?: number | null, options: ImageOptions = {}): void {
    this.#addPicture('addImages', tag, imgTensor, globalStep, options, 'NCHW');
  }

  /** Throws: figures are matplotlib's. A chart that is drawn to a picture goes to `addImage`. (`SummaryWriter.add_figure`) */
  addFigure(_tag: string, ..._args: unknown[]): never {
    throw new CressetError('addFigure: there is no matplotlib here; draw the figure to a picture and use addImage');
  }

  /** Throws: videos need an encoder of GIF. Frames go to `addImages`. (`SummaryWriter.add_video`) */
  addVideo(_tag: string, ..._args: unknown[]): never {
    throw new CressetError('addVideo: videos cannot be encoded here; add their frames with addImages');
  }

  /** Adds sound of one channel, between -1 and 1. (`SummaryWriter.add_audio`) */
  addAudio(tag: string, sndTensor: Numbers, globalStep?: number | null, options: AudioOptions = {}): void {
    const op = 'addAudio';
    const sampleRate = integerOf(
      optionsOf(options, op, ['sampleRate', 'walltime']).sampleRate ?? 44100,
      op,
      'sampleRate',
    );
    if (sampleRate < 1 || sampleRate >= 2 ** 31)
      throw new RangeError(`${op}: sampleRate must be positive and below 2^31, got ${sampleRate}`);
    const sound = snapshot(sndTensor, op, 'sndTensor');
    if (sound.shape.filter((size) => size !== 1).length > 1)
      throw new ShapeError(`${op}: sndTensor must be of one channel, got shape [${sound.shape.join(', ')}]`);
    this.#files.addSummary(op, tag, globalStep, options, [sound], () => audioValue(tag, sound.read(), sampleRate));
  }

  /** Adds a text, which may be Markdown. (`SummaryWriter.add_text`) */
  addText(tag: string, textString: string, globalStep?: number | null, options: EventOptions = {}): void {
    textOf(textString, 'addText', 'textString');
    this.#files.addSummary('addText', tag, globalStep, options, [], () => textValue(tag, textString));
  }

  /**
   * Adds the graph of one forward of `model` on `inputToModel`, a tensor or the array of its arguments, in evaluation mode: the modules that
   * were called, the ops in them with their arguments and shapes of results, parameters, inputs and outputs. (`SummaryWriter.add_graph`)
   * @throws TypeError for what is no module or gives no tensor, and whatever the forward throws.
   */
  addGraph(model: AnyModule, inputToModel: Tensor | readonly unknown[], options: GraphOptions = {}): void {
    const verbose = flag(optionsOf(options, 'addGraph', ['verbose']).verbose, 'addGraph', 'verbose');
    const { graph, runMetadata, text } = graphOf(model, inputToModel);
    if (verbose) console.log(text());
    const wallTime = secondsNow();
    this.#files.add(0, () => [
      { wallTime, graph },
      { wallTime, runMetadata: { tag: 'step1', metadata: runMetadata } },
    ]);
  }

  /**
   * Adds hyperparameters and the metrics that they led to, in a run of its own. (`SummaryWriter.add_hparams`)
   * @throws TypeError for a hyperparameter that is no number, string, boolean or tensor of one element.
   */
  addHparams(
    hparamDict: Readonly<Record<string, HParamValue>>,
    metricDict: Readonly<Record<string, Tensor | number>>,
    options: HparamsOptions = {},
  ): void {
    const op = 'addHparams';
    const { hparamDomainDiscrete, runName, globalStep } = optionsOf(options, op, [
      'hparamDomainDiscrete',
      'runName',
      'globalStep',
    ]);
    const domains = objectOf(hparamDomainDiscrete ?? {}, op, 'hparamDomainDiscrete');
    const values = namedValues(objectOf(hparamDict, op, 'hparamDict'), domains);
    const metrics = Object.entries(objectOf(metricDict, op, 'metricDict'));
    for (const [tag, value] of metrics) scalarSnapshot(value, op, `metricDict.${tag}`);
    const run = new SummaryWriter(join(this.logDir, textOf(runName || String(secondsNow()), op, 'runName')));
    const bytes = values.reduce((sum, { value }) => sum + (typeof value === 'string' ? 0 : value.bytes), 0);
    const at = { wallTime: secondsNow(), step: stepOf(globalStep, op) };
    const tags = metrics.map(([tag]) => tag);
    run.#files.add(bytes, () => hparamsValues(values, tags).map((value) => ({ ...at, summary: { value: [value] } })));
    for (const [tag, value] of metrics) run.addScalar(tag, value, globalStep);
    this.#files.addClosing(run.close());
  }

  /**
   * Adds points [n, d] to the projector: files beside the events, and an entry in their list. (`SummaryWriter.add_embedding`)
   * @throws ShapeError where the numbers of points, labels and pictures differ.
   */
  addEmbedding(mat: Tensor, options: EmbeddingOptions = {}): void {
    const embedding = embeddingOf(mat, options, 'addEmbedding');
    this.#files.add(embedding.points.bytes + (embedding.pictures?.snapshot.bytes ?? 0), () => {
      writeEmbedding(this.logDir, embedding);
      // The list is written anew as a whole.
      this.#embeddings.push(describeEmbedding(embedding));
      writeFileSync(join(this.logDir, 'projector_config.pbtxt'), this.#embeddings.join(''));
      return [];
    });
  }

  /**
   * Adds the precision-recall curve of labels (0 or 1) and predictions (0 to 1). (`SummaryWriter.add_pr_curve`)
   * @throws ShapeError where they, or the weights, differ in number.
   */
  addPrCurve(
    tag: string,
    labels: Numbers,
    predictions: Numbers,
    globalStep?: number | null,
    options: PrCurveWeightOptions = {},
  ): void {
    const op = 'addPrCurve';
    const thresholds = thresholdsOf(options, op);
    const given = optionsOf(options, op, ['numThresholds', 'weights', 'walltime']).weights ?? 1;
    const [truth, guess] = [snapshot(labels, op, 'labels'), snapshot(predictions, op, 'predictions')];
    const weights = snapshot(typeof given === 'number' ? [given] : given, op, 'weights');
    const count = countOf(truth);
    if (countOf(guess) !== count || ![1, count].includes(countOf(weights)))
      throw new ShapeError(
        `${op}: ${count} labels, ${countOf(guess)} predictions and ${countOf(weights)} weights do not fit together`,
      );
    this.#files.addSummary(op, tag, globalStep, options, [truth, guess, weights], () =>
      curveValue(tag, curveOf(truth.read(), guess.read(), weights.read(), thresholds), thresholds),
    );
  }

  /** Adds a precision-recall curve that is counted already. (`SummaryWriter.add_pr_curve_raw`) */
  addPrCurveRaw(tag: string, counted: RawPrCurve, globalStep?: number | null, options: PrCurveOptions = {}): void {
    const op = 'addPrCurveRaw';
    const thresholds = thresholdsOf(options, op);
    const names = [
      'truePositiveCounts',
      'falsePositiveCounts',
      'trueNegativeCounts',
      'falseNegativeCounts',
      'precision',
      'recall',
    ] as const;
    const rows = names.map((name) => snapshot(objectOf(counted, op, 'counted')[name], op, name));
    const counts = rows.map(countOf);
    if (new Set(counts).size !== 1) throw new ShapeError(`${op}: rows of ${counts.join(', ')} do not fit together`);
    this.#files.addSummary(op, tag, globalStep, options, rows, () => {
      const read: CurveRows = rows.map((row) => row.read());
      return curveValue(tag, read, thresholds);
    });
  }

  /** Arranges the curves of `addScalar` in charts by category and title; once for each writer. (`SummaryWriter.add_custom_scalars`) */
  addCustomScalars(layout: ChartLayout): void {
    const op = 'addCustomScalars';
    const value = chartsValue(objectOf(layout, op, 'layout'), op);
    this.#files.addSummary(op, op, null, {}, [], () => value);
  }

  /** Shows several curves in one chart. (`SummaryWriter.add_custom_scalars_multilinechart`) */
  addCustomScalarsMultilinechart(tags: readonly string[], category = 'default', title = 'untitled'): void {
    this.addCustomScalars({ [category]: { [title]: ['Multiline', tags] } });
  }

  /** Shows a curve between two others. (`SummaryWriter.add_custom_scalars_marginchart`) */
  addCustomScalarsMarginchart(tags: readonly string[], category = 'default', title = 'untitled'): void {
    this.addCustomScalars({ [category]: { [title]: ['Margin', tags] } });
  }

  /**
   * Adds meshes or clouds of points in space, of vertices [b, n, 3]. (`SummaryWriter.add_mesh`)
   * @throws ShapeError for other shapes.
   */
  addMesh(tag: string, vertices: Tensor, options: MeshOptions = {}): void {
    const op = 'addMesh';
    const { colors, faces, configDict, globalStep } = optionsOf(options, op, [
      'colors',
      'faces',
      'configDict',
      'globalStep',
      'walltime',
    ]);
    const part = (x: Tensor, name: string): Snapshot => {
      const taken = snapshot(x, op, name);
      if (taken.shape.length !== 3 || taken.shape[2] !== 3)
        throw new ShapeError(`${op}: ${name} must have shape [b, n, 3], got [${taken.shape.join(', ')}]`);
      return taken;
    };
    const parts = {
      vertices: part(vertices, 'vertices'),
      faces: faces ? part(faces, 'faces') : null,
      colors: colors ? part(colors, 'colors') : null,
    };
    const config = JSON.stringify(objectOf(configDict ?? {}, op, 'configDict'));
    this.#files.addSummary(op, tag, globalStep, options, Object.values(parts), () => meshValues(tag, parts, config));
  }

  /**
   * Resolves when all that was added is in the files. (`SummaryWriter.flush`)
   * @throws What went wrong since the last flush, an AggregateError where that is several things.
   */
  async flush(): Promise<void> {
    await this.#files.flush();
  }

  /** As `flush`, and closes the files. (`SummaryWriter.close`) */
  async close(): Promise<void> {
    await this.#files.close();
  }

  /** Closes at the end of an `await using`. */
  async [asyncDispose](): Promise<void> {
    await this.close();
  }
}

const countOf = (x: Snapshot): number => x.shape.reduce((a, b) => a * b, 1);
