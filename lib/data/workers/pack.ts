// Values for other threads: what has a recipe travels as its recipe, tensors in shared memory.
import { types } from 'node:util';
import { type DType, dtypeCode } from '../../dtype.js';
import { wrongType } from '../../functional/check.js';
import { native } from '../../native.js';
import { Tensor, wrap } from '../../tensor.js';
import { isRecord } from '../collate.js';
import { isRemakable, type Recipe, recipe } from '../recipe.js';

// A value in which objects of the table stand as their numbers.
type Packed =
  | { plain: unknown }
  | { made: number }
  | { array: Packed[] }
  | { record: [string, Packed][] }
  | { map: [Packed, Packed][] }
  | { set: Packed[] };

type Entry =
  | { module: string; export: string; args: Packed[] }
  | { dtype: DType; shape: readonly number[]; bytes: Uint8Array };

/** What `unpack` makes values of: each object that has to be made, once and after those that it needs, and the values. */
export interface Package {
  table: Entry[];
  values: Packed[];
}

/** What every message carries as it is. */
export const isPrimitive = (value: unknown): boolean =>
  value === null || !['object', 'function', 'symbol'].includes(typeof value);

const isData = (value: object): boolean =>
  ArrayBuffer.isView(value) ||
  value instanceof ArrayBuffer ||
  value instanceof SharedArrayBuffer ||
  value instanceof Date ||
  value instanceof RegExp;

/** `value`, where it is a part of a larger memory, with a memory of its own: a message would carry all of it. */
export function compact(value: unknown): unknown {
  if (!types.isTypedArray(value) || value.byteLength === value.buffer.byteLength) return value;
  // A Buffer's own slice copies nothing.
  return types.isSharedArrayBuffer(value.buffer) ? value : Uint8Array.prototype.slice.call(value);
}

/** Bytes of a shared memory of their own. */
function shared(x: Tensor): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(byteLength(x.dtype, x.shape)));
  native.toTypedArray(x.id, bytes);
  return bytes;
}

/** The bytes that a tensor's elements take. */
export function byteLength(dtype: DType, shape: readonly number[]): number {
  const sizes: Partial<Record<DType, number>> = { float64: 8, int64: 8, float32: 4, int32: 4, float16: 2, bfloat16: 2 };
  return shape.reduce((a, b) => a * b, sizes[dtype] ?? 1);
}

/** A tensor of the bytes of its elements. */
export function tensorOf(bytes: Uint8Array, dtype: DType, shape: readonly number[]): Tensor {
  const code = dtypeCode(dtype, 'tensor');
  return wrap(native.fromTypedArray(bytes, code, shape, code));
}

/**
 * Packs `values`, each under its name.
 * @throws TypeError for what cannot be made anew, with the way to it and what to write.
 */
export function pack(values: Record<string, unknown>, copyTensors = true): Package {
  const table: Entry[] = [];
  const numbers = new Map<unknown, number>();
  const making = new Set<unknown>();

  const add = (value: unknown, entry: Entry): Packed => {
    numbers.set(value, table.length);
    table.push(entry);
    return { made: table.length - 1 };
  };

  const walk = (value: unknown, path: string): Packed => {
    if (isPrimitive(value)) return { plain: value };
    const known = numbers.get(value);
    if (known !== undefined) return { made: known };
    if (value instanceof Tensor)
      return add(value, {
        dtype: value.dtype,
        shape: value.shape,
        bytes: copyTensors ? shared(value) : new Uint8Array(),
      });
    if (making.has(value)) throw new TypeError(`DataLoader: ${path} contains itself, which no recipe can make`);
    making.add(value);
    const packed = walkInside(value as object, path);
    making.delete(value);
    return packed;
  };

  const walkInside = (value: object, path: string): Packed => {
    if (isRemakable(value)) {
      const made = value[recipe]();
      checkRecipe(made, path);
      const name = `${path} (${made.export})`;
      const args = made.args.map((arg, i) => walk(arg, `${name}, argument ${i}`));
      return add(value, { module: String(made.module), export: made.export, args });
    }
    if (Array.isArray(value))
      return value.every(isPrimitive)
        ? { plain: value }
        : { array: value.map((item, i) => walk(item, `${path}[${i}]`)) };
    if (value instanceof Map)
      return { map: [...value].map(([k, v]) => [walk(k, `a key of ${path}`), walk(v, `${path}.get(${String(k)})`)]) };
    if (value instanceof Set) return { set: [...value].map((item) => walk(item, `an element of ${path}`)) };
    if (isData(value)) return { plain: compact(value) };
    if (isRecord(value))
      return { record: Object.entries(value).map(([key, item]) => [key, walk(item, `${path}.${key}`)]) };
    throw new TypeError(refusal(value, path));
  };

  return { table, values: Object.entries(values).map(([name, value]) => walk(value, name)) };
}

function checkRecipe(made: Recipe, path: string): void {
  if (!URL.canParse(String(made?.module)))
    wrongType('DataLoader', `module of the recipe of ${path}`, "a module's URL such as import.meta.url", made?.module);
  if (typeof made.export !== 'string')
    wrongType('DataLoader', `export of the recipe of ${path}`, 'the name of an export', made.export);
  if (!Array.isArray(made.args)) wrongType('DataLoader', `args of the recipe of ${path}`, 'an array', made.args);
}

function refusal(value: object | symbol, path: string): string {
  if (typeof value === 'function')
    return (
      `DataLoader: ${path} is a function without a recipe, which workers cannot get; export it from a module as ` +
      "`export const name = exported(import.meta.url, 'name', function)`"
    );
  const kind = typeof value === 'symbol' ? 'a symbol' : `an object of ${value.constructor?.name || 'a class'}`;
  return (
    `DataLoader: ${path} is ${kind} without a recipe, which workers cannot make; ` +
    "give its class a method `[recipe]() { return { module: import.meta.url, export: 'Class', args: [...] } }` and export the class"
  );
}

/** Makes the values of a package. */
export async function unpack({ table, values }: Package): Promise<unknown[]> {
  const made: unknown[] = [];
  const open = (packed: Packed): unknown => {
    if ('plain' in packed) return packed.plain;
    if ('made' in packed) return made[packed.made];
    if ('array' in packed) return packed.array.map(open);
    if ('set' in packed) return new Set(packed.set.map(open));
    if ('map' in packed) return new Map(packed.map.map(([key, value]) => [open(key), open(value)]));
    return Object.fromEntries(packed.record.map(([key, value]) => [key, open(value)]));
  };
  for (const entry of table)
    made.push(
      'bytes' in entry ? tensorOf(entry.bytes, entry.dtype, entry.shape) : await make(entry, entry.args.map(open)),
    );
  return values.map(open);
}

async function make({ module, export: name }: { module: string; export: string }, args: unknown[]): Promise<unknown> {
  const exports: Record<string, unknown> = await import(module);
  const maker = exports[name];
  if (typeof maker !== 'function') throw new TypeError(`the module ${module} exports no class or function ${name}`);
  return isClass(maker) ? Reflect.construct(maker, args) : await maker(...args);
}

// A class, or the function with methods that an older target makes of one.
function isClass(f: object): boolean {
  const prototype = Object.getOwnPropertyDescriptor(f, 'prototype');
  return prototype !== undefined && (!prototype.writable || Object.getOwnPropertyNames(prototype.value).length > 1);
}
