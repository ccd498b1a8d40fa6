// What a DataLoader and its workers tell each other.
import type { Plan } from '../maker.js';
import type { Description } from './batch.js';
import type { ErrorData } from './error.js';
import type { Package } from './pack.js';

/** What a worker starts with. */
export interface Setup {
  id: number;
  numWorkers: number;
  seed: number;
  /** The dataset, `collateFn` and `workerInitFn`. */
  things: Package;
  plan: Omit<Plan, 'dataset' | 'collateFn'> & { sharded: boolean };
  /** The number of the pass that is running, in shared memory. */
  pass: Int32Array;
}

/** A batch to make. */
export interface Task {
  pass: number;
  number: number;
  /** Of samples; none for streams. */
  indices: unknown;
  /** The pass's. */
  seed: number;
  /** Which of the worker's memories the batch goes to. */
  slot: number;
}

/** What became of a task; nothing where its pass had ended. */
export interface Reply {
  pass: number;
  number: number;
  slot: number;
  batch?: Description;
  /** In place of what the slot had, which was too small. */
  memory?: SharedArrayBuffer;
  /** The stream had ended before. */
  ended?: boolean;
  error?: ErrorData;
  /** What it was doing when the error came. */
  doing?: string;
}
