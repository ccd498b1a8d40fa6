// Headers of safetensors, files before PyTorch 1.6 and whole models that lie about themselves: refused by the rule that they break.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { load, nn, type Tensor } from '../../lib/index.js';
import { safetensorsMetadata } from '../../lib/serialization/index.js';
import { inspectCheckpoint } from '../../lib/serialization/inspect.js';
import { pickle } from '../../lib/serialization/pickle.js';
import { PythonObject } from '../../lib/serialization/python.js';
import { writeZip } from '../../lib/serialization/zip-write.js';
import { temporaryFolder } from '../temporary.js';
import { global, little, pickled, refusal, refusalOfAll, text } from './hostile.js';

const folder = temporaryFolder();
const path = join(folder, 'model.pth');

describe('headers of safetensors', () => {
  const one = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
  test.each<[string, string | Buffer, string]>([
    ['a name twice', `{"a":${one},"a":${one}}`, 'header: it is no JSON of the format: a key stands there twice'],
    [
      'a field twice',
      '{"a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
      'header: it is no JSON of the format: a key stands there twice',
    ],
    [
      'an escaped name twice',
      `{"a":${one},"\\u0061":${one}}`,
      'header: it is no JSON of the format: a key stands there twice',
    ],
    [
      'metadata twice',
      '{"__metadata__":{"a":"1","a":"2"}}',
      'header: it is no JSON of the format: a key stands there twice',
    ],
    [
      'nesting without an end',
      `{"a":${'['.repeat(1 << 20)}`,
      'header: it is no JSON of the format: it is nested more than 8 deep',
    ],
    ['broken UTF-8', Buffer.from('{"\xff":1}', 'latin1'), 'header: it is no JSON of the format: it is not UTF-8'],
    ['tensors that overlap', `{"a":${one},"b":${one}}`, 'header: the tensor b begins at byte 0, where 4 is expected'],
    ['an offset of 2^53', `{"a":${one.replace('[0,4]', '[0,9007199254740992]')}}`, 'header: the offsets of a are none'],
    ['an offset in floating point', `{"a":${one.replace('[0,4]', '[0,4.5]')}}`, 'header: the offsets of a are none'],
    [
      'offsets that go backwards',
      `{"a":${one.replace('[0,4]', '[4,0]')}}`,
      'header: the tensor a of shape [1] takes 4 bytes, but its offsets are 4 and 0',
    ],
    ['65 dimensions', `{"a":${one.replace('[1]', `[${Array(65).fill(1)}]`)}}`, 'header: the shape of a is none'],
    ['a tensor that is a list', '{"a":[1]}', 'header: the tensor a has no dtype'],
    [
      'the dtype constructor',
      `{"a":${one.replace('F32', 'constructor')}}`,
      'header: the tensor a has the dtype constructor, which is not supported (supported: I64, F64, F32, I32, BF16, F16, U8, BOOL)',
    ],
    ['a name that speaks to the terminal', '{"\\u001b[31m":1}', 'header: the tensor \\x1b[31m has no dtype'],
  ])('%s', async (_, header, message) => {
    const json = Buffer.from(header as string);
    await writeFile(path, Buffer.concat([Buffer.from(little(json.length, 8), 'latin1'), json, Buffer.alloc(4)]));
    expect(await refusalOfAll(path)).toBe(message);
    expect(await refusal(path, safetensorsMetadata(path))).toBe(message);
  });

  test.each([
    ['a folder above', '../model.safetensors'],
    ['another drive', 'C:\\model.safetensors/x'],
    ['a folder', 'sub/model.safetensors'],
    ['NUL', 'a\0.safetensors'],
    ['nothing', ''],
  ])('a shard in or with %s', async (_, name) => {
    const index = join(folder, 'model.safetensors.index.json');
    await writeFile(index, JSON.stringify({ weight_map: { a: name } }));
    expect(await refusal(index, load(index))).toMatch(/^index: the file of a is none of the index's folder: "/);
  });
});

describe('files before PyTorch 1.6', () => {
  const magic = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');
  const version = pickled('M\xe9\x03');
  const system = pickled('}');
  const id = `(${text('storage')}${global('torch.FloatStorage')}${text('7')}${text('cpu')}K\x02NtQ`;
  const value = pickled(`${global('torch._utils._rebuild_tensor_v2')}(${id}K\0K\x02\x85K\x01\x85\x89}tR`);
  const keys = pickled(`](${text('7')}e`);
  const data = Buffer.concat([Buffer.from(little(2, 8), 'latin1'), Buffer.alloc(8)]);
  const laughs = Array.from(
    { length: 40 },
    (_, i) => `h${String.fromCharCode(i)}h${String.fromCharCode(i)}\x86q${String.fromCharCode(i + 1)}0`,
  );
  const endless = `)q\x000${laughs.join('')}h\x28`;

  test.each<[string, Buffer[], string | RegExp]>([
    [
      'another version',
      [pickled('K\x07'), system, value, keys, data],
      'byte 20: protocol version 7 (1001 is supported)',
    ],
    [
      'a version without an end',
      [pickled(endless), system, value, keys, data],
      /^byte \d+: protocol version of another kind \(1001 is supported\)$/,
    ],
    ['a shell for a version', [pickled(`${global('os.system')})R`)], /^byte 17: os\.system is not among the names/],
    [
      'a shell in the system',
      [version, pickled(`${global('posix.system')})R`)],
      /^byte \d+: posix\.system is not among the names/,
    ],
    [
      'a shell in the keys',
      [version, system, value, pickled(`${global('nt.system')})R`)],
      /^byte \d+: nt\.system is not among the names/,
    ],
    ['keys that are no list', [version, system, value, pickled('}'), data], /^byte \d+: the list of storages is none$/],
    [
      'a key without an end',
      [version, system, value, pickled(`](${endless}e`), data],
      /^byte \d+: the storage of another kind belongs to no tensor$/,
    ],
    [
      'a key twice',
      [version, system, value, pickled(`](${text('7')}${text('7')}e`), data, data],
      /^byte \d+: the storage 7 stands there twice$/,
    ],
    ['no storage', [version, system, value, pickled(']'), data], 'storage 7: the storage is missing'],
    [
      'a storage beyond the file',
      [version, system, value, keys, data.subarray(0, 12)],
      /^storage 7: it ends at byte \d+ of a file of \d+$/,
    ],
    [
      'another number of elements',
      [version, system, value, keys, Buffer.alloc(16)],
      'storage 7: it has 0 elements, where 2 are expected',
    ],
    [
      'text of 2^60 bytes',
      [version, system, pickled(`\x8d${little(2n ** 60n, 8)}`)],
      /^byte \d+: it ends in the middle: 1152921504606847000 bytes wanted, 1 left$/,
    ],
    [
      'a part of another storage',
      [version, system, pickled(id.replace('NtQ', `${text('view')}tQ`))],
      /a part of another one, as PyTorch before 0\.4 wrote it$/,
    ],
  ])('%s', async (_, parts, message) => {
    await writeFile(path, Buffer.concat([magic, ...parts]));
    const ended = await refusal(path, load(path));
    if (typeof message === 'string') expect(ended).toBe(message);
    else expect(ended).toMatch(message);
  });

  test('the tar format before 0.1.10', async () => {
    const tar = Buffer.alloc(1024);
    tar.write('pickle', 0);
    tar.write('ustar', 257);
    await writeFile(path, tar);
    expect(await refusalOfAll(path)).toMatch(
      /^start of file: this is the tar format of PyTorch before 0\.1\.10, which is not supported/,
    );
  });
});

describe('whole models', () => {
  const sequential = (children: [string, unknown][]): PythonObject =>
    new PythonObject('torch.nn.modules.container.Sequential', new Map([['_modules', new Map(children)]]));
  const write = (value: unknown) => writeZip(path, [{ name: 'archive/data.pkl', data: pickle(value).bytes }]);

  test('that hold themselves', async () => {
    const loop = sequential([]);
    loop.attributes.set('_modules', new Map([['0', sequential([['1', loop]])]]));
    await write(loop);
    expect(await refusal(path, load(path))).toBe(
      'data.pkl: torch.nn.modules.container.Sequential: its child 1 is, or holds, the module itself',
    );
  });

  test('that hold another twice, and so on', async () => {
    let model = sequential([]);
    for (let i = 0; i < 40; i++)
      model = sequential([
        ['0', model],
        ['1', model],
      ]);
    await write(model);
    const rule = 'it holds more than 100000 modules, counted at each place';
    expect(await refusal(path, load(path))).toBe(`data.pkl: torch.nn.modules.container.Sequential: ${rule}`);
    expect(await refusal(path, inspectCheckpoint(path))).toBe(`contents: ${rule}`);
  });

  test('with a module as an attribute that would make a promise of them', async () => {
    class Net extends nn.Module {
      forward = (x: Tensor) => x;
    }
    await write(new PythonObject('__main__.Net', new Map<string, unknown>([['then', sequential([])]])));
    expect(await refusal(path, load(path, { classes: { Net } }))).toBe(
      'data.pkl: __main__.Net: the name "then" would make a promise of it',
    );
  });
});
