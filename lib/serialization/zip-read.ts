// Reads the zip archives of torch.save: stored entries, whose sizes are checked against the file before anything is allocated.
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { Entry, LocalFileHeader, ZipFile } from 'yauzl';
import { readChunks, type Sink } from './chunks.js';
import { CheckpointError } from './errors.js';

/** An archive whose table of contents was read. */
export class ZipReader {
  readonly #entries = new Map<string, Entry>();

  private constructor(
    readonly path: string,
    readonly file: FileHandle,
    readonly zip: ZipFile,
  ) {}

  /**
   * Reads the table of contents; `file` stays the caller's to close.
   * @throws CheckpointError where it is malformed, or its sizes exceed the file's `fileSize`.
   */
  static async open(path: string, file: FileHandle, fileSize: number): Promise<ZipReader> {
    const { fromRandomAccessReader, getFileNameLowLevel, RandomAccessReader, validateFileName } = await import('yauzl');
    // Places beyond the file, which a malformed archive may name, must fail through the callback.
    class Source extends RandomAccessReader {
      override read(
        buffer: Buffer,
        offset: number,
        length: number,
        position: number,
        done: (error: Error | null) => void,
      ) {
        if (!(position >= 0 && position + length <= fileSize)) {
          process.nextTick(done, new Error(`${length} bytes at ${position} lie outside the file`));
          return;
        }
        this.#read(buffer.subarray(offset, offset + length), position).then(() => done(null), done);
      }

      // The table of contents is asked for entry by entry, in parts of a few bytes, each of which would be a thread's hop.
      #ahead = { at: 0, bytes: Buffer.alloc(0) };

      async #read(target: Uint8Array, position: number): Promise<void> {
        if (!this.#covers(position, target.length)) {
          const bytes = Buffer.alloc(Math.min(Math.max(target.length, 8192), fileSize - position));
          const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
          this.#ahead = { at: position, bytes: bytes.subarray(0, bytesRead) };
          if (!this.#covers(position, target.length)) throw new Error('the file became shorter');
        }
        target.set(this.#ahead.bytes.subarray(position - this.#ahead.at).subarray(0, target.length));
      }

      #covers(position: number, length: number): boolean {
        const { at, bytes } = this.#ahead;
        return position >= at && position + length <= at + bytes.length;
      }
    }
    try {
      const zip = await new Promise<ZipFile>((resolve, reject) => {
        const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true, decodeStrings: false };
        const source = new Source();
        fromRandomAccessReader(source, fileSize, options, (error, opened) => (error ? reject(error) : resolve(opened)));
      });
      const reader = new ZipReader(path, file, zip);
      await reader.#readDirectory(fileSize, (entry) => {
        const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
        // PyTorch names the folder after the file, in which a colon may stand anywhere; only that of a Windows drive makes a path of it.
        const problem = validateFileName(name.replace(/^([a-zA-Z]):(?!\/)/, '$1'));
        if (problem !== null) throw new Error(problem);
        return name;
      });
      return reader;
    } catch (error) {
      if (error instanceof CheckpointError) throw error;
      throw new CheckpointError(path, 'zip directory', `${(error as Error).message} (is the file truncated?)`);
    }
  }

  async #readDirectory(fileSize: number, nameOf: (entry: Entry) => string): Promise<void> {
    const { zip } = this;
    let total = 0;
    const check = (entry: Entry): void => {
      const name = nameOf(entry);
      const fail = (what: string): never => {
        throw new CheckpointError(this.path, name, what);
      };
      if (this.#entries.has(name)) fail('the archive has two entries of this name');
      if (entry.isEncrypted()) fail('the entry is encrypted');
      if (entry.compressionMethod !== 0) fail('the entry is compressed, which torch.save never does');
      if (entry.compressedSize !== entry.uncompressedSize) fail('the entry names two different sizes');
      total += entry.uncompressedSize;
      if (total > fileSize) fail(`the entries up to here claim ${total} bytes of a file of ${fileSize}`);
      this.#entries.set(name, entry);
    };
    await new Promise<void>((resolve, reject) => {
      zip.on('error', reject);
      zip.on('end', resolve);
      zip.on('entry', (entry: Entry) => {
        try {
          check(entry);
          zip.readEntry();
        } catch (error) {
          reject(error);
        }
      });
      zip.readEntry();
    });
    this.#refuseOverlaps();
  }

  #refuseOverlaps(): void {
    let [before, end] = ['', 0];
    const inOrder = [...this.#entries].sort(
      ([, a], [, b]) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader,
    );
    for (const [name, { relativeOffsetOfLocalHeader: start, fileNameLength, compressedSize }] of inOrder) {
      if (start < end) throw new CheckpointError(this.path, name, `the entry overlaps the entry ${before}`);
      [before, end] = [name, start + 30 + fileNameLength + compressedSize];
    }
  }

  /** The names of the entries. */
  names(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** The size of an entry in bytes, or null where there is none. */
  size(name: string): number | null {
    return this.#entries.get(name)?.uncompressedSize ?? null;
  }

  /**
   * Hands the bytes of an entry to `sink`, chunk by chunk.
   * @throws CheckpointError where the entry is missing, cut off or has another CRC-32 than it claims.
   */
  async stream(name: string, sink: Sink): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new CheckpointError(this.path, name, 'the entry is missing');
    const start = await new Promise<number>((resolve, reject) => {
      this.zip.readLocalFileHeader(entry, { minimal: false }, (error, header) => {
        const problem = error ? error.message : differenceOf(entry, header);
        if (problem !== null) reject(new CheckpointError(this.path, name, problem));
        else resolve(header.fileDataStart);
      });
    });
    const size = entry.uncompressedSize;
    let crc = 0;
    const check: Sink = (chunk, at) => {
      crc = crc32(chunk, crc);
      return sink(chunk, at);
    };
    await readChunks(this.file, start, size, check, (bytes) => {
      throw new CheckpointError(this.path, name, `the file ends after ${bytes} of ${size} bytes`);
    });
    // PyTorch can be told to leave the sums out; then all are 0.
    if (entry.crc32 !== 0 && crc !== entry.crc32)
      throw new CheckpointError(
        this.path,
        name,
        `its CRC-32 is ${hex(crc)} but should be ${hex(entry.crc32)}: the data are damaged`,
      );
  }

  /** The bytes of an entry, at once. Throws as `stream` does. */
  async read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const data = new Uint8Array(this.size(name) ?? 0);
    await this.stream(name, (chunk, at) => void data.set(chunk, at));
    return data;
  }
}

// Programs that go by the one header see another archive than those that go by the other, where the two differ.
function differenceOf(entry: Entry, header: LocalFileHeader): string | null {
  if (!header.fileName.equals(entry.fileNameRaw)) return `its own header names it ${header.fileName.toString('utf8')}`;
  if (header.compressionMethod !== entry.compressionMethod) return 'its own header names another compression';
  // Where the sizes follow the data the header has 0, and all ones where they are longer than it has room for.
  for (const size of [header.compressedSize, header.uncompressedSize])
    if (size !== entry.uncompressedSize && size !== 0 && size !== 0xffffffff)
      return `its own header says ${size} bytes, the archive's directory ${entry.uncompressedSize}`;
  return null;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
