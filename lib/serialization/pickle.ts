// Writes values as a Python pickle of protocol 2, in the form that torch.save gives checkpoints.
import { Counter } from '../optim/lr-scheduler/counter.js';
import { maxDepth } from './limits.js';
import { PythonFloat, PythonObject, PythonTuple } from './python.js';
import {
  OrderedDict,
  StoredParameter,
  type StoredStorage,
  StoredTensor,
  storageClasses,
  viewProblem,
} from './stored.js';

/** A pickle and the storages that it names, in the order of their keys '0', '1', ... */
export interface Pickled {
  bytes: Uint8Array;
  storages: StoredStorage[];
}

class Writer {
  #buffer = Buffer.alloc(4096);
  #length = 0;
  readonly #memo = new Map<unknown, number>();
  readonly storages = new Map<StoredStorage, string>();

  /** Makes room for `count` bytes and says where; may replace the buffer, so call it before naming that. */
  #reserve(count: number): number {
    const from = this.#length;
    this.#length += count;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(this.#length, 2 * this.#buffer.length));
      this.#buffer.copy(larger);
      this.#buffer = larger;
    }
    return from;
  }

  finish(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  op(code: string): void {
    const at = this.#reserve(code.length);
    this.#buffer.write(code, at, 'latin1');
  }

  bytes(code: string, data: Uint8Array): void {
    this.op(code);
    const at = this.#reserve(data.length);
    this.#buffer.set(data, at);
  }

  #u8(value: number): void {
    const at = this.#reserve(1);
    this.#buffer.writeUInt8(value, at);
  }

  #u32(value: number): void {
    const at = this.#reserve(4);
    this.#buffer.writeUInt32LE(value, at);
  }

  /** Writes a reference to `key` and returns true where it was written before. */
  #recall(key: unknown): boolean {
    const index = this.#memo.get(key);
    if (index === undefined) return false;
    this.op(index < 256 ? 'h' : 'j');
    if (index < 256) this.#u8(index);
    else this.#u32(index);
    return true;
  }

  #remember(key: unknown): void {
    const index = this.#memo.size;
    this.#memo.set(key, index);
    this.op(index < 256 ? 'q' : 'r');
    if (index < 256) this.#u8(index);
    else this.#u32(index);
  }

  integer(value: number | bigint): void {
    if (value >= -(2 ** 31) && value < 2 ** 31) {
      const small = Number(value);
      if (small >= 0 && small < 256) {
        this.op('K');
        this.#u8(small);
      } else {
        this.op('J');
        const at = this.#reserve(4);
        this.#buffer.writeInt32LE(small, at);
      }
      return;
    }
    const big = BigInt(value);
    let length = 5;
    while (BigInt.asIntN(8 * length, big) !== big) length++;
    if (length > 255) throw new RangeError(`save: an integer of ${length} bytes is too large`);
    const hex = BigInt.asUintN(8 * length, big)
      .toString(16)
      .padStart(2 * length, '0');
    this.op('\x8a');
    this.#u8(length);
    this.bytes('', Buffer.from(hex, 'hex').reverse());
  }

  float(value: number): void {
    this.op('G');
    const at = this.#reserve(8);
    this.#buffer.writeDoubleBE(value, at);
  }

  string(value: string): void {
    if (this.#recall(value)) return;
    const data = Buffer.from(value, 'utf8');
    if (/\p{Surrogate}/u.test(value))
      throw new TypeError(`save: the string ${JSON.stringify(value)} holds half a surrogate pair`);
    this.op('X');
    this.#u32(data.length);
    this.bytes('', data);
    this.#remember(value);
  }

  #global(name: string): void {
    const key = `global ${name}`;
    const dot = name.lastIndexOf('.');
    const memoKey = this.#globals.get(key) ?? {};
    this.#globals.set(key, memoKey);
    if (this.#recall(memoKey)) return;
    this.op(`c${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`);
    this.#remember(memoKey);
  }
  readonly #globals = new Map<string, object>();

  tensor(t: StoredTensor, path: string): void {
    if (this.#recall(t)) return;
    const { className } = storageClasses[t.dtype];
    const elements = t.storage.byteLength / storageClasses[t.dtype].itemSize;
    const problem = Number.isInteger(elements)
      ? viewProblem(t, elements)
      : 'its storage is no whole number of elements';
    if (problem !== null) throw new RangeError(`save: ${path} does not fit its storage: ${problem}`);
    const key = this.storages.get(t.storage) ?? String(this.storages.size);
    this.storages.set(t.storage, key);
    this.#global('torch._utils._rebuild_tensor_v2');
    this.op('((');
    this.string('storage');
    this.#global(`torch.${className}`);
    this.string(key);
    this.string('cpu');
    this.integer(elements);
    this.op('tQ');
    this.integer(t.offset);
    this.#tuple({ items: t.shape }, path, 0);
    this.#tuple({ items: t.stride }, path, 0);
    this.op(t.requiresGrad ? '\x88' : '\x89');
    this.#global('collections.OrderedDict');
    this.op(')RtR');
    this.#remember(t);
  }

  parameter(parameter: StoredParameter, path: string): void {
    if (this.#recall(parameter)) return;
    this.#global('torch._utils._rebuild_parameter');
    this.tensor(parameter.data, path);
    this.op(parameter.requiresGrad ? '\x88' : '\x89');
    this.#global('collections.OrderedDict');
    this.op(')R\x87R');
    this.#remember(parameter);
  }

  #object(object: PythonObject, path: string, depth: number): void {
    this.#global(object.className);
    this.op(')\x81');
    this.#remember(object);
    this.#dict(object.attributes, object.attributes, path, depth + 1);
    this.op('b');
  }

  #set(set: ReadonlySet<unknown>, path: string, depth: number): void {
    this.#global('__builtin__.set');
    this.#list([...set], path, depth);
    this.op('\x85R');
    this.#remember(set);
  }

  #counter(counter: Counter, path: string, depth: number): void {
    this.#global('collections.Counter');
    const counts = new Map(counter);
    this.#dict(counts, counts, path, depth);
    this.op('\x85R');
    this.#remember(counter);
  }

  #tuple({ items }: Pick<PythonTuple, 'items'>, path: string, depth: number): void {
    if (items.length > 3) this.op('(');
    for (const item of items) this.value(item, path, depth + 1);
    this.op([')', '\x85', '\x86', '\x87'][items.length] ?? 't');
  }

  #list(items: readonly unknown[], path: string, depth: number): void {
    this.op(']');
    this.#remember(items);
    if (items.length === 0) return;
    this.op('(');
    items.forEach((item, i) => {
      this.value(item, `${path}[${i}]`, depth + 1);
    });
    this.op('e');
  }

  #dict(owner: object, entries: Iterable<[unknown, unknown]>, path: string, depth: number): void {
    const ordered = owner instanceof OrderedDict;
    if (ordered) this.#global('collections.OrderedDict');
    this.op(ordered ? ')R' : '}');
    this.#remember(owner);
    this.op('(');
    for (const [key, value] of entries) {
      if (typeof key === 'object' && key !== null)
        throw new TypeError(`save: ${path} has a key that is neither string, number nor boolean`);
      this.value(key, `a key of ${path}`, depth + 1);
      this.value(value, `${path}[${JSON.stringify(String(key))}]`, depth + 1);
    }
    this.op('u');
    if (!ordered || owner._metadata === undefined) return;
    const attributes = new Map([['_metadata', owner._metadata]]);
    this.#dict(attributes, attributes, `${path}._metadata`, depth + 1);
    this.op('b');
  }

  value(value: unknown, path: string, depth: number): void {
    if (depth > maxDepth) throw new RangeError(`save: ${path.slice(0, 80)}... is nested more than ${maxDepth} deep`);
    if (value === null) this.op('N');
    else if (typeof value === 'boolean') this.op(value ? '\x88' : '\x89');
    else if (typeof value === 'bigint') this.integer(value);
    else if (typeof value === 'string') this.string(value);
    else if (typeof value === 'number') {
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.integer(value);
      else this.float(value);
    } else if (value instanceof StoredTensor) this.tensor(value, path);
    else if (value instanceof StoredParameter) this.parameter(value, path);
    else if (value instanceof PythonFloat) this.float(value.value);
    else if (value instanceof PythonTuple) this.#tuple(value, path, depth);
    else if (typeof value === 'object' && this.#recall(value)) return;
    else if (Array.isArray(value)) this.#list(value, path, depth);
    else if (value instanceof PythonObject) this.#object(value, path, depth);
    else if (value instanceof Set) this.#set(value, path, depth);
    else if (value instanceof Counter) this.#counter(value, path, depth);
    else if (value instanceof Map) this.#dict(value, value, path, depth);
    else if (isPlainObject(value)) this.#dict(value, Object.entries(value), path, depth);
    else throw new TypeError(`save: ${path} is ${describe(value)}, which a checkpoint cannot hold`);
  }
}

/** True for objects made by `{}` in any realm, or without a prototype. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return typeof value === 'undefined' ? 'undefined' : `a ${typeof value}`;
  return `an object of the class ${value.constructor?.name ?? 'unknown'}`;
}

/**
 * The pickle of nested Maps and plain objects (dict), OrderedDicts, Counters, arrays (list), Sets, numbers (int where whole, else float), bigints,
 * strings, booleans, null, StoredTensors and PythonObjects; what occurs twice stays one object.
 * @throws TypeError for anything else, named by its path from the root, `value`.
 */
export function pickle(value: unknown): Pickled {
  const writer = new Writer();
  writer.bytes('\x80', Uint8Array.of(2));
  writer.value(value, 'value', 0);
  writer.op('.');
  return { bytes: writer.finish(), storages: [...writer.storages.keys()] };
}
