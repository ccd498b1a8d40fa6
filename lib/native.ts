// Loads the native addon and types it: ops come from build/native.d.ts (printed by the addon from ops.def), the rest is below.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { NativeOps } from '../build/native.js';
import { raise } from './errors.js';
import { watchIdle } from './idle.js';

/** A tensor's number in the addon's handle table; 0 stands for "none". */
export type TensorId = number;

/** Counters of the caching allocator, in bytes, and of the handle table. */
export interface MemoryStats {
  /** Bytes that live tensors and the tape hold. */
  liveBytes: number;
  /** Bytes kept for reuse. */
  cachedBytes: number;
  /** The largest `liveBytes` since the start or the last `memory.resetPeak()`. */
  peakBytes: number;
  /** Bytes of working memory that the computing threads of the process hold. */
  scratchBytes: number;
  /** Tensors that JavaScript can reach or has not yet been seen to drop. */
  handles: number;
}

/** Everything the addon exports beside the ops. Functions that return a tensor give its id, or the live JavaScript object of it. */
export interface NativeCore {
  setup(hooks: { raise: (kind: string, message: string) => never; gc: (() => void) | null; idle: () => void }): void;
  declarations(): string;
  /** Makes `tensor` the one object that owns `id`. */
  track(id: TensorId, tensor: object): void;
  /** The native tensors of two ids change places. */
  exchange(a: TensorId, b: TensorId): void;
  release(id: TensorId): void;
  shape(id: TensorId): number[];
  stride(id: TensorId): number[];
  storageOffset(id: TensorId): number;
  dtype(id: TensorId): number;
  version(id: TensorId): number;
  /** The same number for all tensors of one storage, while one of them lives. */
  storageKey(id: TensorId): number;
  /** Another tensor, without history, over the storage of `id`; `offset` counts from the storage's start. */
  asStrided(id: TensorId, shape: readonly number[], stride: readonly number[], offset: number): TensorId | object;
  fromTypedArray(data: ArrayBufferView, sourceDtype: number, shape: readonly number[], dtype: number): TensorId;
  toTypedArray(id: TensorId, out: ArrayBufferView): void;
  /** A tensor that JavaScript may fill: nothing computes with its memory. */
  hostTensor(shape: readonly number[], dtype: number): TensorId;
  /** `length` bytes of the memory of a contiguous tensor itself, once it is computed, until `takeBack`. */
  lendBytes(id: TensorId, offset: number, length: number): ArrayBuffer;
  /** Ends a loan: whoever still has the buffer sees it empty. */
  takeBack(buffer: ArrayBuffer): void;
  /** The CRC-32 of bytes behind others of which it is `crc`. */
  crc32(bytes: Uint8Array, crc: number): number;
  item(id: TensorId): number | bigint;
  requiresGrad(id: TensorId): boolean;
  setRequiresGrad(id: TensorId, value: boolean): void;
  isLeaf(id: TensorId): boolean;
  gradFn(id: TensorId): string | null;
  grad(id: TensorId): TensorId | object | null;
  setGrad(id: TensorId, grad: TensorId): void;
  retainGrad(id: TensorId): void;
  backward(roots: readonly TensorId[], gradients: readonly TensorId[], retainGraph: boolean): void;
  gradients(
    outputs: readonly TensorId[],
    inputs: readonly TensorId[],
    gradients: readonly TensorId[],
    retainGraph: boolean,
    allowUnused: boolean,
    wrap: (gradient: TensorId | object) => object,
  ): (object | null)[];
  /** Gives the number of the hook, by which it can be removed. */
  addHook(id: TensorId, hook: (gradient: TensorId | object) => TensorId): number;
  removeHook(hook: number): void;
  /** 0 no grad, 1 grad, 2 inference; returns the mode before. */
  setGradMode(mode: number): number;
  gradMode(): number;
  /**
   * Has `listener` called with every new handle, which the op '' gives, and after every op that gives a tensor, with the op's arguments and
   * result. It must make no tensor. null ends it.
   */
  listen(listener: ((op: string, args: unknown[], result: TensorId | object) => void) | null): void;
  manualSeed(seed: number): void;
  initialSeed(): number;
  /** The low 32 bits of a 64-bit draw: the seed that a DataLoader's sampler takes. */
  drawSeed(): number;
  randomState(): Uint8Array;
  setRandomState(state: Uint8Array): void;
  /** Calls `done` on this thread once everything enqueued so far has run; returns the number of tasks that this is. */
  whenDone(done: () => void): number;
  /** Throws why tensor `id` could not be computed, else the first failure among tasks 1 to `sequence` not yet reported. */
  throwFailures(id: TensorId, sequence: number): void;
  /** How many tasks there have been. */
  enqueued(): number;
  pending(): number;
  /** Has the stream's thread work on what is pending, however little. */
  wake(): void;
  memoryStats(): MemoryStats;
  resetPeak(): void;
  emptyCache(): void;
  /** Lets go of dead tensors, of what is kept for reuse and of working memory, and gives all that is free to the system. */
  releaseIdle(): void;
  /** Gives the system what the C library keeps of freed memory. */
  returnFreedMemory(): void;
  numThreads(): number;
  setNumThreads(n: number): void;
  isa(): string;
  shutdown(): void;
}

export type Native = NativeOps & NativeCore;

function libc(): string {
  if (process.platform !== 'linux') return '';
  try {
    return /\bmusl\b/.test(readFileSync('/proc/self/maps', 'utf8')) ? '.musl' : '.glibc';
  } catch {
    return '.glibc';
  }
}

function load(): Native {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const tried = [
    process.env.CRESSET_ADDON,
    `${root}build/Release/cresset.node`,
    `${root}prebuilds/${process.platform}-${process.arch}/cresset${libc()}.node`,
  ].filter((path) => path !== undefined);
  const path = tried.find((candidate) => existsSync(candidate));
  if (path === undefined)
    throw new Error(
      `cresset: no native addon for ${process.platform}-${process.arch} (Node ${process.version}); looked for\n  ${tried.join('\n  ')}`,
    );
  return createRequire(import.meta.url)(path) as Native;
}

/** A function that collects garbage, had without a command-line flag; null where V8 refuses. */
function garbageCollector(): (() => void) | null {
  try {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
    return gc;
  } catch {
    return null;
  }
}

export const native: Native = load();

native.setup({ raise, gc: garbageCollector(), idle: watchIdle(native) });
process.on('exit', () => native.shutdown());
