// The fuzzer itself runs: it reads what it should, says what is not as promised, and finds nothing in a few hundred inputs.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const run = join(__dirname, 'run.mjs');

test('a few inputs of one kind', () => {
  const output = execFileSync(process.execPath, [run, '--target', 'legacy', '--inputs', '300'], { encoding: 'utf8' });
  const [, inputs, reached, total] = /^legacy +(\d+) inputs.* (\d+) of (\d+) places reached/m.exec(output)!.map(Number);
  expect(inputs).toBe(300);
  expect(reached).toBeGreaterThan(total! / 5);
  expect(output).toMatch(/300 inputs in all, no findings\n$/);
}, 60_000);
