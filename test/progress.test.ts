// Progress on standard error: lines elsewhere, a bar on a terminal.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { progress } from '../lib/data/index.js';

let written: string[];
beforeEach(() => {
  written = [];
  jest.spyOn(process.stderr, 'write').mockImplementation((line) => {
    written.push(String(line));
    return true;
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

async function* letters() {
  yield* 'abc';
}

test('passes on what it iterates and writes a line at each quarter', async () => {
  const seen: number[] = [];
  const steps = progress(
    Array.from({ length: 8 }, (_, i) => i),
    { description: 'epoch 1' },
  );
  for await (const i of steps) {
    seen.push(i);
    steps.setPostfix({ loss: 1 / (i + 1), step: i });
  }
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(written).toEqual([
    'epoch 1  2/8  loss 0.5000  step 1\n',
    'epoch 1  4/8  loss 0.2500  step 3\n',
    'epoch 1  6/8  loss 0.1667  step 5\n',
    'epoch 1  8/8  loss 0.1250  step 7\n',
  ]);
});

test('asynchronous items of unknown number write nothing', async () => {
  const seen: string[] = [];
  for await (const letter of progress(letters())) seen.push(letter);
  expect(seen).toEqual(['a', 'b', 'c']);
  expect(written).toEqual([]);
});

test('a loop that is left or throws ends what it iterates', async () => {
  let ended = 0;
  function* endless() {
    try {
      for (;;) yield 1;
    } finally {
      ended++;
    }
  }
  for await (const _ of progress(endless(), { total: 4 })) break;
  const thrown = (async () => {
    for await (const _ of progress(endless())) throw new Error('stop');
  })();
  await expect(thrown).rejects.toThrow('stop');
  expect(ended).toBe(2);
});

test('what cannot be iterated is refused', () => {
  expect(() => progress(3 as unknown as number[])).toThrow('progress: items must be iterable');
});

test('a bar on a terminal, and the process ends after it', () => {
  const code = `
    process.stderr.isTTY = true; process.stderr.columns = 100; process.stderr.cursorTo = process.stderr.moveCursor = process.stderr.clearLine = () => true;
    const { progress } = await import('cresset/data');
    const steps = progress([1, 2, 3], { description: 'epoch 7' });
    for await (const x of steps) steps.setPostfix({ loss: 0.25 });
    for await (const x of progress([1, 2, 3])) break;`;
  const root = join(__dirname, '..');
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(result.status).toBe(0);
  expect(result.stderr).toMatch(/epoch 7 .*█.* 3\/3 \| .*loss 0\.2500/);
});
