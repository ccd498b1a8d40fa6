// DataLoader: batches in PyTorch's order, of anything that has a length and samples.
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { DataLoader, type Dataset, defaultCollate, Subset, TensorDataset } from '../../lib/data/index.js';
import { arange, manualSeed, ones, rand, tensor } from '../../lib/index.js';
import { native } from '../../lib/native.js';

const numbers = (n: number): Dataset<number> => ({ length: n, get: (i) => i });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}
function deferred() {
  let resolve!: () => void;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
const batches = async (loader: DataLoader<number>) => (await all(loader)).map((batch) => batch.toArray());

describe('order', () => {
  test('in order by default; the last batch may be short, or left out', async () => {
    expect(await batches(new DataLoader(numbers(5), { batchSize: 2 }))).toEqual([[0, 1], [2, 3], [4]]);
    const dropping = new DataLoader(numbers(5), { batchSize: 2, dropLast: true });
    expect(await batches(dropping)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect([dropping.length, new DataLoader(numbers(5), { batchSize: 2 }).length]).toEqual([2, 3]);
    expect(await batches(new DataLoader(numbers(0)))).toEqual([]);
  });

  test('shuffled anew in each pass, the same for the same seed', async () => {
    const loader = new DataLoader(numbers(20), { batchSize: 20, shuffle: true });
    manualSeed(3);
    const [first, second] = [await batches(loader), await batches(loader)];
    manualSeed(3);
    expect([await batches(loader), await batches(loader)]).toEqual([first, second]);
    expect(first).not.toEqual(second);
    expect((first[0] as number[]).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('a plain for is told to await', () => {
    const loader = new DataLoader(numbers(5)) as unknown as Iterable<unknown>;
    expect(() => [...loader]).toThrow(TypeError);
    expect(() => [...loader]).toThrow(
      'DataLoader: what it gives comes asynchronously; write for await (const x of ...)',
    );
  });

  test('prints the sizes of its tensors, not what they hold', () => {
    const dataset = new TensorDataset(ones([100, 3]), arange(100));
    const text = 'TensorDataset { length: 100, tensors: float32 [100, 3], int64 [100] }';
    expect(inspect(dataset)).toBe(text);
    expect(inspect(new DataLoader(dataset))).toMatch(
      /^DataLoader \{\s+dataset: TensorDataset \{ length: 100, tensors: float32 /,
    );
  });

  test('by a sampler', async () => {
    expect(await batches(new DataLoader(numbers(9), { batchSize: 2, sampler: [8, 0, 8] }))).toEqual([[8, 0], [8]]);
  });

  test('by a sampler that is iterated for each pass, and not for the length', async () => {
    let passes = 0;
    const sampler = { length: 3, [Symbol.iterator]: () => [++passes, 0, 0].values() };
    const loader = new DataLoader(numbers(9), { batchSize: 3, sampler });
    expect([loader.length, passes]).toEqual([1, 0]);
    expect([await batches(loader), await batches(loader)]).toEqual([[[1, 0, 0]], [[2, 0, 0]]]);
    expect(new DataLoader(numbers(9), { sampler: new Set([4, 5]) }).length).toBe(2);
    const uncounted = new DataLoader(numbers(9), { sampler: { [Symbol.iterator]: () => [1].values() } });
    expect(() => uncounted.length).toThrow(/DataLoader: sampler must be one with a length or size/);
  });

  test('a sampler that one pass would use up is refused', () => {
    expect(() => new DataLoader(numbers(9), { sampler: [1, 2].values() })).toThrow(
      /DataLoader: sampler can be iterated only once/,
    );
    expect(() => new DataLoader(numbers(9), { sampler: 3 as never })).toThrow(/sampler must be an iterable of indices/);
  });

  test('two loops over one loader do not disturb each other', async () => {
    const loader = new DataLoader(numbers(6), { batchSize: 2 });
    const [a, b] = await Promise.all([batches(loader), batches(loader)]);
    expect(a).toEqual(b);
  });
});

describe('options', () => {
  const stream = { [Symbol.iterator]: () => [1, 2, 3].values() };

  test.each<[string, object, RegExp, object?]>([
    ['sampler and shuffle', { sampler: [0], shuffle: true }, /sampler and shuffle exclude each other/],
    ['batchSampler and batchSize', { batchSampler: [[0]], batchSize: 2 }, /batchSampler excludes batchSize, shuffle/],
    ['batchSampler and dropLast', { batchSampler: [[0]], dropLast: true }, /batchSampler excludes/],
    ['no batches and dropLast', { batchSize: null, dropLast: true }, /there is no last one to drop/],
    ['a stream and shuffle', { shuffle: true }, /a stream has no indices, so that it takes no shuffle/, stream],
    ['a stream and a sampler', { sampler: [0] }, /takes no sampler/, stream],
    ['prefetchFactor without workers', { prefetchFactor: 2 }, /prefetchFactor is for workers, but numWorkers is 0/],
    ['timeout without workers', { timeout: 10 }, /timeout is for workers/],
    ['persistentWorkers without workers', { persistentWorkers: true }, /persistentWorkers is for workers/],
    ['a negative number of workers', { numWorkers: -1 }, /numWorkers must be a non-negative integer, got -1/],
    ['a negative timeout', { numWorkers: 1, timeout: -1 }, /timeout must not be negative, got -1/],
    ['batches of 0', { batchSize: 0 }, /batchSize must be a positive integer, got 0/],
    ['parts of workers', { numWorkers: 1.5 }, /numWorkers must be an integer, got 1.5/],
    ['a signal that is none', { signal: {} }, /signal must be an AbortSignal, got an Object/],
    [
      "Python's names",
      { batch_size: 2 },
      /DataLoader: has no option batch_size, but batchSize; its options are batchSize, shuffle, /,
    ],
    ['a collateFn that is none', { collateFn: 3 }, /collateFn must be a function, got 3/],
    ['a negative length', {}, /dataset must have a length and a method get/, { length: -1, get: () => 1 }],
    ['an array as a dataset', {}, /dataset must have a length and a method get\(index\), or be a stream/, [1, 2]],
  ])('refuses %s', (_, options, message, dataset = numbers(4)) => {
    expect(() => new DataLoader(dataset as Dataset<number>, options)).toThrow(message);
  });

  test('batchSampler says which samples each batch has', async () => {
    const loader = new DataLoader(numbers(9), { batchSampler: [[3, 1], [4]] });
    expect([loader.length, loader.batchSize, await batches(loader)]).toEqual([2, null, [[3, 1], [4]]]);
    await expect(all(new DataLoader(numbers(9), { batchSampler: [3] as never }))).rejects.toThrow(
      'DataLoader: each batch of batchSampler must be an array of indices, got 3',
    );
  });

  test('without batches each sample comes as it is', async () => {
    const loader = new DataLoader<number, unknown>(numbers(3), { batchSize: null });
    expect([loader.length, await all(loader)]).toEqual([3, [0, 1, 2]]);
    const collateFn = (sample: unknown) => `sample ${sample}`;
    expect(await all(new DataLoader(numbers(2), { batchSize: null, collateFn }))).toEqual(['sample 0', 'sample 1']);
  });

  test('a stream comes in batches; its length is known where it says so', async () => {
    expect(await batches(new DataLoader(stream, { batchSize: 2 }))).toEqual([[1, 2], [3]]);
    expect(await batches(new DataLoader(stream, { batchSize: 2, dropLast: true }))).toEqual([[1, 2]]);
    expect(new DataLoader({ ...stream, length: 3 }, { batchSize: 2 }).length).toBe(2);
    expect(() => new DataLoader(stream).length).toThrow('DataLoader: the length of the stream is not known');
  });

  test('a stream that is left is closed', async () => {
    let closed = 0;
    const endless = {
      *[Symbol.iterator]() {
        try {
          for (let i = 0; ; i++) yield i;
        } finally {
          closed++;
        }
      },
    };
    for await (const _ of new DataLoader(endless)) break;
    expect(closed).toBe(1);
  });

  test('a stream that has ended, or has thrown, is asked no more', async () => {
    const calls: string[] = [];
    const counting = (end: () => IteratorResult<number>) => ({
      [Symbol.iterator]: () => ({
        next: () => (calls.push('next') < 4 ? { value: 1, done: false } : end()),
        return: () => {
          calls.push('return');
          throw new Error('return');
        },
      }),
    });
    await all(
      new DataLoader(
        counting(() => ({ value: 0, done: true })),
        { batchSize: 2 },
      ),
    );
    expect(calls.splice(0)).toEqual(['next', 'next', 'next', 'next']);
    const failing = counting(() => {
      throw new Error('next');
    });
    await expect(all(new DataLoader(failing))).rejects.toThrow('next');
  });

  test('a signal ends the loop while a stream is awaited, and when a sample is refused by what aborted it', async () => {
    const controller = new AbortController();
    const hanging = {
      async *[Symbol.asyncIterator]() {
        yield 1;
        setImmediate(() => controller.abort(new Error('enough')));
        await new Promise(() => {});
      },
    };
    await expect(all(new DataLoader(hanging, { signal: controller.signal }))).rejects.toThrow('enough');
    const other = new AbortController();
    const refusing: Dataset<number> = {
      length: 1,
      get() {
        other.abort(new Error('enough'));
        return Promise.reject(new Error('that nobody handles'));
      },
    };
    await expect(all(new DataLoader(refusing, { signal: other.signal }))).rejects.toThrow('enough');
  });

  test('a signal ends the loop between samples', async () => {
    const controller = new AbortController();
    const aborting: Dataset<number> = {
      length: 9,
      get(i) {
        if (i === 3) controller.abort(new Error('enough'));
        return i;
      },
    };
    const loader = new DataLoader(aborting, { signal: controller.signal });
    await expect(all(loader)).rejects.toThrow('enough');
    await expect(all(loader)).rejects.toThrow('enough');
  });
});

describe('random numbers of samples', () => {
  const drawing: Dataset<number> = { length: 4, get: () => rand([1]).item() };

  test('come from the batch: what the loop draws changes nothing, and the loop’s numbers go on', async () => {
    manualSeed(1);
    const first = await all(new DataLoader(drawing, { batchSize: 2 }));
    const after = rand([2]).toArray();
    manualSeed(1);
    const again: unknown[] = [];
    const drawn: unknown[] = [];
    for await (const batch of new DataLoader(drawing, { batchSize: 2 })) {
      again.push(batch);
      drawn.push(rand([1]).item());
    }
    expect(String(again)).toBe(String(first));
    expect(drawn).toEqual(after);
  });

  test('a sample that awaits draws its own numbers afterwards too, and others draw theirs meanwhile', async () => {
    const later = (wait: () => Promise<unknown>): Dataset<number> => ({
      length: 2,
      get: async () => {
        await wait();
        return rand([1]).item();
      },
    });
    manualSeed(1);
    const expected = [await all(new DataLoader(later(async () => {}))), rand([1]).item()];
    manualSeed(1);
    const { promise: begun, resolve: begin } = deferred();
    const { promise: gone, resolve: go } = deferred();
    const held = () => {
      begin();
      return gone;
    };
    const waiting = all(new DataLoader(later(held)));
    await begun;
    const meanwhile = rand([1]).item();
    // Goes through while the other one's sample is awaited.
    expect(await all(new DataLoader(drawing))).toHaveLength(4);
    go();
    expect(String([await waiting, meanwhile])).toBe(String(expected));
  });

  test('a loop that computes is waited for where samples draw, and not where they do not', async () => {
    const x = ones([1200, 1200]);
    const busy = async (get: () => number) => {
      const pending: boolean[] = [];
      const dataset: Dataset<number> = {
        length: 3,
        get() {
          pending.push(native.pending() > 0);
          return get();
        },
      };
      for await (const _ of new DataLoader(dataset)) x.matmul(x).matmul(x);
      return pending;
    };
    expect(await busy(() => 1)).toEqual([false, true, true]);
    expect(await busy(() => rand([1]).item())).toEqual([false, false, false]);
  });

  test('a loader inside of a sample does not wait for itself', async () => {
    const nested: Dataset<unknown> = {
      length: 2,
      get: async () =>
        (await all(new DataLoader({ length: 2, get: async () => rand([1]).item() }, { batchSize: 2 })))[0],
    };
    expect(await all(new DataLoader(nested, { batchSize: 2 }))).toHaveLength(1);
  });
});

describe('samples', () => {
  test('are awaited; errors of the data set and of collate reach the loop', async () => {
    const slow: Dataset<number> = { length: 3, get: async (i) => i * 2 };
    expect(await batches(new DataLoader(slow, { batchSize: 3 }))).toEqual([[0, 2, 4]]);
    const broken: Dataset<number> = {
      length: 3,
      get(i) {
        if (i === 2) throw new Error('sample 2');
        return i;
      },
    };
    await expect(all(new DataLoader(broken))).rejects.toThrow('sample 2');
    const refusing = new DataLoader(numbers(2), {
      collateFn: () => {
        throw new Error('collate');
      },
    });
    await expect(all(refusing)).rejects.toThrow('collate');
  });

  test('are awaited also where the promise is not of this realm, and so is the batch', async () => {
    const files: Dataset<string> = { length: 1, get: () => readFile(`${__dirname}/../golden/data.json`, 'utf8') };
    const collateFn = async (samples: string[]) => (await Promise.resolve(samples)).map((text) => text[0]);
    expect(await all(new DataLoader(files, { collateFn }))).toEqual([['{']]);
  });

  test('collate as they are asked to', async () => {
    expect(await all(new DataLoader(numbers(3), { batchSize: 2, collateFn: (s) => s.join('+') }))).toEqual([
      '0+1',
      '2',
    ]);
  });

  test('of tensors come in rows', async () => {
    const data = new TensorDataset(arange(6).reshape(3, 2), tensor([7, 8, 9]));
    const [first] = await all(new DataLoader(new Subset(data, [2, 0]), { batchSize: 2 }));
    expect(first!.map((x) => x.toArray())).toEqual([
      [
        [4, 5],
        [0, 1],
      ],
      [9, 7],
    ]);
  });

  test('a slow data set leaves the event loop its turns', async () => {
    const busy: Dataset<number> = {
      length: 20,
      get(i) {
        const end = performance.now() + 1;
        while (performance.now() < end);
        return i;
      },
    };
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    await all(new DataLoader(busy, { batchSize: 20 }));
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });
});

describe('defaultCollate', () => {
  test.each<[string, unknown[], unknown]>([
    ['integers', [1, 2], tensor([1n, 2n])],
    ['numbers', [1, 2.5], tensor([1, 2.5], { dtype: 'float64' })],
    ['bigints', [1n, 2n], tensor([1n, 2n])],
    ['booleans', [true, false], tensor([true, false])],
    ['tensors', [ones([2]), ones([2])], ones([2, 2])],
    ['typed arrays', [Int32Array.of(1, 2), Int32Array.of(3, 4)], tensor(Int32Array.of(1, 2, 3, 4), { shape: [2, 2] })],
  ])('%s', (_, samples, expected) => {
    expect(String(defaultCollate(samples))).toBe(String(expected));
  });

  test('strings, arrays and records', () => {
    expect(defaultCollate(['a', 'b'])).toEqual(['a', 'b']);
    const [x, names] = defaultCollate([
      [1, 'a'],
      [2, 'b'],
    ] as [number, string][]);
    expect([x.toArray(), names]).toEqual([
      [1, 2],
      ['a', 'b'],
    ]);
    expect(defaultCollate([{ x: 1 }, { x: 2 }]).x.toArray()).toEqual([1, 2]);
  });

  test.each<[string, unknown[], RegExp]>([
    ['ragged tensors', [ones([2]), ones([3])], /stack: .*same shape/],
    ['ragged arrays', [[1], [1, 2]], /samples have 1 and 2 elements/],
    ['an array beside a string', [['a', 'b'], 'xy'], /cannot batch samples of types Array and string together/],
    ['a string beside a number', ['a', 1], /cannot batch samples of types string and number together/],
    ['records of other keys', [{ x: 1 }, { y: 1 }], /sample 1 of the batch has no x, but sample 0 has/],
    ['no samples', [], /there are no samples to batch/],
    ['nothing', [null], /cannot batch samples of type null/],
    [
      'objects of classes',
      [new Date()],
      /cannot batch samples of type Date; give the dataset a transform to tensors, or pass a collateFn/,
    ],
  ])('refuses %s', (_, samples, message) => {
    expect(() => defaultCollate(samples)).toThrow(message);
  });
});
