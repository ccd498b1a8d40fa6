// Progress of long work: a bar where standard error is a terminal, a line at each quarter elsewhere.
import { createRequire } from 'node:module';
import type { SingleBar } from 'cli-progress';

/** What a bar shows. */
export interface BarOptions {
  description?: string | undefined;
  /** Steps in all; null where not known. */
  total?: number | null;
  unit?: string;
  /** Steps per unit. */
  scale?: number;
}

type Shown = Record<string, number | string>;

const text = (values: Shown): string =>
  Object.entries(values)
    .map(
      ([name, value]) =>
        `  ${name} ${typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(4) : value}`,
    )
    .join('');

/** One bar, moved by `add`. */
export class Bar {
  readonly #description: string;
  readonly #total: number | null;
  readonly #unit: string;
  readonly #scale: number;
  readonly #bar: SingleBar | null;
  #value = 0;
  #quarters = 0;
  #shown = '';

  constructor(options: BarOptions) {
    this.#description = options.description ? `${options.description}  ` : '';
    this.#total = options.total ?? null;
    this.#unit = options.unit ?? '';
    this.#scale = options.scale ?? 1;
    this.#bar = process.stderr.isTTY ? this.#start() : null;
  }

  #start(): SingleBar {
    // Loaded where there is a terminal to draw on.
    const { SingleBar, Presets } = createRequire(import.meta.url)('cli-progress') as typeof import('cli-progress');
    const known = this.#total !== null;
    const format = known
      ? '{bar} {count} | {duration_formatted}<{eta_formatted}{shown}'
      : '{count} | {duration_formatted}{shown}';
    const bar = new SingleBar(
      { format: this.#description + format, hideCursor: false, clearOnComplete: false },
      Presets.shades_classic,
    );
    bar.start(this.#total ?? 0, 0, { count: this.#count(), shown: '' });
    return bar;
  }

  #count(): string {
    const units = (steps: number) => (this.#scale === 1 ? String(steps) : (steps / this.#scale).toFixed(1));
    const all = this.#total === null ? '' : `/${units(this.#total)}`;
    return `${units(this.#value)}${all}${this.#unit && ` ${this.#unit}`}`;
  }

  /** Moves on by so many steps. */
  add(steps = 1): void {
    this.#value += steps;
    this.#bar?.update(this.#value, { count: this.#count(), shown: this.#shown });
    if (this.#bar !== null || this.#total === null) return;
    const quarters = Math.floor((4 * this.#value) / this.#total);
    if (quarters > this.#quarters) process.stderr.write(`${this.#description}${this.#count()}${this.#shown}\n`);
    this.#quarters = quarters;
  }

  /** Shows values behind the count. */
  show(values: Shown): void {
    this.#shown = text(values);
  }

  /** Ends the drawing. */
  stop(): void {
    this.#bar?.update(this.#value, { count: this.#count(), shown: this.#shown });
    this.#bar?.stop();
  }
}

/** How progress is shown. */
export interface ProgressOptions {
  /** What stands in front. */
  description?: string;
  /** The number of items; default the `length` of what is iterated. */
  total?: number;
}

/** An iterable that shows how far its loop is. */
export class Progress<T> implements AsyncIterable<T> {
  readonly #items: Iterable<T> | AsyncIterable<T>;
  readonly #options: ProgressOptions;
  #bar: Bar | null = null;
  #values: Shown = {};

  /** @internal */
  constructor(items: Iterable<T> | AsyncIterable<T>, options: ProgressOptions) {
    this.#items = items;
    this.#options = options;
  }

  /** Shows values, such as the running loss, beside the bar. */
  setPostfix(values: Shown): void {
    this.#values = values;
    this.#bar?.show(values);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    const total = this.#options.total ?? (this.#items as { length?: number }).length ?? null;
    this.#bar = new Bar({ description: this.#options.description, total });
    this.#bar.show(this.#values);
    try {
      for await (const item of this.#items) {
        yield item;
        this.#bar.add();
      }
    } finally {
      this.#bar.stop();
      this.#bar = null;
    }
  }
}

/**
 * Shows on standard error how far a loop over `items` is: a bar with the time left on a terminal, a line at each quarter elsewhere. (tqdm)
 * @throws TypeError for what cannot be iterated.
 * @example
 * import { progress } from 'cresset/data';
 * let sum = 0;
 * const steps = progress([1, 2, 3], { description: 'summing' });
 * for await (const x of steps) steps.setPostfix({ sum: (sum += x) });
 * sum; // 6
 */
export function progress<T>(items: Iterable<T> | AsyncIterable<T>, options: ProgressOptions = {}): Progress<T> {
  const given = items as Partial<Iterable<T> & AsyncIterable<T>> | null | undefined;
  if (typeof given?.[Symbol.iterator] !== 'function' && typeof given?.[Symbol.asyncIterator] !== 'function')
    throw new TypeError('progress: items must be iterable');
  return new Progress(items, options);
}
