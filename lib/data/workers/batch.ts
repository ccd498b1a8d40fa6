// Batches between threads: the tensors' bytes lie in shared memory, messages tell only where.
import type { DType } from '../../dtype.js';
import { AutogradError } from '../../errors.js';
import { native } from '../../native.js';
import { Tensor } from '../../tensor.js';
import { isRecord } from '../collate.js';
import { byteLength, compact, isPrimitive, tensorOf } from './pack.js';

interface Place {
  /** The keys that lead to the tensor. */
  path: (string | number)[];
  dtype: DType;
  shape: readonly number[];
  offset: number;
  requiresGrad: boolean;
}

/** A batch without its tensors, and where they are. */
export interface Description {
  value: unknown;
  places: Place[];
}

/** The batch's description, its tensors, and how many bytes they take. */
export function describeBatch(batch: unknown): Description & { tensors: Tensor[]; bytes: number } {
  const places: Place[] = [];
  const tensors: Tensor[] = [];
  let bytes = 0;
  const walk = (value: unknown, path: (string | number)[]): unknown => {
    if (value instanceof Tensor) {
      const { dtype, shape, requiresGrad } = value;
      if (requiresGrad && !value.isLeaf)
        throw new AutogradError('DataLoader: a tensor of a batch has a history, which stays in its worker; detach it');
      places.push({ path, dtype, shape, offset: bytes, requiresGrad });
      tensors.push(value);
      bytes += byteLength(dtype, shape);
      return null;
    }
    if (Array.isArray(value)) return value.map((item, i) => walk(item, [...path, i]));
    if (ArrayBuffer.isView(value) || value instanceof Date) return compact(value);
    if (isRecord(value))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...path, key])]));
    return isPrimitive(value) ? value : refuse(value as object | symbol, path);
  };
  return { value: walk(batch, []), places, tensors, bytes };
}

function refuse(value: object | symbol, path: (string | number)[]): never {
  const kind = typeof value === 'object' ? value.constructor?.name : typeof value;
  const place = path.length === 0 ? 'it' : `[${path.join('][')}]`;
  throw new TypeError(
    `DataLoader: a worker's batch can hold tensors, typed arrays, dates, numbers, strings, arrays and records of them, but ${place} is a ${kind}; collate into those`,
  );
}

/** Writes the tensors' bytes, when they are computed. */
export function writeTensors(tensors: readonly Tensor[], places: readonly Place[], memory: SharedArrayBuffer): void {
  tensors.forEach((tensor, i) => {
    const { dtype, shape, offset } = places[i]!;
    native.toTypedArray(tensor.id, new Uint8Array(memory, offset, byteLength(dtype, shape)));
  });
}

/** The batch again, with tensors that hold copies of the bytes. */
export function readBatch({ value, places }: Description, memory: SharedArrayBuffer | undefined): unknown {
  let batch = value;
  for (const { path, dtype, shape, offset, requiresGrad } of places) {
    const x = tensorOf(new Uint8Array(memory!, offset, byteLength(dtype, shape)), dtype, shape);
    if (requiresGrad) x.requiresGrad_();
    let holder = batch as Record<string | number, unknown>;
    for (const key of path.slice(0, -1)) holder = holder[key] as typeof holder;
    if (path.length === 0) batch = x;
    else holder[path.at(-1)!] = x;
  }
  return batch;
}
