// The MNIST program as a user starts it, on digits that are easy to tell apart.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { idx } from '../vision/datasets/files.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cresset-mnist-example-'));
  for (const [prefix, count] of [
    ['train', 400],
    ['t10k', 100],
  ] as const) {
    // Class `c` is a bar in the rows from 2c on, of a length that varies.
    const pictures = new Uint8Array(count * 784);
    const targets = Uint8Array.from({ length: count }, (_, i) => (7 * i) % 10);
    for (const [i, target] of targets.entries())
      for (let y = 2 * target + 3; y < 2 * target + 6; y++)
        pictures.fill(200 + (i % 50), i * 784 + y * 28 + 4 + (i % 3), i * 784 + y * 28 + 20 + (i % 5));
    await writeFile(join(folder, `${prefix}-images-idx3-ubyte.gz`), gzipSync(idx([count, 28, 28], pictures)));
    await writeFile(join(folder, `${prefix}-labels-idx1-ubyte.gz`), gzipSync(idx([count], targets)));
  }
});
afterAll(() => rm(folder, { recursive: true }));

function run(...flags: string[]) {
  const program = join(__dirname, '../../examples/build/mnist.js');
  return spawnSync(process.execPath, [program, ...flags], { cwd: folder, encoding: 'utf8' });
}

test('it learns, and says how well', () => {
  const { status, stderr, stdout } = run('--data', '.', '--epochs', '4', '--batch-size', '20');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toBe('400 training and 100 test pictures');
  expect(lines.slice(1)).toEqual(
    [1, 2, 3, 4].map((epoch) => expect.stringMatching(`^epoch ${epoch}  accuracy [01]\\.\\d{4}  \\d+\\.\\d s$`)),
  );
  expect(Number(lines.at(-1)!.split(/ +/)[3])).toBeGreaterThanOrEqual(0.98);
});

test('a folder without MNIST, and a wrong flag', () => {
  const { status, stderr } = run('--data', 'nowhere');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^MNIST: the dataset was not found; looked for .* download: true fetches it; --help lists/);
  expect(run('--lr', '0').stderr).toMatch(/^--lr must be a number above 0, got "0"/);
});
