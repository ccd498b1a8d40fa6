// Where a tool for building is missing, one sentence says which.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

test.each([
  [['scripts/build.mjs', '--native'], 'CMake 3.18 or newer and a C++20 compiler (GCC 11 or Clang 14 or newer)'],
  [['scripts/prebuildify.mjs'], 'CMake 3.18 or newer and a C++20 compiler (GCC 11 or Clang 14 or newer)'],
])('%p', (args, missing) => {
  const result = spawnSync(process.execPath, args, { cwd: join(__dirname, '..'), env: { PATH: '' }, encoding: 'utf8' });
  expect(result.stderr).toBe(`cresset: this build needs ${missing}; install it and run the command again.\n`);
  expect(result.status).toBe(1);
});
