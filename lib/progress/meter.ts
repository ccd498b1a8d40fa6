// Shows a count that grows: a bar on a terminal, a few plain lines elsewhere.
import type { SingleBar } from 'cli-progress';
import { bar, duration, isAsciiLocale, type ProgressValues, Rate, rateText, scaled, valuesText } from './text.js';

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
  /** Leave the last state of the bar to be read; default true. */
  leave?: boolean;
  /** Draw the bar by # and -; default where the locale is one without UTF-8. */
  ascii?: boolean;
  /** What is counted, behind the rate; default 'it'. */
  unit?: string;
  /** true: counts as 1.5k, 2M and so on; a number: how many units an item is, such as the size of a batch. Default false. */
  unitScale?: boolean | number;
}

/** How a Meter shows what it counts. */
export interface MeterOptions extends ProgressOptions {
  /** Writes a count with its unit; default by `unit` and `unitScale`. */
  format?: (count: number) => string;
}

const defaultStream = (): ProgressStream =>
  process.stdout.isTTY && !process.stderr.isTTY ? process.stdout : process.stderr;

/** `stream` without saved cursor places: going back to one would overwrite what the loop has printed since. */
function withoutCursorPlaces(stream: ProgressStream): NodeJS.WritableStream {
  const write = (text: string): boolean => text === '\x1b7' || text === '\x1b8' || stream.write(text);
  const columns = () => (stream as Partial<NodeJS.WriteStream>).columns;
  return Object.defineProperty({ isTTY: true, write }, 'columns', { get: columns }) as unknown as NodeJS.WritableStream;
}

// The meters that are open on a terminal, the innermost last: it alone is shown, behind the counts of those around it.
const open = new WeakMap<ProgressStream, Meter[]>();

/** Shows a count that grows: what `progress` and downloads have in common. */
export class Meter {
  readonly #options: MeterOptions;
  readonly #stream: ProgressStream;
  readonly #total: number | undefined;
  readonly #start = performance.now();
  readonly #rate: Rate;
  readonly #ascii: boolean;
  #values = '';
  readonly #first: number;
  #count: number;
  #tenths: number;
  #nextLine = 1;
  #lastLine = 0;
  #makeBar: (() => SingleBar) | undefined;
  #bar: SingleBar | undefined;

  private constructor(options: MeterOptions, count: number) {
    this.#options = options;
    this.#stream = options.stream ?? defaultStream();
    this.#total = options.total;
    this.#ascii = options.ascii ?? isAsciiLocale();
    this.#first = this.#count = count;
    this.#tenths = this.#tenth();
    this.#rate = new Rate(count, this.#start);
  }

  /** Opens a meter at `count`; it shows something until `close`. */
  static async open(options: MeterOptions, count = 0): Promise<Meter> {
    const meter = new Meter(options, count);
    if (meter.#stream.isTTY) await meter.#openBar();
    return meter;
  }

  async #openBar(): Promise<void> {
    const { default: progress } = await import('cli-progress');
    this.#makeBar = () =>
      new progress.SingleBar({
        stream: withoutCursorPlaces(this.#stream),
        linewrap: true, // a process that dies must not leave the terminal without it
        clearOnComplete: true, // what is left is written by `close`
        format: (_, { maxWidth }) => this.#text(maxWidth),
      });
    const others = open.get(this.#stream) ?? [];
    open.set(this.#stream, others);
    others.at(-1)?.hide();
    others.push(this);
    this.show();
  }

  /** Starts drawing, where it ended or for the first time. @internal */
  show(): void {
    this.#bar = this.#makeBar!();
    this.#bar.start(this.#total ?? 0, this.#count);
  }

  /** Takes the bar away. @internal */
  hide(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }

  /** Shows these values from the next update on. */
  set values(values: ProgressValues) {
    this.#values = valuesText(values);
  }

  update(count: number): void {
    this.#count = count;
    this.#rate.update(count, performance.now());
    if (this.#makeBar !== undefined) this.#bar?.update(count);
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

  #amount(count: number): string {
    const { format, unitScale = false } = this.#options;
    if (format !== undefined) return format(count);
    if (unitScale === true) return scaled(count);
    const units = count * Number(unitScale || 1);
    return String(Number.isInteger(units) ? units : Number(units.toPrecision(3)));
  }

  /** The count, and of how many. */
  get #counts(): string {
    return this.#amount(this.#count) + (this.#total === undefined ? '' : `/${this.#amount(this.#total)}`);
  }

  get #done(): number {
    return this.#total === 0 ? 1 : this.#count / this.#total!;
  }

  get #percent(): string {
    return this.#total === undefined ? '' : `${Math.floor(100 * this.#done)}%`;
  }

  get #prefix(): string {
    return this.#options.description ? `${this.#options.description}: ` : '';
  }

  /** The time that has passed and that is left, and the rate: of late, or of all where it has ended or just begun. */
  #times(ended: boolean): string {
    const { format, unit = 'it', unitScale } = this.#options;
    const passed = (performance.now() - this.#start) / 1000;
    const late = this.#rate.seconds;
    const seconds = ended || Number.isNaN(late) ? passed / (this.#count - this.#first) : late;
    const left = this.#count === this.#total ? 0 : (this.#total! - this.#count) * seconds;
    const scale = typeof unitScale === 'number' ? unitScale : 1;
    const rate = rateText(seconds / scale, format === undefined ? unit : '', (units) => this.#amount(units / scale));
    return `${duration(passed)}${this.#total === undefined ? '' : `<${duration(left)}`}, ${rate}`;
  }

  /** The line of a terminal, the counts of the meters around this one first; without them where it has ended. */
  #text(columns: number): string {
    const others = open.get(this.#stream)!;
    const at = others.indexOf(this);
    const around = others.slice(0, Math.max(at, 0)).map((other) => `${other.#prefix}${other.#counts}, `);
    const start = around.join('') + this.#prefix;
    const end = `${this.#counts} [${this.#times(at < 0)}${this.#values}]`;
    if (this.#total === undefined) return start + end;
    const width = Math.max(4, Math.min(24, columns - start.length - this.#percent.length - end.length - 3));
    return `${start}${this.#percent}|${bar(this.#done, width, this.#ascii)}| ${end}`;
  }

  #line(): void {
    const percent = this.#total === undefined ? '' : `${this.#percent} `;
    this.#stream.write(`${this.#prefix}${percent}${this.#counts}${this.#values}\n`);
    this.#lastLine = this.#count;
  }

  /** Leaves the last state to be read, unless it is not to be left, and the meter around this one goes on. */
  close(): void {
    const leave = this.#options.leave ?? true;
    if (this.#makeBar === undefined) {
      if (this.#count > this.#lastLine && this.#total === undefined) this.#line();
      return;
    }
    const others = open.get(this.#stream)!;
    const shown = others.at(-1)!;
    shown.hide();
    others.splice(others.indexOf(this), 1);
    const { columns } = this.#stream as Partial<NodeJS.WriteStream>;
    if (leave) this.#stream.write(`${this.#text(columns || 80)}\n`);
    others.at(-1)?.show();
  }
}
