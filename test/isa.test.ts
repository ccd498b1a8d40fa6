// The op table again on every lower instruction set of this machine, each in a process of its own, as the choice is made at load.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { native } from '../lib/native.js';

const runner = createRequire(__filename).resolve('jest/bin/jest');
const descending = ['avx512', 'avx2', 'baseline'];
const best = native.isa();
const lower = descending.slice(descending.indexOf(best) + 1);

test('this machine has an instruction set that the table knows', () => {
  expect([...descending, 'neon']).toContain(best);
});

if (descending.includes(best) && lower.length > 0)
  test.each(lower)(
    'the op table holds on %s',
    (isa) => {
      const env = { ...process.env, CRESSET_ISA: isa };
      const result = spawnSync(process.execPath, [runner, '--silent', 'test/ops.test.ts'], {
        cwd: join(__dirname, '..'),
        env,
        encoding: 'utf8',
      });
      expect({ status: result.status, output: result.status === 0 ? '' : result.stderr }).toEqual({
        status: 0,
        output: '',
      });
    },
    300_000,
  );
