// Fetches one file over HTTP: resumed where it broke off, checked, and complete or absent under its name.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CressetError } from '../errors.js';
import { Meter } from '../progress.js';

/** What to fetch, and where it goes. */
export interface Download {
  url: string;
  /** The file; until it is complete it is `path` with `.part` behind. */
  path: string;
  /** The MD5 of the whole, in hexadecimal digits. */
  md5: string;
  signal?: AbortSignal | undefined;
}

const retries = 3;
const firstPauseMs = 250;

/** What may go better the next time. */
class TransientError extends CressetError {}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

async function md5Of(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk);
  return hash.digest('hex');
}

function causeOf(error: unknown): string {
  const { message, cause } = error as Error;
  const { message: why, code } = (cause ?? {}) as NodeJS.ErrnoException;
  return [message, why || code].filter(Boolean).join(': ');
}

const sizeText = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** Where the body of `response` belongs in the file, or null where the server has nothing behind the `have` bytes. */
async function startOf(response: Response, have: number, { url, path }: Download): Promise<number | null> {
  const { status, statusText, headers } = response;
  if (status === 200) return 0;
  const range = headers.get('content-range') ?? '';
  if (status === 206 && Number(/^bytes (\d+)-/.exec(range)?.[1]) === have) return have;
  await response.body?.cancel();
  if (status === 416 && range === `bytes */${have}`) return null;
  if (status === 206 || (status === 416 && have > 0)) {
    await rm(`${path}.part`, { force: true });
    throw new TransientError(`download: ${url}: asked for bytes from ${have} on, got the range "${range}"`);
  }
  const message = `download: ${url}: HTTP status ${status} (${statusText}), expected 200`;
  throw status >= 500 || status === 429 ? new TransientError(message) : new CressetError(message);
}

async function fetchRest(download: Download): Promise<void> {
  const { url, path, signal = null } = download;
  const part = `${path}.part`;
  const have = await sizeOf(part);
  // Servers that label archives as an encoding would have them unpacked on the way.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (have > 0) headers.range = `bytes=${have}-`;
  const broken = (error: unknown): TransientError =>
    new TransientError(`download: ${url}: ${causeOf(error)}`, { cause: error });
  const response = await fetch(url, { headers, signal }).catch((error) => {
    throw broken(error);
  });
  const start = await startOf(response, have, download);
  if (start === null) return;
  await mkdir(dirname(path), { recursive: true });
  const file = await open(part, start === 0 ? 'w' : 'a');
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const size = Number.isSafeInteger(length) && length > 0 ? { total: start + length } : {};
  const meter = await Meter.open({ ...size, description: basename(path), format: sizeText }, start);
  const reader = response.body?.getReader();
  try {
    let at = start;
    for (;;) {
      const chunk = await reader?.read().catch((error) => {
        throw broken(error);
      });
      if (chunk === undefined || chunk.done) break;
      await file.writeFile(chunk.value);
      at += chunk.value.length;
      meter.update(at);
    }
    await file.sync();
  } finally {
    meter.close();
    await reader?.cancel().catch(() => {});
    await file.close();
  }
}

async function fetchAll(download: Download): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      return await fetchRest(download);
    } catch (error) {
      download.signal?.throwIfAborted();
      if (!(error instanceof TransientError)) throw error;
      if (attempt > retries) throw new CressetError(`${error.message} (${attempt} attempts)`, { cause: error.cause });
      await setTimeout(firstPauseMs * 2 ** (attempt - 1), undefined, { signal: download.signal }).catch(() => {});
      download.signal?.throwIfAborted();
    }
}

/**
 * Fetches `url` to `path`, unless a file with this MD5 is there. A broken connection is tried three times more, from where it broke off; what
 * has arrived when the download fails or is aborted stays as `path.part` for the next call.
 * @throws CressetError that names the URL and the HTTP status, the network's error, or the MD5 found and expected; the signal's reason
 * when it aborts; the system's error where the file cannot be written.
 */
export async function downloadFile(download: Download): Promise<void> {
  const { url, path, md5, signal } = download;
  if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : ''))
    throw new CressetError(`download: the URL must begin with http:// or https://, got ${JSON.stringify(url)}`);
  if (!/^[0-9a-f]{32}$/i.test(md5))
    throw new CressetError(`download: the MD5 must be 32 hexadecimal digits, got ${JSON.stringify(md5)}`);
  signal?.throwIfAborted();
  const wanted = md5.toLowerCase();
  if ((await sizeOf(path)) > 0 && (await md5Of(path, signal)) === wanted) return;
  const part = `${path}.part`;
  // The part of an earlier call may belong to another file; one made by this call cannot.
  let inherited = (await sizeOf(part)) > 0;
  for (;;) {
    await fetchAll(download);
    const found = await md5Of(part, signal);
    if (found === wanted) break;
    await rm(part, { force: true });
    if (!inherited) throw new CressetError(`download: ${url} has the MD5 ${found}, expected ${wanted}`);
    inherited = false;
  }
  await rename(part, path);
}
