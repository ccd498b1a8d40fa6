// The house rules that a machine can check: the includes of the core, weak symbols, the README's example.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(__dirname, '..');
const filesOf = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(cpp|h|def|ts)$/.test(name))
    .map((name) => join(folder, name));

const allowed: Record<string, string[]> = {
  'cpp/kernels': ['kernels'],
  'cpp/core': ['core'],
  'cpp/autograd': ['autograd', 'core', 'ops/ops.h'],
  'cpp/ops': ['ops', 'autograd', 'core', 'kernels'],
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

// Weak symbols of one instruction set could replace another's at link time.
test('kernel objects export no weak symbols', () => {
  const objects = join(root, 'build/CMakeFiles');
  const folders = readdirSync(objects).filter((name) => name.startsWith('kernels_'));
  expect(folders.length).toBeGreaterThan(0);
  for (const folder of folders)
    for (const object of readdirSync(join(objects, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.o'),
    )) {
      const symbols = execFileSync('nm', ['-C', join(objects, folder, object)], { encoding: 'utf8' });
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
