// Files in pieces, so that what is read or written is never in memory as a whole.
import type { FileHandle } from 'node:fs/promises';

/** Bytes read, written or summed at once, between which the event loop turns; a multiple of every number's size. */
export const chunkSize = 1 << 22;

/** Takes what was read of a range, from its byte `at` on; the bytes are good until it is done. */
export type Sink = (chunk: Uint8Array, at: number) => void | Promise<void>;

/** Bytes that come chunk by chunk. */
export interface Contents {
  readonly byteLength: number;
  /** Hands all of them to `sink` in order. */
  stream(sink: Sink): Promise<void>;
}

/** The chunks of `length` bytes: where each begins and how long it is. */
export function* chunksOf(length: number): Generator<{ at: number; size: number }> {
  for (let at = 0; at < length; at += chunkSize) yield { at, size: Math.min(chunkSize, length - at) };
}

/** Bytes as contents. */
export const contentsOf = (bytes: Uint8Array): Contents => ({
  byteLength: bytes.length,
  async stream(sink) {
    for (const { at, size } of chunksOf(bytes.length)) await sink(bytes.subarray(at, at + size), at);
  },
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
  const chunks = [...chunksOf(length)].map(({ at, size }, i) => ({ at, chunk: buffers[i % 2]!.subarray(0, size) }));
  const begin = (i: number): Promise<number> => {
    const { at, chunk } = chunks[i]!;
    const read = fill(file, position + at, chunk);
    // Where the chunk before fails, nobody waits for this one any more.
    read.catch(() => undefined);
    return read;
  };
  let next = chunks.length > 0 ? begin(0) : null;
  for (const [i, { at, chunk }] of chunks.entries()) {
    const got = await next!;
    if (got < chunk.length) short(at + got);
    if (i + 1 < chunks.length) next = begin(i + 1);
    await sink(chunk, at);
  }
}
