// Reads what is new in an event file, in pieces, while others may still write it.
import { type FileHandle, open } from 'node:fs/promises';
import { crc32c, masked } from '../tensorboard/record.js';

const pieceSize = 1 << 20;
/** The longest record that is read. */
const longestRecord = 256 << 20;

/** Takes the record that lies between two places of `buffer`, and at byte `at` of its file. */
export type Visit = (buffer: Uint8Array, start: number, end: number, at: number) => void;

/** How far a file is read, and what ended that. */
export interface Progress {
  /** All records up to this byte are read. */
  offset: number;
  /** Why nothing behind it is read; null where there is nothing but perhaps a record that is half written. */
  problem: string | null;
}

// As much of `buffer` from `filled` on as the file has.
async function fill(handle: FileHandle, buffer: Uint8Array, filled: number, position: number): Promise<number> {
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

/**
 * Hands the whole records of the file at `path` from byte `offset` on to `visit`. Stops quietly where a record is not written to its
 * end, and with the reason where one is damaged or too long; `stopped`, which is told how far it is after each piece, ends it early.
 */
export async function readRecords(
  path: string,
  offset: number,
  visit: Visit,
  stopped: (offset: number) => boolean = () => false,
): Promise<Progress> {
  const handle = await open(path);
  try {
    let buffer = new Uint8Array(pieceSize);
    for (;;) {
      const filled = await fill(handle, buffer, 0, offset);
      const { used, needed, problem } = takeRecords(buffer, filled, offset, visit);
      offset += used;
      if (stopped(offset) || problem !== null) return { offset, problem };
      // What is asked for is not there, so it is not reserved either.
      if (used === 0 && (filled < buffer.length || (await handle.stat()).size - offset < needed))
        return { offset, problem: null };
      buffer =
        needed > buffer.length
          ? new Uint8Array(needed)
          : buffer.length > pieceSize
            ? new Uint8Array(pieceSize)
            : buffer;
    }
  } finally {
    await handle.close();
  }
}

interface Taken {
  used: number;
  /** The size of the record that follows, as far as it is known. */
  needed: number;
  problem: string | null;
}

function takeRecords(buffer: Uint8Array, filled: number, offset: number, visit: Visit): Taken {
  const view = new DataView(buffer.buffer);
  let at = 0;
  while (filled - at >= 12) {
    const wrong = (problem: string): Taken => ({ used: at, needed: 0, problem: `${problem} at byte ${offset + at}` });
    if (masked(crc32c(buffer, at, at + 8)) !== view.getUint32(at + 8, true))
      return wrong('the checksum of the length is wrong');
    const length = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
    if (length > longestRecord)
      return wrong(`a record of ${length} bytes is longer than the ${longestRecord} that are read,`);
    const end = at + 12 + length;
    if (end + 4 > filled) return { used: at, needed: length + 16, problem: null };
    if (masked(crc32c(buffer, at + 12, end)) !== view.getUint32(end, true))
      return wrong('the checksum of the record is wrong');
    try {
      visit(buffer, at + 12, end, offset + at + 12);
    } catch (error) {
      // Only what the bytes say; faults of ours go on.
      if (!(error instanceof RangeError)) throw error;
      return wrong(`the record is no event: ${error.message},`);
    }
    at = end + 4;
  }
  return { used: at, needed: 12, problem: null };
}

/** `length` bytes of the file at `path` from `offset` on. Throws where it has become shorter. */
export async function readBytes(path: string, offset: number, length: number): Promise<Uint8Array> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    if (offset + length > size) throw new RangeError(`${path} has become shorter`);
    const bytes = new Uint8Array(length);
    if ((await fill(handle, bytes, 0, offset)) < length) throw new RangeError(`${path} has become shorter`);
    return bytes;
  } finally {
    await handle.close();
  }
}
