// The worker threads of a DataLoader, as the thread that iterates it sees them.
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { CressetError } from '../../errors.js';
import { native } from '../../native.js';
import { readBatch } from './batch.js';
import { type ErrorData, workerError } from './error.js';
import type { Reply, Setup, Task } from './messages.js';

// A thread that is inside of the system's code ends when that returns; nobody waits for it longer than this.
const endMs = 1_000;

// Node's timers take no longer delay.
const longestMs = 2 ** 31 - 1;

// Workers inherit Node's options, such as loaders of TypeScript; that of `node -e` would have them refuse their own file.
const inherited = process.execArgv.some((arg) => arg.startsWith('--input-type')) ? { execArgv: [] } : {};

// Loaders that are registered in the first thread only leave TypeScript as it is in the others, as that of tsx does on Node 20.
const hintOf = (error: ErrorData): string =>
  'properties' in error && error.properties.code === 'ERR_UNKNOWN_FILE_EXTENSION'
    ? ' (a loader for it has to be registered in each thread, by a module that --import names)'
    : '';

/** What a batch that was asked for became; `ended` for streams that had no more. */
export type Received = { batch: unknown } | { ended: true };

interface Member {
  worker: Worker;
  /** The worker's memories, by slot. */
  memories: SharedArrayBuffer[];
  /** Slots that hold no batch. */
  free: number[];
  slots: number;
}

/** Worker threads that make batches, each those that it is asked for, in their order. */
export class Crew {
  readonly #members: Member[];
  readonly #pass = new Int32Array(new SharedArrayBuffer(4));
  readonly #asked = new Map<number, Task>();
  readonly #replies = new Map<number, Reply>();
  #waiting: { number: number; resolve: (reply: Reply) => void; reject: (reason: unknown) => void } | undefined;
  #failure: { reason: unknown } | undefined;
  #ending: Promise<void> | undefined;

  constructor(setup: Omit<Setup, 'id' | 'pass'>) {
    this.#members = Array.from({ length: setup.numWorkers }, (_, id) => {
      const workerData: Setup = { ...setup, id, seed: setup.seed + id, pass: this.#pass };
      const worker = new Worker(new URL('./thread.js', import.meta.url), {
        workerData,
        ...inherited,
        name: `DataLoader ${id}`,
      });
      const member: Member = { worker, memories: [], free: [], slots: 0 };
      worker.on('message', (reply: Reply) => this.#arrived(id, reply));
      // An error may overtake replies; the exit that follows it does not.
      let error: Error | undefined;
      worker.on('error', (reason: Error) => {
        error = reason;
      });
      worker.on('exit', (code) => this.#died(id, error ?? code));
      // Only a loop that waits keeps the process going.
      worker.unref();
      return member;
    });
  }

  /** Whether something went wrong, so that there are no workers any more. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Asks worker `number` modulo the number of workers for a batch of the pass that is running. */
  ask(number: number, indices: unknown, seed: number): void {
    const member = this.#memberOf(number);
    const slot = member.free.pop() ?? member.slots++;
    const task: Task = { pass: this.#pass[0]!, number, indices, seed, slot };
    this.#asked.set(number, task);
    member.worker.postMessage(task);
  }

  /**
   * The batch `number`, which was asked for.
   * @throws What the worker threw; CressetError where it is gone or takes longer than `timeout`; the reason given to `fail`.
   */
  async receive(number: number, timeout: number): Promise<Received> {
    const reply = this.#replies.get(number) ?? (await this.#wait(number, timeout));
    const id = number % this.#members.length;
    const { memories, free } = this.#members[id]!;
    this.#replies.delete(number);
    free.push(reply.slot);
    if (reply.error !== undefined) throw workerError(reply.error, `DataLoader: worker ${id}, ${reply.doing}`);
    return reply.batch === undefined ? { ended: true } : { batch: readBatch(reply.batch, memories[reply.slot]) };
  }

  /** Ends the pass: what of it is still being made is dropped. */
  rest(): void {
    Atomics.add(this.#pass, 0, 1);
    for (const { number, slot } of this.#replies.values()) this.#memberOf(number).free.push(slot);
    this.#replies.clear();
    this.#asked.clear();
  }

  /** Ends all workers for `reason`, which whoever waits, or will, is told. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#waiting?.reject(reason);
    void this.end();
  }

  /** Ends all workers; resolves when they are gone. */
  end(): Promise<void> {
    this.#ending ??= Promise.race([
      // Each thread leaves freed memory behind, some MB, which the next one does not use.
      Promise.all(this.#members.map(({ worker }) => worker.terminate())).then(() => native.returnFreedMemory()),
      delay(endMs, undefined, { ref: false }),
    ]);
    return this.#ending;
  }

  #memberOf(number: number): Member {
    return this.#members[number % this.#members.length]!;
  }

  async #wait(number: number, timeout: number): Promise<Reply> {
    if (this.#failure) throw this.#failure.reason;
    const { worker } = this.#memberOf(number);
    worker.ref();
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Reply>((resolve, reject) => {
        const waiting = { number, resolve, reject };
        this.#waiting = waiting;
        const late = () => {
          if (this.#waiting === waiting) this.fail(this.#late(number, timeout));
        };
        // A thread that was busy meets its timers before the messages that came meanwhile.
        if (timeout > 0) timer = setTimeout(() => setImmediate(late), Math.min(timeout, longestMs));
      });
    } finally {
      clearTimeout(timer);
      this.#waiting = undefined;
      if (this.#ending === undefined) worker.unref();
    }
  }

  #arrived(id: number, reply: Reply): void {
    if (reply.number < 0) {
      this.fail(workerError(reply.error!, `DataLoader: worker ${id} could not start${hintOf(reply.error!)}`));
      return;
    }
    const { memories, free } = this.#members[id]!;
    if (reply.memory !== undefined) memories[reply.slot] = reply.memory;
    if (reply.pass !== this.#pass[0]) {
      free.push(reply.slot);
      return;
    }
    this.#asked.delete(reply.number);
    if (this.#waiting?.number === reply.number) this.#waiting.resolve(reply);
    else this.#replies.set(reply.number, reply);
  }

  #died(id: number, cause: number | (Error & { code?: string })): void {
    if (this.#ending !== undefined) return;
    const how =
      typeof cause === 'number'
        ? `exited with code ${cause}`
        : cause.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? `ran out of memory (${cause.message})`
          : `died of ${String(cause)}`;
    const reason = new CressetError(`DataLoader: worker ${id} ${how}${this.#doing(id)}`);
    if (typeof cause !== 'number') reason.cause = cause;
    this.fail(reason);
  }

  #late(number: number, timeout: number): CressetError {
    const id = number % this.#members.length;
    return new CressetError(
      `DataLoader: worker ${id} gave no batch within the timeout of ${timeout} ms${this.#doing(id)}`,
    );
  }

  // The first task that the worker has not answered.
  #doing(id: number): string {
    const task = [...this.#asked.values()].find(({ number }) => number % this.#members.length === id);
    if (task === undefined) return '';
    const samples = task.indices === undefined ? '' : ` (samples ${[task.indices].flat().slice(0, 8).join(', ')})`;
    return `, in batch ${task.number}${samples}`;
  }
}
