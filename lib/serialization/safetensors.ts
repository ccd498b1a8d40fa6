// The safetensors format: a header of JSON, then the bytes of all tensors. (https://github.com/huggingface/safetensors)
import { open, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Contents, placeIn, readChunks } from './chunks.js';
import { CheckpointError, quiet } from './errors.js';
import { parseJson } from './json.js';
import { isPlainObject } from './pickle.js';
import { replaceFile, writeAll } from './replace.js';
import { Source } from './source.js';
import {
  contiguousStride,
  type DTypeName,
  FileStorage,
  type OpenCheckpoint,
  type StoredStorage,
  StoredTensor,
  storageClasses,
} from './stored.js';

/** The format's names of our dtypes, in the order in which its own library writes them. */
const names: Readonly<Record<DTypeName, string>> = {
  int64: 'I64',
  float64: 'F64',
  float32: 'F32',
  int32: 'I32',
  bfloat16: 'BF16',
  float16: 'F16',
  uint8: 'U8',
  bool: 'BOOL',
};
const order = Object.keys(names);
const dtypes = new Map(Object.entries(names).map(([dtype, name]) => [name, dtype as DTypeName]));

// As the format's own readers have it.
const largestHeader = 100_000_000;

/** Whether a file with these first bytes is one of the format. */
export const isSafetensors = (start: Uint8Array): boolean => start.length >= 10 && start[8] === 0x7b;

/** What the header says of a tensor. */
interface Entry {
  name: string;
  dtype: DTypeName;
  shape: number[];
  begin: number;
  end: number;
}

interface Header {
  entries: Entry[];
  metadata: Record<string, string>;
  /** Where the tensors' bytes begin. */
  start: number;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readEntry(name: string, value: unknown, fail: (what: string) => never): Entry {
  const { dtype, shape, data_offsets: offsets } = (isPlainObject(value) ? value : {}) as Record<string, unknown>;
  const own = dtypes.get(dtype as string);
  if (typeof dtype !== 'string') return fail(`the tensor ${name} has no dtype`);
  if (own === undefined)
    return fail(
      `the tensor ${name} has the dtype ${dtype.slice(0, 20)}, which is not supported (supported: ${[...dtypes.keys()].join(', ')})`,
    );
  if (!Array.isArray(shape) || shape.length > 64 || !shape.every(isCount)) return fail(`the shape of ${name} is none`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return fail(`the offsets of ${name} are none`);
  const [begin, end] = offsets as [number, number];
  if (shape.length > 8) return fail(`the tensor ${name} has ${shape.length} dimensions (at most 8 are supported)`);
  if (!Number.isSafeInteger(shape.reduce((a, b) => a * Math.max(b, 1), 1)))
    return fail(`the shape of ${name} is too large`);
  const bytes = shape.reduce((a, b) => a * b, storageClasses[own].itemSize);
  if (bytes !== end - begin)
    fail(
      `the tensor ${name} of shape [${shape.join(', ')}] takes ${bytes} bytes, but its offsets are ${begin} and ${end}`,
    );
  return { name, dtype: own, shape, begin, end };
}

async function readHeader(source: Source): Promise<Header> {
  const { path, size: fileSize } = source;
  const fail = (what: string): never => {
    throw new CheckpointError(path, 'header', what);
  };
  const read = async (position: number, length: number): Promise<Buffer> => {
    const data = Buffer.alloc(length);
    const short = (bytes: number): never => fail(`the file ends after ${position + bytes} bytes`);
    await readChunks({ source, position, length, short }, () => undefined, placeIn(data));
    return data;
  };
  const length = Number((await read(0, 8)).readBigUInt64LE());
  if (length > largestHeader || length > fileSize - 8)
    fail(`a header of ${length} bytes in a file of ${fileSize} (at most ${largestHeader} are possible)`);
  let parsed: unknown;
  try {
    parsed = parseJson(await read(8, length));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    fail(`it is no JSON of the format: ${error.message}`);
  }
  if (!isPlainObject(parsed)) return fail('it is no JSON object');
  const { __metadata__: metadata = {}, ...rest } = parsed;
  if (!isPlainObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    fail('__metadata__ is no object of strings');
  const entries = Object.entries(rest).map(([name, value]) => readEntry(name, value, fail));
  // Every byte belongs to one tensor.
  let at = 0;
  for (const { name, begin, end } of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== at) fail(`the tensor ${name} begins at byte ${begin}, where ${at} is expected`);
    at = end;
  }
  if (at !== fileSize - 8 - length) fail(`the tensors take ${at} bytes, but ${fileSize - 8 - length} follow it`);
  return { entries, metadata: metadata as Record<string, string>, start: 8 + length };
}

/**
 * Opens a safetensors file: its tensors by name.
 * @throws CheckpointError where it is malformed.
 */
export async function openSafetensors(source: Source): Promise<OpenCheckpoint> {
  const { path } = source;
  const { entries, start, metadata } = await readHeader(source);
  const places = new Map<StoredStorage, Entry>();
  const read: FileStorage['read'] = (storage, sink, into) => {
    const { name, begin, end } = places.get(storage)!;
    const length = end - begin;
    const short = (bytes: number): never => {
      throw new CheckpointError(path, name, `the file ends after ${bytes} of ${length} bytes`);
    };
    return readChunks({ source, position: start + begin, length, short }, sink, into);
  };
  const value = new Map<string, StoredTensor>();
  for (const entry of entries) {
    const { name, dtype, shape, begin, end } = entry;
    const storage = new FileStorage(name, dtype, end - begin, read);
    places.set(storage, entry);
    value.set(
      name,
      new StoredTensor({ dtype, shape, stride: contiguousStride(shape), offset: 0, storage, requiresGrad: false }),
    );
  }
  return { format: 'safetensors', value, storages: [...places.keys()], metadata };
}

/**
 * The texts that a safetensors file holds beside its tensors, its `__metadata__`.
 * @throws CheckpointError where the file is malformed, the system's error where there is none.
 * @example
 * import { ones, safetensorsMetadata, save } from 'cresset';
 * await save({ weight: ones([2]) }, 'model.safetensors', { metadata: { format: 'pt' } });
 * (await safetensorsMetadata('model.safetensors')).format; // 'pt'
 */
export async function safetensorsMetadata(path: string): Promise<Record<string, string>> {
  const file = await open(path, 'r');
  try {
    return (await readHeader(new Source(path, file, (await file.stat()).size))).metadata;
  } finally {
    await file.close();
  }
}

/** The files of a sharded model, as its index `model.safetensors.index.json` names them, each with the tensors that it must hold. */
export async function readIndex(path: string): Promise<Map<string, Set<string>>> {
  const fail = (what: string): never => {
    throw new CheckpointError(path, 'index', what);
  };
  let index: unknown;
  try {
    index = parseJson(await readFile(path));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    fail(`it is no JSON of the format: ${error.message}`);
  }
  const weights = isPlainObject(index) ? index.weight_map : undefined;
  if (!isPlainObject(weights)) return fail('it has no weight_map');
  const shards = new Map<string, Set<string>>();
  for (const [tensor, name] of Object.entries(weights)) {
    if (
      typeof name !== 'string' ||
      basename(name) !== name ||
      name === '..' ||
      name === '' ||
      quiet(name) !== name ||
      name.endsWith('.index.json')
    )
      return fail(`the file of ${tensor} is none of the index's folder: ${JSON.stringify(name)?.slice(0, 80)}`);
    const shard = join(dirname(path), name);
    shards.set(shard, (shards.get(shard) ?? new Set()).add(tensor));
  }
  return shards;
}

/** A tensor to be written: its bytes lie in order. */
export interface WrittenTensor {
  name: string;
  dtype: DTypeName;
  shape: readonly number[];
  contents: Contents;
}

/**
 * Writes tensors and metadata as a safetensors file, as the format's own library orders them, that replaces `path` as a whole.
 * @throws The system's error where it cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly WrittenTensor[],
  metadata: Readonly<Record<string, string>>,
): Promise<void> {
  const sorted = [...tensors].sort(
    (a, b) =>
      order.indexOf(a.dtype) - order.indexOf(b.dtype) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
  // Without a prototype, so that a tensor may have any name.
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  let at = 0;
  for (const { name, dtype, shape, contents } of sorted) {
    header[name] = { dtype: names[dtype], shape, data_offsets: [at, at + contents.byteLength] };
    at += contents.byteLength;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 8) * 8, ' ');
  json.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  await replaceFile(path, async (file) => {
    let position = 8 + padded.length;
    await writeAll(file, Buffer.concat([length, padded]), 0);
    for (const { contents } of sorted) {
      await contents.stream((chunk, from) => writeAll(file, chunk, position + from));
      position += contents.byteLength;
    }
  });
}
