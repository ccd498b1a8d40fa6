// Tensors to what a checkpoint stores of them.
import { withoutGrad } from '../autograd.js';
import type { DType } from '../dtype.js';
import { CressetError } from '../errors.js';
import { native } from '../native.js';
import * as nn from '../nn/index.js';
import { versionsOf } from '../nn/state-dict.js';
import { Counter } from '../optim/lr-scheduler/counter.js';
import { Tensor, wrap } from '../tensor.js';
import { chunksOf, hand, type Place, type Sink } from './chunks.js';
import { maxDepth } from './limits.js';
import { withMemory } from './memory.js';
import { describeModule, emptyObject } from './modules.js';
import { isPlainObject } from './pickle.js';
import type { WrittenTensor } from './safetensors.js';
import {
  contiguousStride,
  lastElement,
  OrderedDict,
  StoredParameter,
  StoredStorage,
  StoredTensor,
  storageClasses,
} from './stored.js';

/** A storage whose bytes are those of a flat tensor, read where they are written to the file. */
class TensorStorage extends StoredStorage {
  readonly #version: number;

  constructor(
    dtype: DType,
    readonly tensor: Tensor,
  ) {
    super('', dtype, new Uint8Array(0), tensor.numel() * storageClasses[dtype].itemSize);
    this.#version = native.version(tensor.id);
  }

  override stream(sink: Sink, into?: Place): Promise<void> {
    return withMemory(this.tensor, async (place) => {
      for (const { at, size } of chunksOf(this.byteLength)) {
        await hand(place(at, size), at, sink, into);
        if (native.version(this.tensor.id) !== this.#version)
          throw new CressetError(
            `save: a tensor of ${this.tensor.numel()} elements was changed while it was written; await save before going on, or save clones`,
          );
      }
    });
  }
}

// The tensors of one memory, whose offsets count from its start until the part of it that they show is known.
interface Shared {
  tensor: Tensor;
  views: Map<string, StoredTensor>;
}

/** The stored form of a value at the call: tensors of one memory become views of one storage. */
class Snapshot {
  readonly #values = new Map<object, unknown>();
  readonly #parameters = new Map<nn.Parameter, StoredParameter>();
  readonly #memories = new Map<number, Shared>();

  value(value: unknown, depth: number): unknown {
    if ((typeof value !== 'object' && !(value instanceof nn.Module)) || value === null) return value;
    if (depth > maxDepth) throw new RangeError(`save: the value is nested more than ${maxDepth} deep`);
    const known = this.#values.get(value);
    if (known !== undefined) return known;
    if (value instanceof Tensor) return this.#keep(value, this.#tensor(value));
    if (value instanceof nn.Module) {
      const object = this.#keep(value, emptyObject(value));
      describeModule(value, object, {
        parameter: (parameter) => this.#parameter(parameter),
        value: (item) => this.value(item, depth + 1),
      });
      return object;
    }
    if (Array.isArray(value)) {
      const list = this.#keep(value, [] as unknown[]);
      for (const item of value) list.push(this.value(item, depth + 1));
      return list;
    }
    if ('stateDict' in value && !(value instanceof Map) && !isPlainObject(value))
      throw new TypeError(
        `save: whole objects of the class ${(value as object).constructor.name} cannot be saved; save its state: save(optimizer.stateDict(), path)`,
      );
    if (value instanceof Map || isPlainObject(value)) {
      const versions = versionsOf(value);
      const plain = value instanceof Counter ? new Counter() : new Map<unknown, unknown>();
      const map = this.#keep(value, versions === undefined ? plain : new OrderedDict());
      if (map instanceof OrderedDict)
        map._metadata = new OrderedDict(
          [...versions!].map(([name, version]) => [name, new Map([['version', version]])]),
        );
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

  // One that stands at two places is written once.
  #parameter(parameter: nn.Parameter): StoredParameter {
    const known = this.#parameters.get(parameter);
    if (known !== undefined) return known;
    const stored = new StoredParameter(this.#tensor(parameter, false), parameter.requiresGrad);
    this.#parameters.set(parameter, stored);
    return stored;
  }

  #tensor(tensor: Tensor, requiresGrad = tensor.requiresGrad): StoredTensor {
    const { id, dtype } = tensor;
    const shape = [...tensor.shape];
    // Which part of the memory is written shows in the end.
    const storage = new StoredStorage('', dtype, new Uint8Array(0));
    if (tensor.numel() === 0)
      return new StoredTensor({ dtype, shape, stride: contiguousStride(shape), offset: 0, storage, requiresGrad });
    const key = native.storageKey(id);
    const shared = this.#memories.get(key) ?? { tensor, views: new Map() };
    this.#memories.set(key, shared);
    // stateDict() makes a new object for each key, so tied parameters show only by their memory.
    const [stride, offset] = [[...tensor.stride()], native.storageOffset(id)];
    const view = [offset, requiresGrad, ...shape, 'x', ...stride].join();
    const known = shared.views.get(view);
    if (known !== undefined) return known;
    const stored = new StoredTensor({ dtype, shape, stride, offset, storage, requiresGrad });
    shared.views.set(view, stored);
    return stored;
  }

  /** Gives the views of each memory a storage: the part from the first to the last element that a tensor shows. */
  finish(): TensorStorage[] {
    return [...this.#memories.values()].map(({ tensor, views }) => {
      const [only] = views.values();
      if (views.size === 1 && only!.shape.length === 4 && only!.stride[1] === 1) {
        // Results of convolutions have their channels innermost, unasked; in PyTorch they lie in order.
        Object.assign(only!, { stride: contiguousStride(only!.shape), offset: 0 });
        only!.storage = new TensorStorage(
          tensor.dtype,
          withoutGrad(() => tensor.detach().contiguous()),
        );
        return only!.storage as TensorStorage;
      }
      let [first, last] = [Number.POSITIVE_INFINITY, 0];
      for (const { shape, stride, offset } of views.values()) {
        first = Math.min(first, offset);
        last = Math.max(last, lastElement({ shape, stride, offset }));
      }
      const part = wrap(native.asStrided(tensor.id, [last - first + 1], [1], first));
      const storage = new TensorStorage(tensor.dtype, part);
      for (const stored of views.values()) Object.assign(stored, { storage, offset: stored.offset - first });
      return storage;
    });
  }
}

/** What is written of a value. */
export interface Stored {
  /** The value with a view of a storage in the place of every Tensor. */
  value: unknown;
  storages: TensorStorage[];
}

/** The stored form of `value`; its storages are read from the tensors when they are written. */
export function toStored(value: unknown): Stored {
  const snapshot = new Snapshot();
  const stored = snapshot.value(value, 0);
  return { value: stored, storages: snapshot.finish() };
}

/**
 * The tensors of a state dict as safetensors hold them.
 * @throws TypeError for what is no tensor, CressetError for names that the format keeps for itself and tensors that share memory.
 */
export function toWritten(value: unknown): (WrittenTensor & { contents: TensorStorage })[] {
  if (!(value instanceof Map) && !isPlainObject(value))
    throw new TypeError('save: safetensors hold an object of tensors by name, such as model.stateDict()');
  const ends: { name: string; key: number; first: number; last: number }[] = [];
  return [...(value instanceof Map ? value : Object.entries(value))].map(([name, tensor]: [unknown, unknown]) => {
    if (typeof name !== 'string' || !(tensor instanceof Tensor))
      throw new TypeError(
        `save: safetensors hold tensors by name, but ${String(name)} is none; save to a .pth file instead`,
      );
    if (name === '__metadata__')
      throw new CressetError('save: no tensor of a safetensors file can be named __metadata__');
    if (tensor.numel() > 0) {
      const [key, first] = [native.storageKey(tensor.id), native.storageOffset(tensor.id)];
      const last = lastElement({ shape: [...tensor.shape], stride: [...tensor.stride()], offset: first });
      const other = ends.find((end) => end.key === key && end.first <= last && first <= end.last);
      if (other !== undefined)
        throw new CressetError(
          `save: ${other.name} and ${name} share memory, which safetensors cannot express; leave one of them out, or save clones`,
        );
      ends.push({ name, key, first, last });
    }
    const { dtype, shape } = tensor;
    const inOrder = withoutGrad(() => tensor.detach().contiguous());
    return { name, dtype, shape, contents: new TensorStorage(dtype, inOrder) };
  });
}
