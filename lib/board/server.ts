// Serves the board's page and its data to this machine alone.
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, RequestError } from './routes.js';
import { Store } from './store.js';

const host = '127.0.0.1';
const firstPort = 6006;
const portsTried = 20;

/** How a board is served. */
export interface BoardOptions {
  /** The folder of the page's files. */
  page: string;
  /** The port; without one the first that is free from 6006 on. */
  port?: number | undefined;
  /** How long to wait before looking at the files again, in milliseconds. */
  interval?: number;
}

/** A board that is being served. */
export interface Board {
  readonly url: string;
  readonly store: Store;
  /** Ends it. */
  close(): Promise<void>;
}

const pages: Record<string, [file: string, type: string]> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/page.css': ['page.css', 'text/css; charset=utf-8'],
};

// Nothing but the page's own files is run, shown or asked for, whatever a log's text would have the browser do.
const headers = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "media-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

// A page elsewhere whose name is made to lead here has that name in this header. Ports differ behind a tunnel.
const isHere = (name = ''): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(name);

async function respond(store: Store, page: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isHere(request.headers.host)) throw new RequestError(403, 'this board is asked by another name than localhost');
  // A link on another site may lead here; nothing there may ask for what is here.
  const isLink = request.headers['sec-fetch-mode'] === 'navigate' && request.headers['sec-fetch-dest'] === 'document';
  if (request.headers['sec-fetch-site'] === 'cross-site' && !isLink)
    throw new RequestError(403, 'this board is asked by another site');
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new RequestError(405, 'only GET is answered');
  const asked = request.url ?? '/';
  if (!URL.canParse(asked, 'http://localhost')) throw new RequestError(400, 'the address is none');
  const { pathname, searchParams } = new URL(asked, 'http://localhost');
  const file = Object.hasOwn(pages, pathname) ? pages[pathname] : undefined;
  if (file !== undefined) {
    const content = await readFile(join(page, file[0]));
    response.writeHead(200, { 'Content-Type': file[1] }).end(content);
    return;
  }
  const made = await answer(store, pathname, searchParams);
  if (made === null) {
    response.writeHead(204).end();
    return;
  }
  if (made.saveAs !== undefined) response.setHeader('Content-Disposition', `attachment; filename="${made.saveAs}"`);
  const { type, body } = made;
  response.setHeader('Content-Type', type);
  if (typeof body === 'string' || body instanceof Uint8Array)
    response.writeHead(200, { 'Content-Length': Buffer.byteLength(body) }).end(body);
  else if (request.method === 'HEAD') response.writeHead(200).end();
  else await pipeline(body, response.writeHead(200));
}

function refuse(response: ServerResponse, error: unknown): void {
  const status = error instanceof RequestError ? error.status : 500;
  const message = error instanceof Error ? error.message : String(error);
  if (response.headersSent) response.destroy();
  else
    response
      .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
      .end(JSON.stringify({ error: message }));
}

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

async function listen(server: Server, port: number | undefined): Promise<void> {
  if (port !== undefined) return listening(server, port);
  for (let tried = firstPort; ; tried++)
    try {
      return await listening(server, tried);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tried === firstPort + portsTried) throw error;
    }
}

// Whether the logdir is there. A file in its place is a mistake; a folder may still come.
async function isThere(logdir: string): Promise<boolean> {
  try {
    if ((await stat(logdir)).isDirectory()) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  const advice = basename(logdir).includes('tfevents')
    ? `an event file: give the folder that it is in, ${dirname(logdir)}`
    : 'a file, not a folder of event files';
  throw new RangeError(`board: LOGDIR ${logdir} is ${advice}`);
}

/**
 * Serves a page that shows the event files below `logdir`, also while they grow; a folder that is not there yet is waited for. Throws
 * RangeError where `logdir` is a file, and the system's error where it cannot be looked at or the port cannot be had.
 */
export async function serveBoard(logdir: string, { page, port, interval }: BoardOptions): Promise<Board> {
  const store = new Store(logdir, undefined, interval);
  store.isMissing = !(await isThere(logdir));
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    respond(store, page, request, response).catch((error) => refuse(response, error));
  });
  await listen(server, port);
  const stop = new AbortController();
  const watching = (async () => {
    while (!stop.signal.aborted) {
      // Looking through a large tree takes a fifth of the time at most.
      const pause = Math.max(store.interval, 4 * (await store.refresh()));
      await sleep(pause, undefined, { signal: stop.signal }).catch(() => {});
    }
  })();
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    store,
    async close() {
      stop.abort();
      store.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await watching;
    },
  };
}
