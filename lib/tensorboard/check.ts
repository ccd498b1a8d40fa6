// Checks of arguments that the methods of SummaryWriter share.
import { integerOf, optionsOf, wrongType } from '../functional/check.js';
import type { PrCurveOptions } from './options.js';

/** `value`, checked to be a string. */
export function textOf(value: string, op: string, name: string): string {
  if (typeof value !== 'string') wrongType(op, name, 'a string', value);
  return value;
}

/** `value`, checked to be an object that is no array. */
export function objectOf<O extends object>(value: O, op: string, name: string): O {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) wrongType(op, name, 'an object', value);
  return value;
}

/** The step of an event, if it has one. */
export const stepOf = (step: number | null | undefined, op: string): number | undefined =>
  step === null || step === undefined ? undefined : integerOf(step, op, 'globalStep');

/** The number of thresholds of a precision-recall curve, of which TensorBoard takes 127 at most. */
export function thresholdsOf(options: PrCurveOptions, op: string): number {
  const thresholds = integerOf(optionsOf(options, op).numThresholds ?? 127, op, 'numThresholds');
  if (thresholds < 2) throw new RangeError(`${op}: numThresholds must be at least 2, got ${thresholds}`);
  return Math.min(thresholds, 127);
}
