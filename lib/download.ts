// Fetches files: resumed where broken off, retried, checked, and complete or absent.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CressetError } from './errors.js';
import { Bar } from './progress.js';

/** Where a file comes from, and what its bytes must hash to. */
export interface Download {
  url: string;
  /** The name of the algorithm as Node's crypto has it, and the hash in hexadecimal digits. */
  hash: { algorithm: string; hex: string };
}

/** How a file is fetched. */
export interface DownloadOptions {
  /** What the progress is called. */
  description?: string;
  signal?: AbortSignal;
  /** Attempts after the first that network errors and overloaded servers may cost. Default 3. */
  retries?: number;
  /** Milliseconds before the first of them, doubled each time. Default 1000. */
  pause?: number;
}

// Worth another attempt: the network broke, or the server asks to come again.
class Passing extends CressetError {}

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0;

async function hashOf(path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

/** Appends what is missing of `part`. */
async function fetchRest(url: string, part: string, options: DownloadOptions): Promise<void> {
  const have = await sizeOf(part);
  const signal = options.signal ?? null;
  const headers = have > 0 ? { range: `bytes=${have}-` } : {};
  const response = await fetch(url, { headers, signal }).catch((error: Error) => {
    signal?.throwIfAborted();
    throw new Passing(`download: ${url}: ${String(error.cause ?? error.message)}`);
  });
  if (response.status === 416) return; // all of it is there
  if (!response.ok || response.body === null) {
    const Kind = response.status >= 500 || response.status === 429 ? Passing : CressetError;
    throw new Kind(`download: ${url}: the server answered ${response.status} ${response.statusText}`);
  }
  const resumed = response.status === 206;
  const length = response.headers.get('content-length');
  const start = resumed ? have : 0;
  const file = await open(part, resumed ? 'a' : 'w');
  const bar = new Bar({
    description: options.description ?? url,
    total: length === null ? null : start + Number(length),
    unit: 'MB',
    scale: 1e6,
  });
  const reader = response.body.getReader();
  const next = () =>
    reader.read().catch((error: Error) => {
      signal?.throwIfAborted();
      throw new Passing(`download: ${url}: broken off: ${String(error.cause ?? error.message)}`);
    });
  try {
    bar.add(start);
    for (let item = await next(); !item.done; item = await next()) {
      await file.appendFile(item.value);
      bar.add(item.value.length);
    }
  } finally {
    bar.stop();
    await file.close();
    await reader.cancel().catch(() => {});
  }
}

/**
 * Fetches a file to `path`, unless it is there already with the right hash; what an earlier attempt left in `path.part` is kept and completed.
 * @throws CressetError that names the address and the server's answer, or both hashes; the signal's reason where it breaks off.
 * @example
 * import { download } from './download.js';
 * const from = { url: 'http://127.0.0.1:1/file', hash: { algorithm: 'md5', hex: '0' } };
 * await download(from, 'file', { retries: 0 }).catch((error) => error.name); // 'CressetError'
 */
export async function download(from: Download, path: string, options: DownloadOptions = {}): Promise<void> {
  const { url, hash } = from;
  if ((await sizeOf(path)) > 0 && (await hashOf(path, hash.algorithm)) === hash.hex) return;
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.part`;
  for (let attempt = 0; ; attempt++)
    try {
      await fetchRest(url, part, options);
      break;
    } catch (error) {
      if (!(error instanceof Passing) || attempt >= (options.retries ?? 3)) throw error;
      await wait((options.pause ?? 1000) * 2 ** attempt, undefined, options.signal && { signal: options.signal });
    }
  const actual = await hashOf(part, hash.algorithm);
  if (actual !== hash.hex) {
    await rm(part);
    throw new CressetError(
      `download: ${url}: the ${hash.algorithm} is ${actual}, expected ${hash.hex}; the file was removed`,
    );
  }
  await rename(part, path);
}

/**
 * Unpacks those entries of a .tar.gz that match `wanted` into a folder, each complete or absent; nothing else of the archive is touched.
 * @throws CressetError for an archive that is damaged or has none of them.
 */
export async function extractArchive(archive: string, folder: string, wanted: RegExp): Promise<void> {
  const { extract } = await import('tar');
  let found = 0;
  const filter = (path: string, entry: { type?: string }) => {
    const matches = wanted.test(path) && entry.type === 'File';
    if (matches) found++;
    return matches;
  };
  try {
    await extract({ file: archive, cwd: folder, strict: true, filter: filter as (path: string) => boolean });
  } catch (error) {
    throw new CressetError(`extract: ${archive}: ${(error as Error).message}`);
  }
  if (found === 0) throw new CressetError(`extract: ${archive}: no entry matches ${wanted}`);
}
