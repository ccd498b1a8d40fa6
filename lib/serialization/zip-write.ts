// Writes the zip archives of torch.save: stored entries whose data begin at multiples of 64 bytes.
import type { FileHandle } from 'node:fs/promises';
import { native } from '../native.js';
import { type Contents, contentsOf } from './chunks.js';
import { replaceFile, writeAll } from './replace.js';

/** One file of an archive. */
export interface ZipEntry {
  name: string;
  data: Uint8Array | Contents;
}

const alignment = 64;
const limit32 = 0xffffffff;
const limit16 = 0xffff;

class Fields {
  readonly #parts: Buffer[] = [];
  u16(...values: number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(2);
      part.writeUInt16LE(value);
      this.#parts.push(part);
    }
    return this;
  }
  u32(...values: number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(4);
      part.writeUInt32LE(value);
      this.#parts.push(part);
    }
    return this;
  }
  u64(...values: number[]): this {
    for (const value of values) {
      const part = Buffer.alloc(8);
      part.writeBigUInt64LE(BigInt(value));
      this.#parts.push(part);
    }
    return this;
  }
  raw(part: Uint8Array): this {
    this.#parts.push(Buffer.from(part));
    return this;
  }
  buffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

interface Placed {
  name: Buffer;
  crc: number;
  size: number;
  offset: number;
}

// 1980-01-01, so that equal contents give equal files.
const timeAndDate: [number, number] = [0, 0x21];
const utf8Names = 0x800;

function localHeader(entry: Placed, zip64: boolean): Buffer {
  const large = zip64 ? new Fields().u16(1, 16).u64(entry.size, entry.size).buffer() : Buffer.alloc(0);
  // As PyTorch does it: an extra field 'FB' of as many 'Z' as bring the data to the boundary.
  const unpadded = entry.offset + 30 + entry.name.length + large.length + 4;
  const padding = (alignment - (unpadded % alignment)) % alignment;
  const size = zip64 ? limit32 : entry.size;
  return new Fields()
    .u32(0x04034b50)
    .u16(zip64 ? 45 : 20, utf8Names, 0, ...timeAndDate)
    .u32(entry.crc, size, size)
    .u16(entry.name.length, large.length + 4 + padding)
    .raw(entry.name)
    .raw(large)
    .raw(Buffer.from('FB'))
    .u16(padding)
    .raw(Buffer.alloc(padding, 'Z'))
    .buffer();
}

function centralHeader(entry: Placed, zip64: boolean): Buffer {
  const extra = zip64 ? new Fields().u16(1, 24).u64(entry.size, entry.size, entry.offset).buffer() : Buffer.alloc(0);
  const size = zip64 ? limit32 : entry.size;
  return new Fields()
    .u32(0x02014b50)
    .u16(zip64 ? 45 : 20, zip64 ? 45 : 20, utf8Names, 0, ...timeAndDate)
    .u32(entry.crc, size, size)
    .u16(entry.name.length, extra.length, 0, 0, 0)
    .u32(0, zip64 ? limit32 : entry.offset)
    .raw(entry.name)
    .raw(extra)
    .buffer();
}

function endOfDirectory(count: number, size: number, offset: number, zip64: boolean): Buffer {
  const fields = new Fields();
  if (zip64) {
    fields.u32(0x06064b50).u64(44).u16(45, 45).u32(0, 0).u64(count, count, size, offset);
    fields
      .u32(0x07064b50, 0)
      .u64(offset + size)
      .u32(1);
  }
  const [count16, size32, offset32] = zip64 ? [limit16, limit32, limit32] : [count, size, offset];
  return fields.u32(0x06054b50).u16(0, 0, count16, count16).u32(size32, offset32).u16(0).buffer();
}

/** Writes the contents chunk by chunk, and gives their CRC-32. */
async function writeContents(file: FileHandle, contents: Contents, position: number): Promise<number> {
  let crc = 0;
  await contents.stream((chunk, at) => {
    const written = writeAll(file, chunk, position + at);
    crc = native.crc32(chunk, crc); // meanwhile
    return written;
  });
  return crc;
}

async function writeEntries(file: FileHandle, entries: readonly ZipEntry[], zip64From: number): Promise<void> {
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of entries) {
    const contents = data instanceof Uint8Array ? contentsOf(data) : data;
    const placed = { name: Buffer.from(name), crc: 0, size: contents.byteLength, offset };
    const zip64 = Math.max(placed.size, offset) >= zip64From;
    // The header comes first, but its CRC-32 is known only after the contents.
    const { length } = localHeader(placed, zip64);
    placed.crc = await writeContents(file, contents, offset + length);
    await writeAll(file, localHeader(placed, zip64), offset);
    central.push(centralHeader(placed, zip64));
    offset += length + placed.size;
  }
  const directory = Buffer.concat(central);
  const zip64 = offset + directory.length >= zip64From || entries.length >= limit16;
  await writeAll(file, directory, offset);
  await writeAll(file, endOfDirectory(entries.length, directory.length, offset, zip64), offset + directory.length);
}

/**
 * Writes an archive that replaces `path` as a whole. Sizes or offsets from `zip64From` on are written as zip64.
 * @throws The system's error where the folder cannot be written.
 */
export function writeZip(path: string, entries: readonly ZipEntry[], zip64From: number = limit32): Promise<void> {
  return replaceFile(path, (file) => writeEntries(file, entries, zip64From));
}
