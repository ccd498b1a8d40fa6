// A logdir: its runs, read on whenever files have grown.
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Run } from './run.js';
import type { Series } from './series.js';

// Numbers that all series together may hold, 800 MB.
const mostCells = 100e6;
const mostEntries = 200_000;

interface Found {
  folder: string;
  files: { name: string; size: number }[];
}

/** What a logdir holds; `refresh` reads what is new. */
export class Store {
  readonly runs = new Map<string, Run>();
  /** Rises whenever something changes. */
  version = 0;
  /** Bytes of all event files. */
  size = 0;
  /** What keeps all from being shown, in words; null where nothing does. */
  problem: string | null = null;
  isReading = false;
  #ids = 0;
  #stopped = false;

  constructor(
    readonly logdir: string,
    readonly cellLimit = mostCells,
  ) {}

  get bytesRead(): number {
    return [...this.runs.values()].reduce((sum, run) => sum + run.bytesRead, 0);
  }

  /** The run with number `id`. */
  run(id: number): Run | undefined {
    return [...this.runs.values()].find((run) => run.id === id);
  }

  /** Ends a `refresh` soon. */
  stop(): void {
    this.#stopped = true;
  }

  /** Looks for new runs and files, and reads what was written since the last time; gives the milliseconds that looking took. */
  async refresh(): Promise<number> {
    const start = performance.now();
    const found = await this.#find();
    const looked = performance.now() - start;
    const names = new Set<string>();
    const changed: Run[] = [];
    this.size = found.reduce((sum, { files }) => sum + files.reduce((all, { size }) => all + size, 0), 0);
    for (const { folder, files } of found) {
      const name = relative(this.logdir, folder) || '.';
      names.add(name);
      let run = this.runs.get(name) ?? this.#add(name, folder);
      let { news, isVoid } = run.look(files);
      if (isVoid) {
        // Files were removed or written anew.
        run = this.#add(name, folder, run.id);
        news = run.look(files).news;
      }
      if (news) changed.push(run);
    }
    for (const name of [...this.runs.keys()])
      if (!names.has(name)) {
        this.runs.delete(name);
        this.version++;
      }
    this.isReading = changed.length > 0;
    for (const run of changed) {
      await run.read(() => {
        this.version++;
        this.#limit();
        return !this.#stopped;
      });
      this.version++;
      if (this.#stopped) break;
    }
    if (this.isReading) this.version++;
    this.isReading = false;
    return looked;
  }

  #add(name: string, folder: string, id = this.#ids++): Run {
    const run = new Run(id, name, folder);
    this.runs.set(name, run);
    this.version++;
    return run;
  }

  // All folders with event files, by name.
  async #find(): Promise<Found[]> {
    const found: Found[] = [];
    let entries = 0;
    let problem: string | null = null;
    const root = await realpath(this.logdir).catch(() => this.logdir);
    const waiting = [root];
    for (let folder = waiting.pop(); folder !== undefined && !this.#stopped; folder = waiting.pop()) {
      const inside = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
        // One below that has just been deleted is none.
        if (folder === root || error.code !== 'ENOENT') problem = error.message;
        return [];
      });
      entries += inside.length;
      const files: Found['files'] = [];
      for (const entry of inside) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) waiting.push(path);
        else if (entry.name.includes('tfevents') && (entry.isFile() || entry.isSymbolicLink())) {
          const about = await stat(path).catch(() => null);
          if (about?.isFile()) files.push({ name: entry.name, size: about.size });
        }
      }
      const place = join(this.logdir, relative(root, folder));
      if (files.length > 0) found.push({ folder: place, files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) });
      if (entries > mostEntries) {
        problem = `there are more than ${mostEntries} files below ${this.logdir}; the rest is not looked at`;
        break;
      }
    }
    if (problem !== this.problem) this.version++;
    this.problem = problem;
    const collator = new Intl.Collator('en', { numeric: true });
    return found.sort((a, b) => collator.compare(a.folder, b.folder));
  }

  // Thins the longest series until all fit the memory that they may take.
  #limit(): void {
    const all: Series[] = [];
    let cells = 0;
    for (const run of this.runs.values())
      for (const { series } of run.tags.values())
        if (series !== null) {
          cells += series.cells;
          all.push(series);
        }
    if (cells <= this.cellLimit) return;
    all.sort((a, b) => b.cells - a.cells);
    for (const series of all) {
      if (cells <= this.cellLimit * 0.75 || series.length < 64) break;
      cells -= series.cells;
      series.thin();
      cells += series.cells;
    }
  }
}
