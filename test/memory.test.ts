// Resident memory stays put while the tutorial's network trains: a shorter run of `npm run bench:memory`, which fails where it grows.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

test.each(['loop', 'await', 'worker', 'heap'])(
  '%s',
  (setting) => {
    const result = spawnSync(process.execPath, ['bench/memory.mjs', '--steps', '1000', '--only', setting], {
      cwd: join(__dirname, '..'),
      encoding: 'utf8',
    });
    expect({ status: result.status, stderr: result.stderr }).toEqual({ status: 0, stderr: '' });
    expect(result.stdout).toMatch(/ ok$/m);
  },
  300_000,
);
