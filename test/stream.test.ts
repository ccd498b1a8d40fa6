// Results are awaited without blocking the event loop, and threads change nothing.
import { afterEach, expect, test } from '@jest/globals';
import { equal, getNumThreads, ones, randn, setNumThreads, synchronize, type Tensor, zeros } from '../lib/index.js';
import { native } from '../lib/native.js';

const threads = getNumThreads();
afterEach(() => setNumThreads(threads));

test('timers run while a long product is computed', async () => {
  let x = randn([700, 700]);
  for (let i = 0; i < 20; i++) x = x.matmul(x).mul(1e-3);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  await x.ready();
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(2);
  expect(x.shape).toEqual([700, 700]);
});

test('ready gives the tensor, synchronize waits for all before it', async () => {
  const x = ones([3]).add(1);
  expect(await x.ready()).toBe(x);
  const [y, z] = [x.mul(2), x.mul(3)];
  await synchronize();
  expect([y.toArray(), z.toArray()]).toEqual([
    [4, 4, 4],
    [6, 6, 6],
  ]);
});

test('many waiters are called in order', async () => {
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 50 }, async (_, i) => {
      await ones([100]).add(i).ready();
      order.push(i);
    }),
  );
  expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

test('the number of threads may change between ops', () => {
  const x = randn([200, 200]);
  const expected = x.matmul(x);
  for (const n of [1, 3, 2, 8, 1]) {
    setNumThreads(n);
    expect(getNumThreads()).toBe(n);
    expect(equal(x.matmul(x), expected)).toBe(true);
  }
});

// Selects with an index that is not computed yet, so that the task finds it out of range. A stream that is awake may be
// faster than the call, which then throws itself.
const lateFailure = (index: number): Tensor => {
  for (let tries = 0; ; tries++)
    try {
      return ones([4]).indexSelect(0, zeros([1], { dtype: 'int64' }).add(index));
    } catch (error) {
      if (tries === 1000) throw error;
    }
};
const message = (index: number) => `indexSelect: index ${index} is out of range for size 4`;
const settled = async (...promises: Promise<unknown>[]) =>
  (await Promise.allSettled(promises)).map((p) => (p.status === 'rejected' ? String(p.reason) : p.status));

test('a promise is rejected by what was asked for before it, never by what came later', async () => {
  const before = ones([3]).add(1).ready();
  const failing = lateFailure(99);
  const [during, after] = [failing.ready(), ones([3]).ready()];
  native.wake();
  while (native.pending() > 0); // all is done before the event loop turns
  expect(await settled(before, during, after)).toEqual(['fulfilled', `RangeError: ${message(99)}`, 'fulfilled']);
  expect(() => failing.toArray()).toThrow(message(99));
});

test('every failure is reported, each where its tensor is read, every time', async () => {
  const [a, b, c] = [lateFailure(97), lateFailure(98), lateFailure(99)];
  for (let i = 0; i < 2; i++) {
    expect(() => b.item()).toThrow(new RangeError(message(98)));
    expect(() => c.mul(2).toArray()).toThrow(new RangeError(message(99)));
  }
  expect(await settled(b.ready(), synchronize(), synchronize())).toEqual([
    `RangeError: ${message(98)}`,
    `RangeError: ${message(97)}`,
    'fulfilled',
  ]);
  expect(() => String(a)).toThrow(message(97));
});
