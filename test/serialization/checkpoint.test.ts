// Checkpoint files: what PyTorch wrote is read, what we write is laid out as PyTorch's, and damage is always reported.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readCheckpoint, writeCheckpoint } from '../../lib/serialization/checkpoint.js';
import { CheckpointError } from '../../lib/serialization/errors.js';
import { pickle } from '../../lib/serialization/pickle.js';
import { OrderedDict, StoredStorage, StoredTensor, storageClasses } from '../../lib/serialization/stored.js';
import { writeZip } from '../../lib/serialization/zip-write.js';
import { temporaryFolder } from '../temporary.js';

const golden = (name: string) => join(__dirname, '../golden/serialization', name);
const reference = (name: string) => join(__dirname, '../../../shared/reference', name);
const text = (s: string) => Buffer.from(s, 'latin1');

const folder = temporaryFolder();

const floats = (...values: number[]) => new Uint8Array(new Float32Array(values).buffer);
function stored(
  storage: StoredStorage,
  shape: number[],
  stride: number[],
  offset = 0,
  requiresGrad = false,
): StoredTensor {
  return new StoredTensor({ dtype: storage.dtype, shape, stride, offset, storage, requiresGrad });
}

async function errorOf(path: string): Promise<CheckpointError> {
  const error = await readCheckpoint(path).then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  return error as CheckpointError;
}

describe('reading', () => {
  test('every kind of value that PyTorch writes', async () => {
    const value = (await readCheckpoint(golden('values.pt'))) as Map<string, unknown>;
    expect(Object.fromEntries(value)).toEqual({
      int: 3,
      negative: -70000,
      big: 2n ** 70n,
      negativeBig: -(2n ** 70n),
      safe: 2 ** 53 - 1,
      float: 0.1,
      inf: Number.POSITIVE_INFINITY,
      text: 'héllo 🔥',
      none: null,
      yes: true,
      no: false,
      list: [1, [2, 'x']],
      tuple: [1, 2, 3, 4],
      size: [2, 3],
      dtype: 'float32',
      device: 'cuda:1',
      bytes: Uint8Array.of(0, 255),
      set: new Set([7]),
      ordered: new OrderedDict([
        ['b', 1],
        ['a', 2],
      ]),
      byNumber: new Map([
        [0, 'zero'],
        [1, 'one'],
      ]),
    });
  });

  test('views of one storage share it, and the storage is read once', async () => {
    const value = (await readCheckpoint(golden('views.pt'))) as Map<string, StoredTensor>;
    const [base, transposed] = [value.get('base')!, value.get('transposed')!];
    expect(transposed.storage).toBe(base.storage);
    expect(base.storage.bytes).toEqual(floats(...Array.from({ length: 24 }, (_, i) => i)));
    expect(transposed).toMatchObject({ shape: [6, 4], stride: [1, 6], offset: 0 });
    expect(value.get('tail')).toMatchObject({ shape: [4], offset: 20 });
    expect(value.get('expanded')).toMatchObject({ shape: [3, 2], stride: [0, 0], offset: 1 });
    expect(value.get('weight')!.requiresGrad).toBe(true);
    expect(value.get('tied')).toBe(value.get('weight'));
  });

  test('a state dict is an OrderedDict in definition order, with its metadata', async () => {
    const state = (await readCheckpoint(golden('state-dict.pt'))) as OrderedDict;
    expect(state).toBeInstanceOf(OrderedDict);
    expect([...state.keys()]).toEqual([
      '0.weight',
      '0.bias',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
    ]);
    expect((state._metadata as OrderedDict).get('1')).toEqual(new Map([['version', 2]]));
  });

  test.each([3, 4, 5])('pickle protocol %d', async (protocol) => {
    const value = (await readCheckpoint(golden(`protocol${protocol}.pt`))) as Map<string, unknown>;
    expect(value.get('big')).toBe(2n ** 70n);
    expect((value.get('weight') as StoredTensor).storage.bytes).toEqual(floats(1, 1));
  });

  const present = existsSync(reference('state-dict.pth'));
  (present ? test : test.skip)("other people's state dict (skipped where ../shared/reference is absent)", async () => {
    const state = (await readCheckpoint(reference('state-dict.pth'))) as OrderedDict;
    expect(state.size).toBe(10);
    expect(state.get('model.0.weight')).toMatchObject({ dtype: 'float32', shape: [32, 3, 5, 5] });
  });
  test.each([
    ['modules.pt', /torch\.nn\.modules\.linear\.Linear is not among the names that a checkpoint may use/],
    ['int8.pt', /torch\.CharStorage is a dtype that is not supported/],
  ])('%s is refused clearly', async (name, message) => {
    expect((await errorOf(golden(name))).message).toMatch(message);
  });

  test('the format before PyTorch 1.6', async () => {
    const value = (await readCheckpoint(golden('legacy.pt'))) as Map<string, StoredTensor>;
    expect(value.get('weight')).toMatchObject({ dtype: 'float32', shape: [2] });
    expect(value.get('weight')!.storage.bytes).toEqual(floats(1, 1));
  });

  test('the format before PyTorch 1.6 of a big-endian machine, which swaps its numbers, and later their count too', async () => {
    const path = join(folder, 'legacy-big.pt');
    const file = await readFile(golden('legacy-big.pt'));
    expect(file.includes(text('little_endianq\x02\x89'))).toBe(true);
    for (const older of [false, true]) {
      if (older) file.subarray(-16, -8).reverse();
      await writeFile(path, file);
      const value = (await readCheckpoint(path)) as Map<string, StoredTensor>;
      expect(value.get('weight')!.storage.bytes).toEqual(floats(1, 2));
    }
  });

  test('numbers in big-endian order, of every size', async () => {
    const values: Record<string, [StoredStorage['dtype'], number[], number[]]> = {
      double: ['float64', [0x3f, 0xf0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]],
      float: ['float32', [0x3f, 0x80, 0, 0, 0x40, 0, 0, 0], [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]],
      half: ['float16', [0x3c, 0], [0, 0x3c]],
      long: ['int64', [0, 0, 0, 0, 0, 0, 0, 1], [1, 0, 0, 0, 0, 0, 0, 0]],
      byte: ['uint8', [1, 2, 3], [1, 2, 3]],
    };
    const tensors = Object.fromEntries(
      Object.entries(values).map(([name, [dtype, big]]) => {
        const storage = new StoredStorage('', dtype, Uint8Array.from(big));
        return [name, stored(storage, [big.length / storageClasses[dtype].itemSize], [1])];
      }),
    );
    const path = join(folder, 'big.pth');
    const { bytes, storages } = pickle(tensors);
    await writeZip(path, [
      { name: 'a/data.pkl', data: bytes },
      { name: 'a/byteorder', data: text('big') },
      ...storages.map((storage, i) => ({ name: `a/data/${i}`, data: storage.bytes })),
    ]);
    const read = (await readCheckpoint(path)) as Map<string, StoredTensor>;
    for (const [name, [, , little]] of Object.entries(values))
      expect([name, [...read.get(name)!.storage.bytes]]).toEqual([name, little]);
  });

  test("a missing file is the system's error", async () => {
    await expect(readCheckpoint(join(folder, 'absent.pth'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('writing', () => {
  const weight = new StoredStorage('', 'float32', floats(1, 2, 3, 4));
  const value = {
    weight: stored(weight, [2, 2], [2, 1], 0, true),
    column: stored(weight, [2], [2], 1),
    epoch: 3,
    big: 2n ** 70n,
  };

  test.each([
    ['zip', undefined],
    ['zip64', 0],
  ])('%s comes back, shared storages once', async (_, zip64From) => {
    const path = join(folder, 'written.pth');
    await writeCheckpoint(path, value, zip64From === undefined ? {} : { zip64From });
    const back = (await readCheckpoint(path)) as Map<string, StoredTensor>;
    expect(back.get('weight')).toMatchObject({ shape: [2, 2], stride: [2, 1], offset: 0, requiresGrad: true });
    expect(back.get('column')).toMatchObject({ shape: [2], stride: [2], offset: 1, requiresGrad: false });
    expect(back.get('column')!.storage).toBe(back.get('weight')!.storage);
    expect(back.get('weight')!.storage.bytes).toEqual(weight.bytes);
    expect(back.get('big')).toBe(2n ** 70n);
  });

  test('data begin at multiples of 64 bytes, and equal contents give equal files', async () => {
    const [a, b] = [join(folder, 'a.pth'), join(folder, 'b.pth')];
    await writeCheckpoint(a, value);
    await writeCheckpoint(b, value);
    const bytes = await readFile(a);
    expect(bytes.equals(await readFile(b))).toBe(true);
    expect(bytes.indexOf(weight.bytes) % 64).toBe(0);
    expect(bytes.indexOf(text('\x80\x02')) % 64).toBe(0);
  });

  test('a failed write leaves the old file and nothing else', async () => {
    const own = await mkdtemp(join(folder, 'atomic-'));
    const path = join(own, 'model.pth');
    await writeCheckpoint(path, { epoch: 1 });
    const broken = stored(new StoredStorage('', 'float32', floats(1)), [2], [1]);
    await expect(writeCheckpoint(path, { broken })).rejects.toThrow(/value\["broken"\] does not fit its storage/);
    await expect(writeCheckpoint(join(own, 'no', 'where.pth'), {})).rejects.toMatchObject({ code: 'ENOENT' });
    const unreadable = { name: 'x', data: null as unknown as Uint8Array };
    await expect(writeZip(path, [unreadable])).rejects.toThrow();
    expect(await readdir(own)).toEqual(['model.pth']);
    expect(await readCheckpoint(path)).toEqual(new Map([['epoch', 1]]));
  });

  test('a link keeps pointing at its file', async () => {
    const own = await mkdtemp(join(folder, 'link-'));
    await writeCheckpoint(join(own, 'real.pth'), { epoch: 1 });
    await symlink('real.pth', join(own, 'latest.pth'));
    await writeCheckpoint(join(own, 'latest.pth'), { epoch: 2 });
    expect(await readCheckpoint(join(own, 'real.pth'))).toEqual(new Map([['epoch', 2]]));
  });
});

describe('damaged and hostile files', () => {
  test('a file cut off anywhere', async () => {
    const whole = await readFile(golden('protocol4.pt'));
    const path = join(folder, 'cut.pth');
    for (let length = 0; length < whole.length; length += 7) {
      await writeFile(path, whole.subarray(0, length));
      const error = await errorOf(path);
      expect(error.message.startsWith(`${path}: ${error.where}: `)).toBe(true);
    }
  });

  test('any byte changed gives a value or a CheckpointError', async () => {
    const whole = await readFile(golden('protocol4.pt'));
    const path = join(folder, 'changed.pth');
    for (let at = 0; at < whole.length; at += 3) {
      const changed = Buffer.from(whole);
      changed[at] = changed[at]! ^ 0xff;
      await writeFile(path, changed);
      const result = await readCheckpoint(path).catch((error: unknown) => error);
      if (result instanceof Error) expect(result).toBeInstanceOf(CheckpointError);
    }
  }, 30_000);

  test('any byte of the pickle changed, with a right checksum', async () => {
    const path = join(folder, 'pickle.pth');
    await writeCheckpoint(path, {
      weight: stored(new StoredStorage('', 'float32', floats(1, 2)), [2], [1]),
      list: [1, 2],
    });
    const whole = await readFile(path);
    const from = whole.indexOf(text('\x80\x02'));
    const pickled = whole.subarray(from, whole.indexOf(text('PK'), from));
    for (let at = 0; at < pickled.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const data = Uint8Array.from(pickled);
        data[at] = data[at]! ^ flip;
        await writeZip(path, [
          { name: 'a/data.pkl', data },
          { name: 'a/data/0', data: floats(1, 2) },
        ]);
        const result = await readCheckpoint(path).catch((error: unknown) => error);
        if (result instanceof Error) expect(result).toBeInstanceOf(CheckpointError);
      }
    }
  }, 60_000);

  test('a damaged weight is caught by its checksum', async () => {
    const whole = await readFile(golden('protocol4.pt'));
    const changed = Buffer.from(whole);
    const at = whole.indexOf(floats(1, 1));
    changed[at] = 1;
    const path = join(folder, 'weight.pth');
    await writeFile(path, changed);
    expect((await errorOf(path)).message).toMatch(/protocol4\/data\/0: its CRC-32 is/);
  });

  const empty = text('\x80\x02}.');
  test.each<[string, { name: string; data: Uint8Array }[], RegExp]>([
    ['no pickle', [{ name: 'a/version', data: text('3\n') }], /0 entries FOLDER\/data\.pkl/],
    [
      'two pickles',
      [
        { name: 'a/data.pkl', data: empty },
        { name: 'b/data.pkl', data: empty },
      ],
      /2 entries/,
    ],
    [
      'the same name twice',
      [
        { name: 'a/data.pkl', data: empty },
        { name: 'a/data.pkl', data: empty },
      ],
      /two entries of this name/,
    ],
    [
      'TorchScript',
      [
        { name: 'a/data.pkl', data: empty },
        { name: 'a/constants.pkl', data: empty },
      ],
      /TorchScript/,
    ],
    [
      'a version of the future',
      [
        { name: 'a/data.pkl', data: empty },
        { name: 'a/version', data: text('99') },
      ],
      /format version "99"/,
    ],
    [
      'another byte order',
      [
        { name: 'a/data.pkl', data: empty },
        { name: 'a/byteorder', data: text('middle') },
      ],
      /byte order "middle"/,
    ],
    ['a path that climbs out', [{ name: '../data.pkl', data: empty }], /zip directory/],
  ])('%s', async (_, entries, message) => {
    const path = join(folder, 'crafted.pth');
    await writeZip(path, entries);
    expect((await errorOf(path)).message).toMatch(message);
  });

  const id = (count: string) => `(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpu${count}tQ`;
  const tensorOf = (view: string) => `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(${id('K\x02')}${view}\x89}tR.`;
  test.each([
    ['a shape beyond the storage', tensorOf('K\x00K\x05\x85K\x01\x85'), /reaches element 4 of a storage of 2/],
    ['an offset beyond the storage', tensorOf('K\x02K\x01\x85K\x01\x85'), /reaches element 2/],
    ['a negative offset', tensorOf('J\xff\xff\xff\xffK\x01\x85K\x01\x85'), /integers >= 0/],
    [
      'a shape whose product overflows',
      tensorOf('K\x00J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86K\x00K\x00\x86'),
      /too large/,
    ],
    ['more strides than sizes', tensorOf('K\x00K\x01\x85K\x01K\x01\x86'), /1 sizes but 2 strides/],
    ['a storage of another size', `\x80\x02${id('K\x63')}.`, /storage of 396 bytes, but the entry a\/data\/0 has 8/],
    ['a bare storage', `\x80\x02${id('K\x02')}.`, /bare storage/],
  ])('%s', async (_, pickled, message) => {
    const path = join(folder, 'tensor.pth');
    await writeZip(path, [
      { name: 'a/data.pkl', data: text(pickled) },
      { name: 'a/data/0', data: floats(1, 2) },
    ]);
    const error = await errorOf(path);
    expect(error.message).toMatch(message);
    expect(error.where).toMatch(/^a\/data\.pkl at byte \d+$/);
  });

  test.each([
    ['text', 'hello world'],
    ['safetensors', '\x40\0\0\0\0\0\0\0{"a":{}}'],
    ['a lone zip signature', 'PK\x03\x04'],
  ])('%s is no checkpoint', async (_, content) => {
    const path = join(folder, 'other.bin');
    await writeFile(path, text(content));
    await errorOf(path);
  });
  test('a folder', async () => {
    expect(await readCheckpoint(folder).catch((e: unknown) => e)).toBeInstanceOf(Error);
  });
});
