// IDX files, in which MNIST and its kin come: arrays of bytes, gzipped or not.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CressetError } from '../../errors.js';
import { ByteReader, maxInflation, regularSize, sharedBytes } from './bytes.js';

/** An array of bytes in row-major order, over memory that threads share. */
export interface IdxArray {
  shape: number[];
  data: Uint8Array;
}

/** A file whose header was read; its bytes are next. */
interface Opened {
  reader: ByteReader;
  header: Buffer;
  shape: number[];
  size: number;
}

const hex = (bytes: Buffer) => `0x${bytes.toString('hex')}`;

async function open(path: string, dimensions: number, op: string): Promise<Opened> {
  const fileSize = await regularSize(path, op);
  const fail = (what: string): never => {
    throw new CressetError(`${op}: ${path}: ${what}`);
  };
  const packing = path.endsWith('.gz') ? 'gzip' : undefined;
  const reader = new ByteReader(path, fail, { packing });
  try {
    // Two zeros, the type (8 for unsigned bytes) and the number of dimensions; then each dimension, the most significant byte first.
    const magic = await reader.read(4);
    const expected = Buffer.from([0, 0, 8, dimensions]);
    if (!magic.equals(expected))
      fail(
        `it begins with ${hex(magic)}, expected ${hex(expected)}, an IDX file of bytes in ${dimensions} dimension${dimensions > 1 ? 's' : ''}`,
      );
    const sizes = await reader.read(4 * dimensions);
    const shape = Array.from({ length: dimensions }, (_, i) => sizes.readUInt32BE(4 * i));
    const size = shape.reduce((a, b) => a * b, 1);
    const header = Buffer.concat([magic, sizes]);
    const there = packing === undefined ? fileSize - header.length : fileSize * maxInflation;
    if (size > there)
      fail(`its shape [${shape.join(', ')}] takes ${size} bytes, and there are at most ${there}; is it truncated?`);
    return { reader, header, shape, size };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/**
 * The array of bytes in an IDX file, which is gzipped where its name ends so.
 * @throws CressetError that begins with `op` and names the file: for another type or number of dimensions, and for bytes too few or too many.
 */
export async function readIdx(path: string, dimensions: number, op: string): Promise<IdxArray> {
  const { reader, shape, size } = await open(path, dimensions, op);
  try {
    const data = await reader.fill(sharedBytes(size, reader.fail));
    await reader.end();
    return { shape, data };
  } finally {
    await reader.close();
  }
}

/** Unpacks the gzipped IDX file `path` into the new file `into`, no further than its header says. Throws as `readIdx` does. */
export async function unpackIdx(
  path: string,
  dimensions: number,
  into: string,
  op: string,
  signal?: AbortSignal,
): Promise<void> {
  const { reader, header, size } = await open(path, dimensions, op);
  async function* contents() {
    yield header;
    yield* reader.pieces(size);
    await reader.end();
  }
  try {
    await pipeline(contents, createWriteStream(into, { flags: 'wx' }), signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    await reader.close();
  }
}
