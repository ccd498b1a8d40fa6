// Files beyond 2 and 4 GiB there and back: `npm run roundtrip:large`, or `-- --python CMD`. Takes 9 GB of memory, 13 of the disk, and minutes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { equal, load, manualSeed, memory, rand, randint, save, tidy, zeros } from '../../dist/index.js';

const { values: flags } = parseArgs({
  options: { python: { type: 'string', default: '../shared/tools/torch-env python3' } },
});
const folder = mkdtempSync(join(import.meta.dirname, '../../build/large-'));
const out = (name) => join(folder, name);
process.once('exit', () => rmSync(folder, { recursive: true }));

function python(...args) {
  const [command, ...before] = flags.python.split(' ');
  const { status } = spawnSync(command, [...before, join(import.meta.dirname, 'serialization.py'), ...args], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}

const count = 34;

/** A tensor of one dimension in parts, as what is computed of it takes memory itself. */
function* parts(tensor) {
  for (let at = 0; at < tensor.numel(); at += 2 ** 26)
    yield tensor.narrow(0, at, Math.min(2 ** 26, tensor.numel() - at));
}

/** The tensors of serialization.py's `large`: one of more than 2^31 bytes, and others, with which it takes more than 2^32. */
function draw(i) {
  manualSeed(i);
  if (i > 0) return rand([2 ** 24]);
  const bytes = zeros([2 ** 31 + 5], { dtype: 'uint8' });
  for (const part of parts(bytes)) tidy(() => void part.copy_(randint(0, 256, part.shape, { dtype: 'uint8' })));
  return bytes;
}

/** Draws tensors anew and compares. */
function compare(file, tensors, numbers) {
  if (
    Object.keys(tensors).sort().join() !==
    numbers
      .map((i) => `t${i}`)
      .sort()
      .join()
  )
    throw new Error(`${file}: holds ${Object.keys(tensors)}`);
  for (const i of numbers)
    tidy(() => {
      const [expected, actual] = [draw(i), tensors[`t${i}`]];
      if (actual.numel() !== expected.numel()) throw new Error(`${file}: t${i} has ${actual.numel()} elements`);
      const others = parts(actual);
      for (const part of parts(expected))
        if (!equal(part, others.next().value)) throw new Error(`${file}: t${i} differs`);
    });
}

function release(tensors) {
  for (const tensor of Object.values(tensors)) tensor.dispose();
  memory.emptyCache();
}

const numbers = Array.from({ length: count }, (_, i) => i);
const ours = Object.fromEntries(numbers.map((i) => [`t${i}`, draw(i)]));
await save(ours, out('ours.pth'));
await save(ours, out('ours.safetensors'));
const shardOf = (i) => `ours-${1 + Math.floor(i / 12)}-of-3.safetensors`;
for (const i of [0, 12, 24])
  await save(Object.fromEntries(numbers.slice(i, i + 12).map((at) => [`t${at}`, ours[`t${at}`]])), out(shardOf(i)));
const weights = Object.fromEntries(numbers.map((i) => [`t${i}`, shardOf(i)]));
writeFileSync(out('ours.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: weights }));
release(ours);

const gigabytes = (bytes) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
console.log(`${count} tensors, ${gigabytes(statSync(out('ours.pth')).size)}`);

async function read(file, expected) {
  const tensors = await load(out(file));
  compare(file, tensors, expected);
  release(tensors);
}

for (const file of ['ours.pth', 'ours.safetensors', 'ours.safetensors.index.json']) {
  python('--check-large', out(file));
  await read(file, numbers);
  console.log(`${file}: the same there and here`);
}
for (const file of ['ours.pth', 'ours.safetensors']) rmSync(out(file));
python('--write-large', folder);
for (const [file, expected] of [
  ['theirs.safetensors', numbers.slice(0, 4)],
  ['theirs.pth', numbers],
]) {
  await read(file, expected);
  console.log(`${file}: the same here, ${gigabytes(statSync(out(file)).size)}`);
}
console.log(`at most ${gigabytes(process.resourceUsage().maxRSS * 1024)} of memory`);
