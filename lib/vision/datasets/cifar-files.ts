// The files of CIFAR-10 and CIFAR-100: the binary layout and the pickled one, any number of records in each file.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CressetError } from '../../errors.js';
import { findNumpyGlobal, NumpyArray } from '../../serialization/numpy.js';
import { unpickle } from '../../serialization/unpickle.js';
import { missingFiles } from './archive.js';
import { regularSize, sharedBytes } from './bytes.js';
import type { Pictures } from './vision-dataset.js';

const side = 32;
const pixels = side * side;
/** The bytes of one picture: 32x32 pixels, in the files channel by channel. */
const pictureBytes = 3 * pixels;
const maxFileBytes = 2 ** 30;

/** Where the files of one layout lie below the root. */
export interface Layout {
  folder: string;
  train: readonly string[];
  test: readonly string[];
}

/** What tells CIFAR-10 and CIFAR-100 apart. */
export interface Family {
  name: string;
  classes: readonly string[];
  binary: Layout;
  pickled: Layout;
  /** The bytes before a picture in the binary layout, the last of which is its class. */
  labelBytes: number;
  /** The key of the classes in the pickled layout. */
  labelKey: string;
}

/** The pictures of one file, as they lie there, and the class of each. */
interface Records {
  pictures: Uint8Array;
  labels: number[];
}

const layouts = ({ binary, pickled }: Family) => [
  { ...binary, parse: parseBinary },
  { ...pickled, parse: parsePickled },
];
const places = (root: string, family: Family) =>
  layouts(family).flatMap((layout) => [
    { layout, folder: join(root, layout.folder) },
    { layout, folder: root },
  ]);

/** Whether `root` holds all training and test files of one layout. */
export async function isComplete(root: string, family: Family): Promise<boolean> {
  for (const { layout, folder } of places(root, family))
    if ((await missingFiles(folder, [...layout.train, ...layout.test])).length === 0) return true;
  return false;
}

/**
 * Reads the training files or the test file below `root`, in the first layout that has them all.
 * @throws CressetError that names the file which is missing, truncated or none of the data set.
 */
export async function readPictures(root: string, train: boolean, family: Family): Promise<Pictures> {
  const part = train ? 'train' : 'test';
  let nearest: string | undefined;
  for (const { layout, folder } of places(root, family)) {
    const names = layout[part];
    const missing = await missingFiles(folder, names);
    if (missing.length > 0) {
      if (missing.length < names.length) nearest ??= join(folder, missing[0]!);
      continue;
    }
    const parts: Records[] = [];
    for (const name of names) {
      const path = join(folder, name);
      parts.push(layout.parse(path, await readWhole(path, family), family));
    }
    return {
      data: await rowsOf(parts, family),
      width: side,
      height: side,
      channels: 3,
      targets: parts.flatMap((p) => p.labels),
    };
  }
  if (nearest !== undefined)
    throw new CressetError(`${family.name}: ${nearest} was not found, though files beside it are there`);
  const looked = places(root, family).map(({ layout, folder }) => join(folder, layout[part][0]!));
  throw new CressetError(
    `${family.name}: no ${train ? 'training' : 'test'} files were found; looked for ${looked.join(', ')}`,
  );
}

/** The pictures of all files in rows with the channels innermost. */
async function rowsOf(parts: readonly Records[], { name }: Family): Promise<Uint8Array> {
  const total = parts.reduce((sum, { pictures }) => sum + pictures.length, 0);
  const rows = sharedBytes(total, (what) => {
    throw new CressetError(`${name}: ${what}`);
  });
  let to = 0;
  for (const { pictures } of parts)
    for (let start = 0; start < pictures.length; start += pictureBytes) {
      if (start % (512 * pictureBytes) === 0) await setImmediate(); // Others have their turn.
      for (let i = start; i < start + pixels; i++) {
        rows[to++] = pictures[i]!;
        rows[to++] = pictures[i + pixels]!;
        rows[to++] = pictures[i + 2 * pixels]!;
      }
    }
  return rows;
}

async function readWhole(path: string, { name }: Family): Promise<Uint8Array> {
  const size = await regularSize(path, name);
  if (size > maxFileBytes)
    throw new CressetError(`${name}: ${path} has ${size} bytes, expected at most ${maxFileBytes}`);
  return await readFile(path);
}

function checkLabel(path: string, index: number, label: unknown, { name, classes }: Family): number {
  if (typeof label !== 'number' || !Number.isInteger(label) || label < 0 || label >= classes.length)
    throw new CressetError(
      `${name}: record ${index} of ${path} has the label ${describe(label)}, expected 0 to ${classes.length - 1}`,
    );
  return label;
}

function parseBinary(path: string, bytes: Uint8Array, family: Family): Records {
  const { name, labelBytes } = family;
  const recordBytes = labelBytes + pictureBytes;
  const count = bytes.length / recordBytes;
  if (count === 0 || !Number.isInteger(count))
    throw new CressetError(
      `${name}: ${path} has ${bytes.length} bytes, which is no whole number of records of ${recordBytes} bytes; is it truncated?`,
    );
  const pictures = new Uint8Array(count * pictureBytes);
  const labels: number[] = [];
  for (let i = 0; i < count; i++) {
    const from = i * recordBytes + labelBytes;
    labels.push(checkLabel(path, i, bytes[from - 1]!, family));
    pictures.set(bytes.subarray(from, from + pictureBytes), i * pictureBytes);
  }
  return { pictures, labels };
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value instanceof NumpyArray) return `an array of shape [${value.shape.join(', ')}]`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(String(value).slice(0, 40));
}

function parsePickled(path: string, bytes: Uint8Array, family: Family): Records {
  const fail = (what: string): never => {
    throw new CressetError(`${family.name}: ${path}: ${what}`);
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
  const labels = field(family.labelKey);
  if (!(data instanceof NumpyArray) || data.shape.length !== 2 || data.shape[1] !== pictureBytes || data.shape[0] === 0)
    return fail(`its "data" is ${describe(data)}, expected an array of shape [N, ${pictureBytes}]`);
  if (!Array.isArray(labels) || labels.length !== data.shape[0])
    return fail(
      `its "${family.labelKey}" is ${describe(labels)}, expected a list of ${data.shape[0]}, as "data" has pictures`,
    );
  return { pictures: data.bytes, labels: labels.map((label, i) => checkLabel(path, i, label, family)) };
}
