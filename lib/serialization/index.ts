// Saving and loading: checkpoints that Python's PyTorch reads and writes.

import { CressetError, OutOfMemoryError } from '../errors.js';
import { describe, optionsOf } from '../functional/check.js';
import { Tensor } from '../tensor.js';
import { withCheckpoint, writeCheckpoint } from './checkpoint.js';
import { CheckpointError } from './errors.js';
import { type Classes, checkClasses, globalsWith } from './modules.js';
import { everyObject } from './parts.js';
import { isPlainObject } from './pickle.js';
import { Restorer } from './restore.js';
import { readIndex, writeSafetensors } from './safetensors.js';
import { toStored, toWritten } from './snapshot.js';
import { type OpenCheckpoint, type StoredStorage, StoredTensor } from './stored.js';

export { CheckpointError } from './errors.js';
export type { Classes } from './modules.js';
export { safetensorsMetadata } from './safetensors.js';

/** How a checkpoint is written. */
export interface SaveOptions {
  /** Texts beside the tensors of a safetensors file. */
  metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes tensors and plain values to a file that Python's `torch.load` reads, also under `weights_only=True`. Plain objects and Maps become
 * dicts, arrays lists, whole numbers int; tensors that share their memory stay tied. Modules are saved whole, as PyTorch's own, which
 * `torch.load(path, weights_only=False)` reads; classes of yours as `__main__.Name`, which Python must have too. Tensors
 * are written piece by piece, without a copy of the whole: await it before they change. A path
 * that ends in `.safetensors` gets that format, for an object of tensors by name. The file is complete or absent. (`torch.save`)
 * @throws TypeError for values that a checkpoint cannot hold, such as an optimizer, CressetError where a tensor was changed while it was
 * written or shares memory with another one of a safetensors file, and the system's error where `path` cannot be written.
 * @example
 * import { load, nn, save } from 'cresset';
 * const model = new nn.Linear(2, 3);
 * await save(model.stateDict(), 'model.pth');
 * model.loadStateDict(await load('model.pth'));
 */
export async function save(value: unknown, path: string, options: SaveOptions = {}): Promise<void> {
  const { metadata } = optionsOf(options, 'save', ['metadata']);
  checkPath(path, 'save', 'save(value, path)');
  if (path.endsWith('.safetensors')) {
    const tensors = toWritten(value);
    const storages = tensors.map(({ contents }) => contents);
    return withStorages(storages, () => writeSafetensors(path, tensors, checkMetadata(metadata ?? {})));
  }
  if (metadata !== undefined) throw new TypeError('save: only files named .safetensors have metadata');
  const stored = toStored(value);
  return withStorages(stored.storages, () => writeCheckpoint(path, stored.value));
}

/** Calls `write` once the storages are computed, and lets go of the memory that their views hold. */
async function withStorages(storages: readonly { tensor: Tensor }[], write: () => Promise<void>): Promise<void> {
  try {
    for (const { tensor } of storages) await tensor.ready();
    await write();
  } finally {
    for (const { tensor } of storages) tensor.dispose();
  }
}

function checkPath(path: unknown, op: string, usage: string): asserts path is string {
  if (typeof path !== 'string')
    throw new TypeError(`${op}: path must be a string, got ${describe(path)}; it is called as ${usage}`);
}

function checkMetadata(metadata: unknown): Record<string, string> {
  if (!isPlainObject(metadata) || !Object.values(metadata).every((text) => typeof text === 'string'))
    throw new TypeError('save: metadata must be an object of strings');
  return metadata as Record<string, string>;
}

/** Which dtypes the tensors in `value` see each storage in. */
function dtypesOf(value: unknown): Map<StoredStorage, Set<StoredTensor['dtype']>> {
  const dtypes = new Map<StoredStorage, Set<StoredTensor['dtype']>>();
  for (const [part] of everyObject(value))
    if (part instanceof StoredTensor) dtypes.set(part.storage, (dtypes.get(part.storage) ?? new Set()).add(part.dtype));
  return dtypes;
}

/** How a checkpoint is read. */
export interface LoadOptions {
  /** The classes of whole models by the names that they have in Python, with or without the module in front: `{ Tudui }`. */
  classes?: Classes;
}

/**
 * Reads a file that `save` or PyTorch wrote, also in the format before 1.6, or safetensors, or the index of a sharded model (`model.safetensors.index.json`),
 * whatever it is named, without running anything of it. Dicts become plain objects, or Maps where a
 * key is no string; lists and tuples arrays; integers beyond 2^53 bigints. Tensors saved on a GPU land here like all others. Whole models
 * come back as modules: PyTorch's layers as those of `nn`, torchvision's networks where `cresset/vision` is imported, your own classes from
 * `classes`: one that extends a layer gets the layer's fields from the file, one whose constructor needs no arguments is constructed, any
 * other only given its children. (`torch.load`)
 * @throws CheckpointError that says what and where, for damaged files and unknown classes, and the system's error where there is no file.
 * @example
 * import { load, save, tensor } from 'cresset';
 * await save({ epoch: 3, weight: tensor([1, 2]) }, 'checkpoint.pth');
 * (await load('checkpoint.pth')).epoch; // 3
 */
// biome-ignore lint/suspicious/noExplicitAny: what a file holds is known to the caller only.
export async function load<T = any>(path: string, options: LoadOptions = {}): Promise<T> {
  const classes = checkClasses(optionsOf(options, 'load', ['classes']).classes ?? {});
  checkPath(path, 'load', 'load(path)');
  if (path.endsWith('.index.json')) return loadShards(path) as Promise<T>;
  const use = async ({ value, storages }: OpenCheckpoint) => {
    const restorer = new Restorer(path, classes);
    const dtypes = dtypesOf(value);
    // In the order of the file.
    for (const storage of storages) await restorer.read(storage, dtypes.get(storage) ?? new Set());
    try {
      return restorer.value(value) as T;
    } catch (error) {
      // What a tensor or layer of ours refuses, the file asked for.
      if (!(error instanceof CressetError) || error instanceof CheckpointError || error instanceof OutOfMemoryError)
        throw error;
      throw new CheckpointError(path, 'contents', error.message);
    }
  };
  return withCheckpoint(path, use, globalsWith(classes, path));
}

/** The tensors of all files of an index, in one object. */
async function loadShards(path: string): Promise<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = {};
  for (const [shard, names] of await readIndex(path)) {
    const part = await load<Record<string, Tensor>>(shard);
    for (const name of names) {
      const tensor = Object.hasOwn(part ?? {}, name) ? part[name] : undefined;
      if (!(tensor instanceof Tensor))
        throw new CheckpointError(path, 'index', `${shard} does not hold ${name} as a tensor`);
      Object.defineProperty(tensors, name, { value: tensor, configurable: true, enumerable: true, writable: true });
    }
  }
  return tensors;
}
