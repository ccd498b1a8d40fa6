// One event file: what is added waits for its tensors, in order, and goes to the disk as whole records.
import { closeSync, openSync, write, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CressetError } from '../errors.js';
import { makeFolder } from '../folder.js';
import { drained } from '../stream.js';
import { type Event, event } from './messages.js';
import { encode } from './protobuf.js';
import { record } from './record.js';

// What may wait for the stream, and for the disk, before the caller waits instead: a loop that never yields must not fill the memory.
const mostPending = 64 << 20;
const mostJobs = 4096;
const mostUnwritten = 16 << 20;
// What is kept where the disk takes nothing, until it does again: beyond it events are lost, of which the first errors tell.
const mostKept = 2 * mostUnwritten;
const mostErrors = 20;
const longestTimer = 2 ** 31 - 1;

/** How an event file is written. */
export interface EventFileOptions {
  /** So many records wait at most before they are written. */
  maxQueue: number;
  /** So many seconds they wait at most. */
  flushSecs: number;
  suffix: string;
}

interface Job {
  bytes: number;
  run: () => readonly Event[];
}

const writeAt = promisify(write);
const open = new Set<EventFile>();
let files = 0;

// Whoever ends without `close` still finds all in the file. It goes first, as the addon ends with the process too.
process.prependListener('exit', () => {
  for (const file of open) file.endNow();
});

/** A new event file. Records are whole in it: a crash leaves at worst a part of the last one, which TensorBoard passes over. */
export class EventFile {
  #descriptor: number;
  // Whole records up to here are written.
  #position = 0;
  #unwritten: Uint8Array[] = [];
  #unwrittenBytes = 0;
  #jobs: Job[] = [];
  #pendingBytes = 0;
  #added = 0;
  #taken = 0;
  #waiting: Promise<void> | null = null;
  #writing: Promise<void> = Promise.resolve();
  // A write that has not begun, which will take all that there is then.
  #nextWrite: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #errors: unknown[] = [];

  /** Makes the folder and the file, whose first record names the format. Throws as `makeFolder`, and the system's error where there can be no file. */
  constructor(
    folder: string,
    private readonly options: EventFileOptions,
  ) {
    makeFolder('SummaryWriter', folder);
    this.#descriptor = this.#create(folder);
    open.add(this);
    this.#append({
      wallTime: Date.now() / 1000,
      fileVersion: 'brain.Event:2',
      source: { writer: 'cresset.tensorboard' },
    });
    this.#writeNow();
  }

  #create(folder: string): number {
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    for (;;) {
      const name = `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}${this.options.suffix}`;
      try {
        return openSync(join(folder, name), 'wx');
      } catch (error) {
        // Another thread of this process has the name.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  /** Has `run` called when what `bytes` of memory wait for is computed, after all that was added before; writes the events that it gives. */
  add(bytes: number, run: () => readonly Event[]): void {
    this.#added++;
    this.#jobs.push({ bytes, run });
    this.#pendingBytes += bytes;
    if (this.#pendingBytes > mostPending || this.#jobs.length > mostJobs) this.#takeAll();
    // What waits for nothing is encoded here and now.
    else while (this.#jobs[0]?.bytes === 0) this.#take();
    if (this.#jobs.length > 0) this.#waiting ??= this.#wait();
    if (this.#unwritten.length >= this.options.maxQueue) this.#write();
    else if (this.#unwritten.length > 0) this.#setTimer();
  }

  async #wait(): Promise<void> {
    while (this.#jobs.length > 0) {
      const upTo = this.#added;
      await drained();
      while (this.#taken < upTo) this.#take();
    }
    this.#waiting = null;
    if (this.#unwritten.length >= this.options.maxQueue) this.#write();
    else if (this.#unwritten.length > 0) this.#setTimer();
  }

  #takeAll(): void {
    while (this.#jobs.length > 0) this.#take();
  }

  #take(): void {
    const { bytes, run } = this.#jobs.shift()!;
    this.#taken++;
    this.#pendingBytes -= bytes;
    this.#report(() => {
      for (const made of run()) this.#append(made);
    });
    if (this.#unwrittenBytes > mostUnwritten) this.#report(() => this.#writeNow());
  }

  // Keeps what `action` throws for the next flush.
  #report(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#errors.length < mostErrors) this.#errors.push(error);
  }

  #append(init: Event): void {
    if (this.#unwrittenBytes > mostKept)
      throw new CressetError(`SummaryWriter: an event is lost, as ${this.#unwrittenBytes} bytes wait for the disk`);
    const bytes = record(encode(event, init));
    this.#unwritten.push(bytes);
    this.#unwrittenBytes += bytes.length;
  }

  #setTimer(): void {
    this.#timer ??= setTimeout(() => this.#write(), Math.min(this.options.flushSecs * 1000, longestTimer)).unref();
  }

  // Records are written where the last whole one ends, so that what was broken off is overwritten by the next attempt.
  #written(count: number, bytes: number): void {
    this.#unwritten.splice(0, count);
    this.#unwrittenBytes -= bytes;
    this.#position += bytes;
  }

  #writeNow(): void {
    const data = Buffer.concat(this.#unwritten);
    for (let at = 0; at < data.length; )
      at += writeSync(this.#descriptor, data, at, data.length - at, this.#position + at);
    this.#written(this.#unwritten.length, data.length);
  }

  #write(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#nextWrite ??= this.#writing.then(async () => {
      this.#nextWrite = null;
      const count = this.#unwritten.length;
      const start = this.#position;
      const data = Buffer.concat(this.#unwritten);
      try {
        for (let at = 0; at < data.length; ) {
          const { bytesWritten } = await writeAt(this.#descriptor, data, at, data.length - at, start + at);
          at += bytesWritten;
        }
        // Else `#writeNow` went ahead of this.
        if (this.#position === start) this.#written(count, data.length);
      } catch (error) {
        this.#fail(error);
      }
    });
    this.#writing = this.#nextWrite;
    return this.#writing;
  }

  /** Resolves when all that was added is in the file; gives what went wrong since the last time. */
  async flush(): Promise<unknown[]> {
    while (this.#waiting !== null) await this.#waiting;
    await this.#write();
    return this.#errors.splice(0);
  }

  /** As `flush`, and closes the file. */
  async close(): Promise<unknown[]> {
    const errors = await this.flush();
    open.delete(this);
    closeSync(this.#descriptor);
    return errors;
  }

  /** What the end of the process leaves to do. */
  endNow(): void {
    this.#takeAll();
    this.#report(() => this.#writeNow());
    for (const error of this.#errors.splice(0)) console.error('SummaryWriter, not closed:', error);
  }
}
