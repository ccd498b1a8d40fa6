// Unpacks archives whose every entry stays inside the folder they are unpacked into.
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Entry, ZipFile } from 'yauzl';
import { CressetError } from '../errors.js';

// In an empty folder, an archive whose files get in each other's way, or have impossible names, is the one to blame for these.
const unsound = /^(TAR_|Z_|EEXIST|EISDIR|ENOTDIR|ENOTEMPTY|ENAMETOOLONG)/;

const plainTypes = ['File', 'OldFile', 'ContiguousFile', 'Directory'];

function entryProblem(path: string, type: string): string | null {
  const name = JSON.stringify(path.slice(0, 200));
  if (/^([/\\]|[a-z]:)/i.test(path) || path.split(/[/\\]/).includes('..'))
    return `the entry ${name} leads outside the folder that it is unpacked into`;
  if (!plainTypes.includes(type)) return `the entry ${name} is a ${type}, where only files and folders are allowed`;
  return null;
}

/**
 * Unpacks a tar archive, gzipped or not, into the existing folder `into`; what it holds of a refused archive is the caller's to remove.
 * @throws CressetError for entries that are links or lead outside, and for damaged archives; the signal's reason when it aborts.
 */
export async function extractTar(archive: string, into: string, signal?: AbortSignal): Promise<void> {
  const { extract } = await import('tar');
  let problem: string | null = null;
  try {
    await extract({
      file: archive,
      cwd: into,
      strict: true,
      preserveOwner: false,
      filter: (path, entry) => {
        problem ??= entryProblem(path, 'type' in entry ? entry.type : 'File');
        // Files get the modes that this process gives: an archive's could be set-user-ID, or forbid reading.
        if ('type' in entry) delete entry.mode;
        return problem === null && !signal?.aborted;
      },
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (problem === null && !unsound.test(code)) throw error;
    problem ??= `it is no sound tar archive: ${message}`;
  }
  signal?.throwIfAborted();
  if (problem !== null) throw new CressetError(`${archive}: ${problem}`);
}

function openZip(archive: string): Promise<ZipFile> {
  return import('yauzl').then(
    ({ open }) =>
      new Promise((resolve, reject) =>
        // Names are checked here, with a message of their own.
        open(archive, { lazyEntries: true, autoClose: false, decodeStrings: false }, (error, zip) =>
          error ? reject(error) : resolve(zip),
        ),
      ),
  );
}

const entriesOf = (zip: ZipFile): Promise<Entry[]> =>
  new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('error', reject);
    zip.on('end', () => resolve(entries));
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      zip.readEntry();
    });
    zip.readEntry();
  });

async function writeEntry(zip: ZipFile, entry: Entry, path: string, signal?: AbortSignal): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const contents = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  );
  await pipeline(contents, createWriteStream(path, { flags: 'wx' }), signal ? { signal } : {});
}

// The kind of file that Unix keeps in an entry, where it was packed there.
const typeOf = (entry: Entry): string => {
  const kind = (entry.externalFileAttributes >>> 28) & 15;
  return { 0: 'File', 4: 'Directory', 8: 'File', 10: 'SymbolicLink' }[kind] ?? 'device';
};

/**
 * Unpacks those files of a zip archive that `wanted` chooses by their names into the existing folder `into`, as `extractTar` does.
 * @throws as `extractTar`, also for entries that are not wanted.
 */
export async function extractZip(
  archive: string,
  into: string,
  wanted: (path: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  let problem: string | null = null;
  let zip: ZipFile | undefined;
  try {
    zip = await openZip(archive);
    const entries = (await entriesOf(zip)).map((entry) => ({ entry, path: entry.fileNameRaw.toString('utf8') }));
    const seen = new Set<string>();
    for (const { entry, path } of entries) {
      problem ??= entryProblem(path, typeOf(entry));
      if (seen.has(path)) problem ??= `the entry ${JSON.stringify(path.slice(0, 200))} is there twice`;
      seen.add(path);
    }
    if (problem === null)
      for (const { entry, path } of entries) if (wanted(path)) await writeEntry(zip, entry, join(into, path), signal);
  } catch (error) {
    signal?.throwIfAborted();
    const { code = '', message } = error as NodeJS.ErrnoException;
    // Errors of the system have codes, those of damaged archives none.
    if (code !== '' && !unsound.test(code)) throw error;
    problem = `it is no sound zip archive: ${message}`;
  } finally {
    zip?.close();
  }
  if (problem !== null) throw new CressetError(`${archive}: ${problem}`);
}
