// Values as Python writes them in the texts of transforms.
import { Callable } from '../../nn/callable.js';
import { float } from '../../nn/layers/text.js';

/** Python's text of a number that is an integer there where it is one here, of a list, of True, False or None, and of a name. */
export function python(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : float(value);
  return Array.isArray(value) ? `[${value.map(python).join(', ')}]` : String(value);
}

/** Python's text of a float, or of a list of floats or of such lists. */
export const floats = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(floats).join(', ')}]` : float(value as number);

/** Python's text of a tuple. */
export const pythonTuple = (values: readonly number[], text: (value: number) => string = python): string =>
  values.length === 1 ? `(${text(values[0]!)},)` : `(${values.map(text).join(', ')})`;

/** A size as torchvision prints it: one number as a tuple of two, a list as it was given. */
export function givenSize(size: number | readonly number[]): string {
  const sides = typeof size === 'number' ? [size] : size;
  return sides.length === 1 ? pythonTuple([sides[0]!, sides[0]!]) : python(sides);
}

/** The text of a transform, or of another function as Python prints it, less the address. */
export const textOf = (f: (...args: never[]) => unknown): string =>
  f instanceof Callable ? String(f) : `<function ${f.name || '<lambda>'}>`;

/** The lines of several transforms, indented. */
export const lines = (transforms: readonly ((...args: never[]) => unknown)[]): string =>
  transforms.map((transform) => `\n    ${textOf(transform)}`).join('');
