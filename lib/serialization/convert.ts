// Tensors to what a checkpoint stores of them, and back.
import { type DType, isFloatingPoint, type TypedArray } from '../dtype.js';
import { native } from '../native.js';
import { Tensor, tensor } from '../tensor.js';
import { CheckpointError } from './errors.js';
import { isPlainObject } from './pickle.js';
import { contiguousStride, StoredStorage, StoredTensor, storageClasses } from './stored.js';

// Plain values that nest deeper than this are refused rather than overflow the stack.
const maxDepth = 1000;

type ArrayOf = new (buffer: ArrayBuffer, byteOffset: number, length: number) => TypedArray;
const arrays: Record<DType, ArrayOf> = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
};

// Modules are functions, optimizers objects.
function hasStateDict(value: unknown): value is object {
  const compound = typeof value === 'function' || (typeof value === 'object' && value !== null);
  return compound && 'stateDict' in value && !isPlainObject(value) && !(value instanceof Map);
}

/** Copies tensors out, so that what is saved is their state of now; equal views of one memory become one stored tensor. */
class Snapshot {
  readonly #values = new Map<object, unknown>();
  readonly #views = new Map<string, { tensor: Tensor; stored: StoredTensor }[]>();

  value(value: unknown, depth: number): unknown {
    if (hasStateDict(value))
      throw new TypeError(
        `save: whole objects of the class ${value.constructor.name} cannot be saved; save its state: save(model.stateDict(), path)`,
      );
    if (typeof value !== 'object' || value === null) return value;
    if (depth > maxDepth) throw new RangeError(`save: the value is nested more than ${maxDepth} deep`);
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    if (value instanceof Tensor) return this.#keep(value, this.#tensor(value));
    if (Array.isArray(value)) {
      const list = this.#keep(value, [] as unknown[]);
      for (const item of value) list.push(this.value(item, depth + 1));
      return list;
    }
    if (value instanceof Map || isPlainObject(value)) {
      const map = this.#keep(value, new Map<unknown, unknown>());
      for (const [key, item] of value instanceof Map ? value : Object.entries(value))
        map.set(key, this.value(item, depth + 1));
      return map;
    }
    return value;
  }

  #keep<T>(source: object, result: T): T {
    this.#values.set(source, result);
    return result;
  }

  #tensor(t: Tensor): StoredTensor {
    const { dtype, shape, requiresGrad } = t;
    // stateDict() makes a new object for each key, so tied parameters show only by their memory.
    const view = [dtype, native.storageOffset(t.id), ...shape, 'x', ...t.stride()].join();
    const candidates = this.#views.get(view) ?? [];
    const tied = t.numel() === 0 ? undefined : candidates.find((c) => native.sharesStorage(c.tensor.id, t.id));
    if (tied?.stored.requiresGrad === requiresGrad) return tied.stored;
    if (tied !== undefined) return new StoredTensor({ ...tied.stored, requiresGrad });
    const { buffer, byteOffset, byteLength } = t.toTypedArray();
    const storage = new StoredStorage('', dtype, new Uint8Array(buffer, byteOffset, byteLength));
    const sizes = [...shape];
    const stored = new StoredTensor({
      dtype,
      shape: sizes,
      stride: contiguousStride(sizes),
      offset: 0,
      storage,
      requiresGrad,
    });
    this.#views.set(view, [...candidates, { tensor: t, stored }]);
    return stored;
  }
}

/** `value` with every Tensor replaced by a copy of its elements. */
export function toStored(value: unknown): unknown {
  return new Snapshot().value(value, 0);
}

/** The float32 numbers of 16-bit floats. */
function widen(bits: Uint16Array, dtype: DType): Float32Array {
  const out = new Float32Array(bits.length);
  if (dtype === 'bfloat16') {
    const words = new Uint32Array(out.buffer);
    for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
    return out;
  }
  for (let i = 0; i < bits.length; i++) {
    const exponent = (bits[i]! >> 10) & 31;
    const fraction = bits[i]! & 1023;
    const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    const value = exponent === 31 ? (fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN) : magnitude;
    out[i] = bits[i]! & 0x8000 ? -value : value;
  }
  return out;
}

/** Makes tensors of stored ones; those of one storage share memory, as in PyTorch. */
export class Restorer {
  readonly #flat = new Map<StoredStorage, Map<DType, Tensor>>();
  readonly #values = new Map<object, unknown>();

  constructor(readonly path: string) {}

  /** Takes over the bytes of a storage as seen in `dtype`. */
  adopt(storage: StoredStorage, dtype: DType): void {
    const seen = this.#flat.get(storage) ?? new Map<DType, Tensor>();
    this.#flat.set(storage, seen);
    if (seen.has(dtype)) return;
    const { buffer, byteOffset, byteLength } = storage.bytes;
    const length = Math.floor(byteLength / storageClasses[dtype].itemSize);
    const array = new arrays[dtype](buffer as ArrayBuffer, byteOffset, length);
    const data = array instanceof Uint16Array ? widen(array, dtype) : array;
    seen.set(dtype, tensor(data as Float32Array, { dtype }));
  }

  /** `value` with Tensors in place of stored ones, and plain objects in place of dicts whose keys are all strings. */
  value(value: unknown, depth = 0): unknown {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    if (depth > maxDepth)
      throw new CheckpointError(this.path, 'data.pkl', `the value is nested more than ${maxDepth} deep`);
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    if (value instanceof StoredTensor) return this.#keep(value, this.#tensor(value));
    if (Array.isArray(value)) {
      const list = this.#keep(value, [] as unknown[]);
      for (const item of value) list.push(this.value(item, depth + 1));
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
    if (![...source.keys()].every((key) => typeof key === 'string')) {
      const map = this.#keep(source, new Map<unknown, unknown>());
      for (const [key, item] of source) map.set(this.value(key, depth + 1), this.value(item, depth + 1));
      return map;
    }
    const object = this.#keep(source, {});
    for (const [key, item] of source) {
      // Defined, not assigned: the key may be `__proto__`.
      const value = this.value(item, depth + 1);
      Object.defineProperty(object, key as string, { value, configurable: true, enumerable: true, writable: true });
    }
    return object;
  }

  #tensor(stored: StoredTensor): Tensor {
    const { dtype, shape, stride, offset, requiresGrad } = stored;
    const flat = this.#flat.get(stored.storage)!.get(dtype)!;
    // Dimensions of step 0 repeat one element, and those of size 1 have no step: both are put back by `expand`.
    const real = shape.map((size, i) => (size > 1 && stride[i] === 0 ? 1 : size));
    const order = shape
      .map((_, i) => i)
      .sort((a, b) => Number(real[a] === 1) - Number(real[b] === 1) || stride[b]! - stride[a]! || a - b);
    const count = real.reduce((a, b) => a * b, 1);
    const sorted = order.map((i) => real[i]!);
    const dense = contiguousStride(sorted).every((step, i) => sorted[i] === 1 || step === stride[order[i]!]);
    let result: Tensor;
    if (count === 0) result = flat.narrow(0, 0, 0).reshape(real);
    else if (dense) {
      const back = order.map((_, i) => order.indexOf(i));
      result = flat.narrow(0, offset, count).view(sorted).permute(back);
    } else result = this.#gather(flat, stored, real, count);
    result = result.expand(shape).detach();
    return requiresGrad && isFloatingPoint(dtype) ? result.requiresGrad_() : result;
  }

  // Views with gaps are copied; those whose elements overlap could be far larger than the file.
  #gather(flat: Tensor, stored: StoredTensor, real: readonly number[], count: number): Tensor {
    if (count > flat.numel() - stored.offset)
      throw new CheckpointError(
        this.path,
        `data/${stored.storage.key}`,
        `a tensor of shape [${stored.shape.join(', ')}] overlaps itself`,
      );
    const index = new BigInt64Array(count);
    const at = real.map(() => 0);
    let position = stored.offset;
    for (let i = 0; i < count; i++) {
      index[i] = BigInt(position);
      for (let d = real.length - 1; d >= 0; d--) {
        position += stored.stride[d]!;
        if (++at[d]! < real[d]!) break;
        position -= stored.stride[d]! * real[d]!;
        at[d] = 0;
      }
    }
    return flat.indexSelect(0, tensor(index)).view(real);
  }
}
