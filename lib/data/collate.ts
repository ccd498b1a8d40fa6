// Turns a list of samples into a batch.
import { types } from 'node:util';
import { stack, type TensorData, tensor } from '../functional.js';
import { Tensor } from '../tensor.js';

/** What samples become: tensors and numbers gain a leading batch dimension, strings a list; arrays and records keep their form. */
export type Collated<T> = T extends Tensor
  ? Tensor
  : T extends number | bigint | boolean | ArrayBufferView
    ? Tensor
    : T extends string
      ? string[]
      : T extends readonly unknown[]
        ? { -readonly [K in keyof T]: Collated<T[K]> }
        : T extends object
          ? { [K in keyof T]: Collated<T[K]> }
          : T[];

/**
 * Batches samples: tensors are stacked, and typed arrays as tensors of their type; integers become int64, other numbers float64, booleans bool;
 * strings a list; arrays and records are batched element by element, records by the keys of the first. (`torch.utils.data.default_collate`)
 * @throws TypeError for samples of another kind or of mixed form, and for none; ShapeError for tensors of different shapes.
 * @example
 * import { defaultCollate } from 'cresset/data';
 * defaultCollate([[1, 'a'], [2, 'b']]); // [tensor([1n, 2n]), ['a', 'b']]
 */
export function defaultCollate<T>(samples: readonly T[]): Collated<T> {
  return collate(samples) as Collated<T>;
}

/** Whether `value` is an object of no class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function kindOf(sample: unknown): string {
  if (sample === null) return 'null';
  if (sample instanceof Tensor) return 'Tensor';
  if (isRecord(sample)) return 'record';
  return typeof sample === 'object' ? (sample.constructor?.name ?? 'object') : typeof sample;
}

function collate(samples: readonly unknown[]): unknown {
  const first = samples[0];
  if (samples.length === 0) throw new TypeError('defaultCollate: there are no samples to batch');
  const kind = kindOf(first);
  const other = samples.map(kindOf).find((name) => name !== kind);
  if (other !== undefined)
    throw new TypeError(`defaultCollate: cannot batch samples of types ${kind} and ${other} together`);
  if (first instanceof Tensor) return stack(samples as Tensor[], 0);
  if (types.isTypedArray(first)) return stack((samples as TensorData[]).map((data) => tensor(data)));
  switch (typeof first) {
    case 'number': {
      const integers = samples.every(Number.isSafeInteger);
      return tensor(samples as number[], { dtype: integers ? 'int64' : 'float64' });
    }
    case 'bigint':
      return tensor(samples as bigint[], { dtype: 'int64' });
    case 'boolean':
      return tensor(samples as boolean[], { dtype: 'bool' });
    case 'string':
      return [...samples];
  }
  if (Array.isArray(first)) {
    const rows = samples as unknown[][];
    const odd = rows.find((row) => row.length !== first.length);
    if (odd) throw new TypeError(`defaultCollate: samples have ${first.length} and ${odd.length} elements`);
    return first.map((_, i) => collate(rows.map((row) => row[i])));
  }
  if (isRecord(first)) {
    const column = (key: string) =>
      (samples as Record<string, unknown>[]).map((sample, i) => {
        if (!Object.hasOwn(sample, key))
          throw new TypeError(`defaultCollate: sample ${i} of the batch has no ${key}, but sample 0 has`);
        return sample[key];
      });
    return Object.fromEntries(Object.keys(first).map((key) => [key, collate(column(key))]));
  }
  throw new TypeError(
    `defaultCollate: cannot batch samples of type ${kind}; give the dataset a transform to tensors, or pass a collateFn`,
  );
}
