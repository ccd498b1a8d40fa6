// A logdir: its runs, read on whenever files have grown.
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Run } from './run.js';

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
  /** Tells this board from another at the same address. */
  readonly started = Date.now();
  /** Rises whenever something changes; no other board's is the same. */
  version = this.started;
  /** Bytes of all event files. */
  size = 0;
  /** What keeps all from being shown, in words; null where nothing does. */
  problem: string | null = null;
  /** Whether there is no such folder; it is waited for. */
  isMissing = false;
  isReading = false;
  #ids = 0;
  #stopped = false;

  constructor(
    readonly logdir: string,
    readonly cellLimit = mostCells,
    /** How long to wait before looking at the files again, in milliseconds. */
    readonly interval = 1000,
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
      let { news, isVoid } = await run.look(files);
      if (isVoid) {
        // Files were removed or written anew.
        run = this.#add(name, folder, run.id);
        ({ news } = await run.look(files));
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
    this.isReading = false;
    return looked;
  }

  #add(name: string, folder: string, id = this.#ids++): Run {
    const run = new Run(id, name, folder);
    run.version = (this.runs.get(name)?.version ?? 0) + 1;
    this.runs.set(name, run);
    this.version++;
    return run;
  }

  // All folders with event files, by name; those that links lead to too, each once.
  async #find(): Promise<Found[]> {
    const found: Found[] = [];
    let entries = 0;
    let problem: string | null = null;
    let isMissing = false;
    const seen = new Set<string>();
    const waiting: string[] = [];
    // They come last, so that a folder has its own name where it stands below the logdir itself.
    const links: string[] = [];
    for (
      let folder: string | undefined = this.logdir;
      folder !== undefined && !this.#stopped;
      folder = waiting.pop() ?? links.shift()
    ) {
      let inside: Dirent[] = [];
      try {
        const real = await realpath(folder);
        if (seen.has(real)) continue;
        seen.add(real);
        inside = await readdir(folder, { withFileTypes: true });
      } catch (error) {
        // One below that has just been deleted is none.
        const { code, message } = error as NodeJS.ErrnoException;
        if (code !== 'ENOENT') problem = message;
        else if (folder === this.logdir) isMissing = true;
      }
      entries += inside.length;
      if (entries > mostEntries) {
        problem = `there are more than ${mostEntries} files below ${this.logdir}; the rest is not looked at`;
        break;
      }
      const files: Found['files'] = [];
      for (const entry of inside) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) waiting.push(path);
        else if (entry.isSymbolicLink() || (entry.isFile() && entry.name.includes('tfevents'))) {
          const about = await stat(path).catch(() => null);
          if (about?.isDirectory()) links.push(path);
          else if (about?.isFile() && entry.name.includes('tfevents'))
            files.push({ name: entry.name, size: about.size });
        }
      }
      if (files.length > 0) found.push({ folder, files: files.sort((a, b) => (a.name < b.name ? -1 : 1)) });
    }
    if (problem !== this.problem || isMissing !== this.isMissing) this.version++;
    this.problem = problem;
    this.isMissing = isMissing;
    const collator = new Intl.Collator('en', { numeric: true });
    return found.sort((a, b) => collator.compare(a.folder, b.folder));
  }

  // Thins the longest series until all fit the memory that they may take.
  #limit(): void {
    let cells = 0;
    for (const run of this.runs.values()) for (const { series } of run.tags.values()) cells += series?.cells ?? 0;
    if (cells <= this.cellLimit) return;
    const all = [...this.runs.values()].flatMap((run) =>
      [...run.tags.values()].flatMap(({ series }) => (series === null ? [] : [{ run, series }])),
    );
    all.sort((a, b) => b.series.cells - a.series.cells);
    for (const { run, series } of all) {
      if (cells <= this.cellLimit * 0.75 || series.length < 64) break;
      cells -= series.cells;
      series.thin();
      run.version++;
      cells += series.cells;
    }
  }
}
