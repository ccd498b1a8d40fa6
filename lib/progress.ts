// Progress of loops and downloads: a bar on a terminal, a few plain lines elsewhere.
import type { SingleBar } from 'cli-progress';
import { optionsOf } from './functional/check.js';

/** A stream to show progress on, such as `process.stderr`. */
export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/** What to show of a loop. */
export interface ProgressOptions {
  /** How many items there will be; default the iterable's `length` or `size`, where it has one. */
  total?: number;
  /** Stands before the bar. */
  description?: string;
  /** Where to show it; default standard error, or standard output where only that is a terminal. */
  stream?: ProgressStream;
  /** Show nothing; default false. */
  disable?: boolean;
}

/** Running values to show beside the bar. */
export type ProgressValues = Readonly<Record<string, number | string>>;

/** How a Meter shows what it counts. */
export interface MeterOptions extends ProgressOptions {
  /** Writes a count; default as it is. */
  format?: (count: number) => string;
}

const defaultStream = (): ProgressStream =>
  process.stdout.isTTY && !process.stderr.isTTY ? process.stdout : process.stderr;

const minutes = (seconds: unknown): string =>
  typeof seconds === 'number' && Number.isFinite(seconds)
    ? `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, '0')}`
    : '?';

function short(value: number | string): string {
  if (typeof value === 'string' || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** `stream` without saved cursor places: going back to one would overwrite what the loop has printed since. */
function withoutCursorPlaces(stream: ProgressStream): NodeJS.WritableStream {
  const write = (text: string): boolean => text === '\x1b7' || text === '\x1b8' || stream.write(text);
  const columns = () => (stream as Partial<NodeJS.WriteStream>).columns;
  return Object.defineProperty({ isTTY: true, write }, 'columns', { get: columns }) as unknown as NodeJS.WritableStream;
}

/** Shows a count that grows: what `progress` and downloads have in common. */
export class Meter {
  readonly #stream: ProgressStream;
  readonly #prefix: string;
  readonly #total: number | undefined;
  readonly #format: (count: number) => string;
  #values = '';
  #count = 0;
  #tenths = 0;
  #nextLine = 1;
  #lastLine = 0;
  #bar: SingleBar | undefined;

  private constructor(options: MeterOptions) {
    this.#stream = options.stream ?? defaultStream();
    this.#prefix = options.description ? `${options.description}: ` : '';
    this.#total = options.total;
    this.#format = options.format ?? String;
  }

  /** Opens a meter at `count`; it shows something until `close`. */
  static async open(options: MeterOptions, count = 0): Promise<Meter> {
    const meter = new Meter(options);
    meter.#count = count;
    meter.#tenths = meter.#tenth();
    if (meter.#stream.isTTY) await meter.#openBar();
    return meter;
  }

  async #openBar(): Promise<void> {
    const { default: progress } = await import('cli-progress');
    const known = this.#total !== undefined;
    this.#bar = new progress.SingleBar({
      stream: withoutCursorPlaces(this.#stream),
      linewrap: true, // a process that dies must not leave the terminal without it
      barsize: 24,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      format: known
        ? '{prefix}{percentage}%|{bar}| {value}/{total} [{duration_formatted}<{eta_formatted}{values}]'
        : '{prefix}{value} [{duration_formatted}{values}]',
      formatValue: (value, _, type) => (type === 'value' || type === 'total' ? this.#format(value) : String(value)),
      formatTime: minutes,
    });
    this.#bar.start(this.#total ?? 0, this.#count, { prefix: this.#prefix, values: this.#values });
  }

  /** Shows these values from the next update on. */
  set values(values: ProgressValues) {
    this.#values = Object.entries(values)
      .map(([name, value]) => `, ${name}=${short(value)}`)
      .join('');
  }

  update(count: number): void {
    this.#count = count;
    if (this.#bar !== undefined) this.#bar.update(count, { prefix: this.#prefix, values: this.#values });
    else if (this.#total === undefined) {
      if (count < this.#nextLine) return;
      this.#line();
      while (this.#nextLine <= count) this.#nextLine *= 2;
    } else if (this.#tenth() > this.#tenths) {
      this.#tenths = this.#tenth();
      this.#line();
    }
  }

  #tenth(): number {
    return Math.floor((10 * this.#count) / (this.#total || 1));
  }

  #line(): void {
    const of =
      this.#total === undefined
        ? this.#format(this.#count)
        : `${Math.floor((100 * this.#count) / (this.#total || 1))}% ${this.#format(this.#count)}/${this.#format(this.#total)}`;
    this.#stream.write(`${this.#prefix}${of}${this.#values}\n`);
    this.#lastLine = this.#count;
  }

  /** Leaves the last state to be read, and stops the bar's timer. */
  close(): void {
    if (this.#bar !== undefined) this.#bar.stop();
    else if (this.#count > this.#lastLine && this.#total === undefined) this.#line();
  }
}

/** What `progress` returns: the items of `iterable`, for one or more `for await` loops. */
export class Progress<T> implements AsyncIterable<T> {
  #values: ProgressValues = {};
  #meter: Meter | undefined;

  /** @throws TypeError for what cannot be iterated, RangeError for a `total` that is no whole number. */
  constructor(
    readonly iterable: AsyncIterable<T> | Iterable<T>,
    readonly options: ProgressOptions = {},
  ) {
    const methods = iterable as Partial<AsyncIterable<T> & Iterable<T>> | null | undefined;
    if (typeof methods?.[Symbol.asyncIterator] !== 'function' && typeof methods?.[Symbol.iterator] !== 'function')
      throw new TypeError(`progress: expected an iterable, got ${iterable === null ? 'null' : typeof iterable}`);
    const { total } = optionsOf(options, 'progress');
    if (total !== undefined && (!Number.isSafeInteger(total) || total < 0))
      throw new RangeError(`progress: total must be a whole number, got ${total}`);
  }

  /** Shows running values, such as the loss, beside the bar from the next item on. (`tqdm.set_postfix`) */
  setPostfix(values: ProgressValues): void {
    this.#values = values;
    if (this.#meter !== undefined) this.#meter.values = values;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    if (this.options.disable) {
      yield* this.iterable;
      return;
    }
    const total = this.options.total ?? lengthOf(this.iterable);
    const meter = await Meter.open(total === undefined ? this.options : { ...this.options, total });
    meter.values = this.#values;
    this.#meter = meter;
    let count = 0;
    try {
      for await (const item of this.iterable) {
        yield item;
        meter.update(++count);
      }
    } finally {
      meter.close();
    }
  }
}

function lengthOf(iterable: object): number | undefined {
  try {
    const { length, size } = iterable as { length?: unknown; size?: unknown };
    return [length, size].find((n): n is number => Number.isSafeInteger(n) && (n as number) >= 0);
  } catch (error) {
    // So says what cannot be counted, as a DataLoader whose sampler has no length.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/**
 * The items of a loop, counted: a bar on a terminal, elsewhere a line at every tenth (without a total, whenever the count has doubled).
 * Leaving the loop stops the bar. (`tqdm.tqdm`)
 * @throws TypeError for what cannot be iterated, RangeError for a `total` that is no whole number.
 * @example
 * import { tensor } from 'cresset';
 * import { DataLoader, progress, TensorDataset } from 'cresset/data';
 * const loader = new DataLoader(new TensorDataset(tensor([1, 2, 3])), { batchSize: 2 });
 * const batches = progress(loader, { description: 'epoch 1' });
 * for await (const [x] of batches) batches.setPostfix({ sum: x.sum().item() }); // epoch 1: 100%|████| 2/2 [0:00<0:00, sum=3]
 */
export function progress<T>(iterable: AsyncIterable<T> | Iterable<T>, options: ProgressOptions = {}): Progress<T> {
  return new Progress(iterable, options);
}
