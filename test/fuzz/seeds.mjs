// What the fuzzer starts from: PyTorch's own files of test/golden, and small ones written here.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { safetensorsOf } from './safetensors.mjs';
import { zipOf } from './zip.mjs';

const golden = join(import.meta.dirname, '../golden/serialization');
const goldens = (ending) =>
  readdirSync(golden)
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(golden, name)));

async function written({ load, nn, ones, save }) {
  const folder = mkdtempSync(join(tmpdir(), 'cresset-fuzz-'));
  const files = [];
  const write = async (value, ending = '.pth') => {
    const path = join(folder, `a${ending}`);
    await save(value, path);
    files.push(readFileSync(path));
  };
  // Each layer in a file of its own: the one with all takes too long to read.
  for (const { module } of Object.values(await load(join(golden, 'modules.pt')))) await write(module);
  await write({ list: [1, 2.5, 'x', null, true, 2n ** 80n, [], {}], map: new Map([[1, 'one']]), set: new Set([3]) });
  await write({ base: ones([4]), wide: ones([1]).expand(3, 5) });
  await write(new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2)).stateDict(), '.safetensors');
  rmSync(folder, { recursive: true });
  return files.filter(({ length }) => length < 1 << 16);
}

const entry = (name, data) => ({ name: Buffer.from(name), data: Buffer.from(data) });
const empty = entry('a/data.pkl', '\x80\x02}.');
const view = entry(
  'a/data.pkl',
  Buffer.from(
    '\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x02tQK\x00K\x02\x85K\x01\x85\x89}tR.',
    'latin1',
  ),
);

/** The files that a target starts from; `library` is what dist/index.js exports. */
export async function seedsOf(name, library) {
  const start = (file) => file.toString('latin1', 0, 2);
  const pt = goldens('.pt').filter(({ length }) => length < 1 << 16);
  if (name === 'legacy') return pt.filter((file) => start(file) === '\x80\x02');
  const own = await written(library);
  const zips = [...pt, ...own].filter((file) => start(file) === 'PK');
  return {
    zip: [
      ...zips.filter(({ length }) => length < 4096),
      zipOf([empty]),
      zipOf([empty], { zip64: {} }),
      zipOf([view, entry('a/data/0', Buffer.alloc(8)), entry('a/version', '3\n'), entry('a/byteorder', 'big')]),
    ],
    pickle: zips,
    safetensors: [
      ...[...goldens('.safetensors'), ...own].filter((file) => file[8] === 0x7b),
      safetensorsOf('{}'),
      safetensorsOf(
        '{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        Buffer.alloc(4),
      ),
      Buffer.from('{"metadata":{"total_size":4},"weight_map":{"a":"shard.safetensors","b":"shard.safetensors"}}'),
    ],
  }[name];
}
