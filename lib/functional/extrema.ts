// What comes as values and indices.
import type { Tensor } from '../tensor.js';

/** The extrema along a dimension and where they stand, by name or in this order: `const [values, indices] = x.max(1)`. */
export interface Extrema extends Iterable<Tensor> {
  values: Tensor;
  /** Indices along the dimension, int64. */
  indices: Tensor;
}

/** Values and indices that also come one after the other; not enumerable, so that they print and are saved as a plain object. */
export function extrema(values: Tensor, indices: Tensor): Extrema {
  return Object.defineProperty({ values, indices }, Symbol.iterator, iterator) as Extrema;
}

const iterator = {
  value(this: Extrema) {
    return [this.values, this.indices].values();
  },
};
