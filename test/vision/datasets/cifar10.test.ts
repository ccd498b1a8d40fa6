// CIFAR-10 in both layouts, whole and damaged, and its download.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Header } from 'tar';
import { datasets } from '../../../lib/vision/index.js';

const golden = (protocol: number) => readFileSync(join(__dirname, `../../golden/cifar10/data-p${protocol}.pkl`));
const pixel = (picture: number, at: number) => ((picture * 3072 + at) * 7) % 251;
const names = ['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5'];

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cresset-cifar-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(folder: string, name: string, bytes: Uint8Array): void {
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, name), bytes);
}
const load = (train = false) => datasets.CIFAR10.load({ root, train });

/** What Python 2 wrote: strings where Python 3 has bytes. */
function python2(
  labels: number[],
  data = Uint8Array.from({ length: labels.length * 3072 }, (_, i) => (i * 7) % 251),
): Buffer {
  const string = (s: string) => `U${String.fromCharCode(s.length)}${s}`;
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  const list = labels.map((label) => `K${String.fromCharCode(label)}`).join('');
  const text = [
    '\x80\x02}q\x01(',
    `${string('batch_label')}${string('testing batch')}`,
    `${string('labels')}](${list}e`,
    `${string('data')}cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85${string('b')}\x87R`,
    `(K\x01K${String.fromCharCode(labels.length)}M\x00\x0c\x86cnumpy\ndtype\n${string('u1')}K\x00K\x01\x87R`,
    `(K\x03${string('|')}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T${size.toString('latin1')}`,
  ].join('');
  return Buffer.concat([Buffer.from(text, 'latin1'), data, Buffer.from('tbu.', 'latin1')]);
}

/** One record of a label and 3072 bytes. */
const binary = (label: number) => Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? label : pixel(0, i - 1)));

describe('layouts', () => {
  test.each([2, 3, 4, 5])('pickled by Python 3, protocol %i', async (protocol) => {
    put('cifar-10-batches-py', 'test_batch', golden(protocol));
    const dataset = await load();
    expect(dataset.targets).toEqual([3, 9]);
    const [image, target] = dataset.get(1);
    expect(target).toBe(9);
    expect([image.width, image.height, image.channels]).toEqual([32, 32, 3]);
    // The channels of a pixel lie side by side in an image, a plane apart in the file.
    expect([...image.data.slice(0, 6)]).toEqual([0, 1024, 2048, 1, 1025, 2049].map((at) => pixel(1, at)));
  });

  test('pickled by Python 2, and by NumPy 2 with its other module names', async () => {
    put('cifar-10-batches-py', 'test_batch', python2([7, 0, 1]));
    expect((await load()).targets).toEqual([7, 0, 1]);
    const renamed = golden(2).toString('latin1').replaceAll('numpy.core.', 'numpy._core.');
    expect(renamed).toContain('numpy._core.');
    put('cifar-10-batches-py', 'test_batch', Buffer.from(renamed, 'latin1'));
    expect((await load()).targets).toEqual([3, 9]);
  });

  test('binary, with another number of records in each file', async () => {
    for (const [i, name] of names.entries())
      put('cifar-10-batches-bin', `${name}.bin`, Buffer.concat(Array(i + 1).fill(binary(i))));
    expect((await load(true)).targets).toEqual([0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4]);
  });

  test('root may be the folder of the files itself', async () => {
    put('.', 'test_batch', golden(2));
    expect((await load()).length).toBe(2);
    rmSync(join(root, 'test_batch'));
    put('.', 'test_batch.bin', binary(4));
    expect((await load()).targets).toEqual([4]);
  });
});

describe('damage', () => {
  const corrupt = (from: string, to: string) =>
    Buffer.from(python2([1, 2]).toString('latin1').replace(from, to), 'latin1');
  test.each<[string, () => Uint8Array, RegExp]>([
    ['truncated', () => golden(2).subarray(0, 3000), /test_batch: byte \d+: it ends in the middle/],
    ['empty', () => new Uint8Array(0), /test_batch: byte 0: it ends in the middle/],
    ['no pickle', () => Buffer.from('hello'), /test_batch: byte 0: opcode 0x68|memo/],
    ['a function', () => corrupt('numpy\nndarray', 'posix\nsystem'), /posix\.system is not among the names/],
    ['another dtype', () => corrupt('U\x02u1', 'U\x02f8'), /an array of f8, expected u1 \(uint8\)/],
    [
      'another shape',
      () => corrupt('M\x00\x0c\x86', 'M\x00\x0b\x86'),
      /an array of shape \(2, 2816\) needs 5632 bytes, got 6144/,
    ],
    ['no data', () => corrupt('U\x04data', 'U\x04dada'), /"data" is no array of uint8 \[records, 3072\]/],
    ['few labels', () => corrupt('](K\x01K\x02e', '](K\x01e'), /"labels" is no list of 2 labels/],
    ['a class of its own', () => python2([1, 12]), /record 1 has the label 12, expected 0 to 9/],
    ['no dict', () => Buffer.from('\x80\x02K\x01.', 'latin1'), /it holds no dict/],
  ])('%s', async (_, bytes, message) => {
    put('cifar-10-batches-py', 'test_batch', bytes());
    await expect(load()).rejects.toThrow(message);
    await expect(load()).rejects.toThrow(/^CIFAR10: .*cifar-10-batches-py/);
  });

  test('binary files', async () => {
    put('cifar-10-batches-bin', 'test_batch.bin', binary(3).subarray(0, 3000));
    await expect(load()).rejects.toThrow(/test_batch\.bin: 3000 bytes are no whole number of records of 3073 bytes/);
    put('cifar-10-batches-bin', 'test_batch.bin', binary(10));
    await expect(load()).rejects.toThrow(/record 0 has the label 10, expected 0 to 9/);
  });

  test('nothing there', async () => {
    await expect(load()).rejects.toThrow(
      /test_batch was not found; looked for .*cifar-10-batches-py.*cifar-10-batches-bin/,
    );
  });

  test('every cut of a pickle ends in an error', async () => {
    const whole = python2([1]);
    for (let length = 0; length < 200; length++) {
      put('cifar-10-batches-py', 'test_batch', whole.subarray(0, length));
      await expect(load()).rejects.toThrow(/^CIFAR10/);
    }
  });
});

describe('download', () => {
  function tarball(entries: Record<string, Uint8Array>): Buffer {
    const blocks = Object.entries(entries).flatMap(([path, data]) => {
      const header = Buffer.alloc(512);
      new Header({ path, size: data.length, type: 'File', mode: 0o644 }).encode(header);
      return [header, data, Buffer.alloc((512 - (data.length % 512)) % 512)];
    });
    return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
  }
  const folder = 'cifar-10-batches-py';
  const files = Object.fromEntries([...names, 'test_batch'].map((name) => [`${folder}/${name}`, python2([5])]));
  const archive = tarball({ ...files, '../outside': Buffer.from('no'), [`${folder}/readme.html`]: Buffer.from('no') });
  const md5 = createHash('md5').update(archive).digest('hex');

  let server: Server;
  let requests: (string | undefined)[];
  async function serve(listener: RequestListener): Promise<{ url: string; hash: { algorithm: string; hex: string } }> {
    requests = [];
    server = createServer((request, response) => {
      requests.push(request.headers.range);
      listener(request, response);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/cifar.tar.gz`,
      hash: { algorithm: 'md5', hex: md5 },
    };
  }
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test('fetches, checks, unpacks what belongs there, and does so once', async () => {
    const download = await serve((_, response) => response.end(archive));
    for (let i = 0; i < 2; i++)
      expect((await datasets.CIFAR10.load({ root, download })).targets).toEqual([5, 5, 5, 5, 5]);
    expect(requests).toHaveLength(1);
    expect(readdirSync(join(root, folder)).sort()).toEqual([...names, 'test_batch']);
    expect(readdirSync(root).sort()).toEqual(['cifar-10-batches-py', 'cifar-10-python.tar.gz']);
    expect(existsSync(join(root, '../outside'))).toBe(false);
  });

  test('goes on where the connection broke', async () => {
    const download = await serve((request, response) => {
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      response.writeHead(from ? 206 : 200, { 'content-length': archive.length - from });
      if (requests.length > 1) return response.end(archive.subarray(from));
      return response.write(archive.subarray(0, 300), () => setTimeout(() => response.destroy(), 50));
    });
    expect((await datasets.CIFAR10.load({ root, download })).length).toBe(5);
    expect(requests).toEqual([undefined, 'bytes=300-']);
  }, 20_000);

  test('another hash is an error, and the file is gone', async () => {
    const download = await serve((_, response) => response.end(archive.subarray(1)));
    await expect(datasets.CIFAR10.load({ root, download })).rejects.toThrow(
      new RegExp(`the md5 is \\w{32}, expected ${md5}`),
    );
    expect(readdirSync(root)).toEqual([]);
  });

  test('what the server refuses is named', async () => {
    const download = await serve((_, response) => response.writeHead(404).end());
    await expect(datasets.CIFAR10.load({ root, download })).rejects.toThrow(
      `${download.url}: the server answered 404 Not Found`,
    );
    expect(requests).toHaveLength(1);
  });

  test('a signal breaks it off', async () => {
    const controller = new AbortController();
    const download = await serve((_, response) => {
      response.write(archive.subarray(0, 300));
      setTimeout(() => controller.abort(new Error('enough')), 20);
    });
    await expect(datasets.CIFAR10.load({ root, download, signal: controller.signal })).rejects.toThrow('enough');
    expect(readdirSync(root)).toEqual(['cifar-10-python.tar.gz.part']);
  });

  test('a damaged archive is an error', async () => {
    const damaged = Buffer.concat([archive.subarray(0, 400), Buffer.alloc(400)]);
    const download = await serve((_, response) => response.end(damaged));
    download.hash.hex = createHash('md5').update(damaged).digest('hex');
    await expect(datasets.CIFAR10.load({ root, download })).rejects.toThrow(/extract: .*cifar-10-python\.tar\.gz: /);
  });
});
