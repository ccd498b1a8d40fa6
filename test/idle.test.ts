// Memory goes back while nothing is computed, whatever was dropped when.
import { beforeEach, expect, jest, test } from '@jest/globals';

jest.useFakeTimers({ doNotFake: ['performance'] });
// The watch is set up when the library is loaded, by then with timers that the test moves.
const { idlePeriod } = require('../lib/idle.js') as typeof import('../lib/idle.js');
const { conv2d } = (require('../lib/index.js') as typeof import('../lib/index.js')).nn.functional;
const { memory, ones, rand } = require('../lib/index.js') as typeof import('../lib/index.js');
const { native } = require('../lib/native.js') as typeof import('../lib/native.js');

const held = () => {
  const { liveBytes, cachedBytes, scratchBytes } = memory.stats();
  return { liveBytes, cachedBytes, scratchBytes };
};
// Tensors of other tests may live in this process, and become garbage any time.
let before = 0;
function expectAllGone(): void {
  expect(held()).toMatchObject({ cachedBytes: 0, scratchBytes: 0 });
  expect(held().liveBytes).toBeLessThan(before + 10_000);
}
// Pool threads let go when they wake.
function pass(periods: number): void {
  jest.advanceTimersByTime(periods * idlePeriod);
  for (const until = performance.now() + 1000; memory.stats().scratchBytes > 0 && performance.now() < until; );
}

// A function of its own, whose frame keeps no tensor alive.
function convolve(): void {
  for (let i = 0; i < 3; i++) {
    const y = conv2d(rand([4, 16, 32, 32]), rand([16, 16, 3, 3]));
    y.sum().item();
  }
}

beforeEach(() => {
  pass(3);
  before = held().liveBytes;
});

test('garbage, cache and working memory are gone after two looks without an op', () => {
  convolve();
  expect(held().scratchBytes).toBeGreaterThan(0);
  pass(1);
  expect(held().cachedBytes).toBeGreaterThan(0);
  pass(1);
  expectAllGone();
});

test('what lived on is given back whenever it is dropped', () => {
  const x = rand([1_000_000]);
  x.sum().item();
  pass(4);
  expect(held()).toMatchObject({ cachedBytes: 0, scratchBytes: 0 });
  expect(held().liveBytes).toBeGreaterThanOrEqual(4_000_000);
  x.dispose();
  expect(held().cachedBytes).toBeGreaterThanOrEqual(4_000_000);
  pass(1);
  expectAllGone();
});

test('work that is not worth a thread is done, so that its memory goes back', () => {
  const x = ones([100]).add(1);
  x.dispose();
  expect(native.pending()).toBeGreaterThan(0);
  pass(2);
  while (native.pending() > 0);
  pass(2);
  expectAllGone();
});

test('a program at work keeps its memory', () => {
  for (let i = 0; i < 5; i++) {
    rand([1000]).sum().item();
    pass(1);
    expect(held().cachedBytes).toBeGreaterThan(0);
  }
});
