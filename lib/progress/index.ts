// Progress of loops and downloads: a bar on a terminal, a few plain lines elsewhere.
import { flag, optionsOf, refusePlainFor, wrongType } from '../functional/check.js';
import { Tensor } from '../tensor.js';
import { Meter, type ProgressOptions } from './meter.js';
import type { ProgressValues } from './text.js';

export { Meter, type MeterOptions, type ProgressOptions, type ProgressStream } from './meter.js';
export type { ProgressValues } from './text.js';

function checkOptions(options: ProgressOptions): void {
  const { total, description, stream, unit, unitScale, leave, ascii, disable } = optionsOf(options, 'progress', [
    'description',
    'total',
    'leave',
    'stream',
    'disable',
    'ascii',
    'unit',
    'unitScale',
  ]);
  if (total !== undefined && (!Number.isSafeInteger(total) || total < 0))
    throw new RangeError(`progress: total must be a whole number, got ${total}`);
  if (description !== undefined && typeof description !== 'string')
    wrongType('progress', 'description', 'a string', description);
  if (stream !== undefined && typeof stream?.write !== 'function')
    wrongType('progress', 'stream', 'a stream to write to', stream);
  if (unit !== undefined && typeof unit !== 'string') wrongType('progress', 'unit', 'a string', unit);
  if (unitScale !== undefined && typeof unitScale !== 'boolean' && !(Number.isFinite(unitScale) && unitScale > 0))
    wrongType('progress', 'unitScale', 'true, false or a number above 0', unitScale);
  for (const [name, value] of Object.entries({ leave, ascii, disable })) flag(value, 'progress', name);
}

/** What `progress` returns: the items of `iterable`, for one or more `for await` loops. */
export class Progress<T> implements AsyncIterable<T> {
  #values: ProgressValues = {};
  #meter: Meter | undefined;

  static {
    refusePlainFor(Progress);
  }

  /** @throws TypeError for what cannot be iterated, RangeError for a `total` that is no whole number. */
  constructor(
    readonly iterable: AsyncIterable<T> | Iterable<T>,
    readonly options: ProgressOptions = {},
  ) {
    const methods = iterable as Partial<AsyncIterable<T> & Iterable<T>> | null | undefined;
    if (typeof methods?.[Symbol.asyncIterator] !== 'function' && typeof methods?.[Symbol.iterator] !== 'function')
      throw new TypeError(`progress: expected an iterable, got ${iterable === null ? 'null' : typeof iterable}`);
    checkOptions(options);
  }

  /** Shows running values, such as the loss, beside the bar from the next item on; waits for tensors, of one element each. (`tqdm.set_postfix`) */
  setPostfix(values: Readonly<Record<string, number | string | Tensor>>): void {
    if (typeof values !== 'object' || values === null) wrongType('setPostfix', 'values', 'an object', values);
    const shown = Object.entries(values).map(([name, value]) => {
      if (value instanceof Tensor && value.numel() === 1) return [name, value.item()];
      if (typeof value !== 'number' && typeof value !== 'string')
        wrongType('setPostfix', name, 'a number, a string or a Tensor of one element', value);
      return [name, value];
    });
    this.#values = Object.fromEntries(shown);
    if (this.#meter !== undefined) this.#meter.values = this.#values;
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
 * The items of a loop, counted: on a terminal a bar with the time that has passed and that is left, the rate and running values; elsewhere a
 * line at every tenth (without a total, whenever the count has doubled). Leaving the loop stops the bar. A loop inside of another shows its
 * bar behind the count of the outer one, in the same line; with `leave: false` nothing of it remains. (`tqdm.tqdm`)
 * @throws TypeError for what cannot be iterated, RangeError for a `total` that is no whole number.
 * @example
 * import { tensor } from 'cresset';
 * import { DataLoader, progress, TensorDataset } from 'cresset/data';
 * const loader = new DataLoader(new TensorDataset(tensor([1, 2, 3])), { batchSize: 2 });
 * const batches = progress(loader, { description: 'epoch 1' });
 * for await (const [x] of batches) batches.setPostfix({ sum: x.sum() }); // epoch 1: 100%|████| 2/2 [0:02<0:00, 1.25s/it, sum=3]
 */
export function progress<T>(iterable: AsyncIterable<T> | Iterable<T>, options: ProgressOptions = {}): Progress<T> {
  return new Progress(iterable, options);
}
