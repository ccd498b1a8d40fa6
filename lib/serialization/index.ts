// Saving and loading: checkpoints that Python's PyTorch reads and writes.
import { withCheckpoint, writeCheckpoint } from './checkpoint.js';
import { Restorer, toStored } from './convert.js';
import { type StoredStorage, StoredTensor } from './stored.js';

export { CheckpointError } from './errors.js';

/**
 * Writes tensors and plain values to a file that Python's `torch.load` reads, also under `weights_only=True`. Plain objects and Maps become
 * dicts, arrays lists, whole numbers int; tensors that share their memory stay tied. What is saved is the state at the call; the file
 * is complete or absent. (`torch.save`)
 * @throws TypeError for values that a checkpoint cannot hold, such as a whole model, and the system's error where `path` cannot be written.
 * @example
 * import { load, nn, save } from 'cresset';
 * const model = new nn.Linear(2, 3);
 * await save(model.stateDict(), 'model.pth');
 * model.loadStateDict(await load('model.pth'));
 */
export async function save(value: unknown, path: string): Promise<void> {
  await writeCheckpoint(path, toStored(value));
}

/** Which dtypes the tensors in `value` see each storage in; loops and repetition in the value are visited once. */
function dtypesOf(value: unknown): Map<StoredStorage, Set<StoredTensor['dtype']>> {
  const dtypes = new Map<StoredStorage, Set<StoredTensor['dtype']>>();
  const seen = new Set<unknown>();
  const open = [value];
  while (open.length > 0) {
    const item = open.pop();
    if (typeof item !== 'object' || item === null || seen.has(item)) continue;
    seen.add(item);
    if (item instanceof StoredTensor) dtypes.set(item.storage, (dtypes.get(item.storage) ?? new Set()).add(item.dtype));
    else if (item instanceof Map) for (const [key, part] of item) open.push(key, part);
    else if (Array.isArray(item) || item instanceof Set) for (const part of item) open.push(part);
  }
  return dtypes;
}

/**
 * Reads a file that `save` or PyTorch (1.6 or later) wrote, without running anything of it. Dicts become plain objects, or Maps where a
 * key is no string; lists and tuples arrays; integers beyond 2^53 bigints. Tensors saved on a GPU land here like all others. (`torch.load`)
 * @throws CheckpointError that says what and where, for damaged files and for whole models, and the system's error where there is no file.
 * @example
 * import { load, save, tensor } from 'cresset';
 * await save({ epoch: 3, weight: tensor([1, 2]) }, 'checkpoint.pth');
 * (await load('checkpoint.pth')).epoch; // 3
 */
// biome-ignore lint/suspicious/noExplicitAny: what a file holds is known to the caller only.
export function load<T = any>(path: string): Promise<T> {
  return withCheckpoint(path, async ({ value, read }) => {
    const restorer = new Restorer(path);
    for (const [storage, dtypes] of dtypesOf(value)) {
      await read(storage);
      for (const dtype of dtypes) restorer.adopt(storage, dtype);
      // The tensors have their copy: at most one storage is held twice.
      storage.bytes = new Uint8Array(0);
    }
    return restorer.value(value) as T;
  });
}
