// Files in pieces, so that what is read or written is never in memory as a whole.
import type { Source } from './source.js';

/** Bytes read, written or summed at once, between which the event loop turns; a multiple of every number's size. */
const chunkSize = 1 << 22;

/** Takes what was read of a range, from its byte `at` on; the bytes are good until it is done, or where it was told to put them. */
export type Sink = (chunk: Uint8Array, at: number) => void | Promise<void>;

/** Where the `size` bytes of a range from its byte `at` on shall lie. */
export type Place = (at: number, size: number) => Uint8Array;

/** An array as the place of a range. */
export const placeIn =
  (bytes: Uint8Array): Place =>
  (at, size) =>
    bytes.subarray(at, at + size);

/** Bytes that come chunk by chunk. */
export interface Contents {
  readonly byteLength: number;
  /** Hands all of them to `sink` in order; where `into` is given, they lie there. */
  stream(sink: Sink, into?: Place): Promise<void>;
}

/** The chunks of `length` bytes: where each begins and how long it is. */
export function* chunksOf(length: number): Generator<{ at: number; size: number }> {
  for (let at = 0; at < length; at += chunkSize) yield { at, size: Math.min(chunkSize, length - at) };
}

/** Hands a chunk that lies elsewhere to `sink`: as it is, or copied to its place in `into`. */
export function hand(chunk: Uint8Array, at: number, sink: Sink, into?: Place): void | Promise<void> {
  const place = into?.(at, chunk.length);
  place?.set(chunk);
  return sink(place ?? chunk, at);
}

/** Bytes as contents. */
export const contentsOf = (bytes: Uint8Array): Contents => ({
  byteLength: bytes.length,
  async stream(sink, into) {
    for (const { at, size } of chunksOf(bytes.length)) await hand(bytes.subarray(at, at + size), at, sink, into);
  },
});

/** All bytes of contents. */
export async function bytesOf(contents: Contents): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(contents.byteLength);
  await contents.stream(() => undefined, placeIn(bytes));
  return bytes;
}

// Reads that are under way while a chunk is taken: one into the other of two buffers, more where each has a place of its own.
const readsAhead = { buffers: 1, places: 2 };

/** A range of a file. */
export interface Range {
  source: Source;
  position: number;
  length: number;
  /** Told how many bytes there were where the file ends before the range. */
  short: (bytes: number) => never;
}

/** Reads a range and hands it to `sink` in order, from `into` where that is given; the next chunks are read while one is taken. */
export async function readChunks({ source, position, length, short }: Range, sink: Sink, into?: Place): Promise<void> {
  const ahead = into === undefined ? readsAhead.buffers : readsAhead.places;
  const size = Math.min(chunkSize, length);
  const buffers = into === undefined ? [new Uint8Array(size), new Uint8Array(length > size ? size : 0)] : [];
  const chunks = [...chunksOf(length)].map(({ at, size }, i) => ({
    at,
    chunk: into?.(at, size) ?? buffers[i % 2]!.subarray(0, size),
  }));
  const reads: Promise<number>[] = [];
  try {
    for (const [i, { at, chunk }] of chunks.entries()) {
      for (const next of chunks.slice(reads.length, i + ahead + 1)) {
        const read = source.read(position + next.at, next.chunk);
        read.catch(() => undefined); // told where it is awaited
        reads.push(read);
      }
      const got = await reads[i]!;
      if (got < chunk.length) short(at + got);
      await sink(chunk, at);
    }
  } finally {
    // Where one fails, nothing may be written any more once the caller is told.
    await Promise.allSettled(reads);
  }
}
