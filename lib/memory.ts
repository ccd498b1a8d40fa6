// What memory is in use, and the optional ways to release tensors early.
import { CressetError } from './errors.js';
import { type MemoryStats, native } from './native.js';

export type { MemoryStats };

interface Disposable {
  id: number;
  dispose(): void;
}

let scope: Disposable[] | null = null;

/** Notes a tensor that came into being for the innermost `tidy`. @internal */
export function noteCreation(tensor: Disposable): void {
  scope?.push(tensor);
}

/** Runs `fn`, whose tensors no `tidy` around it disposes. @internal */
export function outsideTidy<R>(fn: () => R): R {
  const outer = scope;
  scope = null;
  try {
    return fn();
  } finally {
    scope = outer;
  }
}

/**
 * The allocator's counters: live, cached and peak bytes, and the number of tensors. (`torch.cuda.memory_stats`)
 * @example
 * import { memory } from 'cresset';
 * memory.stats().liveBytes >= 0; // true
 */
export function stats(): MemoryStats {
  return native.memoryStats();
}

/**
 * Lets the peak count again from the bytes that are live now. (`torch.cuda.reset_peak_memory_stats`)
 * @example
 * import { memory } from 'cresset';
 * memory.resetPeak();
 * memory.stats().peakBytes === memory.stats().liveBytes; // true
 */
export function resetPeak(): void {
  native.resetPeak();
}

/**
 * Gives the memory kept for reuse back to the system; this also happens by itself when idle. (`torch.cuda.empty_cache`)
 * @example
 * import { memory } from 'cresset';
 * memory.emptyCache();
 */
export function emptyCache(): void {
  native.emptyCache();
}

function keep(value: unknown, made: Set<unknown>, kept: Set<unknown>): void {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function') || kept.has(value)) return;
  kept.add(value);
  if (made.has(value) || ArrayBuffer.isView(value)) return;
  if (value instanceof Map || value instanceof Set) for (const entry of value) keep(entry, made, kept);
  else for (const entry of Object.values(value)) keep(entry, made, kept);
}

/**
 * Runs `fn` and disposes all tensors made inside it but those that it returns (also within arrays, objects and modules).
 * Never needed, as memory is released by itself; it only makes the moment certain.
 * @throws CressetError for async functions.
 * @example
 * import { ones, tidy } from 'cresset';
 * tidy(() => ones([2]).add(1).mul(3)).toArray(); // [6, 6]
 */
export function tidy<R>(fn: () => R): R {
  if (typeof fn !== 'function') throw new TypeError('tidy: fn must be a function');
  const outer = scope;
  const made: Disposable[] = [];
  scope = made;
  let result: R | undefined;
  try {
    result = fn();
    if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function')
      throw new CressetError('tidy: fn must not be async, as other code runs between its parts; use dispose() instead');
    return result;
  } finally {
    scope = outer;
    const kept = new Set<unknown>();
    keep(result, new Set<unknown>(made), kept);
    for (const tensor of made) {
      if (!kept.has(tensor)) tensor.dispose();
      else outer?.push(tensor);
    }
  }
}
