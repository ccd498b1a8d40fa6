// DataLoader: batches in PyTorch's order, of anything that has a length and samples.
import { describe, expect, test } from '@jest/globals';
import { DataLoader, type Dataset, defaultCollate, Subset, TensorDataset } from '../../lib/data/index.js';
import { arange, manualSeed, ones, tensor } from '../../lib/index.js';

const numbers = (n: number): Dataset<number> => ({ length: n, get: (i) => i });

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
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
      collate: () => {
        throw new Error('collate');
      },
    });
    await expect(all(refusing)).rejects.toThrow('collate');
  });

  test('collate as they are asked to', async () => {
    expect(await all(new DataLoader(numbers(3), { batchSize: 2, collate: (s) => s.join('+') }))).toEqual(['0+1', '2']);
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
    ['nothing', [null], /cannot batch samples of type null/],
    ['objects of classes', [new Date()], /cannot batch samples of type Date; pass a collate function/],
  ])('refuses %s', (_, samples, message) => {
    expect(() => defaultCollate(samples)).toThrow(message);
  });
});
