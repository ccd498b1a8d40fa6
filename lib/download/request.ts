// Requests one after another until the part of a file holds all of it.
import { open, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CressetError } from '../errors.js';
import { Meter } from '../progress/index.js';
import { sizeOf } from './part.js';
import { type Fetcher, openFetcher } from './proxy.js';

/** What to fetch, and how. */
export interface Request {
  url: string;
  /** The file that it becomes, for messages. */
  path: string;
  /** Whether a hash will tell if what was put together belongs together. */
  checked: boolean;
  progress: boolean;
  signal?: AbortSignal | undefined;
  /** How long a server may say nothing. */
  patienceMs: number;
  /** The pause before the second attempt; each further one is twice as long. */
  pauseMs: number;
}

const attempts = 4;

/** What may go better the next time. */
class TransientError extends CressetError {}

const sizeText = (bytes: number): string =>
  bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

/** What an error and those behind it say, such as `fetch failed: connect ECONNREFUSED 127.0.0.1:80`. */
function causeOf(error: unknown): string {
  const texts: string[] = [];
  // Of whatever realm they are.
  for (let at = error; typeof at === 'object' && at !== null && texts.length < 5; at = (at as Error).cause) {
    const { message, code } = at as NodeJS.ErrnoException;
    const text = message || code;
    if (text && !texts.includes(text)) texts.push(text);
  }
  return texts.join(': ') || String(error);
}

/** What the server calls this state of the file, if anything. */
const validatorOf = ({ headers }: Response): string | null => {
  const tag = headers.get('etag');
  return tag !== null && !tag.startsWith('W/') ? tag : headers.get('last-modified');
};

/** The bytes of the whole file, as far as the server tells; an encoded body has another length. */
function totalOf({ status, headers }: Response): number | null {
  const length = headers.has('content-encoding') ? null : headers.get('content-length');
  const text = status === 206 ? /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] : length;
  return text ? Number(text) : null;
}

/** One download's requests. */
class Requests {
  // What the latest response that held bytes said of the file.
  #validator: string | null = null;
  #total: number | null = null;

  constructor(
    readonly request: Request,
    readonly part: string,
    readonly fetcher: Fetcher,
  ) {}

  /** The response to a request for what is behind the first `have` bytes. */
  async #respond(have: number, stop: AbortController): Promise<Response> {
    // Servers that label archives as an encoding would have them unpacked on the way.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (have > 0) headers.range = `bytes=${have}-`;
    if (have > 0 && this.#validator !== null) headers['if-range'] = this.#validator;
    const response = await this.#patiently(
      this.fetcher.fetch(this.request.url, { headers, signal: stop.signal }),
      stop,
    );
    if (response.ok) [this.#validator, this.#total] = [validatorOf(response), totalOf(response)];
    return response;
  }

  /** What the network gives in time; an error of its own for what may go better the next time. */
  async #patiently<T>(work: Promise<T>, stop: AbortController): Promise<T> {
    const { url, patienceMs } = this.request;
    const silence = new TransientError(`download: ${url}: the server sent nothing for ${patienceMs / 1000} s`);
    const timer = setTimeout(() => stop.abort(silence), patienceMs);
    try {
      return await work;
    } catch (error) {
      if (error === silence) throw error;
      throw new TransientError(`download: ${url}: ${causeOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  /** Where the body of `response` belongs in the file, or null where the server has nothing behind the `have` bytes. */
  async #startOf(response: Response, have: number): Promise<number | null> {
    const { url } = this.request;
    const { status, statusText, headers } = response;
    if (status === 200) return 0;
    const range = headers.get('content-range') ?? '';
    if (status === 206 && Number(/^bytes (\d+)-/.exec(range)?.[1]) === have) return have;
    await response.body?.cancel();
    if (status === 416 && range === `bytes */${have}` && have === (this.#total ?? have)) return null;
    if (status === 206 || (status === 416 && have > 0)) {
      await rm(this.part, { force: true });
      throw new TransientError(`download: ${url}: asked for bytes from ${have} on, got the range "${range}"`);
    }
    const message = `download: ${url}: HTTP status ${status} (${statusText}), expected 200`;
    throw status >= 500 || status === 408 || status === 429 ? new TransientError(message) : new CressetError(message);
  }

  async fetchRest(): Promise<void> {
    const { url, path, checked, progress, signal } = this.request;
    const stop = new AbortController();
    const abort = () => stop.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      // Without a name for the file's state or a hash, the rest may be that of another file.
      const have = checked || this.#validator !== null ? await sizeOf(this.part) : 0;
      const response = await this.#respond(have, stop);
      const start = await this.#startOf(response, have);
      if (start === null) return;
      const size = this.#total ? { total: this.#total } : {};
      const options = { ...size, description: basename(path), format: sizeText };
      const meter = progress ? await Meter.open(options, start) : undefined;
      const reader = response.body?.getReader();
      const file = await open(this.part, start === 0 ? 'w' : 'a');
      let at = start;
      try {
        for (;;) {
          const chunk = reader && (await this.#patiently(reader.read(), stop));
          if (chunk === undefined || chunk.done) break;
          await file.writeFile(chunk.value);
          at += chunk.value.length;
          meter?.update(at);
        }
        await file.sync();
      } finally {
        meter?.close();
        await file.close();
      }
      if (at === (this.#total ?? at)) return;
      if (at > this.#total!) await rm(this.part, { force: true });
      throw new TransientError(`download: ${url}: got ${at} of ${this.#total} bytes`);
    } catch (error) {
      stop.abort(error);
      const { code, syscall, message } = (error ?? {}) as NodeJS.ErrnoException;
      if (syscall !== 'write' && syscall !== 'fsync') throw error;
      // The system's error names no file.
      throw Object.assign(new Error(`${path} could not be written: ${message}`, { cause: error }), { code, path });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }
}

/**
 * Fills the file `part`, or what it lacks.
 * @throws CressetError that names the URL and the HTTP status or the network's error; the signal's reason when it aborts; the system's error
 * where the file cannot be written. What has arrived stays.
 */
export async function fetchAll(request: Request, part: string): Promise<void> {
  const { signal } = request;
  const fetcher = await openFetcher();
  try {
    const requests = new Requests(request, part, fetcher);
    let most = await sizeOf(part);
    for (let attempt = 1; ; attempt++)
      try {
        return await requests.fetchRest();
      } catch (error) {
        signal?.throwIfAborted();
        if (!(error instanceof TransientError)) throw error;
        // Attempts that bring the file forward do not count.
        const have = await sizeOf(part);
        if (have > most) [most, attempt] = [have, 1];
        if (attempt >= attempts)
          throw new CressetError(`${error.message} (${attempt} attempts)`, { cause: error.cause });
        await pause(request.pauseMs * 2 ** (attempt - 1), undefined, signal && { signal }).catch(() => {});
        signal?.throwIfAborted();
      }
  } finally {
    await fetcher.close();
  }
}
