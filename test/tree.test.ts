// The house rules that a machine can check: includes and imports, weak symbols, the README's example.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(__dirname, '..');
const filesOf = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(cpp|h|def|ts)$/.test(name))
    .map((name) => join(folder, name));

const allowed: Record<string, string[]> = {
  'cpp/kernels': ['kernels'],
  'cpp/core': ['core'],
  'cpp/autograd': ['autograd', 'core'],
  'cpp/ops': ['ops', 'autograd', 'core', 'kernels'],
  binding: ['ops', 'autograd', 'core', 'kernels', ...readdirSync(join(root, 'binding'))],
};

test.each(Object.entries(allowed))('%s includes only what lies below it', (folder, below) => {
  for (const file of filesOf(folder)) {
    const includes = [...readFileSync(join(root, file), 'utf8').matchAll(/#include "([^"]+)"/g)].map((m) => m[1]!);
    for (const include of includes)
      expect({ file, include, fits: below.some((b) => include === b || include.startsWith(`${b}/`)) }).toMatchObject({
        fits: true,
      });
  }
});

// A module of `lib` may import its own folder and what stands on a line above; the files around the tensor also one another.
const layers: string[][] = [
  ['errors', 'idle'],
  ['native', 'folder'],
  ['tensor', 'functional', 'autograd', 'dtype', 'generator', 'memory', 'print', 'random', 'stream'],
  ['progress'],
  ['download'],
  ['nn', 'optim', 'data', 'metrics'],
  ['serialization'],
  ['hub'],
  ['vision', 'tensorboard'],
  ['board'],
  ['cli'],
  ['index'],
];
const layerOf = (part: string) => layers.findIndex((layer) => layer.includes(part));
const tensors = layerOf('tensor');
const partOf = (file: string) => relative('lib', file).split('/')[0]!.replace(/\.ts$/, '');

test('lib imports only downwards', () => {
  const wrong = filesOf('lib').flatMap((file) => {
    const own = partOf(file);
    expect({ file, layer: layerOf(own) >= 0 }).toEqual({ file, layer: true });
    const imports = readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g);
    return [...imports].flatMap(([, path]) => {
      const part = partOf(join(dirname(file), path!.replace(/\.js$/, '.ts')));
      const below =
        part === own || layerOf(part) < layerOf(own) || (layerOf(part) === tensors && layerOf(own) === tensors);
      return below || path === '../build/native.js' ? [] : [`${file} imports ${path}`];
    });
  });
  expect(wrong).toEqual([]);
});

// Else a sample of a DataLoader would draw what is not its own.
test('lib draws random numbers by drawing() only', () => {
  const draws = /\bnative\.(rand\w*|bernoulli_?|uniform_|normal_|dropout_?|\w*Seed|\w*[rR]andomState)\b/;
  const drawing = filesOf('lib').filter((file) => draws.test(readFileSync(join(root, file), 'utf8')));
  expect(drawing).toEqual(['lib/generator.ts']);
});

// Weak symbols of one instruction set could replace another's at link time.
test('kernel objects export no weak symbols', () => {
  const objects = join(root, 'build/CMakeFiles');
  const folders = readdirSync(objects).filter((name) => name.startsWith('kernels_'));
  expect(folders.length).toBeGreaterThan(0);
  for (const folder of folders) {
    const cwd = join(objects, folder);
    const files = readdirSync(cwd, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.o'));
    expect(files.length).toBeGreaterThan(0);
    const symbols = execFileSync('nm', ['-AC', ...files], { cwd, encoding: 'utf8' });
    expect(symbols.split('\n').filter((line) => / [WV] /.test(line))).toEqual([]);
  }
});

test("the README's example runs", () => {
  const example = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))![1]!;
  const javascript = example.replace(', type Tensor', '').replace('forward(x: Tensor): Tensor', 'forward(x)');
  expect(existsSync(join(root, 'dist/index.js'))).toBe(true);
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', javascript], {
    cwd: root,
    encoding: 'utf8',
  });
  const losses = output.trim().split('\n').map(Number);
  expect(losses).toHaveLength(10);
  for (const loss of losses) expect(Number.isFinite(loss)).toBe(true);
});
