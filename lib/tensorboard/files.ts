// The event files of one SummaryWriter: one in its folder, and one in a folder below for each curve of `addScalars`.
import { hostname } from 'node:os';
import { join } from 'node:path';
import { integerOf, numberOf, optionsOf } from '../functional/check.js';
import { stepOf, textOf } from './check.js';
import { EventFile } from './event-file.js';
import { type Event, sessionStart, type Value } from './messages.js';
import type { EventOptions, SummaryWriterOptions } from './options.js';
import type { Snapshot } from './snapshot.js';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function defaultFolder(comment: string): string {
  const now = new Date();
  const two = (value: number) => String(value).padStart(2, '0');
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('-');
  return join('runs', `${months[now.getMonth()]}${two(now.getDate())}_${time}_${hostname()}${comment}`);
}

/** The time of an event that comes to be now. */
export const secondsNow = (): number => Date.now() / 1000;

/** The files, of which the first is there from the beginning, and again with what is added after `close`. */
export class EventFiles {
  readonly folder: string;
  readonly #options: { maxQueue: number; flushSecs: number; suffix: string };
  #purgeStep: number | null;
  // By folder; empty when closed.
  #files = new Map<string, EventFile>();
  // Of other writers, which belong to this one.
  #closings: Promise<void>[] = [];

  constructor(folder: string | null, options: SummaryWriterOptions) {
    const op = 'SummaryWriter';
    const { comment, purgeStep, maxQueue, flushSecs, filenameSuffix } = optionsOf(options, op, [
      'comment',
      'purgeStep',
      'maxQueue',
      'flushSecs',
      'filenameSuffix',
    ]);
    if (folder !== null) textOf(folder, op, 'logDir');
    this.folder = folder || defaultFolder(textOf(comment ?? '', op, 'comment'));
    this.#purgeStep = purgeStep === undefined || purgeStep === null ? null : integerOf(purgeStep, op, 'purgeStep');
    const seconds = numberOf(flushSecs ?? 120, op, 'flushSecs');
    if (!(seconds >= 0)) throw new RangeError(`${op}: flushSecs must not be negative, got ${seconds}`);
    this.#options = {
      maxQueue: integerOf(maxQueue ?? 10, op, 'maxQueue'),
      flushSecs: seconds,
      suffix: textOf(filenameSuffix ?? '', op, 'filenameSuffix'),
    };
    this.#file(this.folder);
  }

  #file(folder: string): EventFile {
    let file = this.#files.get(folder);
    if (file !== undefined) return file;
    file = new EventFile(folder, this.#options);
    this.#files.set(folder, file);
    if (folder === this.folder && this.#purgeStep !== null) {
      const at = { wallTime: secondsNow(), step: this.#purgeStep };
      file.add(0, () => [
        { ...at, fileVersion: 'brain.Event:2' },
        { ...at, sessionLog: { status: sessionStart } },
      ]);
      this.#purgeStep = null;
    }
    return file;
  }

  /** Has `run` called when what `bytes` of memory wait for is computed, for the events to write. */
  add(bytes: number, run: () => readonly Event[]): void {
    this.#file(this.folder).add(bytes, run);
  }

  /** Adds the summary that `make` gives when all of `read` is computed; checks tag, step and time. */
  addSummary(
    op: string,
    tag: string,
    globalStep: number | null | undefined,
    options: EventOptions,
    read: readonly (Snapshot | null)[],
    make: () => Value | Value[],
    folder = this.folder,
  ): void {
    textOf(tag, op, 'tag');
    const walltime = optionsOf(options, op).walltime ?? null;
    const step = stepOf(globalStep, op);
    const wallTime = walltime === null ? secondsNow() : numberOf(walltime, op, 'walltime');
    const bytes = read.reduce((sum, part) => sum + (part?.bytes ?? 0), 0);
    this.#file(folder).add(bytes, () => [{ wallTime, step, summary: { value: [make()].flat() } }]);
  }

  /** Has the next flush wait for `closing`, and tell what it rejects with. */
  addClosing(closing: Promise<void>): void {
    closing.catch(() => {});
    this.#closings.push(closing);
  }

  /** Resolves when all that was added is written; throws what went wrong since the last time. */
  async flush(): Promise<void> {
    await this.#settle([...this.#files.values()].map((file) => file.flush()));
  }

  /** As `flush`, and closes the files. */
  async close(): Promise<void> {
    const files = [...this.#files.values()];
    this.#files.clear();
    await this.#settle(files.map((file) => file.close()));
  }

  async #settle(files: readonly Promise<unknown[]>[]): Promise<void> {
    const closings = await Promise.allSettled(this.#closings.splice(0));
    const errors = closings.flatMap((closing) => (closing.status === 'rejected' ? [closing.reason as unknown] : []));
    for (const file of await Promise.allSettled(files))
      errors.push(...(file.status === 'rejected' ? [file.reason as unknown] : file.value));
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `SummaryWriter: ${errors.map(String).join('; ')}`);
  }
}
