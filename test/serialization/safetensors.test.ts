// safetensors: read and written byte for byte as the format's own library does.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load, nn, ones, safetensorsMetadata, save, type Tensor, zeros } from '../../lib/index.js';
import { CheckpointError } from '../../lib/serialization/errors.js';
import { temporaryFolder } from '../temporary.js';

const golden = join(__dirname, '../golden/serialization/numbers.safetensors');

const folder = temporaryFolder();
const path = join(folder, 'file.safetensors');

describe('a file of the library', () => {
  test('is read: every dtype, no dimension, no elements, any name', async () => {
    const t = await load<Record<string, Tensor>>(golden);
    for (const dtype of ['float32', 'float64', 'float16', 'bfloat16', 'int64', 'int32', 'uint8', 'bool'])
      expect(t[dtype]!.dtype).toBe(dtype);
    expect(t.float64!.toArray()).toEqual([0.5, -1.25, 3, 1e-7]);
    expect(t.bool!.toArray()).toEqual([[true, false]]);
    expect(t.scalar!.item()).toBe(7);
    expect(t.empty!.shape).toEqual([0, 3]);
    expect(t['a é "name"']!.toArray()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(await safetensorsMetadata(golden)).toEqual({ format: 'pt' });
  });

  test('is written again byte for byte', async () => {
    await save(await load(golden), path, { metadata: { format: 'pt' } });
    expect(await readFile(path)).toEqual(await readFile(golden));
  });

  test('cut off anywhere ends in an error of its own', async () => {
    const whole = await readFile(golden);
    for (let length = 0; length < whole.length; length += 11) {
      await writeFile(path, whole.subarray(0, length));
      await expect(load(path)).rejects.toThrow(CheckpointError);
    }
  });
});

test('a state dict goes there and back', async () => {
  const model = new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2));
  await save(model.stateDict(), path);
  const other = new nn.Sequential(new nn.Linear(3, 2), new nn.BatchNorm1d(2));
  other.loadStateDict(await load(path));
  const x = ones([4, 3]);
  expect(other(x).toArray()).toEqual(model(x).toArray());
  expect(await safetensorsMetadata(path)).toEqual({});
});

test('views are written in order', async () => {
  const grid = (await load(golden))['a é "name"'];
  await save({ turned: grid.t() }, path);
  expect((await load(path)).turned.toArray()).toEqual([
    [0, 3],
    [1, 4],
    [2, 5],
  ]);
});

describe('what cannot be written is refused at the call, and leaves no file', () => {
  const base = zeros([4]);
  test.each<[string, unknown, RegExp]>([
    ['a number', { epoch: 3 }, /safetensors hold tensors by name, but epoch is none; save to a \.pth file/],
    ['a tensor alone', base, /safetensors hold an object of tensors by name/],
    ['shared memory', { a: base, b: base.narrow(0, 1, 2) }, /a and b share memory, which safetensors cannot express/],
    ['the name of the metadata', { __metadata__: base }, /no tensor of a safetensors file can be named __metadata__/],
  ])('%s', async (_, value, message) => {
    const target = join(folder, 'refused.safetensors');
    await expect(save(value, target)).rejects.toThrow(message);
    expect((await readdir(folder)).filter((name) => name.includes('refused'))).toEqual([]);
  });

  test('metadata that are no texts, or in a file of another kind', async () => {
    await expect(save({ base }, path, { metadata: { a: 1 as never } })).rejects.toThrow(/an object of strings/);
    await expect(save({ base }, join(folder, 'a.pth'), { metadata: {} })).rejects.toThrow(
      /only files named \.safetensors/,
    );
  });

  test('parts of one memory that do not overlap are written', async () => {
    await save({ a: base.narrow(0, 0, 2), b: base.narrow(0, 2, 2) }, path);
    expect(Object.keys(await load(path)).sort()).toEqual(['a', 'b']);
  });
});

describe('damaged and hostile headers', () => {
  const write = (header: string | Buffer, data = Buffer.alloc(0)): Promise<void> => {
    const json = Buffer.from(header);
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return writeFile(path, Buffer.concat([length, json, data]));
  };
  const entry = (fields: object) =>
    JSON.stringify({ t: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...fields } });
  const four = Buffer.alloc(4);

  test.each<[string, string, Buffer, RegExp]>([
    ['no JSON', '{"t": oops}', four, /it is no JSON/],
    ['an unknown dtype', entry({ dtype: 'F8_E4M3' }), four, /dtype F8_E4M3, which is not supported/],
    ['no dtype', entry({ dtype: 3 }), four, /the tensor t has no dtype/],
    ['a negative size', entry({ shape: [-1] }), four, /the shape of t is none/],
    ['a broken size', entry({ shape: [0.5] }), four, /the shape of t is none/],
    ['a huge shape', entry({ shape: [2 ** 52, 2 ** 52] }), four, /the shape of t is too large/],
    ['offsets that are none', entry({ data_offsets: [0] }), four, /the offsets of t are none/],
    ['another number of bytes', entry({ data_offsets: [0, 8] }), four, /takes 4 bytes, but its offsets are 0 and 8/],
    ['a hole', entry({ data_offsets: [4, 8] }), Buffer.alloc(8), /begins at byte 4, where 0 is expected/],
    ['bytes of no tensor', entry({}), Buffer.alloc(5), /the tensors take 4 bytes, but 5 follow/],
    [
      'metadata that are no texts',
      '{"__metadata__": {"a": 1}}',
      Buffer.alloc(0),
      /__metadata__ is no object of strings/,
    ],
    ['a list', '[1, 2, 3, 4]', Buffer.alloc(0), /this is no checkpoint/],
  ])('%s', async (_, header, data, message) => {
    await write(header, Buffer.from(data));
    await expect(load(path)).rejects.toThrow(message);
  });

  test('a header longer than the file', async () => {
    const length = Buffer.alloc(16, '{');
    length.writeBigUInt64LE(2n ** 62n);
    await writeFile(path, length);
    await expect(load(path)).rejects.toThrow(/a header of \d+ bytes in a file of 16/);
  });

  test('the name __proto__ is a name like others', async () => {
    await write(`{"__proto__": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}`, four);
    expect(Object.keys(await load(path))).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).dtype).toBeUndefined();
  });
});

describe('a sharded model', () => {
  const index = () => join(folder, 'model.safetensors.index.json');
  const write = (weights: unknown) => writeFile(index(), JSON.stringify({ weight_map: weights }));

  test('is read from its index', async () => {
    await save({ a: ones([2]) }, join(folder, 'one.safetensors'));
    await save({ b: zeros([1]), c: ones([1]) }, join(folder, 'two.safetensors'));
    await write({ a: 'one.safetensors', b: 'two.safetensors', c: 'two.safetensors' });
    const all = await load<Record<string, Tensor>>(index());
    expect(Object.entries(all).map(([name, t]) => [name, t.toArray()])).toEqual([
      ['a', [1, 1]],
      ['b', [0]],
      ['c', [1]],
    ]);
  });

  test('takes each tensor from the file that the index names', async () => {
    await save({ a: ones([1]) }, join(folder, 'one.safetensors'));
    await save({ a: zeros([1]), b: zeros([1]) }, join(folder, 'two.safetensors'));
    await write({ a: 'one.safetensors', b: 'two.safetensors' });
    expect((await load(index())).a.item()).toBe(1);
  });

  test.each<[string, unknown, RegExp]>([
    ['a tensor that its file lacks', { d: 'one.safetensors' }, /one\.safetensors does not hold d as a tensor/],
    ['a file elsewhere', { a: '../one.safetensors' }, /the file of a is none of the index's folder/],
    ['itself', { a: 'model.safetensors.index.json' }, /the file of a is none of the index's folder/],
    ['no list', 3, /it has no weight_map/],
  ])('%s', async (_, weights, message) => {
    await write(weights);
    await expect(load(index())).rejects.toThrow(message);
  });
});
