// Downloads of data sets from a server of our own: what arrives is complete and checked, or it is not there.
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CressetError } from '../../../lib/errors.js';
import { extractTar } from '../../../lib/vision/extract.js';
import { datasets } from '../../../lib/vision/index.js';
import { arrival, forgetProxies, serving, TestServer } from '../../download/server.js';
import { cifar100Pickle, idxPair, mat, md5, pictureOf, tarOf, zipOf } from './files.js';

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

  test('a download that waits for another one is aborted at once', async () => {
    handler = async (_, response) => {
      await sendHalf(response);
      // The rest never comes.
    };
    const first = new AbortController();
    const running = errorOf(load({ signal: first.signal }));
    const reason = new Error('enough');
    const second = new AbortController();
    const waiting = errorOf(load({ signal: second.signal }));
    second.abort(reason);
    expect(await waiting).toBe(reason);
    first.abort(reason);
    expect(await running).toBe(reason);
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
    [
      'files that get in the way of others',
      () =>
        tarOf([
          { name: 'a', data: 'x' },
          { name: 'a/b', data: 'y' },
        ]),
      /it is no sound tar archive: .*EEXIST/,
    ],
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

test('files get the modes of this process, not those of the archive', async () => {
  const into = join(root, 'into');
  await mkdir(into);
  const path = join(root, 'modes.tar.gz');
  await writeFile(path, tarOf([0o4777, 0].map((mode, i) => ({ name: `a/${i}`, data: 'x', mode }))));
  await extractTar(path, into);
  const modes = await Promise.all([0, 1].map(async (i) => (await stat(join(into, `a/${i}`))).mode & 0o7700));
  expect(modes).toEqual([0o600, 0o600]);
});

/** A server that has these files under its root. */
async function serverOf(files: Record<string, Uint8Array>): Promise<TestServer> {
  return new TestServer((request, response, count) => {
    const bytes = files[request.url!.slice(1)];
    return bytes === undefined ? response.writeHead(404).end() : serving(bytes)(request, response, count);
  }).open();
}
const sums = (files: Record<string, Uint8Array>) =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, md5(bytes)]));

describe('MNIST', () => {
  const [train, check] = [idxPair([5, 0]), idxPair([7])];
  const files = {
    'train-images-idx3-ubyte.gz': gzipSync(train.images),
    'train-labels-idx1-ubyte.gz': gzipSync(train.labels),
    't10k-images-idx3-ubyte.gz': gzipSync(check.images),
    't10k-labels-idx1-ubyte.gz': gzipSync(check.labels),
  };
  let mirror: TestServer;
  beforeAll(async () => {
    mirror = await serverOf(files);
  });
  afterAll(() => mirror.close());
  beforeEach(() => mirror.reset());
  const load = (options = {}) =>
    datasets.MNIST.load({ root, download: true, mirrors: [mirror.origin], md5: sums(files), ...options });

  test('four archives are fetched once and unpacked where torchvision has them', async () => {
    const [dataset, other] = await Promise.all([load(), load({ train: false })]);
    expect([dataset.targets, other.targets]).toEqual([[5, 0], [7]]);
    expect(mirror.ranges).toHaveLength(4);
    const names = Object.keys(files).flatMap((name) => [name, name.slice(0, -3)]);
    expect((await readdir(join(root, 'MNIST/raw'))).sort()).toEqual(names.sort());
    await rm(join(root, 'MNIST/raw/t10k-images-idx3-ubyte'));
    await rm(join(root, 'MNIST/raw/t10k-images-idx3-ubyte.gz'));
    expect((await load({ train: false })).length).toBe(1);
    expect(mirror.ranges).toHaveLength(5);
  });

  test('the next mirror is tried where one fails', async () => {
    expect((await load({ mirrors: [`${mirror.origin}/none/`, `${mirror.origin}/`] })).length).toBe(2);
    expect(mirror.ranges).toHaveLength(8);
    await rm(join(root, 'MNIST'), { recursive: true });
    const error = await errorOf(load({ mirrors: [`${mirror.origin}/none`, `${mirror.origin}/neither`] }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(
      /^MNIST: none of 2 places gave .*train-images-idx3-ubyte\.gz:\n {2}download: .*\/none\/.*404.*\n {2}download: .*\/neither\/.*404/,
    );
    expect(await readdir(join(root, 'MNIST/raw'))).toEqual([]);
    for (const mirrors of [mirror.origin, []])
      expect((await errorOf(load({ mirrors }))).message).toMatch(
        /^MNIST.load: mirrors must be an array of at least one URL, got (the string "http|the array \[\])/,
      );
  });

  test('a broken connection goes on where it broke off', async () => {
    const first = files['train-images-idx3-ubyte.gz'];
    mirror.handler = async (request, response, count) => {
      if (count > 1) return mirror.standard(request, response, count);
      response.writeHead(200, { 'content-length': first.length });
      response.write(first.subarray(0, 100));
      await arrival(join(root, 'MNIST/raw'), 100);
      response.destroy();
    };
    expect((await load()).length).toBe(2);
    expect(mirror.ranges).toEqual([undefined, 'bytes=100-', undefined, undefined, undefined]);
  });

  test('a wrong MD5, and an archive that is none', async () => {
    const wrong = { ...sums(files), 'train-images-idx3-ubyte.gz': '0'.repeat(32) };
    expect((await errorOf(load({ md5: wrong }))).message).toMatch(/has the MD5 [0-9a-f]{32}, expected 0{32}$/);
    expect(await readdir(join(root, 'MNIST/raw'))).toEqual([]);
    const hostile = gzipSync(Buffer.concat([train.images, Buffer.alloc(1e6)]));
    mirror.handler = serving(hostile);
    const md5s = { ...sums(files), 'train-images-idx3-ubyte.gz': md5(hostile) };
    expect((await errorOf(load({ md5: md5s }))).message).toMatch(/train-images-idx3-ubyte\.gz: bytes follow/);
    expect(await readdir(join(root, 'MNIST/raw'))).toEqual(['train-images-idx3-ubyte.gz']);
  });
});

describe('EMNIST', () => {
  const [train, check] = [idxPair([1, 26, 3]), idxPair([2])];
  const inside = {
    'gzip/emnist-letters-train-images-idx3-ubyte.gz': train.images,
    'gzip/emnist-letters-train-labels-idx1-ubyte.gz': train.labels,
    'gzip/emnist-letters-test-images-idx3-ubyte.gz': check.images,
    'gzip/emnist-letters-test-labels-idx1-ubyte.gz': check.labels,
    'gzip/emnist-digits-test-labels-idx1-ubyte.gz': check.labels,
  };
  const entries = Object.entries(inside).map(([name, bytes]) => ({ name, data: gzipSync(bytes) }));

  test('the split is unpacked from the archive of all', async () => {
    const bytes = zipOf([{ name: 'gzip/', mode: 0o40755 }, ...entries]);
    handler = serving(bytes);
    const options = { root, split: 'letters', download: true, url, md5: md5(bytes) } as const;
    expect((await datasets.EMNIST.load(options)).targets).toEqual([1, 26, 3]);
    expect((await datasets.EMNIST.load({ ...options, train: false })).targets).toEqual([2]);
    expect(ranges).toHaveLength(1);
    const names = entries.slice(0, 4).map(({ name }) => name.slice(5, -3));
    expect((await readdir(join(root, 'EMNIST/raw'))).sort()).toEqual([...names, 'gzip.zip'].sort());
    const error = await errorOf(datasets.EMNIST.load({ ...options, split: 'digits' }));
    expect(error.message).toMatch(/^EMNIST: .*gzip\.zip holds no files\/emnist-digits-train-images-idx3-ubyte/);
  });

  test.each<[string, () => Buffer, RegExp]>([
    ['a path upwards', () => zipOf([...entries, { name: '../escaped' }]), /"\.\.\/escaped" leads outside/],
    ['an absolute path', () => zipOf([{ name: '/tmp/escaped' }]), /"\/tmp\/escaped" leads outside/],
    ['a path of Windows', () => zipOf([{ name: 'a\\..\\..\\escaped' }]), /leads outside/],
    ['a link', () => zipOf([{ name: 'gzip', mode: 0o120777 }]), /is a SymbolicLink, where only/],
    ['a name twice', () => zipOf([...entries, entries[0]!]), /the entry .* is there twice/],
    ['no archive', () => Buffer.from('<html>'), /it is no sound zip archive/],
    ['a file cut off', () => zipOf(entries).subarray(0, -30), /it is no sound zip archive/],
  ])('%s', async (_, make, message) => {
    const bytes = make();
    handler = serving(bytes);
    const options = { root, split: 'letters', download: true, url, md5: md5(bytes) } as const;
    const error = await errorOf(datasets.EMNIST.load(options));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(message);
    expect(await readdir(join(root, 'EMNIST/raw'))).toEqual(['gzip.zip']);
    expect(existsSync(join(root, 'EMNIST/escaped'))).toBe(false);
  });
});

test('CIFAR100', async () => {
  const batch = (labels: number[]) =>
    cifar100Pickle(labels, Buffer.concat(labels.map((label) => pictureOf(label, 3072))));
  const files = { train: batch([19, 99]), test: batch([3]), meta: 'names' };
  const bytes = tarOf(Object.entries(files).map(([file, data]) => ({ name: `cifar-100-python/${file}`, data })));
  handler = serving(bytes);
  // A folder of another data set is no file of this one.
  await mkdir(join(root, 'train'));
  const dataset = await datasets.CIFAR100.load({ root, download: true, url, md5: md5(bytes) });
  expect(dataset.targets).toEqual([19, 99]);
  expect((await readdir(join(root, 'cifar-100-python'))).sort()).toEqual(['meta', 'test', 'train']);
});

test('SVHN', async () => {
  const bytes = mat([
    { name: 'X', shape: [32, 32, 3, 2], kind: 9, type: 2, data: pictureOf(0, 2 * 3072) },
    { name: 'y', shape: [2, 1], kind: 6, type: 2, data: Uint8Array.of(10, 3) },
  ]);
  handler = serving(bytes);
  const options = { root, split: 'extra', download: true, url, md5: md5(bytes) } as const;
  expect((await datasets.SVHN.load(options)).targets).toEqual([0, 3]);
  expect((await datasets.SVHN.load(options)).length).toBe(2);
  expect(ranges).toHaveLength(1);
  expect(await readdir(root)).toEqual(['extra_32x32.mat']);
});
