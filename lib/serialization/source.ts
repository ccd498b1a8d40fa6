// A file that is read at places.
import type { FileHandle } from 'node:fs/promises';

// Pieces of up to `smallPiece` bytes come in windows with what follows them: checkpoints have many small tensors side by side.
const smallPiece = 1 << 14;
const windowSize = 1 << 16;

/** An open checkpoint, which stays the caller's to close. */
export class Source {
  #window = { position: 0, bytes: new Uint8Array(0) };

  constructor(
    readonly path: string,
    readonly file: FileHandle,
    /** In bytes. */
    readonly size: number,
  ) {}

  /** Fills `into` with the bytes from `position` on; how many there were, fewer only at the file's end. */
  async read(position: number, into: Uint8Array): Promise<number> {
    if (into.length > smallPiece) return this.#fill(position, into);
    let window = this.#window;
    if (position < window.position || position + into.length > window.position + window.bytes.length) {
      const bytes = new Uint8Array(windowSize);
      const length = await this.#fill(position, bytes);
      window = { position, bytes: bytes.subarray(0, length) };
      this.#window = window;
    }
    const from = position - window.position;
    const piece = window.bytes.subarray(from, from + into.length);
    into.set(piece);
    return piece.length;
  }

  async #fill(position: number, into: Uint8Array): Promise<number> {
    let length = 0;
    while (length < into.length) {
      const { bytesRead } = await this.file.read(into, length, into.length - length, position + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return length;
  }
}
