// Files in pieces, so that what is read or written is never in memory as a whole.
import type { FileHandle } from 'node:fs/promises';

/** Bytes read, written or summed at once, between which the event loop turns; a multiple of every number's size. */
export const chunkSize = 1 << 22;

/** Takes what was read of a range, from its byte `at` on; the bytes are good until the next call. */
export type Sink = (chunk: Uint8Array, at: number) => void;

/** Something of which bytes can be copied out. */
export interface Contents {
  readonly byteLength: number;
  /** Fills `out` with the bytes from `at` on. */
  copyTo(at: number, out: Uint8Array): void;
}

/** Bytes as contents. */
export const contentsOf = (bytes: Uint8Array): Contents => ({
  byteLength: bytes.length,
  copyTo: (at, out) => out.set(bytes.subarray(at, at + out.length)),
});

async function fill(file: FileHandle, position: number, chunk: Uint8Array): Promise<number> {
  let length = 0;
  while (length < chunk.length) {
    const { bytesRead } = await file.read(chunk, length, chunk.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

/** Reads `length` bytes from `position` on and hands them to `sink`; a chunk is read while the one before is taken. */
export async function readChunks(
  file: FileHandle,
  position: number,
  length: number,
  sink: Sink,
  /** Told how many bytes there were where the file ends before. */
  short: (bytes: number) => never,
): Promise<void> {
  const buffers = [0, 1].map((i) => new Uint8Array(Math.max(0, Math.min(chunkSize, length - i * chunkSize))));
  const begin = (at: number): Promise<number> => {
    const chunk = buffers[(at / chunkSize) % 2]!.subarray(0, Math.min(chunkSize, length - at));
    const read = fill(file, position + at, chunk);
    // Where the chunk before fails, nobody waits for this one any more.
    read.catch(() => undefined);
    return read;
  };
  let next = begin(0);
  for (let at = 0; at < length; at += chunkSize) {
    const wanted = Math.min(chunkSize, length - at);
    const got = await next;
    if (got < wanted) short(at + got);
    if (at + chunkSize < length) next = begin(at + chunkSize);
    sink(buffers[(at / chunkSize) % 2]!.subarray(0, wanted), at);
  }
  await next;
}
