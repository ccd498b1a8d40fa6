// What layers share: Python's way of writing options, checks of sizes and the initial values of weights.
import type { Pair } from '../../functional/layers.js';
import type { Tensor } from '../../tensor.js';
import { calculateFanInAndFanOut, kaimingUniform_, uniform_ } from '../init.js';

export { float } from '../../print.js';

/** Python's text of a boolean. */
export const python = (value: boolean): string => (value ? 'True' : 'False');

/** Python's text of a tuple. */
export const tuple = (values: readonly (number | string)[]): string =>
  values.length === 1 ? `(${values[0]},)` : `(${values.join(', ')})`;

/** One number or a pair, as it was given. */
export const given = (pair: Pair): string => (typeof pair === 'number' ? String(pair) : tuple(pair));

/** Throws unless every size is an integer of at least `least`. */
export function checkSizes(op: string, sizes: Record<string, number | readonly number[]>, least = 1): void {
  for (const [name, value] of Object.entries(sizes))
    for (const size of typeof value === 'number' ? [value] : value)
      if (!Number.isSafeInteger(size) || size < least)
        throw new RangeError(
          `${op}: ${name} must be a ${least === 0 ? 'non-negative' : 'positive'} integer, got ${size}`,
        );
}

/** Draws weights and bias as PyTorch's Linear and convolutions do. */
export function resetParameters(weight: Tensor, bias: Tensor | null): void {
  kaimingUniform_(weight, { a: Math.sqrt(5) });
  if (bias === null) return;
  const bound = 1 / Math.sqrt(calculateFanInAndFanOut(weight).fanIn);
  uniform_(bias, -bound, bound);
}
