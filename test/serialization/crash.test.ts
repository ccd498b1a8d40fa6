// A save that is broken off: the file of before, or the new one, and never another.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { full, load, save } from '../../lib/index.js';
import { temporaryFolder } from '../temporary.js';

const root = join(__dirname, '../..');
const size = 1_000_000;

const folder = temporaryFolder();

// Saves one tensor after another, each of one number, and says after the first how many milliseconds it took.
const saver = (path: string) => `
  import { full, save } from ${JSON.stringify(join(root, 'dist/index.js'))};
  for (let i = 1; ; i++) {
    const start = performance.now();
    await save({ t: full([${size}], i) }, ${JSON.stringify(path)});
    if (i === 1) console.log(performance.now() - start);
  }
`;

test.each(['file.pth', 'file.safetensors'])(
  '%s survives SIGKILL at 12 random moments',
  async (name) => {
    const path = join(folder, name);
    await save({ t: full([size], 0) }, path);
    const seen = new Set<number>();
    for (let round = 0; round < 12; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', saver(path)], { cwd: root });
      const [milliseconds] = await once(child.stdout, 'data');
      await delay(Math.random() * 3 * Number(milliseconds));
      child.kill('SIGKILL');
      await once(child, 'exit');
      const { t } = await load(path);
      const first = t.select(0, 0).item();
      expect([t.shape, t.eq(first).all().item()]).toEqual([[size], 1]);
      seen.add(first);
    }
    // Some were broken off in the middle, and some had replaced the file.
    expect(seen.size).toBeGreaterThan(1);
    expect((await readdir(folder)).some((other) => other.endsWith('.tmp'))).toBe(true);
  },
  120_000,
);

test('a full disk is an error that names the file, which stays as it was', async () => {
  const path = join(folder, 'full.pth');
  await save({ t: full([10], 7) }, path);
  const before = await readFile(path);
  const code = `
    import { full, save } from ${JSON.stringify(join(root, 'dist/index.js'))};
    await save({ t: full([${size}], 1) }, ${JSON.stringify(path)}).catch((error) => console.log(error.code, error.message));
  `;
  // A limit on the size of files ends a write as a full disk does.
  const command = `trap '' XFSZ; ulimit -f 1024; exec "${process.execPath}" --input-type=module -e '${code}'`;
  const { stdout } = await promisify(execFile)('bash', ['-c', command], { cwd: root });
  expect(stdout).toMatch(/^EFBIG .*full\.pth could not be written, what was there before is unchanged: EFBIG/);
  expect(await readFile(path)).toEqual(before);
  expect(existsSync(path)).toBe(true);
  expect((await readdir(folder)).some((name) => name.includes('full.pth.'))).toBe(false);
}, 30_000);

test('who may read the file stays as it was', async () => {
  const path = join(folder, 'private.pth');
  await save({ t: full([1], 1) }, path);
  await chmod(path, 0o600);
  await save({ t: full([1], 2) }, path);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('what is no file is not replaced', async () => {
  await expect(save({ t: full([1], 1) }, '/dev/null')).rejects.toThrow(
    /\/dev\/null could not be written: it is no regular file/,
  );
});
