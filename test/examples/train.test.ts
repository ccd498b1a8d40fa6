// The training program: what it prints, saves and refuses.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Tudui } from '../../examples/tudui.js';
import { load, type nn } from '../../lib/index.js';

const folder = mkdtempSync(join(tmpdir(), 'cresset-train-'));
afterAll(() => rmSync(folder, { recursive: true }));

function train(...flags: string[]) {
  const root = join(__dirname, '../..');
  return spawnSync(process.execPath, ['examples/build/train.js', ...flags], { cwd: root, encoding: 'utf8' });
}

test('trains, saves, and shows the accuracy of what it saved', async () => {
  const out = join(folder, 'model.pth');
  const { status, stdout } = train('--epochs', '1', '--batch-size', '250', '--threads', '2', '--out', out);
  expect(status).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines[0]).toBe('data: synthetic shapes, drawn by code (ten classes, 32x32 RGB)');
  expect(stdout).toContain(String(new Tudui()));
  expect(lines.at(-3)).toMatch(/^epoch 1 {2}loss \d\.\d{4} {2}accuracy 0\.\d{4} {2}\d+\.\d s$/);
  const [, kept] = /: accuracy (0\.\d{4}), loaded into a fresh model \1$/.exec(lines.at(-2)!)!;
  expect(lines.at(-1)).toBe(`test accuracy ${kept}`);
  new Tudui().loadStateDict(await load<nn.StateDict>(out));
});

test.each([
  ['--epochs', 'x', '--epochs must be a whole number of at least 0, got x'],
  ['--batch-size', '0', '--batch-size must be a whole number of at least 1, got 0'],
  ['--lr', '-1', '--lr must be a number of at least 0, got -1'],
  ['--seed', '1.5', '--seed must be a whole number of at least 0, got 1.5'],
])('refuses %s %s', (flag, value, message) => {
  const { status, stderr } = train(`${flag}=${value}`);
  expect(stderr).toContain(message);
  expect(status).toBe(2);
});

test('names the files that --data lacks', () => {
  const { status, stderr } = train('--data', folder);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(/CIFAR10: data_batch_1 was not found; looked for/);
});
