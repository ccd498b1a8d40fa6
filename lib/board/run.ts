// One run: the event files of a folder, and what they hold.
import { join } from 'node:path';
import { dataType, hparamsData, sessionStart, value as valueMessage } from '../tensorboard/messages.js';
import { decode, type Init } from '../tensorboard/protobuf.js';
import type { Kind } from './api.js';
import { readBytes, readRecords } from './events.js';
import { type Head, kinds, type Outline, Scanner } from './scan.js';
import { Series } from './series.js';

const longestTag = 4096;
const mostTags = 50_000;
const mostTagBytes = 4 << 20;
const longestPlugin = 64;
const mostPlugins = 50;
const mostProblems = 20;
const headLength = 64;
/** The longest value (picture, sound, text, tensor) that is shown. */
const longestValue = 64 << 20;

type HParams = Init<typeof hparamsData>;
type SummaryValue = Init<typeof valueMessage>;

/** A file of a run, and how far it is read. */
interface File {
  readonly path: string;
  offset: number;
  size: number;
  /** What it begins with, by which it is known again; the first record holds the time. */
  head: Uint8Array | null;
  problem: string | null;
}

/** A tag: what it is of, and its points. `null` for kinds that have no view. */
interface Tag {
  readonly bytes: Uint8Array;
  readonly name: string;
  /** Null until a value tells it. */
  kind: Kind | null;
  /** The plugin that the first value names. */
  plugin: string;
  series: Series | null;
}

const utf8 = new TextDecoder();
const { imul } = Math;

/** The first number of a tensor, whichever way it is written. */
function numberOf({ tensor }: SummaryValue): number {
  const content = tensor?.content;
  if (content !== undefined && content.length > 0) {
    const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
    if (tensor!.dtype === dataType.double && content.length >= 8) return view.getFloat64(0, true);
    if (tensor!.dtype === dataType.float && content.length >= 4) return view.getFloat32(0, true);
  }
  for (const numbers of [tensor?.floats, tensor?.doubles, tensor?.ints, tensor?.longs])
    if (numbers !== undefined) for (const number of numbers) return Number(number);
  return Number.NaN;
}

const kindOfField: Record<number, Kind> = {
  [kinds.simple]: 'scalars',
  [kinds.image]: 'images',
  [kinds.histogram]: 'histograms',
  [kinds.audio]: 'audio',
};
const kindOfPlugin: Record<string, Kind> = { scalars: 'scalars', text: 'texts', pr_curves: 'prCurves' };

/** What a run holds; `look` and `read` go on with it. */
export class Run {
  readonly tags = new Map<string, Tag>();
  /** The hyperparameters of the session, and those of an experiment that begins here. */
  hparams: { start?: HParams['start']; end?: HParams['end']; experiment?: HParams['experiment'] } = {};
  graph: { path: string; offset: number; length: number } | null = null;
  /** How many values are of plugins that have no view, by the plugin's name. */
  readonly others = new Map<string, number>();
  /** Tags that were left out, and why. */
  readonly leftOut = new Set<string>();
  /** Rises whenever what it holds changes. */
  version = 0;
  firstWall = Number.POSITIVE_INFINITY;
  lastWall = Number.NEGATIVE_INFINITY;
  readonly #files: File[] = [];
  #tagBytes = 0;
  readonly #byHash = new Map<number, Tag>();
  readonly #scanner = new Scanner();
  // Of the record that is being read.
  #buffer: Uint8Array = new Uint8Array();
  #at = 0;
  #start = 0;
  #file = 0;

  constructor(
    readonly id: number,
    readonly name: string,
    readonly folder: string,
  ) {}

  /** What is wrong with files, in words. */
  get problems(): string[] {
    const files = this.#files.flatMap(({ path, problem }) =>
      problem === null ? [] : [`${path.slice(this.folder.length + 1)}: ${problem}; nothing behind it is shown`],
    );
    return [...files, ...this.leftOut].slice(0, mostProblems);
  }

  get bytesRead(): number {
    return this.#files.reduce((sum, { offset }) => sum + offset, 0);
  }

  /** Takes the files that there are now, in order: whether there is something to read, and whether what was read before is void. */
  async look(files: readonly { name: string; size: number }[]): Promise<{ news: boolean; isVoid: boolean }> {
    const paths = new Set(files.map(({ name }) => join(this.folder, name)));
    let [news, isVoid] = [false, this.#files.some(({ path }) => !paths.has(path))];
    for (const { name, size } of files) {
      const path = join(this.folder, name);
      let file = this.#files.find((known) => known.path === path);
      if (file === undefined) {
        file = { path, offset: 0, size: 0, head: null, problem: null };
        this.#files.push(file);
      }
      if (size !== file.size) {
        news = true;
        isVoid ||= size < file.offset || (file.offset > 0 && !(await isSame(file)));
      }
      file.size = size;
    }
    return { news, isVoid };
  }

  /** Reads on in all files; calls `between` after each piece, which stops it by giving false. */
  async read(between: () => boolean): Promise<void> {
    for (const [i, file] of this.#files.entries()) {
      if (file.offset >= file.size) continue;
      this.#file = i;
      try {
        file.head ??= await readBytes(file.path, 0, Math.min(headLength, file.size));
        const { problem } = await readRecords(file.path, file.offset, this.#record, (offset) => {
          file.offset = offset;
          this.version++;
          return !between();
        });
        file.problem = problem;
      } catch (error) {
        // It may have been deleted meanwhile, or not be ours to read.
        file.problem = (error as Error).message;
      }
      // What it was read into goes.
      this.#scanner.bytes = this.#buffer = new Uint8Array();
    }
    this.version++;
  }

  readonly #record = (buffer: Uint8Array, start: number, end: number, at: number): void => {
    if (buffer !== this.#buffer) this.#scanner.bytes = this.#buffer = buffer;
    this.#start = start;
    this.#at = at;
    const head = this.#scanner.event(start, end, this.#value);
    if (head.status === sessionStart) this.#restart(head.step);
    if (head.graphEnd > head.graphStart)
      this.graph = {
        path: this.#files[this.#file]!.path,
        offset: at + head.graphStart - start,
        length: head.graphEnd - head.graphStart,
      };
  };

  // A session that begins at a step makes what earlier ones wrote from there on void.
  #restart(step: number): void {
    for (const { series } of this.tags.values()) series?.dropFrom(step);
  }

  readonly #value = (value: Outline, head: Head): void => {
    const tag = this.#tagOf(value);
    if (tag === null) return;
    if (tag.series === null) this.#begin(tag, value);
    const { kind, series } = tag;
    if (kind === null || series === null) {
      if (value.hasMetadata || tag.plugin !== '') this.#other(tag, value);
      return;
    }
    const { step, wallTime } = head;
    if (wallTime < this.firstWall) this.firstWall = wallTime;
    if (wallTime > this.lastWall) this.lastWall = wallTime;
    if (kind === 'scalars') {
      if (value.kind === kinds.simple) series.push(step, wallTime, value.simple);
      else if (value.kind === kinds.tensor) series.push(step, wallTime, numberOf(this.#decode(value)));
    } else if (value.kind !== 0)
      series.push(step, wallTime, this.#at + value.start - this.#start, value.end - value.start, this.#file);
  };

  #decode({ start, end }: Outline): SummaryValue {
    try {
      return decode(valueMessage, this.#buffer.subarray(start, end));
    } catch (error) {
      throw new RangeError((error as Error).message);
    }
  }

  // The first value of a tag tells what it is of.
  #begin(tag: Tag, value: Outline): void {
    const plugin = value.hasMetadata ? this.#decode(value).metadata?.plugin?.name : undefined;
    tag.plugin = plugin?.slice(0, longestPlugin) || tag.plugin;
    const kind = kindOfField[value.kind] ?? (value.kind === kinds.tensor ? kindOfPlugin[tag.plugin] : undefined);
    if (kind === undefined) return;
    tag.kind = kind;
    tag.series = new Series(kind === 'scalars' ? 3 : 5);
  }

  #other(tag: Tag, value: Outline): void {
    if (tag.plugin !== 'hparams') {
      const count = this.others.get(tag.plugin);
      if (count !== undefined || this.others.size < mostPlugins) this.others.set(tag.plugin, (count ?? 0) + 1);
      return;
    }
    const content = this.#decode(value).metadata?.plugin?.content;
    if (content === undefined) return;
    try {
      this.hparams = { ...this.hparams, ...decode(hparamsData, content) };
    } catch (error) {
      if (this.leftOut.size < mostProblems)
        this.leftOut.add(`hyperparameters that cannot be read: ${(error as Error).message}`);
    }
  }

  // Tags are found by their bytes, as making strings of them takes longer than all the rest.
  #tagOf({ tagStart, tagEnd }: Outline): Tag | null {
    const buffer = this.#buffer;
    let hash = 0x811c9dc5;
    for (let i = tagStart; i < tagEnd; i++) hash = imul(hash ^ buffer[i]!, 0x01000193);
    const found = this.#byHash.get(hash);
    if (found !== undefined && isAt(found.bytes, buffer, tagStart, tagEnd)) return found;
    if (tagEnd - tagStart > longestTag) {
      this.leftOut.add(`a tag is longer than ${longestTag} bytes and left out`);
      return null;
    }
    const bytes = buffer.slice(tagStart, tagEnd);
    const name = utf8.decode(bytes);
    let tag = this.tags.get(name);
    if (tag === undefined) {
      if (this.tags.size >= mostTags || this.#tagBytes + bytes.length > mostTagBytes) {
        this.leftOut.add(`of more than ${mostTags} tags, or ${mostTagBytes >> 20} MiB of them, the rest is left out`);
        return null;
      }
      this.#tagBytes += bytes.length;
      tag = { bytes, name, kind: null, plugin: '', series: null };
      this.tags.set(name, tag);
    }
    if (found === undefined) this.#byHash.set(hash, tag);
    return tag;
  }

  /** The points of `tag`; null where there are none of this kind. */
  seriesOf(kind: Kind, tag: string): Series | null {
    const found = this.tags.get(tag);
    return found?.kind === kind && found.series!.length > 0 ? found.series : null;
  }

  /** The value in a row of a series that is no scalar's, from its file. Throws where the file has changed. */
  async valueAt(series: Series, row: number): Promise<SummaryValue> {
    const length = series.at(row, 'length');
    if (length > longestValue)
      throw new RangeError(`a value of ${length} bytes is longer than the ${longestValue} that are shown`);
    const { path } = this.#files[series.at(row, 'file')]!;
    return decode(valueMessage, await readBytes(path, series.at(row, 'offset'), length));
  }
}

// Whether the file is the one that was read so far, and not another in its place.
async function isSame({ path, head }: File): Promise<boolean> {
  const now = await readBytes(path, 0, head!.length).catch(() => null);
  return now === null || Buffer.compare(now, head!) === 0;
}

function isAt(bytes: Uint8Array, buffer: Uint8Array, start: number, end: number): boolean {
  if (end - start !== bytes.length) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== buffer[start + i]) return false;
  return true;
}
