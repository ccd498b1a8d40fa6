// What a checkpoint stores to tensors and modules.

import { type DType, dtypeCode, isFloatingPoint } from '../dtype.js';
import { native } from '../native.js';
import { setVersions } from '../nn/state-dict.js';
import { Counter } from '../optim/lr-scheduler/counter.js';
import { type Tensor, tensor, wrap } from '../tensor.js';
import type { Sink } from './chunks.js';
import { CheckpointError } from './errors.js';
import { maxDepth } from './limits.js';
import { withMemory } from './memory.js';
import { type Classes, ModuleRestorer } from './modules.js';
import { PythonObject, PythonPartial } from './python.js';
import { OrderedDict, placesOf, type StoredStorage, StoredTensor, storageClasses } from './stored.js';

/** Whether two elements of a view may lie at one place, other than by steps of 0. */
function overlaps(shape: readonly number[], stride: readonly number[]): boolean {
  let reach = 0;
  const order = shape.map((_, i) => i).sort((a, b) => stride[a]! - stride[b]!);
  for (const i of order) {
    if (shape[i]! < 2 || stride[i] === 0) continue;
    if (stride[i]! <= reach) return !shape.includes(0);
    reach += (shape[i]! - 1) * stride[i]!;
  }
  return false;
}

/** The versions of modules in what PyTorch hangs on a state dict. */
function versionsIn(metadata: ReadonlyMap<unknown, unknown>): ReadonlyMap<string, number> {
  const versions = new Map<string, number>();
  for (const [path, about] of metadata) {
    const version = about instanceof Map ? about.get('version') : undefined;
    if (typeof path === 'string' && typeof version === 'number') versions.set(path, version);
  }
  return versions;
}

/** Makes tensors of stored ones; those of one storage share memory, as in PyTorch. */
export class Restorer {
  readonly #flat = new Map<StoredStorage, Map<DType, Tensor>>();
  readonly #values = new Map<object, unknown>();
  /** How many elements of each storage were copied for tensors that overlap themselves. */
  readonly #copied = new Map<StoredStorage, number>();
  readonly #modules: ModuleRestorer;

  constructor(
    readonly path: string,
    classes: Classes = {},
  ) {
    this.#modules = new ModuleRestorer(classes, (what) => {
      throw new CheckpointError(path, 'data.pkl', what);
    });
  }

  /** Reads a storage into memory of its own for each of the `dtypes` that it is seen in. */
  async read(storage: StoredStorage, dtypes: ReadonlySet<DType>): Promise<void> {
    const flat = new Map<DType, Tensor>();
    this.#flat.set(storage, flat);
    for (const dtype of dtypes) {
      const length = Math.ceil(storage.byteLength / storageClasses[dtype].itemSize);
      const whole = wrap(native.hostTensor([length], dtypeCode(dtype, 'load')));
      // Whatever is not 0 is true, as one byte of 1.
      const sink: Sink = (chunk) => {
        if (dtype === 'bool') for (let i = 0; i < chunk.length; i++) chunk[i] = chunk[i] === 0 ? 0 : 1;
      };
      await withMemory(whole, (place) => storage.stream(sink, place));
      flat.set(dtype, whole);
    }
  }

  /** `value` with Tensors in place of stored ones, and plain objects in place of dicts whose keys are all strings. */
  value(value: unknown, depth = 0): unknown {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    if (depth > maxDepth)
      throw new CheckpointError(this.path, 'data.pkl', `the value is nested more than ${maxDepth} deep`);
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    if (value instanceof StoredTensor) return this.#keep(value, this.#tensor(value));
    if (value instanceof PythonObject) {
      const module = this.#keep(value, this.#modules.make(value));
      this.#modules.fill(module, value, (part) => this.value(part, depth + 1));
      return module;
    }
    if (value instanceof PythonPartial)
      throw new CheckpointError(this.path, 'data.pkl', 'it holds a functools.partial, which is no data');
    if (Array.isArray(value)) {
      const list = this.#keep(value, new Array<unknown>(value.length));
      for (const [i, item] of value.entries()) list[i] = this.value(item, depth + 1);
      return list;
    }
    if (value instanceof Set) {
      const set = this.#keep(value, new Set());
      for (const item of value) set.add(this.value(item, depth + 1));
      return set;
    }
    return this.#dict(value as Map<unknown, unknown>, depth);
  }

  #keep<T>(source: object, result: T): T {
    this.#values.set(source, result);
    return result;
  }

  #dict(source: Map<unknown, unknown>, depth: number): unknown {
    if (source instanceof Counter || ![...source.keys()].every((key) => typeof key === 'string')) {
      const map = this.#keep(source, source instanceof Counter ? new Counter() : new Map<unknown, unknown>());
      for (const [key, item] of source) map.set(this.value(key, depth + 1), this.value(item, depth + 1));
      return map;
    }
    const object = this.#keep(source, {});
    if (source instanceof OrderedDict && source._metadata instanceof Map)
      setVersions(object, versionsIn(source._metadata));
    for (const [key, item] of source) {
      // Defined, not assigned: the key may be `__proto__`.
      const value = this.value(item, depth + 1);
      // A function of this name would make a promise of the object: whoever awaits it would call the module.
      if (key === 'then' && typeof value === 'function')
        throw new CheckpointError(this.path, 'data.pkl', 'a module cannot stand under the key "then"');
      Object.defineProperty(object, key as string, { value, configurable: true, enumerable: true, writable: true });
    }
    return object;
  }

  #tensor(stored: StoredTensor): Tensor {
    const { dtype, shape, stride, offset, requiresGrad } = stored;
    const flat = this.#flat.get(stored.storage)!.get(dtype)!;
    const result = overlaps(shape, stride)
      ? this.#gather(flat, stored)
      : wrap(native.asStrided(flat.id, shape, stride, native.storageOffset(flat.id) + offset));
    return requiresGrad && isFloatingPoint(dtype) ? result.requiresGrad_() : result;
  }

  // Views whose elements overlap are copied, as in-place ops on them would not be defined; they could be far larger than the file.
  #gather(flat: Tensor, stored: StoredTensor): Tensor {
    // Dimensions of step 0 repeat one element: they are put back by `expand`.
    const real = stored.shape.map((size, i) => (stored.stride[i] === 0 ? 1 : size));
    const count = real.reduce((a, b) => a * b, 1);
    const { storage } = stored;
    const copied = (this.#copied.get(storage) ?? 0) + count;
    this.#copied.set(storage, copied);
    if (copied > flat.numel() - stored.offset)
      throw new CheckpointError(
        this.path,
        `data/${storage.key}`,
        `a tensor of shape [${stored.shape.join(', ')}] overlaps itself`,
      );
    const index = BigInt64Array.from(placesOf({ ...stored, shape: real }), BigInt);
    return flat.indexSelect(0, tensor(index)).view(real).expand(stored.shape).detach();
  }
}
