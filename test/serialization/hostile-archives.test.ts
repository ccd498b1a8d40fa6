// Zip archives that lie about themselves: refused by the rule that they break, before their sizes are believed.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { load, type Tensor } from '../../lib/index.js';
import { writeZip } from '../../lib/serialization/zip-write.js';
import { temporaryFolder } from '../temporary.js';
import { forge, global, little, pickled, refusal, refusalOfAll, storage, writeCheckpointOf } from './hostile.js';

const folder = temporaryFolder();
const path = join(folder, 'model.pth');

const truncated = (what: string) => `zip directory: ${what} (is the file truncated?)`;
const tensor = pickled(
  `${global('torch._utils._rebuild_tensor_v2')}(${storage('0', 'K\x02')}K\0K\x02\x85K\x01\x85\x89}tR`,
);

// What is written over the headers of data.pkl (number 0) and data/0 (number 1), and in what reading ends.
type Forgery = Parameters<typeof forge> extends [string, ...infer Rest] ? Rest : never;
test.each<[string, Forgery[], string]>([
  [
    'an encrypted entry',
    [
      ['central', 0, 8, little(1, 2)],
      ['central', 0, 20, little(112, 4)],
    ],
    'archive/data.pkl: the entry is encrypted',
  ],
  ['strong encryption', [['central', 0, 8, little(0x40, 2)]], truncated('strong encryption is not supported')],
  [
    'a compressed entry',
    [['central', 0, 10, little(8, 2)]],
    'archive/data.pkl: the entry is compressed, which torch.save never does',
  ],
  [
    'another compression in its own header',
    [['local', 0, 8, little(8, 2)]],
    'archive/data.pkl: its own header names another compression',
  ],
  [
    'another size in its own header',
    [['local', 0, 22, little(7, 4)]],
    "archive/data.pkl: its own header says 7 bytes, the archive's directory 100",
  ],
  [
    'another name in its own header',
    [['local', 0, 30, 'Archive/']],
    'archive/data.pkl: its own header names it Archive/data.pkl',
  ],
  [
    'a size beyond the file',
    [
      ['central', 1, 20, little(2 ** 31, 4)],
      ['central', 1, 24, little(2 ** 31, 4)],
    ],
    'archive/data/0: the entries up to here claim 2147483748 bytes of a file of 408',
  ],
  [
    'two sizes',
    [['central', 1, 24, little(9, 4)]],
    truncated('compressed/uncompressed size mismatch for stored file: 8 != 9'),
  ],
  [
    'entries that overlap',
    [['central', 1, 42, little(8, 4)]],
    'archive/data/0: the entry overlaps the entry archive/data.pkl',
  ],
  [
    'entries of one place',
    [['central', 1, 42, little(0, 4)]],
    'archive/data/0: the entry overlaps the entry archive/data.pkl',
  ],
  [
    'an entry beyond the file',
    [['central', 0, 42, little(2 ** 31, 4)]],
    'archive/data.pkl: 30 bytes at 2147483648 lie outside the file',
  ],
  [
    'a header that is none',
    [['local', 1, 0, 'PK\x07\x07']],
    'archive/data/0: invalid local file header signature: 0x7074b50',
  ],
  ['a climbing name', [['central', 0, 46, '../']], truncated('invalid relative path: ../hive/data.pkl')],
  ['an absolute name', [['central', 0, 46, '/']], truncated('absolute path: /rchive/data.pkl')],
  ["a Windows drive's name", [['central', 0, 46, 'C:/']], truncated('absolute path: C:/hive/data.pkl')],
  ['backslashes', [['central', 0, 46, '..\\']], truncated('invalid characters in fileName: ..\\hive/data.pkl')],
  [
    'NUL in a name',
    [['central', 0, 61, '\0']],
    'zip directory: 0 entries FOLDER/data.pkl, where a PyTorch checkpoint has one',
  ],
  [
    'a name longer than the directory',
    [['central', 1, 28, little(65535, 2)]],
    truncated('65535 bytes at 372 lie outside the file'),
  ],
  [
    'a wrong checksum',
    [['central', 1, 16, little(1, 4)]],
    'archive/data/0: its CRC-32 is 2e3fa576 but should be 00000001: the data are damaged',
  ],
  ['more entries than there are', [['end', 0, 10, little(9, 2)]], truncated('46 bytes at 386 lie outside the file')],
  [
    'a directory beyond the file',
    [['end', 0, 16, little(2 ** 30, 4)]],
    truncated('46 bytes at 1073741824 lie outside the file'),
  ],
  [
    'a second disk',
    [['end', 0, 4, little(1, 2)]],
    truncated('multi-disk zip files are not supported: found disk number: 1'),
  ],
  [
    'a comment that is not there',
    [['end', 0, 20, little(99, 2)]],
    truncated(
      'Invalid comment length. Expected: 0. Found: 99. Are there extra bytes at the end of the file? Or is the end of central dir signature `PK☺☻` in the comment?',
    ),
  ],
])('%s', async (_, forgeries, message) => {
  await writeCheckpointOf(path, tensor);
  for (const forgery of forgeries) await forge(path, ...forgery);
  expect(await refusal(path, load(path))).toBe(message);
});

test.each<[string, Forgery, RegExp]>([
  ['2^64 entries', ['end64', 0, 32, little(2n ** 64n - 1n, 8)], /^zip directory: .*signature|outside the file/],
  ['a directory at 2^63', ['end64', 0, 48, little(2n ** 63n, 8)], /^zip directory: .* lie outside the file/],
  ['an end elsewhere', ['locator64', 0, 8, little(2n ** 53n, 8)], /^zip directory: .* lie outside the file/],
  [
    'an entry of 2^62 bytes',
    ['central', 0, 46 + 16 + 4, little(2n ** 62n, 8) + little(2n ** 62n, 8)],
    /claim 4611686018427388000 bytes of a file of/,
  ],
])('zip64: %s', async (_, forgery, message) => {
  await writeZip(
    path,
    [
      { name: 'archive/data.pkl', data: tensor },
      { name: 'archive/data/0', data: new Uint8Array(8) },
    ],
    0,
  );
  await forge(path, ...forgery);
  expect(await refusal(path, load(path))).toMatch(message);
});

test('a bomb: a small entry that says it is a gigabyte', async () => {
  const data = deflateRawSync(Buffer.alloc(1 << 24));
  await writeZip(path, [
    { name: 'archive/data.pkl', data: tensor },
    { name: 'archive/data/0', data },
  ]);
  await forge(path, 'central', 1, 10, little(8, 2));
  await forge(path, 'central', 1, 24, little(2 ** 30, 4));
  expect(await refusalOfAll(path)).toBe('archive/data/0: the entry is compressed, which torch.save never does');
});

test('sizes that follow the data, as PyTorch writes them, are taken from the directory', async () => {
  await writeCheckpointOf(path, tensor);
  for (const n of [0, 1]) await forge(path, 'local', n, 14, '\0'.repeat(12));
  expect(((await load(path)) as Tensor).toArray()).toEqual([1, 2]);
});

test('a folder with a colon in its name, as PyTorch calls it after the file', async () => {
  await writeZip(path, [
    { name: 'a:1/data.pkl', data: tensor },
    { name: 'a:1/data/0', data: new Uint8Array(8) },
  ]);
  expect(((await load(path)) as Tensor).toArray()).toEqual([0, 0]);
});

test('what is cut off anywhere, of every kind', async () => {
  await writeCheckpointOf(path, tensor);
  const whole = await readFile(path);
  for (let length = 1; length < whole.length; length += 17) {
    await writeFile(path, whole.subarray(0, length));
    await refusal(path, load(path));
  }
});
