// The files of CIFAR-10: binary records, or the pickled dicts that torchvision uses.
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CressetError } from '../../errors.js';
import { findNumpyGlobal, NumpyArray } from '../../serialization/numpy.js';
import { unpickle } from '../../serialization/unpickle.js';

/** Bytes of a picture of 32x32 pixels: all of red, then green, then blue. */
export const pictureBytes = 3072;
const recordBytes = 1 + pictureBytes;

/** Pictures one after the other, and their classes. */
export interface Records {
  pixels: Uint8Array;
  labels: number[];
}

function fail(path: string, what: string): never {
  throw new CressetError(`CIFAR10: ${path}: ${what}`);
}

function checkLabels(path: string, labels: readonly unknown[], classes: number): void {
  labels.forEach((label, i) => {
    if (!Number.isInteger(label) || (label as number) < 0 || (label as number) >= classes)
      fail(path, `record ${i} has the label ${label}, expected 0 to ${classes - 1}`);
  });
}

/** Records of one label byte and the picture. */
function parseBinary(path: string, bytes: Uint8Array): Records {
  if (bytes.length === 0 || bytes.length % recordBytes !== 0)
    fail(path, `${bytes.length} bytes are no whole number of records of ${recordBytes} bytes; is it truncated?`);
  const count = bytes.length / recordBytes;
  const pixels = new Uint8Array(count * pictureBytes);
  for (let i = 0; i < count; i++)
    pixels.set(bytes.subarray(i * recordBytes + 1, (i + 1) * recordBytes), i * pictureBytes);
  return { pixels, labels: Array.from({ length: count }, (_, i) => bytes[i * recordBytes]!) };
}

/** A pickled dict with `data`, uint8 [records, 3072], and the list `labels`. Python 3 may have made its keys bytes. */
function parsePickled(path: string, bytes: Uint8Array): Records {
  const value = unpickle(bytes, {
    fail: (what, at) => fail(path, `byte ${at}: ${what}`),
    storage: (_, context) => context.fail('it refers to a storage'),
    findGlobal: findNumpyGlobal,
  });
  if (!(value instanceof Map)) fail(path, 'it holds no dict');
  const dict = new Map(
    [...value].map(([key, v]) => [key instanceof Uint8Array ? Buffer.from(key).toString() : key, v]),
  );
  const data = dict.get('data');
  const labels = dict.get('labels');
  if (!(data instanceof NumpyArray) || data.shape.length !== 2 || data.shape[1] !== pictureBytes)
    fail(path, `"data" is no array of uint8 [records, ${pictureBytes}]`);
  if (!Array.isArray(labels) || labels.length !== data.shape[0])
    fail(path, `"labels" is no list of ${data.shape[0]} labels`);
  return { pixels: data.bytes, labels };
}

// Where a file may lie, in both layouts, below the folder that holds the layout's folder or in that folder itself.
const places = (root: string, name: string) => [
  { path: join(root, 'cifar-10-batches-py', name), parse: parsePickled },
  { path: join(root, 'cifar-10-batches-bin', `${name}.bin`), parse: parseBinary },
  { path: join(root, `${name}.bin`), parse: parseBinary },
  { path: join(root, name), parse: parsePickled },
];

/** Reads `data_batch_1` and its like from whichever layout is there. */
export async function readRecords(root: string, name: string, classes: number): Promise<Records> {
  for (const { path, parse } of places(root, name)) {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) continue;
      throw error;
    }
    const records = parse(path, bytes);
    checkLabels(path, records.labels, classes);
    return records;
  }
  const tried = places(root, name).map(({ path }) => path);
  throw new CressetError(`CIFAR10: ${name} was not found; looked for ${tried.join(', ')}`);
}

/** Whether a file of this name is there, in either layout. */
export async function hasRecords(root: string, name: string): Promise<boolean> {
  const found = await Promise.allSettled(places(root, name).map(({ path }) => access(path)));
  return found.some(({ status }) => status === 'fulfilled');
}
