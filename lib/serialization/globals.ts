// The allow-list of Python names that a checkpoint may mention, each with the data it stands for.
import { Counter } from '../optim/lr-scheduler/counter.js';
import { cost } from './limits.js';
import {
  type DTypeName,
  OrderedDict,
  type StoredStorage,
  StoredTensor,
  storageClasses,
  viewProblem,
} from './stored.js';

/** A storage under the dtype in which one tensor sees it. */
export class StorageView {
  constructor(
    readonly storage: StoredStorage,
    /** Null for untyped storages, whose tensors name their dtype themselves. */
    readonly dtype: DTypeName | null,
  ) {}
}

/** What an allowed function needs of the interpreter. */
export interface CallContext {
  /** Throws the error of the present place. */
  fail(what: string): never;
  /** Counts bytes of memory, so that a small file cannot take much of it, nor much time. */
  spend(bytes: number): void;
  /** Counts one more entry of a dict, or item of a set, by its key. */
  spendEntry(key: unknown): void;
}

/** An allowed Python name that is called (`call`), names a storage class (`storage`) or a class of objects (`create`). */
export interface AllowedGlobal {
  readonly name: string;
  readonly call?: (args: readonly unknown[], context: CallContext) => unknown;
  readonly storage?: DTypeName | null;
  readonly create?: () => Buildable;
}

/** An allowed global on the interpreter's stack; it is no data, so none may remain in the result but as an attribute of an object. */
export class GlobalRef {
  constructor(readonly global: AllowedGlobal) {}
}

/** What a persistent id says of a storage. */
export interface StorageId {
  key: string;
  /** Null for untyped storages. */
  dtype: DTypeName | null;
  bytes: number;
  /** What follows; only the format before PyTorch 1.6 has it. */
  rest: readonly unknown[];
}

/** Reads ('storage', class, key, location, numel); the location is ignored, so that cuda:0 lands on the CPU. */
export function readStorageId(id: readonly unknown[], context: CallContext, length = 5): StorageId {
  const [kind, type, key, , count, ...rest] = id;
  if (kind !== 'storage' || id.length !== length)
    context.fail(
      `a persistent id that is no storage but ${typeof kind === 'string' ? JSON.stringify(kind.slice(0, 40)) : typeof kind}`,
    );
  if (!(type instanceof GlobalRef) || type.global.storage === undefined) context.fail('the class of a storage is none');
  if (typeof key !== 'string' || typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0)
    context.fail('the key or length of a storage is malformed');
  const dtype = type.global.storage;
  context.spend(cost.item);
  return { key, dtype, bytes: count * (dtype === null ? 1 : storageClasses[dtype].itemSize), rest };
}

/** Finds what a Python name stands for, or fails by its name; each kind of file has an allow-list of its own. */
export type GlobalFinder = (module: string, name: string, context: CallContext) => unknown;

/** A value that takes its contents from the pickle's BUILD, as Python objects do in `__setstate__`. */
export abstract class Buildable {
  abstract setState(state: unknown, context: CallContext): void;
}

const dtypeNames = new Map<string, DTypeName>(
  Object.entries(storageClasses).map(([dtype, { className }]) => [className, dtype as DTypeName]),
);

const foreignDTypes = ['int8', 'int16', 'uint16', 'uint32', 'uint64', 'complex64', 'complex128'];

/** The whole numbers of a Python tuple; `what` names it where it is none. */
export function integers(value: unknown, what: string, context: CallContext): number[] {
  if (!Array.isArray(value) || value.length > 64) context.fail(`${what} must be a tuple of at most 64 integers`);
  context.spend(cost.list);
  return value.map((n) =>
    typeof n === 'number' && Number.isSafeInteger(n) ? n : context.fail(`${what} must be integers`),
  );
}

function rebuildTensor(args: readonly unknown[], context: CallContext, named?: DTypeName): StoredTensor {
  const [view, offset, size, strides, requiresGrad = false] = args;
  if (!(view instanceof StorageView)) context.fail('a tensor is made from something that is no storage');
  const dtype = named ?? view.dtype;
  if (dtype === null) context.fail('a tensor of an untyped storage has no dtype');
  if (typeof offset !== 'number' || typeof requiresGrad !== 'boolean') context.fail('a tensor has malformed fields');
  const shape = integers(size, 'the size of a tensor', context);
  const stride = integers(strides, 'the stride of a tensor', context);
  context.spend(cost.tensor);
  const { storage } = view;
  const problem = viewProblem(
    { shape, stride, offset },
    Math.floor(storage.byteLength / storageClasses[dtype].itemSize),
  );
  if (problem !== null) context.fail(`a tensor does not fit its storage: ${problem}`);
  return new StoredTensor({ dtype, shape, stride, offset, storage, requiresGrad });
}

function rebuildParameter(args: readonly unknown[], context: CallContext): StoredTensor {
  const [data, requiresGrad = true] = args;
  if (!(data instanceof StoredTensor) || typeof requiresGrad !== 'boolean')
    context.fail('a parameter is made from something that is no tensor');
  context.spend(cost.tensor);
  return new StoredTensor({ ...data, requiresGrad });
}

function orderedDict(args: readonly unknown[], context: CallContext): OrderedDict {
  context.spend(cost.dict);
  const result = new OrderedDict();
  if (args.length === 0) return result;
  const items = args[0];
  if (!Array.isArray(items)) context.fail('an OrderedDict is made from something that is no list of pairs');
  for (const pair of items) {
    if (!Array.isArray(pair) || pair.length !== 2)
      context.fail('an OrderedDict is made from something that is no pair');
    context.spendEntry(pair[0]);
    result.set(pair[0], pair[1]);
  }
  return result;
}

function counter(args: readonly unknown[], context: CallContext): Counter {
  const counts = args[0] ?? new Map();
  if (!(counts instanceof Map)) context.fail('a Counter is made from something that is no dict');
  context.spend(cost.dict);
  for (const key of counts.keys()) context.spendEntry(key);
  return new Counter(counts);
}

function pythonSet(args: readonly unknown[], context: CallContext): Set<unknown> {
  const items = args[0] ?? [];
  if (!Array.isArray(items)) context.fail('a set is made from something that is no list');
  context.spend(cost.dict);
  for (const item of items) context.spendEntry(item);
  return new Set(items);
}

/** The bytes of a text of which each character is one byte, as pickles below protocol 3 carry them. */
export function latin1Bytes(text: string, context: CallContext): Uint8Array {
  context.spend(cost.bytes + text.length);
  if (/[\u0100-\uffff]/.test(text)) context.fail('bytes beyond 255');
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

/** `_codecs.encode(text, 'latin1')`, the way in which Python 3 writes bytes below protocol 3. */
export function encode(args: readonly unknown[], context: CallContext): Uint8Array {
  const [text, encoding] = args;
  if (typeof text !== 'string' || encoding !== 'latin1') context.fail('bytes are not written as latin1 text');
  return latin1Bytes(text, context);
}

function device(args: readonly unknown[], context: CallContext): string {
  const [type, index] = args;
  if (typeof type !== 'string') context.fail('a device has no name');
  if (index === undefined || index === null) return type;
  if (!Number.isInteger(index)) context.fail('the number of a device is no integer');
  context.spend(type.length);
  return `${type}:${index}`;
}

const allowed = new Map<string, AllowedGlobal>();
function allow(name: string, rest: Omit<AllowedGlobal, 'name'>): void {
  allowed.set(name, { name, ...rest });
}
allow('collections.OrderedDict', { call: orderedDict });
allow('collections.Counter', { call: counter });
allow('torch._utils._rebuild_tensor', { call: (args, context) => rebuildTensor(args.slice(0, 4), context) });
allow('torch._utils._rebuild_tensor_v2', { call: (args, context) => rebuildTensor(args, context) });
allow('torch._utils._rebuild_tensor_v3', {
  call: (args, context) => {
    const dtype = args[6];
    if (typeof dtype !== 'string' || !Object.hasOwn(storageClasses, dtype))
      context.fail('a tensor has a malformed dtype');
    return rebuildTensor(args, context, dtype as DTypeName);
  },
});
allow('torch._utils._rebuild_parameter', { call: rebuildParameter });
allow('torch._utils._rebuild_parameter_with_state', { call: rebuildParameter });
allow('torch.nn.parameter.Parameter', { call: rebuildParameter });
// Tensors of classes of their own, such as buffers, and those with attributes: the tensor is what counts.
allow('torch._tensor._rebuild_from_type_v2', {
  call: (given, context: CallContext) => {
    const [make, , args] = given;
    if (!(make instanceof GlobalRef) || !/^torch\._utils\._rebuild_/.test(make.global.name) || !Array.isArray(args))
      context.fail('a tensor is made by something that is no allowed function');
    return make.global.call!(args, context);
  },
});
allow('torch.nn.parameter.Buffer', {});
allow('torch.Tensor', {});
allow('torch.Size', { call: (args, context) => integers(args[0] ?? [], 'a torch.Size', context) });
allow('torch.device', { call: device });
allow('_codecs.encode', { call: encode });
for (const module of ['builtins', '__builtin__']) {
  allow(`${module}.set`, { call: pythonSet });
  allow(`${module}.frozenset`, { call: pythonSet });
  // Protocol 2 writes empty bytes as a call of bytes().
  allow(`${module}.bytes`, {
    call: (args, context) => {
      if (args.length > 0) context.fail('bytes with arguments');
      context.spend(cost.bytes);
      return new Uint8Array(0);
    },
  });
}
for (const [className, dtype] of dtypeNames) allow(`torch.${className}`, { storage: dtype });
for (const name of ['torch.storage.UntypedStorage', 'torch.UntypedStorage']) allow(name, { storage: null });

/** Whether the name is that of a class which is not on the allow-list; `torch` itself has storages and dtypes alone. */
export function isForeignClass(module: string, name: string): boolean {
  const isClass = /^[A-Z]/.test(name.slice(name.lastIndexOf('.') + 1));
  return isClass && !allowed.has(`${module}.${name}`) && !/^(torch|builtins|__builtin__)$/.test(module);
}

/**
 * The data that `module.name` stands for: a dtype's name, or a reference to an allowed function or class.
 * Nothing is ever imported or run; any other name fails, by its name.
 */
export function findGlobal(module: string, name: string, context: CallContext): unknown {
  const full = `${module}.${name}`;
  const found = allowed.get(full);
  if (found !== undefined) return new GlobalRef(found);
  if (module === 'torch' && Object.hasOwn(storageClasses, name)) return name;
  if (module === 'torch' && (/^\w+Storage$/.test(name) || foreignDTypes.includes(name)))
    context.fail(`${full} is a dtype that is not supported (supported: ${Object.keys(storageClasses).join(', ')})`);
  return context.fail(`${full} is not among the names that a checkpoint may use, and no code of a file is ever run`);
}
