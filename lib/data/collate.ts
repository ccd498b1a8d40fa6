// Turns a list of samples into a batch.
import { stack, tensor } from '../functional.js';
import { Tensor } from '../tensor.js';

/** What samples become: tensors and numbers gain a leading batch dimension, strings a list; arrays and records keep their form. */
export type Collated<T> = T extends Tensor
  ? Tensor
  : T extends number | bigint | boolean
    ? Tensor
    : T extends string
      ? string[]
      : T extends readonly unknown[]
        ? { -readonly [K in keyof T]: Collated<T[K]> }
        : T extends object
          ? { [K in keyof T]: Collated<T[K]> }
          : T[];

/**
 * Batches samples: tensors are stacked; integers become int64, other numbers float64, booleans bool; strings a list; arrays and
 * records are batched element by element. (`torch.utils.data.default_collate`)
 * @throws TypeError for samples of another kind or of mixed form; ShapeError for tensors of different shapes.
 * @example
 * import { defaultCollate } from 'cresset/data';
 * defaultCollate([[1, 'a'], [2, 'b']]); // [tensor([1n, 2n]), ['a', 'b']]
 */
export function defaultCollate<T>(samples: readonly T[]): Collated<T> {
  return collate(samples) as Collated<T>;
}

function collate(samples: readonly unknown[]): unknown {
  const first = samples[0];
  if (first instanceof Tensor) return stack(samples as Tensor[], 0);
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
    if (odd) throw new TypeError(`collate: samples have ${first.length} and ${odd.length} elements`);
    return first.map((_, i) => collate(rows.map((row) => row[i])));
  }
  if (first !== null && typeof first === 'object' && Object.getPrototypeOf(first) === Object.prototype)
    return Object.fromEntries(
      Object.keys(first).map((key) => [key, collate(samples.map((s) => (s as Record<string, unknown>)[key]))]),
    );
  throw new TypeError(
    `collate: cannot batch samples of type ${first === null ? 'null' : ((first as object | undefined)?.constructor?.name ?? typeof first)}; give the dataset a transform to tensors, or pass a collate function`,
  );
}
