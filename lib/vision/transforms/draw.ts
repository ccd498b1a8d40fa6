// Random numbers as torchvision draws them: one small tensor each, from PyTorch's generator.
import { dtypeCode } from '../../dtype.js';
import { describe } from '../../functional/check.js';
import { drawing } from '../../generator.js';
import { native, type TensorId } from '../../native.js';

const one = [1];
const float32 = dtypeCode('float32', 'draw');
const int64 = dtypeCode('int64', 'draw');

// The number of a new tensor of the native core, which then goes: augmentation draws several a sample.
function taken(made: TensorId | object): number {
  const value = Number(native.item(made as TensorId));
  native.release(made as TensorId);
  return value;
}

/** A number from `low` to `high`, in float32. */
export const uniform = (low: number, high: number): number =>
  taken(drawing().uniform_(native.empty(one, float32) as TensorId, low, high));

/** An integer from `low` to below `high`. */
export const integer = (low: number, high: number): number => taken(drawing().randint(low, high, one, int64));

/** True with probability `p`. */
export const happens = (p: number): boolean => taken(drawing().rand(one, float32)) < p;

/** `p`, checked to be a probability. */
export function probabilityOf(p: number, op: string): number {
  if (typeof p === 'number' && p >= 0 && p <= 1) return p;
  throw new RangeError(`${op}: p must be between 0 and 1, got ${describe(p)}`);
}

/** A pair of bounds, low before high, checked; `least` is the smallest that may be. */
export function rangeOf(range: readonly number[], op: string, name: string, least: number): readonly [number, number] {
  const [low, high] = Array.isArray(range) && range.length === 2 ? range : [Number.NaN, Number.NaN];
  if (
    typeof low === 'number' &&
    typeof high === 'number' &&
    low >= least &&
    low <= high &&
    high < Number.POSITIVE_INFINITY
  )
    return range as unknown as readonly [number, number];
  const bound = least === Number.MIN_VALUE ? ' above 0' : ` of at least ${least}`;
  throw new RangeError(`${op}: ${name} must be two numbers${bound}, the smaller first, got ${describe(range)}`);
}

/** exp of a number drawn between the logarithms of the bounds, in float32 as torchvision computes it. */
export function ratioBetween([low, high]: readonly [number, number]): number {
  return Math.fround(
    Math.exp(uniform(Math.fround(Math.log(Math.fround(low))), Math.fround(Math.log(Math.fround(high))))),
  );
}
