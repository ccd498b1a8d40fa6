// The process and its workers end cleanly in the middle of work.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(__dirname, '..');
const work = `import { randn } from 'cresset'; let x = randn([600, 600]); for (let i = 0; i < 60; i++) x = x.matmul(x).mul(1e-3);`;
const run = (code: string) =>
  spawnSync(process.execPath, ['--input-type=module', '-e', code], { cwd: root, encoding: 'utf8', timeout: 60_000 });

test.each([
  ['natural end', work, 0],
  ['process.exit', `${work} process.exit(3);`, 3],
  ['uncaught error', `${work} throw new Error('stop');`, 1],
])('%s', (_, code, status) => {
  const result = run(code);
  expect({ status: result.status, signal: result.signal }).toEqual({ status, signal: null });
});

test('an exit handler still computes, while a promise is pending', () => {
  const code = `
    import { ones, synchronize } from 'cresset';
    ${work}
    process.on('exit', () => {
      console.log(Number.isFinite(x.sum().item()), ones([2]).add(1).toArray());
      synchronize().catch(() => {});
    });
    x.ready();
    process.exit(0);`;
  const result = run(code);
  expect(result).toMatchObject({ status: 0, signal: null, stdout: 'true [ 2, 2 ]\n' });
});

test('workers are terminated in the middle of an op', () => {
  const code = `
    import { Worker } from 'node:worker_threads';
    const work = ${JSON.stringify(work.replace('i < 60', 'i < 1e9'))};
    for (let round = 0; round < 3; round++) {
      const workers = [0, 1, 2].map(() => new Worker(new URL('data:text/javascript,' + encodeURIComponent(work.replace("'cresset'", JSON.stringify(import.meta.resolve('cresset')))))));
      await new Promise((resolve) => setTimeout(resolve, 400));
      await Promise.all(workers.map((w) => w.terminate()));
    }
    ${work} console.log(Number.isFinite(x.sum().item()));`;
  const result = run(code);
  expect(result.stderr).toBe('');
  expect({ status: result.status, signal: result.signal, out: result.stdout.trim() }).toEqual({
    status: 0,
    signal: null,
    out: 'true',
  });
}, 60_000);

test.each(['.pth', '.safetensors'])(
  'workers are terminated while they save to and load from %s',
  (ending) => {
    const endless = `
    import { full, load, save } from 'CRESSET';
    import { parentPort, workerData } from 'node:worker_threads';
    for (let i = 0; ; i++) {
      await save({ t: full([5_000_000], i) }, workerData);
      await load(workerData);
      parentPort.postMessage('ready');
    }`;
    const code = `
    import { Worker } from 'node:worker_threads';
    import { mkdtempSync, rmSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    const folder = mkdtempSync(tmpdir() + '/cresset-');
    const work = ${JSON.stringify(endless)}.replace('CRESSET', import.meta.resolve('cresset'));
    const workers = [0, 1, 2].map((i) => new Worker(new URL('data:text/javascript,' + encodeURIComponent(work)), { workerData: folder + '/' + i + '${ending}' }));
    for (const worker of workers) {
      await new Promise((resolve) => worker.once('message', resolve));
      await new Promise((resolve) => setTimeout(resolve, 30 * Math.random()));
      await worker.terminate();
    }
    rmSync(folder, { recursive: true });
    console.log('done');`;
    const { status, signal, stderr, stdout } = run(code);
    expect({ status, signal, stderr, stdout }).toEqual({ status: 0, signal: null, stderr: '', stdout: 'done\n' });
  },
  60_000,
);

test("workers are terminated while they ask for the generator's state", () => {
  const endless = `
    import { getRngState, setRngState } from 'CRESSET';
    import { parentPort } from 'node:worker_threads';
    parentPort.postMessage('ready');
    for (;;) setRngState(getRngState());`;
  const code = `
    import { Worker } from 'node:worker_threads';
    const work = ${JSON.stringify(endless)}.replace('CRESSET', import.meta.resolve('cresset'));
    for (let round = 0; round < 6; round++) {
      const worker = new Worker(new URL('data:text/javascript,' + encodeURIComponent(work)));
      await new Promise((resolve) => worker.once('message', resolve));
      await worker.terminate();
    }`;
  const { status, signal, stderr } = run(code);
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
}, 60_000);
