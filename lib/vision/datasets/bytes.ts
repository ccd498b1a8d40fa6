// Files read from the beginning to the end, compressed or not, into memory of a size that is known before.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { CressetError } from '../../errors.js';

/** Throws the error that names the file and says what is wrong with it. */
export type Fail = (what: string) => never;

/** The most bytes that deflate makes of one: what claims more is no sound file. */
export const maxInflation = 1032;

/** A part of a file, and how it is packed. */
export interface Span {
  start?: number;
  /** The place behind the last byte. */
  end?: number;
  packing?: 'gzip' | 'zlib' | undefined;
}

/** Memory that worker threads share; `fail` is told where there is not as much. */
export function sharedBytes(size: number, fail: Fail): Uint8Array {
  try {
    return new Uint8Array(new SharedArrayBuffer(size));
  } catch {
    return fail(`it holds ${size} bytes, more than there is memory for`);
  }
}

/**
 * The size of a file.
 * @throws CressetError for what is no file: a named pipe would block whoever opens it for ever.
 */
export async function regularSize(path: string, op: string): Promise<number> {
  const found = await stat(path);
  if (!found.isFile()) throw new CressetError(`${op}: ${path} is no regular file`);
  return found.size;
}

/** Hands out the bytes of a file in order; it is closed when its `close` is called, or by the end. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(
    path: string,
    readonly fail: Fail,
    { start = 0, end = Number.POSITIVE_INFINITY, packing }: Span = {},
  ) {
    const file = createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 18 });
    const plain =
      packing === undefined ? file : pipeline(file, packing === 'gzip' ? createGunzip() : createInflate(), () => {});
    this.#chunks = plain[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The next bytes, at most `size`; none at the end. */
  async #take(size: number): Promise<Buffer> {
    if (this.#chunk.length === 0) {
      try {
        this.#chunk = (await this.#chunks.next()).value ?? this.#chunk;
      } catch (error) {
        const { code = '', message } = error as NodeJS.ErrnoException;
        if (!code.startsWith('Z_')) throw error;
        this.fail(`it is damaged: ${message}`);
      }
    }
    const taken = this.#chunk.subarray(0, size);
    this.#chunk = this.#chunk.subarray(taken.length);
    return taken;
  }

  /** The next `size` bytes in pieces, as they come. */
  async *pieces(size: number): AsyncGenerator<Buffer, void, undefined> {
    for (let left = size; left > 0; ) {
      const piece = await this.#take(left);
      if (piece.length === 0) this.fail(`it ends after ${size - left} of ${size} bytes`);
      left -= piece.length;
      yield piece;
    }
  }

  /** Fills `target` with the next bytes. */
  async fill<T extends Uint8Array>(target: T): Promise<T> {
    let at = 0;
    for await (const piece of this.pieces(target.length)) {
      target.set(piece, at);
      at += piece.length;
    }
    return target;
  }

  /** The next `size` bytes. */
  read(size: number): Promise<Buffer> {
    return this.fill(Buffer.alloc(size));
  }

  /** Fails unless all bytes were taken. */
  async end(): Promise<void> {
    if ((await this.#take(1)).length > 0) this.fail('bytes follow where it should end');
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
