// Fetches one file over HTTP: resumed where it broke off, checked, and complete or absent under its name.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CressetError } from '../errors.js';
import { makeFolder } from '../folder.js';
import { claimPart, leavePart, sizeOf } from './part.js';
import { fetchAll } from './request.js';

/** What the contents must be. */
export interface Hash {
  algorithm: 'md5' | 'sha256';
  /** In hexadecimal: all of the MD5, the beginning of the SHA-256. */
  digits: string;
}

/** What to fetch, and where it goes. */
export interface Download {
  url: string;
  /** The file; it has this name when it is complete. */
  path: string;
  hash?: Hash | undefined;
  /** Take a file that is there as it is; by default it is fetched anew, unless it has the hash. */
  keep?: boolean;
  /** Show how far it is; default true. */
  progress?: boolean;
  signal?: AbortSignal | undefined;
  /** How long a server may say nothing; default 30 s. */
  patienceMs?: number;
  /** The pause before the second attempt; each further one is twice as long. Default 250 ms. */
  pauseMs?: number;
}

const titles = { md5: 'MD5', sha256: 'SHA-256' };

async function hashOf(path: string, algorithm: Hash['algorithm'], signal?: AbortSignal): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex');
}

function check({ url, hash }: Download): void {
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new CressetError(`download: the URL must begin with http:// or https://, got ${JSON.stringify(url)}`);
  if (hash === undefined) return;
  const { algorithm, digits } = hash;
  if (!(algorithm === 'md5' ? /^[0-9a-f]{32}$/i : /^[0-9a-f]{1,64}$/i).test(digits)) {
    const rule = algorithm === 'md5' ? '32 hexadecimal digits' : '1 to 64 hexadecimal digits, the first of it';
    throw new CressetError(`download: the ${titles[algorithm]} must be ${rule}, got ${JSON.stringify(digits)}`);
  }
}

/** Whether the file at `path` makes a download needless; throws for what no file can take the place of. */
async function isThere({ path, hash, keep, signal }: Download): Promise<boolean> {
  const present = await stat(path).catch(() => null);
  if (present === null) return false;
  if (!present.isFile()) throw new CressetError(`download: ${path} is there, and is no regular file`);
  if (keep) return true;
  return hash !== undefined && (await hashOf(path, hash.algorithm, signal)).startsWith(hash.digits.toLowerCase());
}

async function fetchFile(download: Download): Promise<void> {
  const { url, path, hash, progress = true, signal, patienceMs = 30_000, pauseMs = 250 } = download;
  if (await isThere(download)) return;
  makeFolder('download', dirname(path));
  // Without a hash nobody knows what an earlier part belongs to.
  const part = await claimPart(path, hash !== undefined);
  try {
    let inherited = (await sizeOf(part)) > 0;
    for (;;) {
      await fetchAll({ url, path, checked: hash !== undefined, progress, signal, patienceMs, pauseMs }, part);
      if (hash === undefined) break;
      const found = await hashOf(part, hash.algorithm, signal);
      if (found.startsWith(hash.digits.toLowerCase())) break;
      await rm(part, { force: true });
      // The part of an earlier download may belong to another file; one made by this one cannot.
      if (!inherited) {
        const expected = hash.algorithm === 'md5' ? hash.digits : `one that begins with ${hash.digits}`;
        throw new CressetError(`download: ${url} has the ${titles[hash.algorithm]} ${found}, expected ${expected}`);
      }
      inherited = false;
    }
    await rename(part, path);
  } catch (error) {
    if (hash === undefined) await rm(part, { force: true });
    else await leavePart(path, part);
    throw error;
  }
}

// A file that several parts of a program want at once is fetched once.
const running = new Map<string, Promise<void>>();

/** Waits until `work` has ended in any way; throws the signal's reason when it aborts. */
export function ended(work: Promise<void>, signal?: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const abort = () => fail(signal?.reason);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    const finish = () => {
      signal?.removeEventListener('abort', abort);
      done();
    };
    work.then(finish, finish);
  });
}

/**
 * Fetches `url` to `path`, unless a file with this hash is there. Broken and silent connections are tried three times more, and as long as bytes
 * arrive, from where they broke off; from the beginning where neither a hash nor the server's headers tell whether the rest fits. What has
 * arrived when the download fails or is aborted stays beside `path`, with `.part` behind, for the next call, if there is a hash. Proxies are
 * those of the environment.
 * @throws CressetError that names the URL and the HTTP status, the network's error, or the hash found and expected, and for a `path` that is
 * a folder; the signal's reason when it aborts; the system's error where the file cannot be written.
 */
export async function downloadFile(download: Download): Promise<void> {
  check(download);
  const { path, signal } = download;
  signal?.throwIfAborted();
  const key = resolve(path);
  for (let other = running.get(key); other !== undefined; other = running.get(key)) await ended(other, signal);
  const work = fetchFile(download);
  running.set(key, work);
  try {
    await work;
  } finally {
    running.delete(key);
  }
}
