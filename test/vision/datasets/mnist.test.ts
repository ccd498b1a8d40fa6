// MNIST and its kin from files as torchvision lays them: what is read is what the files say, and damage is always reported.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recipe } from '../../../lib/data/recipe.js';
import { CressetError } from '../../../lib/errors.js';
import { datasets, transforms } from '../../../lib/vision/index.js';
import { errorOf } from '../../download/server.js';
import { idx, idxPair, pictureOf } from './files.js';

const { MNIST, FashionMNIST, KMNIST, EMNIST } = datasets;
const golden = JSON.parse(readFileSync(join(__dirname, '../../golden/datasets.json'), 'utf8'));
const { texts } = golden;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cresset-mnist-'));
});
afterAll(() => rm(root, { recursive: true }));

async function write(folder: string, files: Record<string, Uint8Array>): Promise<string> {
  const path = join(root, folder);
  await mkdir(path, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(path, name), bytes);
  return path;
}

const pair = (prefix: string, targets: readonly number[], pack: (bytes: Buffer) => Uint8Array = (b) => b) => {
  const { images, labels } = idxPair(targets);
  const gz = pack === gzipSync ? '.gz' : '';
  return { [`${prefix}-images-idx3-ubyte${gz}`]: pack(images), [`${prefix}-labels-idx1-ubyte${gz}`]: pack(labels) };
};

describe('where files lie', () => {
  const targets = [7, 0, 9];
  test.each([
    ['unpacked, as torchvision leaves them', 'plain', 'MNIST/raw', (b: Buffer) => b],
    ['gzipped in the same folder', 'zipped', 'MNIST/raw', gzipSync],
    ['gzipped in the root itself', 'bare', '.', gzipSync],
  ] as const)('%s', async (_, place, below, pack) => {
    await write(join(place, below), { ...pair('train', targets, pack), ...pair('t10k', [1], pack) });
    const dataset = await MNIST.load({ root: join(root, place) });
    expect(dataset.length).toBe(3);
    expect(dataset.targets).toEqual(targets);
    for (const [i, target] of targets.entries()) {
      const [image, found] = dataset.get(i);
      expect(found).toBe(target);
      expect(image).toMatchObject({ width: 28, height: 28, channels: 1 });
      expect(Buffer.compare(image.data, pictureOf(i, 784))).toBe(0);
    }
    const check = await MNIST.load({ root: join(root, place), train: false });
    expect(check.targets).toEqual([1]);
    expect(String(check)).toBe(
      `Dataset MNIST\n    Number of datapoints: 1\n    Root location: ${join(root, place)}\n    Split: Test`,
    );
  });

  test('each data set has a folder of its own', async () => {
    const all = { FashionMNIST, KMNIST };
    for (const [i, [name, type]] of Object.entries(all).entries()) {
      await write(join('all', name, 'raw'), pair('train', [i, i + 1]));
      const dataset = await type.load({ root: join(root, 'all') });
      expect(dataset.targets).toEqual([i, i + 1]);
      expect(dataset.classes).toEqual(texts[`${name} classes`]);
    }
  });

  test('none', async () => {
    const error = await errorOf(MNIST.load({ root: join(root, 'nowhere') }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(/^MNIST: the dataset was not found; looked for train-images-idx3-ubyte and train-/);
  });
});

describe('samples', () => {
  test('transforms, the text, all pictures at once, and what a worker is given', async () => {
    const path = await write('samples', pair('train', [3, 4, 5]));
    const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.5], [0.5])]);
    const dataset = await MNIST.load({ root: path, transform, targetTransform: (target) => `digit ${target}` });
    const [x, y] = dataset.get(1);
    expect(x.shape).toEqual([1, 28, 28]);
    expect(y).toBe('digit 4');
    expect(String(dataset).split('\n').slice(3)).toEqual([
      '    Split: Train',
      '    StandardTransform',
      'Transform: Compose(',
      '               ToTensor()',
      '               Normalize(mean=[0.5], std=[0.5])',
      '           )',
      'Target transform: <function targetTransform>',
    ]);
    expect(dataset.data.shape).toEqual([3, 28, 28]);
    expect(dataset.data.select(0, 2).flatten().toArray()).toEqual([...pictureOf(2, 784)]);
    expect(dataset.classes).toEqual(texts['MNIST classes']);
    expect(dataset.classToIdx['9 - nine']).toBe(9);

    const made = dataset[recipe]();
    expect(String(made.module)).toMatch(/vision\/datasets\/index\.js$/);
    const [pictures] = made.args as [datasets.Pictures];
    expect(pictures.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    const again = new (datasets[made.export as 'MNIST'] as unknown as new (...args: unknown[]) => typeof dataset)(
      ...made.args,
    );
    expect(String(again)).toBe(String(dataset));
    expect(again.get(1)[0].toArray()).toEqual(x.toArray());
  });

  test('a picture that is changed stays as it was in the data set', async () => {
    const dataset = await MNIST.load({ root: join(root, 'samples') });
    dataset.get(0)[0].data.fill(0);
    expect(Buffer.compare(dataset.get(0)[0].data, pictureOf(0, 784))).toBe(0);
  });

  test.each([-1, 3, 0.5, Number.NaN])('index %p', async (index) => {
    const dataset = await MNIST.load({ root: join(root, 'samples') });
    expect(() => dataset.get(index)).toThrow(`MNIST: index ${index} is out of range for 3 pictures`);
  });

  test.each([
    [{}, 'MNIST.load: root must be the path of a folder, got undefined'],
    [{ root: 'x', train: 1 }, 'MNIST.load: train must be true or false, got 1'],
    [{ root: 'x', download: 'yes' }, 'MNIST.load: download must be true or false, got the string "yes"'],
  ])('%p', async (options, message) => {
    expect((await errorOf(MNIST.load(options as { root: string }))).message).toBe(message);
  });

  test("torchvision's constructor says what stands in its place", () => {
    const options = { root: 'x' } as never;
    for (const Kind of [MNIST, EMNIST])
      expect(() => new Kind(options, undefined as never)).toThrow(`files are read by await ${Kind.name}.load(options)`);
  });

  test('a transform that is no function', async () => {
    const options = { root: join(root, 'samples'), transform: 1 as unknown as () => 1 };
    expect((await errorOf(MNIST.load(options))).message).toBe('MNIST: transform must be a function, got 1');
  });
});

describe('EMNIST', () => {
  test.each(['byclass', 'bymerge', 'balanced', 'letters', 'digits', 'mnist'] as const)('%s', async (split) => {
    const targets = split === 'letters' ? [1, 26] : [0, 9];
    await write('EMNIST/raw', pair(`emnist-${split}-test`, targets));
    const dataset = await EMNIST.load({ root, split, train: false });
    expect(dataset.targets).toEqual(targets);
    expect(dataset.classes).toEqual(texts['EMNIST classes'][split]);
    expect(String(dataset)).toBe(
      `Dataset EMNIST\n    Number of datapoints: 2\n    Root location: ${root}\n    Split: Test`,
    );
  });
  test('another split', async () => {
    const error = await errorOf(EMNIST.load({ root, split: 'all' as 'digits' }));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe(
      'EMNIST.load: split must be one of byclass, bymerge, balanced, letters, digits, mnist, got "all"',
    );
  });
});

describe('damaged and hostile files', () => {
  const { images, labels } = idxPair([1, 2]);
  const huge = idx([2 ** 32 - 1, 2 ** 16, 2 ** 16], Buffer.alloc(100));
  test.each<[string, Uint8Array, Uint8Array, RegExp]>([
    ['nothing', Buffer.alloc(0), labels, /images-idx3-ubyte: it ends after 0 of 4 bytes/],
    ['another format', Buffer.from('<html></html>'), labels, /it begins with 0x3c68746d, expected 0x00000803, an IDX/],
    ['other numbers', idx([2, 28, 28], Buffer.alloc(1568), 13), labels, /it begins with 0x00000d03/],
    ['other dimensions', idx([2, 784], Buffer.alloc(1568)), labels, /it begins with 0x00000802/],
    ['a header cut off', images.subarray(0, 10), labels, /it ends after 6 of 12 bytes/],
    ['pictures cut off', images.subarray(0, -1), labels, /its shape \[2, 28, 28\] takes 1568 bytes, .* at most 1567/],
    [
      'a byte too many',
      Buffer.concat([images, Buffer.of(0)]),
      labels,
      /images-idx3-ubyte: bytes follow where it should/,
    ],
    [
      'a size beyond all memory',
      huge,
      labels,
      /its shape \[4294967295, 65536, 65536\] takes \d+ bytes, and there are at most/,
    ],
    [
      'labels that are too few',
      images,
      idx([1], Uint8Array.of(1)),
      /holds 2 pictures, but .*labels-idx1-ubyte 1 labels/,
    ],
    ['a label that is no class', images, idx([2], Uint8Array.of(1, 10)), /label 1 of .* is 10, expected 0 to 9/],
  ])('%s', async (_, first, second, message) => {
    const path = await write('damaged', { 'train-images-idx3-ubyte': first, 'train-labels-idx1-ubyte': second });
    const error = await errorOf(MNIST.load({ root: path }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^MNIST: /);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['cut off', gzipSync(images).subarray(0, -20), /images-idx3-ubyte\.gz: it (is damaged: |ends after)/],
    ['no gzip', images, /is damaged: incorrect header check/],
    ['that unpacks to more than its header says', gzipSync(Buffer.concat([images, Buffer.alloc(1e6)])), /bytes follow/],
    ['whose header claims what it cannot hold', gzipSync(huge), /there are at most \d+; is it truncated/],
    ['that holds too little', gzipSync(images.subarray(0, 1000)), /it ends after 984 of 1568 bytes/],
  ])('a gzip %s', async (_, bytes, message) => {
    const files = { 'train-images-idx3-ubyte.gz': bytes, 'train-labels-idx1-ubyte': labels };
    const error = await errorOf(MNIST.load({ root: await write(`gzip-${bytes.length}`, files) }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(message);
  });
});

const subset = join(__dirname, '../../../../shared/data/mnist-subset');
(existsSync(subset) ? test : test.skip)('a real part of MNIST is what torchvision reads', async () => {
  for (const [name, expected] of Object.entries<Record<string, unknown>>(golden.mnist)) {
    const options = { root: subset, train: name === 'train', transform: transforms.toTensor() };
    const dataset = await MNIST.load(options);
    expect(String(dataset).replace(subset, 'ROOT')).toBe(expected.text);
    const hash = createHash('sha256').update(dataset.data.toTypedArray() as Uint8Array);
    expect(hash.update(Uint8Array.from(dataset.targets)).digest('hex')).toBe(expected.sha256);
    const [x, target] = dataset.get(7);
    expect(x.sum().item()).toBeCloseTo(expected.sum as number, 3);
    expect(target).toBe(expected.target);
  }
});
