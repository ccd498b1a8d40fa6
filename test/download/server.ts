// What tests of downloads share: a server of their own, files in a folder of their own, and an environment without proxies.
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const proxyVariables = ['http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'];

/** Takes the machine's own proxies out of the environment of this process and its children. */
export function forgetProxies(): void {
  for (const name of proxyVariables) for (const form of [name, name.toUpperCase()]) delete process.env[form];
}

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => unknown;

/** A server that answers by `handler` and notes the range of each request. */
export class TestServer {
  handler: Handler;
  ranges: (string | undefined)[] = [];
  readonly server: Server;

  constructor(readonly standard: Handler) {
    this.handler = standard;
    this.server = createServer((request, response) => {
      this.ranges.push(request.headers.range);
      this.handler(request, response, this.ranges.length);
    });
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  reset(): void {
    this.handler = this.standard;
    this.ranges = [];
  }

  close(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** Answers with `bytes`, or what of them is asked for. */
export const serving =
  (bytes: Uint8Array): Handler =>
  (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const total = bytes.length;
    if (from >= total) response.writeHead(416, { 'content-range': `bytes */${total}` }).end();
    else if (from > 0)
      response.writeHead(206, { 'content-range': `bytes ${from}-${total - 1}/${total}` }).end(bytes.subarray(from));
    else response.writeHead(200, { 'content-length': total }).end(bytes);
  };

/** Waits until a part in `folder` has grown to `size`. */
export async function arrival(folder: string, size: number): Promise<void> {
  const sizes = async () => {
    const parts = (await readdir(folder)).filter((file) => file.endsWith('.part'));
    return Promise.all(parts.map(async (file) => (await stat(join(folder, file)).catch(() => ({ size: -1 }))).size));
  };
  while (!(await sizes()).includes(size)) await setTimeout(2);
}

export async function errorOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: Error) => error,
  );
}
