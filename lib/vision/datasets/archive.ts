// What all downloads of data sets do: fetch archives, check them, unpack them and put their files into place once they are whole.
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { downloadFile, ended } from '../../download/index.js';
import { CressetError } from '../../errors.js';

/** What of a download users may choose. */
export interface DownloadOptions {
  /** Fetch what is missing into `root`; default false. */
  download?: boolean;
  /** Aborts the download; what has arrived is used by the next one. */
  signal?: AbortSignal;
}

/** What of the download of a single file users may choose. */
export interface ArchiveOptions extends DownloadOptions {
  /** Another place of the file, such as a mirror; default the authors'. */
  url?: string;
  /** The MD5 of the file at `url`, for mirrors that have packed it anew; default that of the authors' file. */
  md5?: string;
}

/** The options that all data sets of a single file have behind their own. */
export const archiveOptions = ['transform', 'targetTransform', 'download', 'signal', 'url', 'md5'] as const;

/** An archive, and the files that it holds. */
export interface Archive {
  /** Where it is found, in the order in which the places are tried. */
  urls: readonly string[];
  md5: string;
  /** Where it is kept. */
  path: string;
  /** The folder of its files and the names of those that are needed; where they are there, nothing is fetched. */
  folder: string;
  files: readonly string[];
  /** Unpacks the archive into the empty folder `into` and tells in which folder the files then lie; without it the archive is the file. */
  unpack?: (into: string, signal?: AbortSignal) => Promise<string>;
}

/** The names among `names` that are no files of `folder`. */
export async function missingFiles(folder: string, names: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const name of names)
    try {
      if ((await stat(join(folder, name))).isDirectory()) missing.push(name);
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      missing.push(name);
    }
  return missing;
}

/** Fetches the archive from the first place that has it. */
async function fetchFrom(urls: readonly string[], archive: Archive, op: string, signal?: AbortSignal): Promise<void> {
  const errors: CressetError[] = [];
  for (const url of urls)
    try {
      const hash = { algorithm: 'md5', digits: archive.md5 } as const;
      await downloadFile({ url, path: archive.path, hash, signal });
      return;
    } catch (error) {
      if (!(error instanceof CressetError) || signal?.aborted) throw error;
      errors.push(error);
    }
  if (errors.length === 1) throw errors[0];
  const tried = errors.map((error) => `\n  ${error.message}`).join('');
  throw new CressetError(`${op}: none of ${urls.length} places gave ${archive.path}:${tried}`);
}

async function unpackArchive(archive: Archive, op: string, signal?: AbortSignal): Promise<void> {
  const { path, folder, files, unpack } = archive;
  if (unpack === undefined) return;
  const temporary = await mkdtemp(join(dirname(path), '.unpack-'));
  try {
    const unpacked = await unpack(temporary, signal);
    const [missing] = await missingFiles(unpacked, files);
    if (missing !== undefined)
      throw new CressetError(`${op}: ${path} holds no ${relative(temporary, join(unpacked, missing))}`);
    await mkdir(folder, { recursive: true });
    // Beside what is needed here lies what PyTorch needs, such as the names of classes.
    for (const name of await readdir(unpacked)) await rename(join(unpacked, name), join(folder, name));
  } finally {
    // What was unpacked of a refused archive may still be on its way to the disk: a folder that fills meanwhile is tried again.
    await rm(temporary, { recursive: true, force: true, maxRetries: 10 });
  }
}

// Training and test files are often loaded side by side, and both may want the same archive.
const running = new Map<string, Promise<void>>();

/**
 * Puts the files of the archives into their folders: fetches the archives whose files are missing and unpacks them. One call at a time works on a
 * `root`; where `present` then says so, nothing is left to do.
 * @throws CressetError that names the archive and what is wrong with it, or the URLs and what went wrong; the signal's
 * reason when it aborts.
 */
export async function fetchArchives(
  root: string,
  archives: readonly Archive[],
  op: string,
  { signal, present }: { signal?: AbortSignal | undefined; present?: () => Promise<boolean> } = {},
): Promise<void> {
  const key = resolve(root);
  for (let other = running.get(key); other !== undefined; other = running.get(key)) await ended(other, signal);
  const work = async () => {
    signal?.throwIfAborted();
    if (await present?.()) return;
    for (const archive of archives) {
      if ((await missingFiles(archive.folder, archive.files)).length === 0) continue;
      await fetchFrom(archive.urls, archive, op, signal);
      await unpackArchive(archive, op, signal);
    }
  };
  const promise = work();
  running.set(key, promise);
  try {
    await promise;
  } finally {
    running.delete(key);
  }
}
