// CIFAR-10 and CIFAR-100 from files: both layouts, every Python that may have written them, and damage that is always reported.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { extract } from 'tar';
import { CressetError } from '../../../lib/errors.js';
import { datasets } from '../../../lib/vision/index.js';
import { errorOf as errorFrom } from '../../download/server.js';
import { cifar100Pickle, pictureOf } from './files.js';

const { CIFAR10, CIFAR100 } = datasets;
const golden = (name: string) => join(__dirname, '../../golden/cifar10', name);
const counts = [3, 2, 2, 2, 2, 3];

// What test/golden/cifar10.py writes.
const label = (file: number, i: number) => (3 * file + i) % 10;
const byte = (file: number, i: number, c: number, y: number, x: number) =>
  (37 * file + 11 * i + 85 * c + 5 * y + Math.floor(x / 8)) % 256;
const picture = (file: number, i: number) =>
  Uint8Array.from({ length: 3072 }, (_, k) => byte(file, i, k % 3, Math.floor(k / 96), Math.floor(k / 3) % 32));
const records = (files: number[]) =>
  files.flatMap((file) => Array.from({ length: counts[file - 1]! }, (_, i) => [file, i] as const));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cresset-cifar10-'));
  await extract({ file: golden('cifar-10-python.tar.gz'), cwd: folder });
});
afterAll(() => rm(folder, { recursive: true }));

let fresh = 0;
/** A root whose test file is `bytes`. */
async function withTestFile(bytes: Uint8Array, name = 'test_batch'): Promise<string> {
  const root = join(folder, `root${fresh++}`);
  await mkdir(root);
  await writeFile(join(root, name), bytes);
  return root;
}

async function errorOf(root: string, train = false): Promise<string> {
  const error = await CIFAR10.load({ root, train }).then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(CressetError);
  return (error as Error).message;
}

describe('the pickled layout of Python 2', () => {
  test.each([
    ['training', true, [1, 2, 3, 4, 5]],
    ['test', false, [6]],
  ] as const)('%s files', async (_, train, files) => {
    const dataset = await CIFAR10.load({ root: folder, train });
    const expected = records([...files]);
    expect(dataset.targets).toEqual(expected.map(([file, i]) => label(file, i)));
    expect(dataset.length).toBe(expected.length);
    for (const [index, [file, i]] of expected.entries()) {
      const [image, target] = dataset.get(index);
      expect(target).toBe(label(file, i));
      expect(image).toMatchObject({ width: 32, height: 32, channels: 3 });
      expect(Buffer.compare(image.data, picture(file, i))).toBe(0);
    }
  });

  test('root may be the folder of the files, and transforms are applied', async () => {
    const root = join(folder, 'cifar-10-batches-py');
    const transform = (image: { width: number }) => image.width;
    const dataset = await CIFAR10.load({ root, train: false, transform, targetTransform: (t) => `class ${t}` });
    expect(dataset.get(1)).toEqual([32, 'class 9']);
    expect(() => dataset.get(3)).toThrow('CIFAR10: index 3 is out of range for 3 pictures');
  });
});

describe('files that Python 3 pickled anew', () => {
  const written = [2, 3, 4, 5].flatMap((protocol) => [`protocol${protocol}`, `protocol${protocol}-numpy2`]);
  test.each([...written, 'fortran'])('%s', async (name) => {
    const root = await withTestFile(gunzipSync(await readFile(golden(`${name}.gz`))));
    const dataset = await CIFAR10.load({ root, train: false });
    expect(dataset.targets).toEqual([label(1, 0), label(1, 1)]);
    for (const i of [0, 1]) expect(Buffer.compare(dataset.get(i)[0].data, picture(1, i))).toBe(0);
  });
});

describe('the binary layout', () => {
  const record = (file: number, i: number) => {
    const pixels = picture(file, i);
    return Buffer.from([label(file, i), ...[0, 1, 2].flatMap((c) => [...pixels].filter((_, k) => k % 3 === c))]);
  };
  test('gives the same pictures', async () => {
    const root = await withTestFile(Buffer.concat([record(6, 0), record(6, 1)]), 'test_batch.bin');
    const dataset = await CIFAR10.load({ root, train: false });
    expect(dataset.targets).toEqual([8, 9]);
    expect(Buffer.compare(dataset.get(1)[0].data, picture(6, 1))).toBe(0);
  });
  test.each([
    ['nothing', Buffer.alloc(0), /has 0 bytes, which is no whole number of records of 3073 bytes/],
    ['half a record', record(6, 0).subarray(1), /has 3072 bytes/],
    ['a wrong label', Buffer.alloc(3073, 10), /record 0 of .*test_batch\.bin has the label "10", expected 0 to 9/],
  ])('%s', async (_, bytes, message) => {
    expect(await errorOf(await withTestFile(bytes, 'test_batch.bin'))).toMatch(message);
  });
});

describe('missing files are named', () => {
  test('all of them', async () => {
    const message = await errorOf(join(folder, 'nowhere'), true);
    expect(message).toMatch(/no training files were found; looked for .*data_batch_1\.bin.*data_batch_1/);
  });
  test('one of them', async () => {
    const root = join(folder, 'incomplete');
    await cp(join(folder, 'cifar-10-batches-py'), root, { recursive: true });
    await rm(join(root, 'data_batch_4'));
    expect(await errorOf(root, true)).toMatch(/incomplete\/data_batch_4 was not found, though files beside it are/);
    expect((await CIFAR10.load({ root, train: false })).length).toBe(3);
  });
  test('a folder or a pipe in place of a file', async () => {
    const root = join(folder, 'odd');
    await mkdir(join(root, 'test_batch'), { recursive: true });
    expect(await errorOf(root)).toMatch(/no test files were found/);
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(root, 'test_batch.bin')]);
    expect(await errorOf(root)).toMatch(/test_batch\.bin is no regular file/);
  });
});

describe('damaged and hostile pickles', () => {
  const text = (s: string) => Buffer.from(s, 'latin1');
  test.each([
    ['nothing', text(''), /byte 0 of 0: it ends in the middle/],
    ['no dict', text('\x80\x02].'), /it holds a list of 0, expected a dict/],
    ['an empty dict', text('\x80\x02}.'), /its "data" is nothing, expected an array of shape \[N, 3072\]/],
    ['code', text('\x80\x02cos\nsystem\nU\x04echo\x85R.'), /byte 2 of \d+: os\.system is not among the names/],
    ['a tensor', text('\x80\x02(U\x07storagetQ.'), /it names a storage, which only checkpoints have/],
    ['lists without end', text(`\x80\x02${']'.repeat(100_000)}.`), /more than \d+ opcodes/],
    ['a length beyond the file', text('\x80\x02T\xff\xff\xff\x7f.'), /wanted, 1 left/],
  ])('%s', async (_, bytes, message) => {
    expect(await errorOf(await withTestFile(bytes))).toMatch(message);
  });

  test('floats', async () => {
    const root = await withTestFile(gunzipSync(await readFile(golden('float.gz'))));
    expect(await errorOf(root)).toMatch(/has the dtype "f4", expected "u1"/);
  });

  const change = async (from: string, to: string) => {
    const original = (await readFile(join(folder, 'cifar-10-batches-py/test_batch'))).toString('latin1');
    expect(original.split(from)).toHaveLength(2);
    return withTestFile(text(original.replace(from, () => to)));
  };
  test.each([
    ['a label of 200', 'K\x08K\x09K\x00e', 'K\x08K\xc8K\x00e', /record 1 of .* has the label "200", expected 0 to 9/],
    ['a label too few', 'K\x08K\x09K\x00e', 'K\x08K\x09e', /its "labels" is a list of 2, expected a list of 3/],
    [
      'other sizes',
      'K\x03J\x00\x0c\0\0',
      'K\x02J\x00\x12\0\0',
      /an array of shape \[2, 4608\], expected .* \[N, 3072\]/,
    ],
    ['no labels', 'labels', 'Labels', /its "labels" is nothing/],
  ])('%s', async (_, from, to, message) => {
    expect(await errorOf(await change(from, to))).toMatch(message);
  });

  test('whatever is cut off or flipped is read or refused, never more', async () => {
    const original = await readFile(join(folder, 'cifar-10-batches-py/test_batch'));
    const places = [...Array(200).keys(), 5000, ...Array.from({ length: 150 }, (_, i) => original.length - 150 + i)];
    const root = await withTestFile(original);
    for (const place of places) {
      await writeFile(join(root, 'test_batch'), original.subarray(0, place));
      expect(await errorOf(root)).toMatch(/test_batch: byte \d+ of \d+: /);
      const flipped = Buffer.from(original);
      flipped[place]! ^= 1 + (place % 255);
      await writeFile(join(root, 'test_batch'), flipped);
      await CIFAR10.load({ root, train: false }).catch((error) => {
        expect(error).toBeInstanceOf(CressetError);
        expect(error.message).toContain(join(root, 'test_batch'));
      });
    }
  }, 30_000);
});

describe('CIFAR-100', () => {
  const planes = pictureOf(5, 3072);
  const rows = planes.map((_, k) => planes[(k % 3) * 1024 + Math.floor(k / 3)]!);
  test.each([
    ['pickled', 'cifar-100-python/test', cifar100Pickle([99, 7], Buffer.concat([planes, planes]))],
    ['binary', 'cifar-100-binary/test.bin', Buffer.concat([Buffer.of(3, 99), planes, Buffer.of(4, 7), planes])],
  ])('%s: the fine labels are the targets', async (layout, path, bytes) => {
    const root = join(folder, layout);
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
    const dataset = await CIFAR100.load({ root, train: false });
    expect(dataset.targets).toEqual([99, 7]);
    expect(dataset.targets.map((target) => dataset.classes[target])).toEqual(['worm', 'beetle']);
    expect(Buffer.compare(dataset.get(1)[0].data, rows)).toBe(0);
    expect(String(dataset)).toBe(
      `Dataset CIFAR100\n    Number of datapoints: 2\n    Root location: ${root}\n    Split: Test`,
    );
    expect(dataset.data.shape).toEqual([2, 32, 32, 3]);
  });

  test('the names of the hundred classes are in order', async () => {
    const { classes } = await CIFAR100.load({ root: join(folder, 'binary'), train: false });
    expect(classes).toHaveLength(100);
    expect([...new Set(classes)].sort()).toEqual(classes);
  });

  test('a label of 100', async () => {
    const root = await withTestFile(Buffer.concat([Buffer.of(0, 100), planes]), 'test.bin');
    const error = await errorFrom(CIFAR100.load({ root, train: false }));
    expect(error.message).toMatch(/record 0 of .*test\.bin has the label "100", expected 0 to 99/);
  });
});

const subset = join(__dirname, '../../../../shared/data/cifar10-subset');
(existsSync(subset) ? test : test.skip)('a real part of CIFAR-10 in the binary layout', async () => {
  const dataset = await CIFAR10.load({ root: subset });
  expect(dataset.length).toBe(5 * 932);
  expect(new Set(dataset.targets).size).toBe(10);
});
