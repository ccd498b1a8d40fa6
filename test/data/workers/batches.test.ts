// The batches of worker threads: the same for any number of them, of whatever they can make and send.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { there } from './there.js';

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

  test('of asynchronous samples and batches, and beside another loader', async () => {
    const [alone, beside, apart] = await there(async ({ DataLoader, manualSeed, things, all }) => {
      const dataset = new things.Numbers(8, { 0: 'wait', 3: 'wait', 4: 'wait' });
      const loader = (numWorkers: number, collateFn?: unknown) =>
        new DataLoader(dataset, { batchSize: 2, numWorkers, ...(collateFn ? { collateFn } : {}) });
      manualSeed(4);
      const [alone, again] = [await all(loader(0)), await all(loader(0, things.later))];
      manualSeed(4);
      const beside = await Promise.all([all(loader(0)), all(loader(0, things.later))]);
      manualSeed(4);
      return [[alone, again], beside, [await all(loader(1)), await all(loader(1, things.later))]];
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

test('a data set in TypeScript, as docs/workers.md has it', () => {
  const [register, program] = ['typescript.mjs', 'program.ts'].map((name) => join(__dirname, name));
  const { stdout, stderr } = spawnSync(process.execPath, ['--import', register!, program!], { encoding: 'utf8' });
  expect(stdout || stderr).toBe('[[0,[0,1]],[0,[4,9]],[0,[16]]]\n');
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
        const [[sample]] = await all(new DataLoader(given, { collateFn: things.rows, numWorkers: 1 }));
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

  test('workerInitFn, and who they are: PyTorch’s seeds', async () => {
    const [inside, outside] = await there(async ({ DataLoader, manualSeed, things, workerInfo }) => {
      manualSeed(0);
      const options = { batchSize: null, numWorkers: 2, workerInitFn: things.init, timeout: Number.POSITIVE_INFINITY };
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
        collateFn: things.pairs,
        numWorkers: 1,
      }))
        return [
          { ...plain(batch), bytes: [...batch.bytes] },
          [batch.list[0].dtype, batch.halves.dtype, batch.empty.shape, batch.bytes.buffer.byteLength],
        ];
    });
    const [batch, dtypes] = seen ?? [];
    expect(batch).toEqual({
      list: [[0, 1], 'text'],
      halves: [0.5, 1],
      empty: [],
      scalar: 0,
      bytes: [1, 2],
      bare: { x: 3 },
    });
    // Of what was a part of a larger memory only that part comes.
    expect(dtypes).toEqual(['uint8', 'bfloat16', [0], 2]);
  });

  test('what has no recipe is refused at once, with what to write', async () => {
    const messages = await there(async ({ DataLoader, datasets, recipe, transforms, things }) => {
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
        message(new things.Numbers(1), { collateFn: () => 1 }),
        message(new datasets.SyntheticShapes({ transform: new transforms.Compose([() => 1]) })),
        message(new datasets.SyntheticShapes({ transform: new Own() })),
        message(new things.Given(1, new Date())),
        message(Object.assign(new things.Given(1, 0), { [recipe]: () => ({ module: './things.mjs' }) })),
        message(new things.Given(1, { deep: [new (class Deep {})()] })),
      ];
    });
    expect(messages).toEqual([
      expect.stringMatching(
        /^DataLoader: dataset\.get is a function without a recipe, which workers cannot get; export it/,
      ),
      expect.stringMatching(/^DataLoader: collateFn is a function without a recipe/),
      expect.stringMatching(/argument 1\.transforms\[0\] is a function without a recipe/),
      expect.stringMatching(/^Own: workers can make a transform of your own where its class has a method \[recipe\]/),
      'accepted',
      expect.stringMatching(
        /^DataLoader: module of the recipe of dataset must be a module's URL.*got the string "\.\/things/,
      ),
      expect.stringMatching(
        /argument 1\.deep\[0\] is an object of Deep without a recipe, which workers cannot make; give its class/,
      ),
    ]);
  });
});
