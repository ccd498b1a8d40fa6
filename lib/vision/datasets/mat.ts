// MATLAB's files of version 5 (and 6 and 7, which only add zlib), as far as they hold real numbers.
import { CressetError } from '../../errors.js';
import { ByteReader, maxInflation, regularSize, type Span, sharedBytes } from './bytes.js';

type Numbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Real numbers in the order of MATLAB, in which the first dimension changes fastest. */
export interface MatArray {
  shape: number[];
  data: Numbers;
}

// The types of numbers in a file by their codes, with the views that show them.
interface View {
  new (buffer: ArrayBufferLike, offset: number, length: number): Numbers;
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
}
const numbers = new Map<number, View>([
  [1, Int8Array],
  [2, Uint8Array],
  [3, Int16Array],
  [4, Uint16Array],
  [5, Int32Array],
  [6, Uint32Array],
  [7, Float32Array],
  [9, Float64Array],
]);
const codes = { int8: 1, int32: 5, uint32: 6, matrix: 14, compressed: 15 };

// The classes that hold numbers: double, single and the integers up to 32 bits.
const numeric = (kind: number) => kind >= 6 && kind <= 13;
const isComplex = (flags: number) => (flags & 0x800) !== 0;

const padding = (bytes: number) => (8 - (bytes % 8)) % 8;

/** What stands before an element's data; small data stand in the tag itself. */
interface Tag {
  type: number;
  bytes: number;
  small?: Buffer;
}

async function readTag(reader: ByteReader): Promise<Tag> {
  const head = await reader.read(8);
  const word = head.readUInt32LE(0);
  const bytes = word >>> 16;
  if (bytes === 0) return { type: word, bytes: head.readUInt32LE(4) };
  if (bytes > 4) reader.fail(`an element in a tag claims ${bytes} bytes, expected at most 4`);
  return { type: word & 0xffff, bytes, small: head.subarray(4, 4 + bytes) };
}

/** The data of an element whose tag was read, without what fills it up to 8 bytes. */
async function readData(reader: ByteReader, { bytes, small }: Tag, into: Uint8Array): Promise<Uint8Array> {
  if (small !== undefined) into.set(small);
  else {
    await reader.fill(into);
    await reader.read(padding(bytes));
  }
  return into;
}

/** A short element of a known type. */
async function readSmall(reader: ByteReader, type: number, what: string, most: number): Promise<Buffer> {
  const tag = await readTag(reader);
  if (tag.type !== type || tag.bytes > most)
    reader.fail(
      `${what} of an array are ${tag.bytes} bytes of type ${tag.type}, expected type ${type}, at most ${most}`,
    );
  return (await readData(reader, tag, Buffer.alloc(tag.bytes))) as Buffer;
}

/** The array of the matrix that follows its tag, or null where its name is not wanted; then the rest is not read. */
async function readMatrix(
  reader: ByteReader,
  wanted: readonly string[],
  most: number,
): Promise<[string, MatArray] | null> {
  const { fail } = reader;
  const flags = await readSmall(reader, codes.uint32, 'the flags', 8);
  if (flags.length !== 8) fail(`the flags of an array are ${flags.length} bytes, expected 8`);
  const sizes = await readSmall(reader, codes.int32, 'the dimensions', 4 * 32);
  const name = (await readSmall(reader, codes.int8, 'the name', 4096)).toString('latin1');
  if (!wanted.includes(name)) return null;
  const flag = flags.readUInt32LE(0);
  if (!numeric(flag & 0xff) || isComplex(flag))
    fail(`${name} is no array of real numbers (its class is ${flag & 0xff})`);
  const shape = Array.from({ length: sizes.length >> 2 }, (_, i) => sizes.readInt32LE(4 * i));
  const count = shape.reduce((a, b) => a * b, 1);
  const tag = await readTag(reader);
  const View = numbers.get(tag.type) ?? fail(`${name} has numbers of type ${tag.type}, which are none that are known`);
  if (shape.length < 2 || shape.some((n) => n < 0) || count * View.BYTES_PER_ELEMENT !== tag.bytes)
    fail(`${name} has the shape [${shape.join(', ')}] and ${tag.bytes} bytes of ${View.name}, which do not fit`);
  if (tag.bytes > most) fail(`${name} claims ${tag.bytes} bytes, and there are at most ${most}; is it truncated?`);
  const bytes = await readData(reader, tag, sharedBytes(tag.bytes, fail));
  return [name, { shape, data: new View(bytes.buffer, 0, count) }];
}

/**
 * The arrays called `names` in a MATLAB file.
 * @throws CressetError that begins with `op` and names the file: for another format, arrays that are missing or hold no real numbers, and
 * sizes that do not fit.
 */
export async function readMat(path: string, names: readonly string[], op: string): Promise<Map<string, MatArray>> {
  const fileSize = await regularSize(path, op);
  const fail = (what: string): never => {
    throw new CressetError(`${op}: ${path}: ${what}`);
  };
  /** What `work` makes of a part of the file. */
  async function within<T>(span: Span, work: (reader: ByteReader) => Promise<T>): Promise<T> {
    const reader = new ByteReader(path, fail, span);
    try {
      return await work(reader);
    } finally {
      await reader.close();
    }
  }
  const header = await within({ end: 128 }, (reader) => reader.read(128));
  const version = header.toString('latin1', 124);
  // The versions 7.3 and 4 have another mark, or none, in this place.
  if (version !== '\x00\x01IM')
    fail(`it is no MATLAB file of version 5 with the lowest byte first: its version is ${JSON.stringify(version)}`);
  const found = new Map<string, MatArray>();
  for (let at = 128; at < fileSize && found.size < names.length; ) {
    const { type, bytes } = await within({ start: at, end: at + 8 }, readTag);
    const start = at + 8;
    at = start + bytes + (type === codes.compressed ? 0 : padding(bytes));
    if (at > fileSize) fail(`an element of ${bytes} bytes at ${start - 8} ends behind the file, at ${fileSize}`);
    if (type !== codes.matrix && type !== codes.compressed) continue;
    const packed = type === codes.compressed;
    const array = await within({ start, end: start + bytes, packing: packed ? 'zlib' : undefined }, async (reader) => {
      if (packed && (await readTag(reader)).type !== codes.matrix) fail(`what is compressed at ${start} is no array`);
      return await readMatrix(reader, names, packed ? bytes * maxInflation : bytes);
    });
    if (array === null) continue;
    if (found.has(array[0])) fail(`it has two arrays ${array[0]}`);
    found.set(...array);
  }
  for (const name of names) if (!found.has(name)) fail(`it has no array ${name}`);
  return found;
}
