// What a Python object says of itself, read with checks.
import { inspect } from 'node:util';
import type { AdaptiveSize, Pair } from '../functional/layers.js';
import type { PythonObject } from './python.js';

// Never more than a line, whatever it is and however it repeats itself.
const show = (value: unknown): string =>
  value === undefined
    ? 'nothing'
    : inspect(value, { depth: 1, maxArrayLength: 4, maxStringLength: 40, breakLength: Number.POSITIVE_INFINITY }).slice(
        0,
        120,
      );

/** Attributes of a module of Python's; what is missing or of another kind than expected ends in `fail`. */
export class Attributes {
  constructor(
    readonly object: PythonObject,
    /** Throws the error for this object. */
    readonly fail: (what: string) => never,
  ) {}

  #get<T>(name: string, expected: string, fits: (value: unknown) => value is T, fallback?: T): T {
    const value = this.object.attributes.get(name) ?? fallback;
    return fits(value) ? value : this.fail(`${name} must be ${expected}, but is ${show(value)}`);
  }

  /** Whether the attribute has this JavaScript type. */
  is(name: string, type: 'string' | 'number'): boolean {
    return typeof this.object.attributes.get(name) === type;
  }

  /** null where the attribute is None or missing. */
  orNull<T>(name: string, read: () => T): T | null {
    return (this.object.attributes.get(name) ?? null) === null ? null : read();
  }

  integer(name: string): number {
    return this.#get(name, 'an integer', (v): v is number => Number.isSafeInteger(v));
  }

  number(name: string, fallback?: number): number {
    return this.#get(name, 'a number', (v): v is number => typeof v === 'number', fallback);
  }

  flag(name: string, fallback: boolean): boolean {
    return this.#get(name, 'a boolean', (v): v is boolean => typeof v === 'boolean', fallback);
  }

  text(name: string, fallback?: string): string {
    return this.#get(name, 'a string', (v): v is string => typeof v === 'string', fallback);
  }

  integers(name: string): number[] {
    return this.#get(
      name,
      'a tuple of integers',
      (v): v is number[] => Array.isArray(v) && v.every(Number.isSafeInteger),
    );
  }

  numbers(name: string): number[] {
    const fits = (v: unknown): v is number[] => Array.isArray(v) && v.every((value) => typeof value === 'number');
    return this.#get(name, 'a tuple of numbers', fits);
  }

  /** An integer or two, as they were given. */
  pair(name: string): Pair {
    if (this.is(name, 'number')) return this.integer(name);
    const values = this.integers(name);
    return values.length === 2
      ? [values[0]!, values[1]!]
      : this.fail(`${name} must be two integers, but is ${show(values)}`);
  }

  /** A side or two, where None leaves it as it is. */
  adaptiveSize(name: string): AdaptiveSize {
    const isSide = (v: unknown): v is number | null => v === null || Number.isSafeInteger(v);
    const value = this.object.attributes.get(name) ?? null;
    if (isSide(value)) return value;
    if (Array.isArray(value) && value.length === 2 && value.every(isSide)) return [value[0] ?? null, value[1] ?? null];
    return this.fail(`${name} must be a size or two, but is ${show(value)}`);
  }

  /** The entries of `_parameters`, `_buffers` or `_modules`. */
  *entries(name: '_parameters' | '_buffers' | '_modules'): Generator<[string, unknown]> {
    const map = this.#get(name, 'a dict', (v): v is Map<unknown, unknown> => v instanceof Map, new Map());
    for (const [key, value] of map)
      if (typeof key === 'string') yield [key, value];
      else this.fail(`${name} has the key ${show(key)}, which is no string`);
  }

  /** Whether there is a parameter of this name that is not None. */
  hasParameter(name: string): boolean {
    return [...this.entries('_parameters')].some(([key, value]) => key === name && value !== null);
  }

  /** The names of the buffers that are not saved in state dicts. */
  get passingBuffers(): ReadonlySet<unknown> {
    const fits = (v: unknown): v is Set<unknown> => v instanceof Set;
    return this.#get('_non_persistent_buffers_set', 'a set', fits, new Set<unknown>());
  }
}
