// The training program as a user starts it: what it prints, what it saves, and what it says of wrong flags.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { extract } from 'tar';
import { Tudui } from '../../examples/tudui.js';
import { load } from '../../lib/index.js';

const root = join(__dirname, '../..');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cresset-train-'));
  await extract({ file: join(root, 'test/golden/cifar10/cifar-10-python.tar.gz'), cwd: folder });
});
afterAll(() => rm(folder, { recursive: true }));

function train(...flags: string[]) {
  const program = join(root, 'examples/build/train.js');
  const result = spawnSync(process.execPath, [program, ...flags], { cwd: folder, encoding: 'utf8', timeout: 240_000 });
  return { ...result, lines: result.stdout.trimEnd().split('\n') };
}

test('one epoch on synthetic pictures is learned from, saved and loaded again', async () => {
  const { status, stderr, lines } = train('--epochs', '1', '--batch-size', '32');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const model = String(new Tudui()).split('\n');
  expect(lines.slice(0, model.length)).toEqual(model);
  expect(lines.slice(model.length)).toEqual([
    'data: synthetic shapes, drawn by code (ten classes, 32x32 RGB)',
    '6000 training and 1000 test pictures',
    expect.stringMatching(/^epoch 1 {2}loss \d\.\d{4} {2}accuracy 0\.\d{4} {2}\d+\.\d s$/),
    expect.stringMatching(/^saved to tudui\.pth: accuracy (0\.\d{4}), loaded again \1$/),
    expect.stringMatching(/^test accuracy 0\.\d{4}$/),
  ]);
  const accuracy = Number(lines.at(-1)!.split(' ').at(-1));
  expect(accuracy).toBeGreaterThan(0.6);
  expect(Object.keys(await load(join(folder, 'tudui.pth')))).toEqual(Object.keys(new Tudui().stateDict()));
}, 250_000);

describe('CIFAR-10', () => {
  test.each([[['--data', '.']], [['--data', '.', '--download']]])('%p on files that are there', async (flags) => {
    const { status, stderr, lines } = train(...flags, '--epochs', '2', '--out', 'other.pth', '--seed', '3');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(lines).toContain('data: CIFAR-10 in .');
    expect(lines).toContain('11 training and 3 test pictures');
    expect(lines.at(-1)).toMatch(/^test accuracy \d\.\d{4}$/);
    expect(existsSync(join(folder, 'other.pth'))).toBe(true);
    expect((await readdir(folder)).filter((name) => name.endsWith('.gz'))).toEqual([]);
  });

  test('a folder without it', () => {
    const { status, stderr } = train('--data', 'nowhere');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^CIFAR10: no training files were found; looked for nowhere.*; --help lists the flags\n$/);
  });
});

describe('wrong flags end with one line', () => {
  test.each([
    [['--epochs', 'x'], '--epochs must be a whole number of at least 1, got "x"'],
    [['--epochs', '1.5'], '--epochs must be a whole number of at least 1, got "1.5"'],
    [['--epochs', ''], '--epochs must be a whole number of at least 1, got ""'],
    [['--batch-size', '0'], '--batch-size must be a whole number of at least 1, got "0"'],
    [['--lr', '0'], '--lr must be a number above 0, got "0"'],
    [['--lr', 'Infinity'], '--lr must be a number above 0, got "Infinity"'],
    [['--momentum=-1'], '--momentum must be a number of at least 0, got "-1"'],
    [['--seed', '-'], '--seed must be a whole number of at least 0, got "-"'],
    [['--threads', '2000'], '--threads must be a whole number of at least 1 and of at most 1024, got "2000"'],
    [['--out', 'no/such/folder/x.pth'], '--out must be a file that can be written: ENOENT'],
    [['--out', '.'], '--out must be a file, but . is none'],
    [['--epoch', '1'], "Unknown option '--epoch'"],
  ])('%p', (flags, message) => {
    const { status, stdout, stderr } = train(...flags);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.startsWith(message)).toBe(true);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('--help', () => {
    const { status, stdout } = train('--help');
    expect(status).toBe(0);
    for (const flag of ['data', 'download', 'epochs', 'out']) expect(stdout).toContain(`--${flag} `);
  });
});
