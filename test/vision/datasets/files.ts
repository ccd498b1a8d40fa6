// Data set files made by hand, and pictures to put into them.
import { createHash } from 'node:crypto';
import { crc32, deflateSync, gzipSync } from 'node:zlib';

export const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

/** Byte `k` of picture `i`; neighbours differ, and so do pictures. */
export const byteOf = (i: number, k: number) => (31 * i + 7 * k + (k >> 5)) % 256;
export const pictureOf = (i: number, bytes: number) => Uint8Array.from({ length: bytes }, (_, k) => byteOf(i, k));

/** An IDX file with this header and these bytes. */
export function idx(shape: readonly number[], data: Uint8Array, type = 8): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header[2] = type;
  header[3] = shape.length;
  shape.forEach((n, i) => {
    header.writeUInt32BE(n, 4 + 4 * i);
  });
  return Buffer.concat([header, data]);
}

/** The files of images and labels for `targets`, with pictures of `side` by `side`. */
export function idxPair(targets: readonly number[]): { images: Buffer; labels: Buffer } {
  const pictures = targets.map((_, i) => pictureOf(i, 28 * 28));
  return {
    images: idx([targets.length, 28, 28], Buffer.concat(pictures)),
    labels: idx([targets.length], Uint8Array.from(targets)),
  };
}

const numbers = { 1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8 };

/** An element of a MATLAB file; up to 4 bytes go into the tag, as MATLAB writes them. */
function element(type: number, data: Uint8Array): Buffer {
  const tag = Buffer.alloc(8);
  if (data.length > 0 && data.length <= 4) {
    tag.writeUInt32LE((data.length << 16) | type);
    tag.set(data, 4);
    return tag;
  }
  tag.writeUInt32LE(type);
  tag.writeUInt32LE(data.length, 4);
  return Buffer.concat([tag, data, Buffer.alloc(type === 15 ? 0 : (8 - (data.length % 8)) % 8)]);
}

export interface MatVariable {
  name: string;
  shape: readonly number[];
  /** The class of the array (6 double, 9 uint8) and the type of its numbers in the file (2 uint8, 9 double). */
  kind: number;
  type: keyof typeof numbers;
  data: Uint8Array;
  flags?: number;
  compressed?: boolean;
}

/** A MATLAB file of version 5. */
export function mat(variables: readonly MatVariable[], version = '\x00\x01IM'): Buffer {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file', 0, 'latin1');
  header.fill(0, 116, 124);
  header.write(version, 124, 'latin1');
  const words = (values: readonly number[]) => Buffer.from(Int32Array.from(values).buffer);
  const elements = variables.map(({ name, shape, kind, type, data, flags = 0, compressed = true }) => {
    const parts = [
      element(6, words([kind | flags, 0])),
      element(5, words(shape)),
      element(1, Buffer.from(name, 'latin1')),
      element(type, data),
    ];
    const matrix = element(14, Buffer.concat(parts));
    return compressed ? element(15, deflateSync(matrix)) : matrix;
  });
  return Buffer.concat([header, ...elements]);
}

interface TarEntry {
  name: string;
  type?: string;
  link?: string;
  data?: string | Uint8Array;
  mode?: number;
}

/** A gzipped tar archive made by hand, as no archiver would. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, type = '0', link = '', data = '', mode = 0o644 }) => {
    const header = Buffer.alloc(512);
    const contents = Buffer.from(data as string);
    const field = (text: string, at: number) => header.write(text, at, 'latin1');
    field(name, 0);
    field(`${mode.toString(8).padStart(7, '0')}\0`, 100);
    field(`${contents.length.toString(8).padStart(11, '0')}\0`, 124);
    field('00000000000\0        ', 136);
    field(type, 156);
    field(link, 157);
    field('ustar\0' + '00', 257);
    const sum = header.reduce((a, b) => a + b, 0);
    field(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, contents, Buffer.alloc((512 - (contents.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

interface ZipEntry {
  name: string;
  data?: Uint8Array;
  /** The kind of file and its rights, as Unix has them. */
  mode?: number;
}

/** A zip archive of stored entries made by hand. */
export function zipOf(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, data = Buffer.alloc(0), mode = 0o100644 } of entries) {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(at, 10);
    const made = Buffer.from([20, 3]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), made, common, tail, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}

/** What Python 2 pickles of a CIFAR-100 batch: byte strings and an array of bytes. */
export function cifar100Pickle(fine: readonly number[], data: Uint8Array): Buffer {
  const text = (value: string | Uint8Array) => {
    const bytes = Buffer.from(value as string);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bytes.length);
    return Buffer.concat([Buffer.from('T'), size, bytes]);
  };
  const raw = (value: string) => Buffer.from(value, 'latin1');
  const list = (values: readonly number[]) => raw(`](${values.map((n) => `K${String.fromCharCode(n)}`).join('')}e`);
  const count = String.fromCharCode(fine.length);
  return Buffer.concat([
    raw('\x80\x02}('),
    text('fine_labels'),
    list(fine),
    text('coarse_labels'),
    list(fine.map((label) => label % 20)),
    text('data'),
    raw('cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R'),
    raw(
      `(K\x01K${count}M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89`,
    ),
    text(data),
    raw('tbu.'),
  ]);
}
