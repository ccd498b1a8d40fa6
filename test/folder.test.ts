// Folders for what is written.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { makeFolder } from '../lib/folder.js';
import { temporaryFolder } from './temporary.js';

const root = temporaryFolder();

test('are made with those that they lie in, and may be there', () => {
  const folder = join(root, 'a/b/c');
  makeFolder('save', folder);
  makeFolder('save', folder);
  expect(existsSync(folder)).toBe(true);
});

test('what is no folder stays, and is an error', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  expect(() => makeFolder('save', file)).toThrow(/EEXIST/);
  expect(() => makeFolder('save', join(file, 'below'))).toThrow(/ENOTDIR/);
});

// `mkdir` with `recursive` never returns there, so another process tries.
(existsSync('/proc/self') ? test : test.skip)('a file system that takes no folders is named', () => {
  const code = `import { makeFolder } from ${JSON.stringify(join(__dirname, '../dist/folder.js'))};
    for (const folder of ['/proc/x', '/proc/x/y']) try { makeFolder('save', folder); } catch ({ name, message }) { console.log(name, message); }`;
  const told = "CressetError save: the folder '/proc/x' cannot be made, as the file system of '/proc' takes none\n";
  expect(
    execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8', timeout: 20_000 }),
  ).toBe(told.repeat(2));
});
