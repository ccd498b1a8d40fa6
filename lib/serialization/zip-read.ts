// Reads the zip archives of torch.save: stored entries, whose sizes are checked against the file before anything is allocated.
import type { Entry, LocalFileHeader, ZipFile } from 'yauzl';
import { native } from '../native.js';
import { type Place, placeIn, readChunks, type Sink } from './chunks.js';
import { CheckpointError } from './errors.js';
import type { Source } from './source.js';

/** An archive whose table of contents was read. */
export class ZipReader {
  readonly #entries = new Map<string, Entry>();

  private constructor(
    readonly source: Source,
    readonly zip: ZipFile,
  ) {}

  /**
   * Reads the table of contents.
   * @throws CheckpointError where it is malformed, or its sizes exceed the file's.
   */
  static async open(source: Source): Promise<ZipReader> {
    const { fromRandomAccessReader, getFileNameLowLevel, RandomAccessReader, validateFileName } = await import('yauzl');
    // Places beyond the file, which a malformed archive may name, must fail through the callback.
    class Reader extends RandomAccessReader {
      override read(
        buffer: Buffer,
        offset: number,
        length: number,
        position: number,
        done: (error: Error | null) => void,
      ) {
        if (!(position >= 0 && position + length <= source.size)) {
          process.nextTick(done, new Error(`${length} bytes at ${position} lie outside the file`));
          return;
        }
        source
          .read(position, buffer.subarray(offset, offset + length))
          .then((got) => done(got === length ? null : new Error('the file became shorter')), done);
      }
    }
    try {
      const zip = await new Promise<ZipFile>((resolve, reject) => {
        const options = { lazyEntries: true, autoClose: false, validateEntrySizes: true, decodeStrings: false };
        const reader = new Reader();
        fromRandomAccessReader(reader, source.size, options, (error, opened) =>
          error ? reject(error) : resolve(opened),
        );
      });
      const reader = new ZipReader(source, zip);
      await reader.#readDirectory((entry) => {
        const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
        // PyTorch names the folder after the file, in which a colon may stand anywhere; only that of a Windows drive makes a path of it.
        const problem = validateFileName(name.replace(/^([a-zA-Z]):(?!\/)/, '$1'));
        if (problem !== null) throw new Error(problem);
        return name;
      });
      return reader;
    } catch (error) {
      if (error instanceof CheckpointError) throw error;
      throw new CheckpointError(source.path, 'zip directory', `${(error as Error).message} (is the file truncated?)`);
    }
  }

  async #readDirectory(nameOf: (entry: Entry) => string): Promise<void> {
    const { source, zip } = this;
    let total = 0;
    const check = (entry: Entry): void => {
      const name = nameOf(entry);
      const fail = (what: string): never => {
        throw new CheckpointError(this.source.path, name, what);
      };
      if (this.#entries.has(name)) fail('the archive has two entries of this name');
      if (entry.isEncrypted()) fail('the entry is encrypted');
      if (entry.compressionMethod !== 0) fail('the entry is compressed, which torch.save never does');
      if (entry.compressedSize !== entry.uncompressedSize) fail('the entry names two different sizes');
      total += entry.uncompressedSize;
      if (total > source.size) fail(`the entries up to here claim ${total} bytes of a file of ${source.size}`);
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
      if (start < end) throw new CheckpointError(this.source.path, name, `the entry overlaps the entry ${before}`);
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
   * Hands the bytes of an entry to `sink`, chunk by chunk; where `into` is given, they lie there.
   * @throws CheckpointError where the entry is missing, cut off or has another CRC-32 than it claims.
   */
  async stream(name: string, sink: Sink, into?: Place): Promise<void> {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new CheckpointError(this.source.path, name, 'the entry is missing');
    const position = await new Promise<number>((resolve, reject) => {
      this.zip.readLocalFileHeader(entry, { minimal: false }, (error, header) => {
        const problem = error ? error.message : differenceOf(entry, header);
        if (problem !== null) reject(new CheckpointError(this.source.path, name, problem));
        else resolve(header.fileDataStart);
      });
    });
    const length = entry.uncompressedSize;
    const short = (bytes: number): never => {
      throw new CheckpointError(this.source.path, name, `the file ends after ${bytes} of ${length} bytes`);
    };
    let crc = 0;
    const check: Sink = (chunk, at) => {
      crc = native.crc32(chunk, crc);
      return sink(chunk, at);
    };
    await readChunks({ source: this.source, position, length, short }, check, into);
    // PyTorch can be told to leave the sums out; then all are 0.
    if (entry.crc32 !== 0 && crc !== entry.crc32)
      throw new CheckpointError(
        this.source.path,
        name,
        `its CRC-32 is ${hex(crc)} but should be ${hex(entry.crc32)}: the data are damaged`,
      );
  }

  /** The bytes of an entry, at once. Throws as `stream` does. */
  async read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const data = new Uint8Array(this.size(name) ?? 0);
    await this.stream(name, () => undefined, placeIn(data));
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
