// The format of PyTorch before 1.6: pickles one after the other, then the storages.
import { placeIn, type Range, readChunks } from './chunks.js';
import { CheckpointError } from './errors.js';
import { type GlobalFinder, GlobalRef, readStorageId, StorageView } from './globals.js';
import type { Source } from './source.js';
import { FileStorage, type OpenCheckpoint, type StoredStorage, storageClasses } from './stored.js';
import { endsInTheMiddle, type Unpickled, type UnpickleHost, unpickleFrom } from './unpickle.js';

// The pickle of the number that every such file begins with.
const magic = '80028a0a6cfc9c46f9206aa850192e';
const version = 1001;

/** Whether a file with these first bytes is of the format before PyTorch 1.6. */
export const isLegacy = (start: Buffer): boolean => start.toString('hex').startsWith(magic);

// Never the text of a list: one that holds another twice, and so on, would have no end.
const named = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  return typeof value === 'object' ? 'of another kind' : String(value).slice(0, 40);
};

/** `length` bytes from `position` on, as a range. */
const rangeOf = (source: Source, position: number, length: number): Range => ({
  source,
  position,
  length,
  short: (bytes) => {
    throw new CheckpointError(
      source.path,
      `byte ${position + bytes}`,
      `the file ends after ${bytes} of ${length} bytes`,
    );
  },
});

async function readAt(source: Source, position: number, length: number): Promise<Uint8Array> {
  const data = new Uint8Array(length);
  await readChunks(rangeOf(source, position, length), () => undefined, placeIn(data));
  return data;
}

interface Pickles {
  value: unknown;
  keys: readonly unknown[];
  storages: Map<string, StoredStorage>;
  end: number;
}

class Unfinished extends Error {}

// The pickles at the start of the file, of which `bytes` are read; null where they go on and there is more.
function readPickles(
  path: string,
  bytes: Uint8Array,
  more: boolean,
  globals: GlobalFinder,
  read: FileStorage['read'],
): Pickles | null {
  const storages = new Map<string, StoredStorage>();
  const host: UnpickleHost = {
    fail: (what, at) => {
      if (more && what.startsWith(endsInTheMiddle)) throw new Unfinished();
      throw new CheckpointError(path, `byte ${at}`, what);
    },
    storage: (id, context) => {
      const { key, dtype, bytes: size, rest } = readStorageId(id, context, 6);
      if (rest[0] !== null) context.fail('a storage that is a part of another one, as PyTorch before 0.4 wrote it');
      const storage = storages.get(key) ?? new FileStorage(key, dtype ?? 'uint8', size, read);
      if (storage.byteLength !== size) context.fail(`a storage of ${storage.byteLength} and of ${size} bytes`);
      storages.set(key, storage);
      return new StorageView(storage, dtype);
    },
    // With its source code beside it, which is not looked at.
    container: (id, context) => (id[1] instanceof GlobalRef ? id[1] : context.fail('the class of a module is none')),
    findGlobal: globals,
  };
  let at = 0;
  const next = (): unknown => {
    const { value, end }: Unpickled = unpickleFrom(bytes, at, host);
    at = end;
    return value;
  };
  try {
    next();
    const protocol = next();
    if (protocol !== version)
      throw new CheckpointError(path, `byte ${at}`, `protocol version ${named(protocol)} (1001 is supported)`);
    next(); // the system: big-endian machines swap the bytes of their numbers when they write
    const value = next();
    const keys = next();
    if (!Array.isArray(keys)) throw new CheckpointError(path, `byte ${at}`, 'the list of storages is none');
    return { value, keys, storages, end: at };
  } catch (error) {
    if (error instanceof Unfinished) return null;
    throw error;
  }
}

/**
 * Opens a file of the format before PyTorch 1.6: pickles of a number, a version, the system, the value and the storages' keys, then for each
 * key the number of its elements and their bytes.
 * @throws CheckpointError where it is malformed.
 */
export async function openLegacy(source: Source, globals: GlobalFinder): Promise<OpenCheckpoint> {
  const { path, size: fileSize } = source;
  const places = new Map<StoredStorage, number>();
  const read: FileStorage['read'] = async (storage, sink, into) => {
    const place = places.get(storage);
    if (place === undefined) throw new CheckpointError(path, `storage ${storage.key}`, 'the storage is missing');
    const count = new DataView((await readAt(source, place - 8, 8)).buffer);
    const wanted = BigInt(storage.byteLength / storageClasses[storage.dtype].itemSize);
    // The older ones of big-endian machines swapped the numbers, but not how many there are.
    if (count.getBigInt64(0, true) !== wanted && count.getBigInt64(0) !== wanted)
      throw new CheckpointError(
        path,
        `storage ${storage.key}`,
        `it has ${count.getBigInt64(0, true)} elements, where ${wanted} are expected`,
      );
    await readChunks(rangeOf(source, place, storage.byteLength), sink, into);
  };
  // How long the pickles are stands nowhere: where they end beyond what is read, more is.
  let pickles: Pickles | null = null;
  for (let length = Math.min(1 << 20, fileSize); pickles === null; length = Math.min(4 * length, fileSize))
    pickles = readPickles(path, await readAt(source, 0, length), length < fileSize, globals, read);
  const { value, keys, storages, end } = pickles;
  let at = end;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined)
      throw new CheckpointError(path, `byte ${end}`, `the storage ${named(key)} belongs to no tensor`);
    if (places.has(storage))
      throw new CheckpointError(path, `byte ${end}`, `the storage ${storage.key} stands there twice`);
    places.set(storage, at + 8);
    at += 8 + storage.byteLength;
    if (at > fileSize)
      throw new CheckpointError(path, `storage ${storage.key}`, `it ends at byte ${at} of a file of ${fileSize}`);
  }
  return { format: 'PyTorch before 1.6', value, storages: [...storages.values()] };
}
