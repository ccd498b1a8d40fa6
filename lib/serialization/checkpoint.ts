// PyTorch's checkpoint files, written and read without making tensors.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { bytesOf, type Sink } from './chunks.js';
import { CheckpointError } from './errors.js';
import { type CallContext, findGlobal, type GlobalFinder, readStorageId, StorageView } from './globals.js';
import { isLegacy, openLegacy } from './legacy.js';
import { pickle } from './pickle.js';
import { isSafetensors, openSafetensors } from './safetensors.js';
import { Source } from './source.js';
import { FileStorage, type OpenCheckpoint, type StoredStorage, swapBytes } from './stored.js';
import { unpickle } from './unpickle.js';
import { ZipReader } from './zip-read.js';
import { writeZip } from './zip-write.js';

/** How a checkpoint is written. */
export interface WriteOptions {
  /** Sizes and offsets from here on use zip64; default where the plain format ends, 2^32 - 1. */
  zip64From?: number;
}

// PyTorch puts forty digits here to tell files apart; these depend on nothing but the contents.
function serializationId(pickled: Uint8Array, storages: readonly StoredStorage[]): string {
  const hash = createHash('sha256').update(pickled);
  for (const { byteLength } of storages) hash.update(String(byteLength));
  return (BigInt(`0x${hash.digest('hex')}`) % 10n ** 40n).toString().padStart(40, '0');
}

/**
 * Writes `value` as torch.save does: a zip of `data.pkl`, `byteorder`, one `data/N` per storage and `version`. The file is complete or absent.
 * @throws TypeError for values that a checkpoint cannot hold, the system's error where the file cannot be written.
 * @example
 * import { writeCheckpoint } from './checkpoint.js';
 * await writeCheckpoint('epoch.pth', { epoch: 3, losses: [0.5, 0.25] });
 */
export async function writeCheckpoint(path: string, value: unknown, options: WriteOptions = {}): Promise<void> {
  const { bytes, storages } = pickle(value);
  const text = (s: string) => new TextEncoder().encode(s);
  const entries = [
    { name: 'archive/data.pkl', data: bytes },
    { name: 'archive/byteorder', data: text('little') },
    ...storages.map((storage, i) => ({ name: `archive/data/${i}`, data: storage })),
    { name: 'archive/version', data: text('3\n') },
    { name: 'archive/.data/serialization_id', data: text(serializationId(bytes, storages)) },
  ];
  await writeZip(path, entries, options.zip64From);
}

function refuseOtherFormats(path: string, start: Buffer): void {
  const fail = (what: string): never => {
    throw new CheckpointError(path, 'start of file', what);
  };
  if (start.length === 0) fail('the file is empty');
  if (start.toString('latin1', 257, 262) === 'ustar')
    fail(
      'this is the tar format of PyTorch before 0.1.10, which is not supported; write it anew with torch.save in a later PyTorch',
    );
  if (start.toString('latin1', 0, 4) !== 'PK\x03\x04')
    fail(
      'this is no checkpoint: it begins neither as a zip archive nor as the format before PyTorch 1.6 nor as safetensors',
    );
}

function findPrefix(path: string, zip: ZipReader): string {
  const pickles = [...zip.names()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1)
    throw new CheckpointError(
      path,
      'zip directory',
      `${pickles.length} entries FOLDER/data.pkl, where a PyTorch checkpoint has one`,
    );
  const prefix = pickles[0]!.slice(0, -'data.pkl'.length);
  if (zip.size(`${prefix}constants.pkl`) !== null)
    throw new CheckpointError(
      path,
      `${prefix}constants.pkl`,
      'this is a TorchScript archive, which is not supported; save the state dict',
    );
  return prefix;
}

/** Checks the format's version; true where the bytes of numbers are in the other order. */
async function isBigEndian(path: string, zip: ZipReader, prefix: string): Promise<boolean> {
  const read = async (name: string, maximum: number): Promise<string | null> => {
    const size = zip.size(prefix + name);
    if (size === null) return null;
    if (size > maximum)
      throw new CheckpointError(path, prefix + name, `${size} bytes, where at most ${maximum} are possible`);
    return Buffer.from(await zip.read(prefix + name))
      .toString('latin1')
      .trim();
  };
  const version = await read('version', 16);
  if (version !== null && !/^([1-9]|10)$/.test(version))
    throw new CheckpointError(
      path,
      `${prefix}version`,
      `format version ${JSON.stringify(version)} (1 to 10 are supported)`,
    );
  const order = await read('byteorder', 16);
  if (order !== null && order !== 'little' && order !== 'big')
    throw new CheckpointError(
      path,
      `${prefix}byteorder`,
      `byte order ${JSON.stringify(order)} ("little" and "big" are supported)`,
    );
  return order === 'big';
}

async function openZip(source: Source, globals: GlobalFinder): Promise<OpenCheckpoint> {
  const { path } = source;
  const zip = await ZipReader.open(source);
  const prefix = findPrefix(path, zip);
  const swapped = await isBigEndian(path, zip, prefix);
  const storages = new Map<string, StoredStorage>();
  const read: FileStorage['read'] = (storage, sink, into) => {
    const inOrder: Sink = (chunk, at) => {
      if (swapped) swapBytes(chunk, storage.dtype);
      return sink(chunk, at);
    };
    return zip.stream(`${prefix}data/${storage.key}`, inOrder, into);
  };
  const where = `${prefix}data.pkl`;
  const value = unpickle(await zip.read(where), {
    fail: (what, at) => {
      throw new CheckpointError(path, `${where} at byte ${at}`, what);
    },
    storage: (id, context: CallContext) => {
      const { key, dtype, bytes } = readStorageId(id, context);
      if (swapped && dtype === null) context.fail('an untyped storage whose numbers are in big-endian order');
      const size = zip.size(`${prefix}data/${key}`);
      if (size === null) context.fail(`the entry ${prefix}data/${key} of a storage is missing`);
      if (size !== bytes) context.fail(`a storage of ${bytes} bytes, but the entry ${prefix}data/${key} has ${size}`);
      const storage = storages.get(key) ?? new FileStorage(key, dtype ?? 'uint8', size, read);
      storages.set(key, storage);
      return new StorageView(storage, dtype);
    },
    findGlobal: globals,
  });
  return { format: 'PyTorch', value, storages: [...storages.values()] };
}

/**
 * Opens the checkpoint at `path` for `use`, and closes it afterwards; `globals` is the allow-list of what its pickle may name.
 * @throws CheckpointError where the file is malformed, the system's error where it cannot be opened.
 */
export async function withCheckpoint<T>(
  path: string,
  use: (checkpoint: OpenCheckpoint) => Promise<T>,
  globals: GlobalFinder = findGlobal,
): Promise<T> {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new CheckpointError(path, 'path', 'this is no regular file');
    const source = new Source(path, file, stat.size);
    const start = Buffer.alloc(Math.min(stat.size, 512));
    await source.read(0, start);
    if (isLegacy(start)) return await use(await openLegacy(source, globals));
    if (isSafetensors(start)) return await use(await openSafetensors(source));
    refuseOtherFormats(path, start);
    return await use(await openZip(source, globals));
  } catch (error) {
    // What the checks did not foresee (an overlong string, say) is the file's fault as well; the system's errors have a code of their own.
    const { name, code, message } = error as NodeJS.ErrnoException;
    if (name === 'RangeError' || code === 'ERR_STRING_TOO_LONG') throw new CheckpointError(path, 'contents', message);
    throw error;
  } finally {
    await file.close();
  }
}

/**
 * The value in a checkpoint of PyTorch, with StoredTensors, without running anything of it: dict becomes Map, OrderedDict its
 * subclass here, list and tuple arrays, integers beyond 2^53 bigint. Storages saved on a GPU are read like all others.
 * @throws CheckpointError where the file is malformed or holds more than data, the system's error where it cannot be opened.
 * @example
 * import { readCheckpoint } from './checkpoint.js';
 * const state = await readCheckpoint('state.pth'); // Map { '0.weight' => StoredTensor, ... }
 */
export function readCheckpoint(path: string): Promise<unknown> {
  return withCheckpoint(path, async ({ value, storages }) => {
    for (const storage of storages) storage.bytes = await bytesOf(storage);
    return value;
  });
}
