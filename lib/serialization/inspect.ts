// What a checkpoint holds, and the same in another format, without making tensors: bytes go from file to file as they come.
import { withCheckpoint, writeCheckpoint } from './checkpoint.js';
import { bytesOf, type Contents, contentsOf } from './chunks.js';
import { CheckpointError } from './errors.js';
import { findGlobal, type GlobalFinder, GlobalRef, isForeignClass } from './globals.js';
import { maxDepth, maxModules, maxNames } from './limits.js';
import { PythonObject, PythonPartial } from './python.js';
import { type WrittenTensor, writeSafetensors } from './safetensors.js';
import {
  contiguousStride,
  type OpenCheckpoint,
  OrderedDict,
  placesOf,
  type StoredStorage,
  StoredTensor,
  storageClasses,
} from './stored.js';

/** One line of what a checkpoint holds. */
export interface Item {
  /** Where it stands: keys and names of children joined by dots. */
  name: string;
  tensor?: StoredTensor;
  /** The class of an object in Python. */
  className?: string;
  /** Any other value as text. */
  text?: string;
}

// Every class is data here: nothing is made of it.
const anyClass: GlobalFinder = (module, name, context) => {
  const full = `${module}.${name}`;
  if (full === 'functools.partial') return new GlobalRef({ name: full, call: () => new PythonPartial() });
  if (!isForeignClass(module, name)) return findGlobal(module, name, context);
  return new GlobalRef({ name: full, create: () => new PythonObject(full) });
};

const join = (name: string, key: unknown): string => {
  const text = isCompound(key) ? textOf(key) : String(key);
  return name === '' ? text : `${name}.${text}`;
};
const isModule = (object: PythonObject): boolean => object.attributes.get('_modules') instanceof Map;

/** The values inside of one, each with its name. */
function* partsOf(value: unknown, name: string): Generator<[string, unknown]> {
  if (value instanceof PythonObject) {
    const groups = isModule(value) ? ['_parameters', '_buffers', '_modules'] : [];
    for (const group of groups) {
      const map = value.attributes.get(group);
      if (map instanceof Map) for (const [key, part] of map) if (part !== null) yield [join(name, key), part];
    }
  } else if (value instanceof Map) for (const [key, part] of value) yield [join(name, key), part];
  else if (Array.isArray(value)) for (const [i, part] of value.entries()) yield [join(name, i), part];
}

const isCompound = (value: unknown): boolean => typeof value === 'object' && value !== null;

// As much of a value as a line shows. Containers in it are not looked into: one can hold another twice, and so on without an end.
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return JSON.stringify(`${value.length} bytes`);
  if (value instanceof Set || Array.isArray(value))
    return `[${[...value].slice(0, 40).map(scalarText).join(',')}]`.slice(0, 80);
  return scalarText(value);
}

function scalarText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80)).slice(0, 80);
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return `"${value}"`;
  return isCompound(value) ? '{}' : String(value);
}

/** Lists what a value holds: dicts and lists that stand at several places at the first, modules at each, as state dicts have it. */
class Listing {
  readonly items: Item[] = [];
  readonly #seen = new Set<unknown>();
  readonly #inside = new Set<unknown>();
  #modules = 0;
  #names = 0;

  add(value: unknown, name: string, depth = 0): void {
    this.#names += name.length;
    if (this.#names > maxNames)
      throw new RangeError(`the names of what it holds have more than ${maxNames} characters`);
    if (depth > maxDepth) throw new RangeError(`the value is nested more than ${maxDepth} deep`);
    if (value instanceof StoredTensor) this.items.push({ name, tensor: value });
    else if (value instanceof PythonObject) this.#addObject(value, name, depth);
    else if (!(value instanceof Map) && !(Array.isArray(value) && value.some(isCompound)))
      this.items.push({ name, text: textOf(value) });
    else if (!this.#seen.has(value)) {
      this.#seen.add(value);
      this.#addParts(value, name, depth);
    }
  }

  #addObject(object: PythonObject, name: string, depth: number): void {
    if (this.#inside.has(object)) return;
    if (++this.#modules > maxModules)
      throw new RangeError(`it holds more than ${maxModules} modules, counted at each place`);
    this.items.push({ name, className: object.className });
    this.#inside.add(object);
    this.#addParts(object, name, depth);
    this.#inside.delete(object);
  }

  #addParts(value: unknown, name: string, depth: number): void {
    for (const [inner, part] of partsOf(value, name)) this.add(part, inner, depth + 1);
  }
}

function itemsOf(value: unknown): Item[] {
  const listing = new Listing();
  listing.add(value, '');
  return listing.items;
}

/** What a file is and holds. */
export interface Inspection {
  format: string;
  metadata: Record<string, string>;
  items: Item[];
}

/**
 * Lists what a checkpoint of any supported format holds; the bytes of its tensors are not read.
 * @throws CheckpointError where it is malformed.
 */
export function inspectCheckpoint(path: string): Promise<Inspection> {
  const use = async ({ format, value, metadata = {} }: OpenCheckpoint) => ({
    format,
    metadata,
    items: itemsOf(value),
  });
  return withCheckpoint(path, use, anyClass);
}

/** The bytes of a tensor in order; of a storage that it shows otherwise, at once in memory. */
function inOrder(tensor: StoredTensor, fail: (what: string) => never): Contents {
  const { dtype, shape, stride, offset, storage } = tensor;
  const { itemSize } = storageClasses[dtype];
  const count = shape.reduce((a, b) => a * b, 1);
  const byteLength = count * itemSize;
  if (count === 0) return contentsOf(new Uint8Array(0));
  if (offset === 0 && byteLength === storage.byteLength && contiguousStride(shape).join() === stride.join())
    return storage;
  if (byteLength > storage.byteLength) fail('it repeats its elements, so that it is larger than what the file holds');
  return {
    byteLength,
    async stream(sink, into) {
      const whole = await bytesOf(storage);
      const out = new Uint8Array(byteLength);
      let at = 0;
      for (const place of placesOf(tensor)) {
        out.set(whole.subarray(place * itemSize, (place + 1) * itemSize), at);
        at += itemSize;
      }
      await contentsOf(out).stream(sink, into);
    },
  };
}

/**
 * Writes the tensors of a checkpoint, as a state dict under their names, in the format that the ending of `output` asks for.
 * @throws CheckpointError where the input is malformed or has no tensors, RangeError for another ending.
 */
export function convertCheckpoint(input: string, output: string): Promise<number> {
  const safe = output.endsWith('.safetensors');
  if (!safe && !/\.(pth|pt)$/.test(output))
    throw new RangeError(`convert: the output must end in .pth, .pt or .safetensors, got ${JSON.stringify(output)}`);
  return withCheckpoint(
    input,
    async ({ value, metadata = {} }) => {
      const tensors = itemsOf(value).flatMap(({ name, tensor }) => (tensor === undefined ? [] : [{ name, tensor }]));
      const fail = (name: string, what: string): never => {
        throw new CheckpointError(input, name, what);
      };
      const names = new Set<string>();
      for (const { name } of tensors)
        if (names.has(name)) fail(name, 'two tensors would have this name');
        else names.add(name);
      if (safe && names.has('__metadata__')) fail('__metadata__', 'no tensor of a safetensors file can have this name');
      if (tensors.length === 0) throw new CheckpointError(input, 'contents', 'it holds no tensors');
      if (!safe)
        await writeCheckpoint(
          output,
          new OrderedDict(
            tensors.map(({ name, tensor }) => [name, new StoredTensor({ ...tensor, requiresGrad: false })]),
          ),
        );
      else {
        const owners = new Map<StoredStorage, string>();
        const written = tensors.map(({ name, tensor }): WrittenTensor => {
          const other = owners.get(tensor.storage);
          if (other !== undefined && tensor.storage.byteLength > 0)
            throw new CheckpointError(input, name, `it shares memory with ${other}, which safetensors cannot express`);
          owners.set(tensor.storage, name);
          return {
            name,
            dtype: tensor.dtype,
            shape: tensor.shape,
            contents: inOrder(tensor, (what) => fail(name, what)),
          };
        });
        await writeSafetensors(output, written, metadata);
      }
      return tensors.length;
    },
    anyClass,
  );
}
