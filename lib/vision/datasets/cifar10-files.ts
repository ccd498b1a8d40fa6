// The files of CIFAR-10: the binary layout and the pickled one, any number of records in each file.
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CressetError } from '../../errors.js';
import { findNumpyGlobal, NumpyArray } from '../../serialization/numpy.js';
import { unpickle } from '../../serialization/unpickle.js';

/** The names of the classes, by index. */
export const classes = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
] as const;

/** The bytes of one picture: 32x32 pixels, channel by channel. */
export const pictureBytes = 3072;
const recordBytes = 1 + pictureBytes;
const maxFileBytes = 2 ** 30;

/** Pictures, `pictureBytes` each, and the class of each. */
export interface Records {
  pictures: Uint8Array;
  labels: number[];
}

interface Layout {
  folder: string;
  train: readonly string[];
  test: readonly string[];
  parse(path: string, bytes: Uint8Array): Records;
}

const numbers = [1, 2, 3, 4, 5];
const binary: Layout = {
  folder: 'cifar-10-batches-bin',
  train: numbers.map((i) => `data_batch_${i}.bin`),
  test: ['test_batch.bin'],
  parse: parseBinary,
};
const pickled: Layout = {
  folder: 'cifar-10-batches-py',
  train: numbers.map((i) => `data_batch_${i}`),
  test: ['test_batch'],
  parse: parsePickled,
};

/** The folder and files of the layout that `download` fetches. */
export const pickledFolder: string = pickled.folder;
export const pickledFiles: readonly string[] = [...pickled.train, ...pickled.test];

/** The names among `names` that `folder` lacks. */
export async function missingFiles(folder: string, names: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const name of names)
    try {
      await stat(join(folder, name));
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      missing.push(name);
    }
  return missing;
}

const places = (root: string) =>
  [binary, pickled].flatMap((layout) => [
    { layout, folder: join(root, layout.folder) },
    { layout, folder: root },
  ]);

/** Whether `root` holds all training and test files of one layout. */
export async function isComplete(root: string): Promise<boolean> {
  for (const { layout, folder } of places(root))
    if ((await missingFiles(folder, [...layout.train, ...layout.test])).length === 0) return true;
  return false;
}

/**
 * Reads the training files or the test file below `root`, in the first layout that has them all.
 * @throws CressetError that names the file which is missing, truncated or no CIFAR-10 file.
 */
export async function readRecords(root: string, train: boolean): Promise<Records> {
  const part = train ? 'train' : 'test';
  let nearest: string | undefined;
  for (const { layout, folder } of places(root)) {
    const names = layout[part];
    const missing = await missingFiles(folder, names);
    if (missing.length > 0) {
      if (missing.length < names.length) nearest ??= join(folder, missing[0]!);
      continue;
    }
    const parts: Records[] = [];
    for (const name of names) {
      const path = join(folder, name);
      parts.push(layout.parse(path, await readWhole(path)));
    }
    return { pictures: Buffer.concat(parts.map((p) => p.pictures)), labels: parts.flatMap((p) => p.labels) };
  }
  if (nearest !== undefined)
    throw new CressetError(`CIFAR10: ${nearest} was not found, though files beside it are there`);
  const looked = places(root).map(({ layout, folder }) => join(folder, layout[part][0]!));
  throw new CressetError(
    `CIFAR10: no ${part === 'train' ? 'training' : 'test'} files were found; looked for ${looked.join(', ')}`,
  );
}

async function readWhole(path: string): Promise<Uint8Array> {
  // A named pipe would block `open` for ever.
  const { size } = await regularFile(path);
  if (size > maxFileBytes)
    throw new CressetError(`CIFAR10: ${path} has ${size} bytes, expected at most ${maxFileBytes}`);
  const file = await open(path, 'r');
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function regularFile(path: string): Promise<{ size: number }> {
  const found = await stat(path);
  if (!found.isFile()) throw new CressetError(`CIFAR10: ${path} is no regular file`);
  return found;
}

function checkLabel(path: string, index: number, label: unknown): number {
  if (typeof label !== 'number' || !Number.isInteger(label) || label < 0 || label >= classes.length)
    throw new CressetError(
      `CIFAR10: record ${index} of ${path} has the label ${describe(label)}, expected 0 to ${classes.length - 1}`,
    );
  return label;
}

function parseBinary(path: string, bytes: Uint8Array): Records {
  const count = bytes.length / recordBytes;
  if (count === 0 || !Number.isInteger(count))
    throw new CressetError(
      `CIFAR10: ${path} has ${bytes.length} bytes, which is no whole number of records of ${recordBytes} bytes; is it truncated?`,
    );
  const pictures = new Uint8Array(count * pictureBytes);
  const labels: number[] = [];
  for (let i = 0; i < count; i++) {
    const from = i * recordBytes;
    labels.push(checkLabel(path, i, bytes[from]!));
    pictures.set(bytes.subarray(from + 1, from + recordBytes), i * pictureBytes);
  }
  return { pictures, labels };
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof NumpyArray) return `an array of shape [${value.shape.join(', ')}]`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(String(value).slice(0, 40));
}

function parsePickled(path: string, bytes: Uint8Array): Records {
  const fail = (what: string): never => {
    throw new CressetError(`CIFAR10: ${path}: ${what}`);
  };
  let batch: unknown;
  try {
    batch = unpickle(bytes, {
      fail: (what, at) => fail(`byte ${at} of ${bytes.length}: ${what}`),
      storage: (_, context) => context.fail('it names a storage, which only checkpoints have'),
      findGlobal: findNumpyGlobal,
      // A label and a file name take about a dozen opcodes for each picture.
      maxOperations: 4096 + Math.floor(bytes.length / 64),
    });
  } catch (error) {
    const { name, code, message } = error as NodeJS.ErrnoException;
    if (name === 'RangeError' || code === 'ERR_STRING_TOO_LONG') fail(message);
    throw error;
  }
  if (!(batch instanceof Map)) return fail(`it holds ${describe(batch)}, expected a dict`);
  const field = (name: string): unknown => {
    for (const [key, value] of batch)
      if (key === name || (key instanceof Uint8Array && Buffer.from(key).toString('latin1') === name)) return value;
    return undefined;
  };
  const data = field('data');
  const labels = field('labels');
  if (!(data instanceof NumpyArray) || data.shape.length !== 2 || data.shape[1] !== pictureBytes || data.shape[0] === 0)
    return fail(`its "data" is ${describe(data)}, expected an array of shape [N, ${pictureBytes}]`);
  if (!Array.isArray(labels) || labels.length !== data.shape[0])
    return fail(`its "labels" is ${describe(labels)}, expected a list of ${data.shape[0]}, as "data" has pictures`);
  return { pictures: data.bytes, labels: labels.map((label, i) => checkLabel(path, i, label)) };
}
