// The download of CIFAR-10 against a server of our own: what arrives is complete and checked, or it is not there.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CressetError } from '../../../lib/errors.js';
import { datasets } from '../../../lib/vision/index.js';
import { forgetProxies } from '../../download/server.js';

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');
const name = 'cifar-10-python.tar.gz';

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => unknown;
let handler: Handler;
let ranges: (string | undefined)[];
let url: string;
const server = createServer((request, response) => {
  ranges.push(request.headers.range);
  handler(request, response, ranges.length);
});

let archive: Buffer;
let root: string;
let part: string;
beforeAll(async () => {
  forgetProxies();
  archive = await readFile(join(__dirname, '../../golden/cifar10', name));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(async () => {
  ranges = [];
  handler = serve;
  root = await mkdtemp(join(tmpdir(), 'cresset-download-'));
  part = join(root, `${name}.part`);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const load = (options: { url?: string; md5?: string; signal?: AbortSignal; train?: boolean } = {}) =>
  datasets.CIFAR10.load({ root, download: true, url, md5: md5(archive), ...options });
async function errorOf(loading: Promise<unknown>): Promise<Error> {
  const error = await loading.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).not.toBeNull();
  return error as Error;
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  if (from >= archive.length) response.writeHead(416, { 'content-range': `bytes */${archive.length}` }).end();
  else if (from > 0)
    response
      .writeHead(206, { 'content-range': `bytes ${from}-${archive.length - 1}/${archive.length}` })
      .end(archive.subarray(from));
  else response.writeHead(200, { 'content-length': archive.length }).end(archive);
}

const half = 1000;
async function sendHalf(response: ServerResponse): Promise<void> {
  response.writeHead(200, { 'content-length': archive.length });
  response.write(archive.subarray(0, half));
  const arrived = async () => {
    const parts = (await readdir(root)).filter((file) => file.endsWith('.part'));
    return Promise.all(parts.map(async (file) => (await stat(join(root, file))).size));
  };
  while (!(await arrived()).includes(half)) await setTimeout(5);
}

describe('success', () => {
  test('fetches, unpacks and reads; then nothing is fetched again', async () => {
    expect((await load()).length).toBe(11);
    expect((await load({ train: false })).length).toBe(3);
    expect(ranges).toEqual([undefined]);
    expect((await readdir(root)).sort()).toEqual(['cifar-10-batches-py', name]);
  });

  test('training and test files side by side share one download', async () => {
    const [train, check] = await Promise.all([load(), load({ train: false })]);
    expect([train.length, check.length]).toEqual([11, 3]);
    expect(ranges).toHaveLength(1);
  });

  test('an archive that is there is unpacked again where a file is missing', async () => {
    await load();
    await rm(join(root, 'cifar-10-batches-py/data_batch_3'));
    expect((await load()).length).toBe(11);
    expect(ranges).toHaveLength(1);
  });

  test('a server that is busy is asked again', async () => {
    handler = (request, response, count) =>
      count === 1 ? response.writeHead(503).end('later') : serve(request, response);
    expect((await load()).length).toBe(11);
    expect(ranges).toHaveLength(2);
  });
});

describe('resuming', () => {
  test('a broken connection goes on where it broke off', async () => {
    handler = async (request, response, count) => {
      if (count > 1) return serve(request, response);
      await sendHalf(response);
      response.destroy();
    };
    expect((await load()).length).toBe(11);
    expect(ranges).toEqual([undefined, `bytes=${half}-`]);
  });

  test('a server without ranges sends the whole', async () => {
    await writeFile(part, archive.subarray(0, half));
    handler = (_, response) => response.end(archive);
    expect((await load()).length).toBe(11);
    expect(ranges).toEqual([`bytes=${half}-`]);
  });

  test('a part that is complete', async () => {
    await writeFile(part, archive);
    expect((await load()).length).toBe(11);
    expect(ranges).toEqual([`bytes=${archive.length}-`]);
  });

  test.each([
    ['of another file', Buffer.alloc(half, 1)],
    ['longer than the file', Buffer.alloc(9999, 1)],
  ])('a part %s is thrown away', async (_, bytes) => {
    await writeFile(part, bytes);
    expect((await load()).length).toBe(11);
    expect(ranges).toEqual([`bytes=${bytes.length}-`, undefined]);
  });

  test('a range that was not asked for is refused', async () => {
    await writeFile(part, archive.subarray(0, half));
    handler = (request, response, count) =>
      count > 1
        ? serve(request, response)
        : response.writeHead(206, { 'content-range': 'bytes 7-9/10' }).end(archive.subarray(7, 10));
    expect((await load()).length).toBe(11);
    expect(ranges).toEqual([`bytes=${half}-`, undefined]);
  });

  test('a connection that always breaks is given up', async () => {
    handler = (_, response) => response.destroy();
    const error = await errorOf(load());
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(/^download: http:.*: fetch failed: .*\(4 attempts\)$/);
    expect(ranges).toHaveLength(4);
    expect(await readdir(root)).toEqual([]);
  });
});

describe('failure leaves nothing under the final names', () => {
  test('HTTP errors name the URL and the status', async () => {
    handler = (_, response) => response.writeHead(404).end('none');
    const error = await errorOf(load());
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toBe(`download: ${url}: HTTP status 404 (Not Found), expected 200`);
    expect(ranges).toHaveLength(1);
    expect(await readdir(root)).toEqual([]);
  });

  test('a wrong MD5', async () => {
    const wanted = '0123456789abcdef0123456789abcdef';
    const error = await errorOf(load({ md5: wanted }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toBe(`download: ${url} has the MD5 ${md5(archive)}, expected ${wanted}`);
    expect(await readdir(root)).toEqual([]);
  });

  test('aborting keeps what has arrived for the next call', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    handler = async (request, response, count) => {
      if (count > 1) return serve(request, response);
      await sendHalf(response);
      controller.abort(reason);
    };
    expect(await errorOf(load({ signal: controller.signal }))).toBe(reason);
    expect(await readdir(root)).toEqual([`${name}.part`]);
    expect((await load()).length).toBe(11);
    expect(ranges).toEqual([undefined, `bytes=${half}-`]);
  });

  test('a signal that was aborted before', async () => {
    const reason = new Error('no');
    expect(await errorOf(load({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(ranges).toEqual([]);
  });

  test.each([
    [
      { url: 'ftp://example.org/x' },
      'download: the URL must begin with http:// or https://, got "ftp://example.org/x"',
    ],
    [{ md5: 'abc' }, 'download: the MD5 must be 32 hexadecimal digits, got "abc"'],
  ])('%p', async (options, message) => {
    expect((await errorOf(load(options))).message).toBe(message);
  });
});

interface Entry {
  name: string;
  type?: string;
  link?: string;
  data?: string;
}

/** A tar archive made by hand, as no archiver would. */
function tarOf(entries: Entry[]): Buffer {
  const blocks = entries.flatMap(({ name, type = '0', link = '', data = '' }) => {
    const header = Buffer.alloc(512);
    const field = (text: string, at: number) => header.write(text, at, 'latin1');
    field(name, 0);
    field('0000644\0', 100);
    field(`${data.length.toString(8).padStart(11, '0')}\0`, 124);
    field('00000000000\0        ', 136);
    field(type, 156);
    field(link, 157);
    field('ustar\0' + '00', 257);
    const sum = header.reduce((a, b) => a + b, 0);
    field(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, Buffer.from(data.padEnd(Math.ceil(data.length / 512) * 512, '\0'))];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

describe('archives that are refused', () => {
  const own = { name: 'cifar-10-batches-py/data_batch_1', data: 'harmless' };
  test.each<[string, () => Buffer, RegExp]>([
    ['a path upwards', () => tarOf([own, { name: '../escaped', data: 'x' }]), /"\.\.\/escaped" leads outside/],
    [
      'a path in between',
      () => tarOf([{ name: 'a/../../escaped', data: 'x' }]),
      /"a\/\.\.\/\.\.\/escaped" leads outside/,
    ],
    ['an absolute path', () => tarOf([{ name: join(root, 'escaped'), data: 'x' }]), /escaped" leads outside/],
    ['a path of Windows', () => tarOf([{ name: 'a\\..\\..\\escaped', data: 'x' }]), /leads outside/],
    [
      'a link',
      () => tarOf([{ name: 'cifar-10-batches-py', type: '2', link: '/tmp' }]),
      /is a SymbolicLink, where only/,
    ],
    ['a hard link', () => tarOf([own, { name: 'escaped', type: '1', link: '/etc/passwd' }]), /is a Link, where only/],
    ['a device', () => tarOf([{ name: 'escaped', type: '3' }]), /is a CharacterDevice, where only/],
    ['files that are missing', () => tarOf([own]), /holds no cifar-10-batches-py\/data_batch_2/],
    ['a damaged tar', () => gzipSync(Buffer.alloc(2048, 7)), /it is no sound tar archive/],
    ['a truncated gzip', () => archive.subarray(0, 1500), /it is no sound tar archive/],
    ['no archive', () => Buffer.from('<html>'), /it is no sound tar archive/],
  ])('%s', async (_, make, message) => {
    const bytes = make();
    handler = (_, response) => response.end(bytes);
    const error = await errorOf(load({ md5: md5(bytes) }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(join(root, name));
    expect(await readdir(root)).toEqual([name]);
    expect(existsSync(join(root, '../escaped'))).toBe(false);
  });
});
