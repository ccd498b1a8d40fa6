// What goes wrong in worker threads reaches the loop, and whatever ends a loop ends its threads.
import { describe, expect, test } from '@jest/globals';
import { type Tools, there } from './there.js';

describe('errors', () => {
  const caught = (acts: object, options: object = {}) =>
    there(
      async ({ DataLoader, things, all, thrown, threads }, acts, { collateFn, workerInitFn, ...options }: Tools) => {
        const before = await threads();
        const began = performance.now();
        const error = await thrown(
          all(
            new DataLoader(new things.Numbers(8, acts), {
              batchSize: 2,
              numWorkers: 1,
              ...options,
              ...(collateFn && { collateFn: things[collateFn] }),
              ...(workerInitFn && { workerInitFn: things[workerInitFn] }),
            }),
          ),
        );
        return { ...error, left: (await threads(before)) - before, quick: performance.now() - began < 20_000 };
      },
      acts,
      options,
    );
  const gone = { left: 0, quick: true };

  test('of a sample: the same kind, with the worker, the sample, the cause and the worker’s stack', async () => {
    const { stack, ...error } = await caught({ 5: 'throw' });
    expect(error).toEqual({
      name: 'RangeError',
      kind: 'RangeError',
      message: 'DataLoader: worker 0, sample 5: no sample 5',
      cause: 'no sample 5',
      deeper: 'deeper',
      code: 'E_SAMPLE',
      ...gone,
    });
    expect(stack).toMatch(/in the worker:\n.*Numbers\.get .*things\.mjs:\d+[\s\S]*in the loop:\n.*child\.mjs|Crew/);
    expect(await caught({ 1: 'throw a word' }, { numWorkers: 2 })).toMatchObject({
      message: 'DataLoader: worker 0, sample 1: a word',
      cause: 'a word',
    });
  });

  test.each<[string, object, object, string]>([
    ['a cause that is the error itself', { 1: 'throw in a circle' }, {}, 'DataLoader: worker 0, sample 1: round'],
    ['a message that is a field', { 1: 'throw a field' }, {}, 'DataLoader: worker 0, sample 1: own'],
    [
      'what has not even a toString',
      { 1: 'throw the unreadable' },
      {},
      'DataLoader: worker 0, sample 1: what was thrown cannot be read',
    ],
    ['collating', {}, { collateFn: 'refusing' }, 'DataLoader: worker 0, the batch of samples 0, 1: will not'],
    [
      'what no message carries',
      {},
      { collateFn: 'classes' },
      "DataLoader: worker 0, the batch of samples 0, 1: DataLoader: a worker's batch can hold tensors, typed arrays, dates, numbers, strings, arrays and records of them, but [things][1] is a Map; collate into those",
    ],
    ['workerInitFn', {}, { workerInitFn: 'failing' }, 'DataLoader: worker 0 could not start: no init'],
    [
      'a module without the export',
      {},
      { collateFn: 'missing' },
      'DataLoader: worker 0 could not start: the module .*things.mjs has no export notThere',
    ],
    [
      'a module that Node cannot read',
      {},
      { collateFn: 'uncompiled' },
      'DataLoader: worker 0 could not start (a loader for it has to be registered in each thread, by a module that --import names): Unknown file extension .*README.md',
    ],
    ['a worker that exits', { 3: 'exit' }, {}, 'DataLoader: worker 0 exited with code 3, in batch 1 (samples 2, 3)'],
    [
      'a worker that throws later',
      { 2: 'throw later' },
      {},
      'DataLoader: worker 0 died of Error: too late, in batch 1 (samples 2, 3)',
    ],
    [
      'a worker that hangs',
      { 4: 'hang' },
      { timeout: 1000 },
      'DataLoader: worker 0 gave no batch within the timeout of 1000 ms, in batch \\d (samples \\d, \\d)',
    ],
    [
      'a sample that never comes',
      { 7: 'never' },
      { timeout: 1000 },
      'DataLoader: worker 0 gave no batch within the timeout of 1000 ms, in batch \\d (samples \\d, \\d)',
    ],
  ])('of %s', async (_, acts, options, message) => {
    const pattern = new RegExp(`^${message.replaceAll(/[()[\]]/g, '\\$&')}$`);
    expect(await caught(acts, options)).toMatchObject({ message: expect.stringMatching(pattern), ...gone });
  });
});

test('a loop’s thread that was busy for longer than the timeout takes what came meanwhile', async () => {
  const batch = await there(async ({ DataLoader, things }) => {
    const options = { batchSize: null, numWorkers: 1, persistentWorkers: true, timeout: 1500 };
    const loader = new DataLoader(new things.Given(2, 0), options);
    for await (const _ of loader);
    const pass = loader[Symbol.asyncIterator]();
    const next = pass.next();
    for (const end = performance.now() + 1700; performance.now() < end; );
    const { index } = (await next).value;
    await pass.return();
    await loader.close();
    return index;
  });
  expect(batch).toBe(0);
});

describe('ending', () => {
  test('breaking off leaves no thread, no memory, and no sampler open', async () => {
    const { left, grown, open } = await there(async ({ DataLoader, things, threads, memory }) => {
      let open = 0;
      const sampler = {
        *[Symbol.iterator]() {
          open++;
          try {
            for (let i = 0; i < 40; i++) yield i;
          } finally {
            open--;
          }
        },
      };
      const loader = new DataLoader(new things.Numbers(40), { batchSize: 2, numWorkers: 2, sampler });
      const pass = async (batches: number) => {
        for await (const _ of loader) if (batches-- === 0) break;
      };
      await pass(3);
      const before = [await threads(), memory.stats().handles];
      for (let i = 0; i < 3; i++) await pass(i);
      return { left: (await threads(before[0])) - before[0], grown: memory.stats().handles - before[1], open };
    });
    expect([left, open]).toEqual([0, 0]);
    expect(grown).toBeLessThan(100);
  });

  test('a signal ends the loop and the workers with its reason, also while a sample is awaited', async () => {
    const results = await there(async ({ DataLoader, things, all, thrown, threads }) => {
      const before = await threads();
      const results = [];
      for (const numWorkers of [0, 2]) {
        const signal = AbortSignal.timeout(300);
        const loader = new DataLoader(new things.Numbers(8, { 5: 'never' }), { numWorkers, signal });
        results.push((await thrown(all(loader))).name, (await thrown(all(loader))).name);
      }
      return [...results, (await threads(before)) - before];
    });
    expect(results).toEqual(['TimeoutError', 'TimeoutError', 'TimeoutError', 'TimeoutError', 0]);
  });

  test('persistent workers go on from pass to pass, also after one that was broken off, until close', async () => {
    const { ids, kept, left } = await there(async ({ DataLoader, things, all, threads }) => {
      const before = await threads();
      const options = { collateFn: things.rows, numWorkers: 2, persistentWorkers: true };
      const loader = new DataLoader(new things.Given(8, 0), options);
      const seeds = async () => (await all(loader)).map(([sample]: [{ seed: number }]) => sample.seed);
      const first = await seeds();
      const kept = await threads();
      for await (const _ of loader) break;
      const [second, third] = await Promise.all([seeds(), seeds()]);
      await loader.close();
      const left = (await threads(before)) - before;
      const fourth = await seeds();
      await loader[Symbol.asyncDispose]();
      return {
        ids: [second, third, fourth].map((other) => String(other) === String(first)),
        kept: kept - before,
        left,
      };
    });
    // A second pass at the same time has workers of its own, and after close there are new ones.
    expect(ids).toEqual([true, false, false]);
    expect(kept).toBeGreaterThanOrEqual(2);
    expect(left).toBe(0);
  });

  test('a process ends by itself with persistent workers and with a loop that was left', async () => {
    const { status, stdout, stderr } = await there(async ({ spawnSync }) => {
      const code = `
        import { DataLoader } from 'cresset/data';
        import * as things from './test/data/workers/things.mjs';
        const loader = new DataLoader(new things.Numbers(6), { numWorkers: 1, persistentWorkers: true });
        for await (const _ of loader);
        await loader[Symbol.asyncIterator]().next();
        console.log('end');`;
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      return { status, stdout, stderr };
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'end\n', stderr: '' });
  });

  test('a worker has no workers of its own: a program that is its own dataset’s module says so', async () => {
    const { status, stderr } = await there(async ({ resolve, spawnSync }) => {
      const code = `
        import { DataLoader, recipe } from 'cresset/data';
        export class Own { length = 2; get(i) { return i; } [recipe]() { return { module: import.meta.url, export: 'Own', args: [] }; } }
        for await (const _ of new DataLoader(new Own(), { numWorkers: 1 }));`;
      const url = `data:text/javascript,${encodeURIComponent(code.replace("'cresset/data'", JSON.stringify(resolve('cresset/data'))))}`;
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '-e', `import ${JSON.stringify(url)};`],
        { encoding: 'utf8', timeout: 20_000 },
      );
      return { status, stderr };
    });
    expect(stderr).toMatch(
      /worker 0 could not start: DataLoader: a worker cannot have workers\. Is the dataset defined in the module/,
    );
    expect(status).toBe(1);
  });

  test('a loader and a loop that are forgotten take their workers along', async () => {
    const left = await there(async ({ DataLoader, things, all, threads }) => {
      const before = await threads();
      const options = { numWorkers: 1, persistentWorkers: true };
      await (async () => void (await all(new DataLoader(new things.Numbers(2), options))))();
      await (async () => void (await new DataLoader(new things.Numbers(2), options)[Symbol.asyncIterator]().next()))();
      let left = (await threads()) - before;
      for (let i = 0; i < 50 && left > 0; i++) {
        globalThis.gc!();
        left = (await threads(before)) - before;
      }
      return left;
    });
    expect(left).toBe(0);
  });
});
