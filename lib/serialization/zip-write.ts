// Writes the zip archives of torch.save: stored entries whose data begin at multiples of 64 bytes.
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

/** One file of an archive. */
export interface ZipEntry {
  name: string;
  data: Uint8Array;
}

/** Bytes read, written or summed at once, between which the event loop turns. */
export const chunkSize = 1 << 23;

const alignment = 64;
const limit32 = 0xffffffff;
const limit16 = 0xffff;

/** The CRC-32 of `data`, computed without blocking the event loop for long. */
export async function crcOf(data: Uint8Array): Promise<number> {
  let crc = 0;
  for (let from = 0; from < data.length; from += chunkSize) {
    if (from > 0) await nextTurn();
    crc = crc32(data.subarray(from, from + chunkSize), crc);
  }
  return crc;
}

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

async function writeAll(file: FileHandle, data: Uint8Array): Promise<void> {
  for (let at = 0; at < data.length; )
    at += (await file.write(data, at, Math.min(chunkSize, data.length - at))).bytesWritten;
}

async function writeEntries(file: FileHandle, entries: readonly ZipEntry[], zip64From: number): Promise<void> {
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of entries) {
    const placed = { name: Buffer.from(name), crc: await crcOf(data), size: data.length, offset };
    const zip64 = Math.max(data.length, offset) >= zip64From;
    const header = localHeader(placed, zip64);
    await writeAll(file, header);
    await writeAll(file, data);
    central.push(centralHeader(placed, zip64));
    offset += header.length + data.length;
  }
  const directory = Buffer.concat(central);
  const zip64 = offset + directory.length >= zip64From || entries.length >= limit16;
  await writeAll(file, directory);
  await writeAll(file, endOfDirectory(entries.length, directory.length, offset, zip64));
}

async function syncFolder(folder: string): Promise<void> {
  // Not every system can open a folder; the file itself is on disk by then.
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/**
 * Writes an archive under a temporary name in the same folder, flushes it and renames it, so that after a crash `path` is the old file
 * or the new one. Sizes or offsets from `zip64From` on are written as zip64.
 * @throws The system's error where the folder cannot be written; no temporary file is left behind.
 */
export async function writeZip(path: string, entries: readonly ZipEntry[], zip64From: number = limit32): Promise<void> {
  // A link stays a link: the file it points to is replaced.
  const target = await realpath(path).catch(() => path);
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target)}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(temporary, 'wx');
  try {
    try {
      await writeEntries(file, entries, zip64From);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
}
