// SVHN from MATLAB files made by hand: MATLAB's order of pixels, its label 10, and files that are damaged or of another kind.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recipe } from '../../../lib/data/recipe.js';
import { CressetError } from '../../../lib/errors.js';
import { datasets } from '../../../lib/vision/index.js';
import { errorOf } from '../../download/server.js';
import { byteOf, type MatVariable, mat, pictureOf } from './files.js';

let root: string;
let path: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cresset-svhn-'));
  path = join(root, 'test_32x32.mat');
});
afterAll(() => rm(root, { recursive: true }));

async function load(bytes: Uint8Array) {
  await writeFile(path, bytes);
  return datasets.SVHN.load({ root, split: 'test' });
}

const bytes = 3072;
const X = (count = 3): MatVariable => ({
  name: 'X',
  shape: [32, 32, 3, count],
  kind: 9,
  type: 2,
  data: Buffer.concat(Array.from({ length: count }, (_, i) => pictureOf(i, bytes))),
});
// MATLAB stores doubles that are small integers as bytes.
const y = (labels = [10, 1, 9]): MatVariable => ({
  name: 'y',
  shape: [labels.length, 1],
  kind: 6,
  type: 2,
  data: Uint8Array.from(labels),
});

describe('pictures and classes', () => {
  test.each([true, false])('compressed: %p', async (compressed) => {
    const other: MatVariable = { name: 'other', shape: [1, 2], kind: 4, type: 4, data: Buffer.from('hi'), compressed };
    const dataset = await load(mat([other, { ...X(), compressed }, { ...y(), compressed }]));
    expect(dataset.length).toBe(3);
    expect(dataset.targets).toEqual([0, 1, 9]);
    expect(dataset.labels).toBe(dataset.targets);
    for (let i = 0; i < 3; i++) {
      const [image, target] = dataset.get(i);
      expect(target).toBe([0, 1, 9][i]);
      expect(image).toMatchObject({ width: 32, height: 32, channels: 3 });
      // In the file the row changes fastest, then the column, then the channel.
      const expected = Uint8Array.from({ length: bytes }, (_, k) => {
        const [c, column, row] = [k % 3, Math.floor(k / 3) % 32, Math.floor(k / 96)];
        return byteOf(i, row + 32 * (column + 32 * c));
      });
      expect(Buffer.compare(image.data, expected)).toBe(0);
    }
    expect(dataset.data.shape).toEqual([3, 3, 32, 32]);
    expect(String(dataset)).toBe(
      `Dataset SVHN\n    Number of datapoints: 3\n    Root location: ${root}\n    Split: test`,
    );
    const [pictures] = dataset[recipe]().args as [datasets.Pictures];
    expect(pictures.data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test('labels that are doubles, and a single picture', async () => {
    const label: MatVariable = { ...y(), shape: [1, 1], type: 9, data: new Uint8Array(Float64Array.of(10).buffer) };
    const dataset = await load(mat([{ ...X(1), shape: [32, 32, 3] }, label]));
    expect(dataset.targets).toEqual([0]);
  });
});

describe('files that are refused', () => {
  const sound = mat([X(), y()]);
  const withCompressed = (element: Uint8Array) => {
    const tag = Buffer.alloc(8);
    tag.writeUInt32LE(15);
    const packed = deflateSync(element);
    tag.writeUInt32LE(packed.length, 4);
    return Buffer.concat([sound.subarray(0, 128), tag, packed]);
  };
  test.each<[string, Uint8Array, RegExp]>([
    ['nothing', Buffer.alloc(0), /it ends after 0 of 128 bytes/],
    [
      'another version',
      mat([X(), y()], '\x00\x02IM'),
      /no MATLAB file of version 5 .*: its version is "\\u0000\\u0002IM"/,
    ],
    ['the highest byte first', mat([X(), y()], '\x01\x00MI'), /its version is "\\u0001\\u0000MI"/],
    ['no labels', mat([X()]), /it has no array y/],
    ['pictures twice', mat([X(), X(), y()]), /it has two arrays X/],
    ['a file cut off', sound.subarray(0, -9), /an element of \d+ bytes at \d+ ends behind the file/],
    [
      'numbers for pictures',
      mat([{ ...X(1), type: 7, shape: [32, 8, 3] }, y([1])]),
      /X of .* is a Float32Array of shape/,
    ],
    ['pictures of another size', mat([{ ...X(4), shape: [64, 64, 3] }, y([1])]), /expected bytes in \[32, 32, 3, n\]/],
    ['a shape that does not fit', mat([{ ...X(), shape: [32, 32, 3, 4] }, y()]), /X has the shape .* do not fit/],
    ['a negative shape', mat([{ ...X(), shape: [-32, -32, 3, 3] }, y()]), /X has the shape \[-32, -32, 3, 3\]/],
    ['a sparse array', mat([{ ...X(), kind: 5 }, y()]), /X is no array of real numbers \(its class is 5\)/],
    ['complex numbers', mat([{ ...X(), flags: 0x800 }, y()]), /X is no array of real numbers/],
    ['labels that are too few', mat([X(), y([1, 2])]), /holds 3 pictures, but 2 labels/],
    ['a label that is no digit', mat([X(), y([1, 2, 11])]), /label 2 of .* is 11, expected 1 to 10/],
    ['a long name', mat([{ ...X(), name: 'X'.repeat(5000) }, y()]), /the name of an array are 5000 bytes of type 1/],
    ['no array inside', withCompressed(Buffer.alloc(64)), /what is compressed at 136 is no array/],
    ['an array cut off inside', withCompressed(Buffer.from([14, 0, 0, 0, 99, 0, 0, 0, 6, 0])), /it ends after 2 of 8/],
  ])('%s', async (_, file, message) => {
    const error = await errorOf(load(file));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(path);
  });

  test('whatever is cut off or flipped is read or refused, never more', async () => {
    const small = mat([X(1), y([1])]);
    for (let place = 0; place < small.length; place += place < 400 ? 3 : 61) {
      const flipped = Buffer.from(small);
      flipped[place]! ^= 1 + (place % 255);
      for (const bytes of [flipped, small.subarray(0, place)])
        await load(bytes).catch((error) => {
          expect(error).toBeInstanceOf(CressetError);
          expect(error.message).toContain(path);
        });
    }
  }, 30_000);

  test('none, and another split', async () => {
    expect((await errorOf(datasets.SVHN.load({ root }))).message).toBe(
      `SVHN: ${join(root, 'train_32x32.mat')} was not found. download: true fetches it`,
    );
    const error = await errorOf(datasets.SVHN.load({ root, split: 'all' as 'train' }));
    expect(error.message).toBe('SVHN.load: split must be one of train, test, extra, got "all"');
  });
});
