// Results are awaited without blocking the event loop, and threads change nothing.
import { afterEach, expect, test } from '@jest/globals';
import { getNumThreads, ones, randn, setNumThreads, synchronize } from '../lib/index.js';

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
  const expected = x.matmul(x).toTypedArray();
  for (const n of [1, 3, 2, 8, 1]) {
    setNumThreads(n);
    expect(getNumThreads()).toBe(n);
    expect(x.matmul(x).toTypedArray()).toEqual(expected);
  }
});
