// Where samples come from: anything with a length and samples by index.
import { CressetError } from '../errors.js';
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';

/** Samples by index. (`torch.utils.data.Dataset`) */
export interface Dataset<T = unknown> {
  /** The number of samples. */
  readonly length: number;
  /** Sample `index`, 0 <= `index` < `length`. */
  get(index: number): T | Promise<T>;
}

function checkIndex(name: string, index: number, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= length)
    throw new RangeError(`${name}: index ${index} is out of range for ${length} samples`);
}

/**
 * Tensors that share their first dimension, as samples of one row each. (`torch.utils.data.TensorDataset`)
 * @throws CressetError where the first sizes differ.
 * @example
 * import { tensor } from 'cresset';
 * import { TensorDataset } from 'cresset/data';
 * new TensorDataset(tensor([[1, 2], [3, 4]]), tensor([0, 1])).length; // 2
 */
export class TensorDataset implements Dataset<Tensor[]> {
  readonly tensors: Tensor[];
  readonly length: number;

  constructor(...tensors: Tensor[]) {
    const sizes = tensors.map((t) => t.shape[0]);
    if (tensors.length === 0) throw new CressetError('TensorDataset: expected at least one tensor');
    if (sizes.some((s) => s === undefined || s !== sizes[0]))
      throw new CressetError(`TensorDataset: the tensors' first sizes differ: ${sizes.join(', ')}`);
    this.tensors = tensors;
    this.length = sizes[0]!;
  }

  get(index: number): Tensor[] {
    checkIndex('TensorDataset', index, this.length);
    return this.tensors.map((t) => t.select(0, index));
  }
}

/**
 * Some samples of another dataset, in the order of `indices`. (`torch.utils.data.Subset`)
 * @example
 * import { tensor } from 'cresset';
 * import { Subset, TensorDataset } from 'cresset/data';
 * new Subset(new TensorDataset(tensor([1, 2, 3])), [2, 0]).length; // 2
 */
export class Subset<T> implements Dataset<T> {
  readonly length: number;

  constructor(
    readonly dataset: Dataset<T>,
    readonly indices: readonly number[],
  ) {
    for (const index of indices) checkIndex('Subset', index, dataset.length);
    this.length = indices.length;
  }

  get(index: number): T | Promise<T> {
    checkIndex('Subset', index, this.length);
    return this.dataset.get(this.indices[index]!);
  }
}

/** A permutation of 0 to `n - 1` from a generator of its own, seeded by a draw from the global one, as PyTorch's samplers do. */
export function drawPermutation(n: number): number[] {
  const permutation = wrap(native.randpermSeeded(n, native.drawSeed()));
  return Array.from(permutation.toTypedArray() as BigInt64Array, Number);
}
