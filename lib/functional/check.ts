// Checks of arguments: what is missing or of the wrong type is an error at the call that names the op and the argument.
import { asyncScopes, followContext } from '../autograd.js';
import { CressetError } from '../errors.js';
import { native, type TensorId } from '../native.js';
import { Tensor, wrap } from '../tensor.js';

/** What a binary op takes: a tensor, or a number that takes part in type promotion as Python's numbers do. */
export type Operand = Tensor | number;

/** A shape or a list of dimensions: one array, or its numbers one by one. */
export type Sizes = [sizes: readonly number[]] | number[];

/** Makes a plain `for` over what comes asynchronously an error that says so. No method of the class, as types would take it for one. */
export function refusePlainFor(type: { name: string; prototype: object }): void {
  const value = () => {
    throw new TypeError(`${type.name}: what it gives comes asynchronously; write for await (const x of ...)`);
  };
  Object.defineProperty(type.prototype, Symbol.iterator, { value });
}

/** A short description of `value` for error messages. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'string') return `the string ${JSON.stringify(value)}`;
  if (Array.isArray(value))
    return `the array [${value.slice(0, 8).map(String).join(', ')}${value.length > 8 ? ', ...' : ''}]`;
  if (value instanceof Tensor) return `a Tensor of shape [${value.shape.join(', ')}]`;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  const kind = value.constructor?.name || typeof value;
  return `${/^[aeio]/i.test(kind) ? 'an' : 'a'} ${kind}`;
}

/** Throws the TypeError for an argument that is not what `op` takes. */
export function wrongType(op: string, name: string, expected: string, value: unknown): never {
  throw new TypeError(`${op}: ${name} must be ${expected}, got ${describe(value)}`);
}

/** The handle of tensor `x`, to be read in the very argument list of the native call: later calls may collect `x`. */
export function idOf(x: Tensor, op: string, name = 'x'): TensorId {
  if (!(x instanceof Tensor)) wrongType(op, name, 'a Tensor', x);
  if (x.id === 0) throw new CressetError(`${op}: the tensor was disposed`);
  if (asyncScopes !== 0) followContext();
  return x.id;
}

/** The handle of `x`, or 0 where it is missing. */
export function optionalId(x: Tensor | null | undefined, op: string, name: string): TensorId {
  return x === undefined || x === null ? 0 : idOf(x, op, name);
}

/** The handles of a list of tensors; the caller keeps the list referenced. */
export function idsOf(tensors: readonly Tensor[], op: string, name = 'tensors'): TensorId[] {
  if (!Array.isArray(tensors)) wrongType(op, name, 'an array of tensors', tensors);
  const ids = new Array<TensorId>(tensors.length);
  for (let i = 0; i < ids.length; i++) ids[i] = idOf(tensors[i]!, op, `${name}[${i}]`);
  return ids;
}

/** The tensor of an operand: itself, or a new scalar for a number. */
export function operand(x: Operand, op: string, name: string): Tensor {
  if (typeof x === 'number') return wrap(native.scalar(x));
  if (!(x instanceof Tensor)) wrongType(op, name, 'a Tensor or a number', x);
  return x;
}

/** The names of all options of an object of type `O`; leaving one out is an error of types that names it. */
export type OptionNames<O, N extends keyof O> = readonly N[] &
  ([keyof O] extends [N] ? unknown : { missing: Exclude<keyof O, N> });

/**
 * `options`, checked to be an object with no other keys than `names`. These are all options of `op` (types see to it), in PyTorch's
 * order: a value in the place of the object most likely means the first. Without names, as `add` and `sub`, the cheapest of all, leave them
 * out, keys are not checked.
 */
export function optionsOf<O extends object, N extends keyof O>(
  options: O,
  op: string,
  names: OptionNames<O, N> = [] as never,
): O {
  // Layers, which are functions, hand over themselves.
  const compound = typeof options === 'object' || typeof options === 'function';
  if (!compound || options === null || Array.isArray(options) || options instanceof Tensor)
    wrongOptions(op, options, names as readonly string[]);
  // Layers have more than options.
  if (names.length > 0 && typeof options === 'object')
    for (const name of Object.keys(options))
      if (!names.includes(name as N)) wrongName(op, name, names as readonly string[]);
  return options;
}

function wrongOptions(op: string, options: unknown, names: readonly string[]): never {
  const value = typeof options === 'string' ? JSON.stringify(options) : String(options);
  const named = names.length > 0 && /number|boolean|string/.test(typeof options);
  throw new TypeError(
    `${op}: options must be an object, got ${describe(options)}${named ? `; write it with its name, as in { ${names[0]}: ${value} }` : ''}`,
  );
}

/** The one of `names` that `name` is in Python's or another way of writing. */
export function meantBy(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string) => text.replaceAll('_', '').toLowerCase();
  return names.find((other) => plain(other) === plain(name));
}

/** Throws the TypeError for an option that `op`, whose options are `names`, does not have. */
export function wrongName(op: string, wrong: string, names: readonly string[]): never {
  const meant = meantBy(wrong, names);
  throw new TypeError(
    `${op}: has no option ${wrong}${meant ? `, but ${meant}` : ''}; its options are ${names.join(', ')}`,
  );
}

/** `value`, checked to be true, false or missing; `fallback` for the last. */
export function flag(value: boolean | undefined, op: string, name: string, fallback = false): boolean {
  if (value !== undefined && typeof value !== 'boolean') wrongType(op, name, 'true or false', value);
  return value ?? fallback;
}

/** The option `keepdim`, whether reduced dimensions stay with size 1. */
export function keepdimOf(options: { keepdim?: boolean }, op: string): boolean {
  return flag(optionsOf(options, op, ['keepdim']).keepdim, op, 'keepdim');
}

/** `value`, checked to be a number. */
export function numberOf(value: number, op: string, name: string): number {
  if (typeof value !== 'number') wrongType(op, name, 'a number', value);
  return value;
}

/** The factor of the second operand of sums. */
export function alphaOf(options: { alpha?: number }, op: string): number {
  return numberOf(optionsOf(options, op).alpha ?? 1, op, 'alpha');
}

/** `value`, checked to be an integer. */
export function integerOf(value: number, op: string, name: string): number {
  if (!Number.isSafeInteger(value)) wrongType(op, name, 'an integer', value);
  return value;
}

/** A list of integers: `value` itself, one number as a list of one, or none for `undefined`. */
export function integersOf(value: number | readonly number[] | undefined, op: string, name: string): readonly number[] {
  if (value === undefined) return [];
  if (typeof value === 'number') return [integerOf(value, op, name)];
  if (!Array.isArray(value)) wrongType(op, name, 'an integer or an array of integers', value);
  for (let i = 0; i < value.length; i++) integerOf(value[i], op, `${name}[${i}]`);
  return value;
}

/** `value` as a shape: an array of integers that are not negative. */
export function shapeOf(value: readonly number[], op: string): readonly number[] {
  if (typeof value === 'number')
    throw new TypeError(`${op}: shape must be an array of sizes, got ${value}; all sizes stand in one, as in [2, 3]`);
  if (!Array.isArray(value)) wrongType(op, 'shape', 'an array of sizes', value);
  for (let i = 0; i < value.length; i++)
    if (integerOf(value[i], op, `shape[${i}]`) < 0)
      throw new RangeError(`${op}: shape[${i}] must not be negative, got ${value[i]}`);
  return value;
}

/** The one list in sizes that may have been given as an array or one by one. */
export function sizesOf(sizes: Sizes, op: string, name: string): readonly number[] {
  const first = sizes[0];
  if (sizes.length === 1 && typeof first !== 'number') {
    if (!Array.isArray(first)) wrongType(op, name, 'an array of integers', first);
    return integersOf(first, op, name);
  }
  return integersOf(sizes as number[], op, name);
}

/** A height and a width: both, or one number for both. */
export function pairOf(value: number | readonly [number, number], op: string, name: string): readonly [number, number] {
  if (typeof value === 'number') return [integerOf(value, op, name), value];
  if (!Array.isArray(value) || value.length !== 2) wrongType(op, name, 'an integer or a pair of integers', value);
  return [integerOf(value[0], op, `${name}[0]`), integerOf(value[1], op, `${name}[1]`)];
}
