// DataLoader with worker threads. They run the built library, in a process beside this one: jest's modules are not for threads.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';

// biome-ignore lint/suspicious/noExplicitAny: the library's and the fixture's exports, in another process.
type Tools = any;

// Threads take their time where many processes want the cores.
jest.setTimeout(60_000);

let child: ChildProcess;
beforeAll(() => {
  child = fork(join(__dirname, 'workers/child.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
});
afterAll(() => {
  child.kill();
});

let calls = 0;

/** What `f` gives in the other process. */
function there<R, A extends unknown[]>(f: (tools: Tools, ...args: A) => Promise<R>, ...args: A): Promise<R> {
  const id = calls++;
  return new Promise((resolve, reject) => {
    const answered = (answer: { id: number; result: R; error?: string }) => {
      if (answer.id !== id) return;
      child.off('message', answered);
      if (answer.error === undefined) resolve(answer.result);
      else reject(new Error(answer.error));
    };
    child.on('message', answered);
    child.send([id, f.toString(), args]);
  });
}

describe('the batches are the same for any number of workers', () => {
  test('shuffled, with random numbers in the samples; the global generator goes on alike', async () => {
    const results = await there(async ({ DataLoader, manualSeed, rand, things, all }) => {
      const results = [];
      for (const numWorkers of [0, 1, 2]) {
        manualSeed(4);
        const options = { batchSize: 3, shuffle: true, numWorkers, persistentWorkers: numWorkers > 0 };
        const loader = new DataLoader(new things.Numbers(10), options);
        results.push([await all(loader), await all(loader), rand([1]).item()]);
        await loader.close();
      }
      return results;
    });
    expect(results.slice(1)).toEqual([results[0], results[0]]);
    // Another pass has another order and other numbers.
    const [[[order, drawn]], [[otherOrder, otherDrawn]]] = results[0] as [[[unknown, unknown]], [[unknown, unknown]]];
    expect(order).not.toEqual(otherOrder);
    expect(drawn).not.toEqual(otherDrawn);
  });

  test('of asynchronous samples, and beside another loader', async () => {
    const [alone, beside, apart] = await there(async ({ DataLoader, manualSeed, things, all }) => {
      const dataset = new things.Numbers(8, { 0: 'wait', 3: 'wait', 4: 'wait' });
      const loader = (numWorkers: number) => new DataLoader(dataset, { batchSize: 2, numWorkers });
      manualSeed(4);
      const [alone, again] = [await all(loader(0)), await all(loader(0))];
      manualSeed(4);
      const beside = await Promise.all([all(loader(0)), all(loader(0))]);
      manualSeed(4);
      return [[alone, again], beside, [await all(loader(1)), await all(loader(1))]];
    });
    expect(beside).toEqual(alone);
    expect(apart).toEqual(alone);
  });

  test('of a stream, without shards', async () => {
    const results = await there(async ({ DataLoader, manualSeed, things, all }) => {
      const results = [];
      for (const numWorkers of [0, 3]) {
        manualSeed(4);
        results.push(await all(new DataLoader(new things.Stream(10), { batchSize: 3, numWorkers })));
      }
      return results;
    });
    expect(results[1]).toEqual(results[0]);
    expect(results[0]!.map(([indices]: [unknown]) => indices)).toEqual([[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]);
  });

  test('of pictures with augmentation', async () => {
    const same = await there(async ({ DataLoader, datasets, manualSeed, transforms, all }) => {
      const transform = new transforms.Compose([
        new transforms.RandomCrop(32, { padding: 4 }),
        new transforms.RandomHorizontalFlip(),
        new transforms.RandomApply([new transforms.GaussianBlur(3)]),
        transforms.toTensor(),
        new transforms.Normalize([0.5, 0.4, 0.3], [0.2, 0.3, 0.4]),
      ]);
      const results = [];
      for (const numWorkers of [0, 2]) {
        manualSeed(0);
        const dataset = new datasets.SyntheticShapes({ length: 6, transform });
        results.push(JSON.stringify(await all(new DataLoader(dataset, { batchSize: 4, numWorkers }))));
      }
      return results[0] === results[1] && results[0]!.length > 60_000;
    });
    expect(same).toBe(true);
  });
});

test('a stream with shards: each worker batches its own, and they take turns', async () => {
  const batches = await there(async ({ DataLoader, things, all }) => {
    const loader = new DataLoader(new things.Stream(9, true), { batchSize: 2, numWorkers: 2 });
    return [
      await all(loader),
      await all(new DataLoader(new things.Stream(5), { batchSize: 2, dropLast: true, numWorkers: 2 })),
    ];
  });
  expect(batches[0]).toEqual([[0, 2], [1, 3], [4, 6], [5, 7], [8]]);
  expect(batches[1]).toHaveLength(2);
});

describe('what workers get and give', () => {
  test('datasets by their recipes, with tensors, shared memory, maps and functions in them, each object once', async () => {
    const [seen, late] = await there(
      async ({ DataLoader, tensor, things, TensorDataset, Subset, ConcatDataset, all }) => {
        const x = tensor([
          [1, 2],
          [3, 4],
        ]);
        const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7);
        const values = { x, again: [x], shared, big: 2n ** 60n, list: [1, 'a', null], nothing: undefined };
        const given = new things.Given(1, values);
        const [[sample]] = await all(new DataLoader(given, { collate: things.rows, numWorkers: 1 }));
        const rows = new ConcatDataset([new Subset(new TensorDataset(x), [1]), new TensorDataset(x)]);
        const nested = await all(new DataLoader(rows, { batchSize: 3, numWorkers: 1 }));
        const { big, ...others } = sample.values;
        return [
          { ...others, shared: [...others.shared], big: String(big), nested },
          await all(new DataLoader(new things.Late(), { numWorkers: 1 })),
        ];
      },
    );
    expect(seen).toEqual({
      x: [
        [1, 2],
        [3, 4],
      ],
      again: [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      shared: [7, 7],
      big: String(2n ** 60n),
      list: [1, 'a', null],
      nested: [
        [
          [
            [3, 4],
            [1, 2],
            [3, 4],
          ],
        ],
      ],
    });
    expect(late).toEqual([[0], [10], [20]]);
  });

  test('workerInit, and who they are: PyTorch’s seeds', async () => {
    const [inside, outside] = await there(async ({ DataLoader, manualSeed, things, workerInfo }) => {
      manualSeed(0);
      const options = { batchSize: null, numWorkers: 2, workerInit: things.init };
      const inside = [];
      for await (const sample of new DataLoader(new things.Given(3, 0), options)) inside.push(sample);
      return [inside, workerInfo()];
    });
    const seed = inside[0].seed;
    const common = { numWorkers: 2, own: true, values: 0 };
    expect(inside).toEqual([
      { index: 0, id: 0, seed, init: 'worker 0', ...common },
      { index: 1, id: 1, seed: seed + 1, init: 'worker 1', ...common },
      { index: 2, id: 0, seed, init: 'worker 0', ...common },
    ]);
    expect(outside).toBeNull();
  });

  test('batches of tensors of any dtype among other values', async () => {
    const seen = await there(async ({ DataLoader, things, plain }) => {
      for await (const batch of new DataLoader(new things.Numbers(2), {
        batchSize: 2,
        collate: things.pairs,
        numWorkers: 1,
      }))
        return [
          { ...plain(batch), bytes: [...batch.bytes] },
          [batch.list[0].dtype, batch.halves.dtype, batch.empty.shape],
        ];
    });
    const [batch, dtypes] = seen ?? [];
    expect(batch).toEqual({ list: [[0, 1], 'text'], halves: [0.5, 1], empty: [], scalar: 0, bytes: [1, 2] });
    expect(dtypes).toEqual(['uint8', 'bfloat16', [0]]);
  });

  test('what has no recipe is refused at once, with what to write', async () => {
    const messages = await there(async ({ DataLoader, datasets, transforms, things }) => {
      const message = (dataset: unknown, options = {}) => {
        try {
          new DataLoader(dataset, { numWorkers: 1, ...options });
          return 'accepted';
        } catch (error) {
          return (error as Error).message;
        }
      };
      class Own extends transforms.Transform {}
      return [
        message({ length: 1, get: () => 1 }),
        message(new things.Numbers(1), { collate: () => 1 }),
        message(new datasets.SyntheticShapes({ transform: new transforms.Compose([() => 1]) })),
        message(new datasets.SyntheticShapes({ transform: new Own() })),
        message(new things.Given(1, new Date())),
        message(new things.Given(1, { deep: [new (class Deep {})()] })),
      ];
    });
    expect(messages).toEqual([
      expect.stringMatching(
        /^DataLoader: dataset\.get is a function without a recipe, which workers cannot get; export it/,
      ),
      expect.stringMatching(/^DataLoader: collate is a function without a recipe/),
      expect.stringMatching(/argument 1\.transforms\[0\] is a function without a recipe/),
      expect.stringMatching(/^Own: workers can make a transform of your own where its class has a method \[recipe\]/),
      'accepted',
      expect.stringMatching(
        /argument 1\.deep\[0\] is an object of Deep without a recipe, which workers cannot make; give its class/,
      ),
    ]);
  });
});

describe('errors', () => {
  const caught = (acts: object, options: object = {}) =>
    there(
      async ({ DataLoader, things, all, thrown, threads }, acts, { collate, workerInit, ...options }: Tools) => {
        const before = await threads();
        const began = performance.now();
        const error = await thrown(
          all(
            new DataLoader(new things.Numbers(8, acts), {
              batchSize: 2,
              numWorkers: 1,
              ...options,
              ...(collate && { collate: things[collate] }),
              ...(workerInit && { workerInit: things[workerInit] }),
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
    ['collating', {}, { collate: 'refusing' }, 'DataLoader: worker 0, the batch of samples 0, 1: will not'],
    [
      'what no message carries',
      {},
      { collate: 'classes' },
      "DataLoader: worker 0, the batch of samples 0, 1: DataLoader: a worker's batch can hold tensors, typed arrays, dates, numbers, strings, arrays and records of them, but [things][1] is a Map; collate into those",
    ],
    ['workerInit', {}, { workerInit: 'failing' }, 'DataLoader: worker 0 could not start: no init'],
    [
      'a module without the export',
      {},
      { collate: 'missing' },
      'DataLoader: worker 0 could not start: the module .*things.mjs has no export notThere',
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

describe('ending', () => {
  test('breaking off leaves no thread, and no memory', async () => {
    const { left, grown } = await there(async ({ DataLoader, things, threads, memory }) => {
      const loader = new DataLoader(new things.Numbers(40), { batchSize: 2, numWorkers: 2 });
      const pass = async (batches: number) => {
        for await (const _ of loader) if (batches-- === 0) break;
      };
      await pass(3);
      const before = [await threads(), memory.stats().handles];
      for (let i = 0; i < 3; i++) await pass(i);
      return { left: (await threads(before[0])) - before[0], grown: memory.stats().handles - before[1] };
    });
    expect(left).toBe(0);
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
      const options = { collate: things.rows, numWorkers: 2, persistentWorkers: true };
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
});
