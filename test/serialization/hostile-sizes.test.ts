// Small pickles that ask for much: memory, time, depth, places outside of their storages. Each is refused by the limit that it meets.
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load } from '../../lib/serialization/index.js';
import { inspectCheckpoint } from '../../lib/serialization/inspect.js';
import { temporaryFolder } from '../temporary.js';
import {
  call,
  global,
  int,
  little,
  pickled,
  refusal,
  refusalOfAll,
  storage,
  text,
  writeCheckpointOf,
} from './hostile.js';

const folder = temporaryFolder();
const path = join(folder, 'model.pth');

const place = (at: number) => `archive/data.pkl at byte ${at}`;

describe('values that would fill the memory or take for ever', () => {
  const code = String.fromCharCode;
  // Each level holds the one before twice: 2^40 in all.
  const laughs = (start: string, twice: (again: string) => string) =>
    Array.from({ length: 40 }, (_, i) => `0${twice(`h${code(i)}`)}q${code(i + 1)}`).reduce(
      (all, level) => all + level,
      `${start}q\x00`,
    );
  const lists = laughs(']', (again) => `](${again}${again}e`);
  const tuples = laughs(')', (again) => `${again}${again}\x86`);
  const dicts = laughs('}', (again) => `}(K\x00${again}K\x01${again}u`);

  test.each([
    ['lists', lists],
    ['tuples', tuples],
    ['dicts', dicts],
  ])('%s that hold another twice, and so on, are read as what they are', async (_, codes) => {
    await writeCheckpointOf(path, pickled(codes));
    let value = await load(path);
    for (let i = 0; i < 40; i++) {
      const [first, second] = value instanceof Map ? value.values() : value;
      expect(first).toBe(second);
      value = first;
    }
    expect((await inspectCheckpoint(path)).items.length).toBeLessThan(3);
  });

  test('such a tuple as the key of a dict, which has a text of one line', async () => {
    await writeCheckpointOf(path, pickled(`}${tuples}K\x01s`));
    expect((await inspectCheckpoint(path)).items).toEqual([{ name: '[{},{}]', text: '1' }]);
  });

  test('such a tuple as the number of a device, which would become text', async () => {
    await writeCheckpointOf(path, pickled(call('torch.device', text('cuda'), tuples)));
    expect(await refusalOfAll(path)).toMatch(/at byte \d+: the number of a device is no integer$/);
  });

  const tooOften = /^archive\/data\.pkl at byte \d+: it repeats its contents too often to be a checkpoint$/;
  test.each<[string, string]>([
    ['empty lists', ']'.repeat(1 << 20)],
    ['empty tuples', ')'.repeat(1 << 20)],
    ['empty sets', '\x8f'.repeat(1 << 20)],
    ['dicts made of nothing', '(d'.repeat(1 << 19)],
    ['bytes of no length', 'C\0'.repeat(1 << 19)],
    ['OrderedDicts', `${global('collections.OrderedDict')}q\x00${'h\x00)R'.repeat(1 << 18)}`],
    [
      'tensors',
      `${global('torch._utils._rebuild_tensor_v2')}q\x00(${storage('0', 'K\x02')}K\x00))\x89tq\x01${'h\x00h\x01R'.repeat(1 << 18)}`,
    ],
    ['the memo', `N${'\x94'.repeat(1 << 21)}`],
    [
      'sets of a list, again and again',
      `(${'N'.repeat(5000)}l\x85q\x00${global('builtins.set')}q\x01${'h\x01h\x00R0'.repeat(10_000)}`,
    ],
  ])('%s', async (_, codes) => {
    await writeCheckpointOf(path, pickled(codes, 4));
    expect(await refusal(path, load(path))).toMatch(tooOften);
  });

  test('keys that a Map would compare one by one', async () => {
    // V8 hashes an integer beyond 2^53 by its low 64 bits.
    const keys = Array.from({ length: 3001 }, (_, i) => `\x8a\x0a${little(7, 8)}${little(i + 1, 2)}N`).join('');
    await writeCheckpointOf(path, pickled(`}(${keys}u`));
    expect(await refusalOfAll(path)).toBe(
      `${place(4 + 13 * 3001)}: more than 3000 keys that are large or broken numbers`,
    );
  });

  test.each<[string, string, string]>([
    [
      'text of 2^64 bytes',
      `\x8d${little(2n ** 64n - 1n, 8)}`,
      `${place(2)}: it ends in the middle: 18446744073709552000 bytes wanted, 1 left`,
    ],
    ['an integer of 2^32 bytes', `\x8b${little(2 ** 32 - 1, 4)}`, `${place(2)}: an integer of 4294967295 bytes`],
    [
      'a bytearray of 2^62 bytes',
      `\x96${little(2n ** 62n, 8)}`,
      `${place(2)}: it ends in the middle: 4611686018427388000 bytes wanted, 1 left`,
    ],
    ['a memo far away', `Nr${little(2 ** 32 - 1, 4)}`, `${place(3)}: memo 4294967295 in a pickle of 9 bytes`],
    ['an integer of many digits', `L${'9'.repeat(301)}L\n`, `${place(2)}: a malformed integer`],
    ['a protocol of the future', '\x80\x06', `${place(2)}: pickle protocol 6 (2 to 5 are supported)`],
  ])('%s', async (_, codes, message) => {
    await writeCheckpointOf(path, pickled(codes));
    expect(await refusalOfAll(path)).toBe(message);
  });

  test('nesting without an end', async () => {
    await writeCheckpointOf(path, pickled(`${']'.repeat(50_000)}${'a'.repeat(49_999)}`));
    expect(await refusal(path, load(path))).toBe('data.pkl: the value is nested more than 1000 deep');
    expect(await refusal(path, inspectCheckpoint(path))).toBe('contents: the value is nested more than 1000 deep');
  });

  test('names as long as the file', async () => {
    await writeCheckpointOf(path, pickled(global(`os.${'x'.repeat(100_000)}`)));
    expect(await refusalOfAll(path)).toMatch(/^archive\/data\.pkl at byte 2: os\.x{1997}\.\.\. \(\d+ characters\)$/);
  });

  test('names that are repeated at each level', async () => {
    const long = `${text('n'.repeat(100_000))}q\x000`;
    await writeCheckpointOf(path, pickled(`${long}${'}h\x00'.repeat(900)}K\x01${'s'.repeat(900)}`));
    expect(await refusal(path, inspectCheckpoint(path))).toBe(
      'contents: the names of what it holds have more than 33554432 characters',
    );
  });
});

describe('storages and views that are none', () => {
  const tensor = (view: string) => `${global('torch._utils._rebuild_tensor_v2')}(${view}\x89}tR`;
  const fit = 'a tensor does not fit its storage: ';
  test.each<[string, string, string]>([
    ['a persistent id of text', `${text('storage')}Q`, 'a persistent id is no tuple'],
    ['a persistent id that is too short', `(${text('storage')}tQ`, 'a persistent id that is no storage but "storage"'],
    ['another kind of persistent id', `(${text('module')}NNNNtQ`, 'a persistent id that is no storage but "module"'],
    ['a storage of another class', storage('0', 'K\x02', 'collections.OrderedDict'), 'the class of a storage is none'],
    ['a storage of text for a class', `(${text('storage')}NNNNtQ`, 'the class of a storage is none'],
    ['a negative number of elements', storage('0', int(-2)), 'the key or length of a storage is malformed'],
    [
      'a number of elements in floating point',
      storage('0', 'G\x40\0\0\0\0\0\0\x01'),
      'the key or length of a storage is malformed',
    ],
    ['2^63 elements', storage('0', `\x8a\x09${little(2n ** 63n, 8)}\0`), 'the key or length of a storage is malformed'],
    [
      'more elements than the file has',
      storage('0', int(2 ** 30)),
      'a storage of 4294967296 bytes, but the entry archive/data/0 has 8',
    ],
    [
      'a path that climbs out',
      storage('../../etc/passwd', 'K\x02'),
      'the entry archive/data/../../etc/passwd of a storage is missing',
    ],
    ['an entry that is none of its storages', storage('', 'K\x02'), 'the entry archive/data/ of a storage is missing'],
    [
      'a negative stride',
      tensor(`${storage('0', 'K\x02')}K\x01K\x02\x85${int(-1)}\x85`),
      `${fit}sizes, strides and offset must be integers >= 0`,
    ],
    [
      'a size in floating point',
      tensor(`${storage('0', 'K\x02')}K\0G\x3f\xe0${'\0'.repeat(6)}\x85K\x01\x85`),
      'the size of a tensor must be integers',
    ],
    [
      'an offset of 2^62',
      tensor(`${storage('0', 'K\x02')}\x8a\x08${little(2n ** 62n, 8)}K\x01\x85K\x01\x85`),
      'a tensor has malformed fields',
    ],
    [
      'strides that overflow',
      tensor(`${storage('0', 'K\x02')}K\0${int(2 ** 30)}\x85\x8a\x07${little(2n ** 52n, 7)}\x85`),
      `${fit}shape [1073741824] at offset 0 reaches element 4.835703273954917e+24 of a storage of 2`,
    ],
    [
      '65 dimensions',
      tensor(`${storage('0', 'K\x02')}K\0(${'K\x01'.repeat(65)}t)`),
      'the size of a tensor must be a tuple of at most 64 integers',
    ],
    ['a tensor of no storage', tensor(`NK\0K\x01\x85K\x01\x85`), 'a tensor is made from something that is no storage'],
    [
      'a parameter of no tensor',
      call('torch._utils._rebuild_parameter', 'N\x88}'),
      'a parameter is made from something that is no tensor',
    ],
    ['a size of other things', call('torch.Size', `(${text('x')}t`), 'a torch.Size must be integers'],
    [
      'bytes of another encoding',
      call('_codecs.encode', text('x'), text('rot13')),
      'bytes are not written as latin1 text',
    ],
  ])('%s', async (_, codes, message) => {
    await writeCheckpointOf(path, pickled(codes));
    expect((await refusalOfAll(path)).replace(/^archive\/data\.pkl at byte \d+: /, '')).toBe(message);
  });

  test('tensors that overlap themselves, of which each is a copy, beyond what the storage has', async () => {
    const overlapping = tensor(`${storage('0', 'K\x08', 'torch.ByteStorage')}K\0K\x02K\x02\x86K\x01K\x01\x86`);
    await writeCheckpointOf(path, pickled(`](${overlapping.repeat(2)}e`));
    expect((await load(path))[1].toArray()).toEqual([
      [0, 0],
      [0, 128],
    ]);
    await writeCheckpointOf(path, pickled(`](${overlapping.repeat(3)}e`));
    expect(await refusal(path, load(path))).toBe('data/0: a tensor of shape [2, 2] overlaps itself');
  });
});
