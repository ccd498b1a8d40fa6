// Memory is released by itself, or at once where asked for.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { memory, nn, ones, optim, rand, type Tensor, tensor, tidy } from '../lib/index.js';

const alive = (x: Tensor): boolean => {
  try {
    return x.shape.length >= 0 && x.numel() >= 0;
  } catch {
    return false;
  }
};

describe('stats', () => {
  test('count bytes that live, are kept for reuse, and were alive at once', () => {
    memory.resetPeak();
    const before = memory.stats();
    const x = ones([1000, 1000]);
    const grown = memory.stats().liveBytes - before.liveBytes;
    expect(grown).toBeGreaterThanOrEqual(4_000_000);
    expect(grown).toBeLessThan(4_500_000);
    expect(memory.stats().peakBytes).toBeGreaterThanOrEqual(before.liveBytes + 4_000_000);
    x.item.call(x.sum()); // the block is reused once the stream has passed it
    x.dispose();
    expect(memory.stats().liveBytes).toBeLessThan(before.liveBytes + 4_000_000);
    memory.emptyCache();
    expect(memory.stats().cachedBytes).toBe(0);
  });

  test('handles fall in a loop that never yields', () => {
    const before = memory.stats().handles;
    for (let i = 0; i < 100_000; i++) ones([1]).add(1);
    expect(memory.stats().handles - before).toBeLessThan(60_000);
  });
});

describe('handles', () => {
  test('what lives while V8 collects by itself is not collected once more, which would make it old', () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as (options: { type: 'minor' }) => void;
    const left = () => {
      gc({ type: 'minor' });
      memory.emptyCache();
      return memory.stats().liveBytes;
    };
    const before = left();
    for (let step = 0; step < 30; step++) {
      const kept = ones([250_000]);
      for (let i = 0; i < 80; i++) {
        ones([250_000]);
        if (i === 50) gc({ type: 'minor' });
      }
      expect(alive(kept)).toBe(true);
    }
    expect(left() - before).toBeLessThan(8e6);
  });

  test('stay in proportion to the tensors that live, views too', () => {
    const [x, before] = [ones([1]), memory.stats().handles];
    const living = new Array<Tensor>(40_000);
    let most = 0;
    for (let i = 0; i < 600_000; i++) {
      living[i % living.length] = x.detach();
      if (i % 1000 === 0) most = Math.max(most, memory.stats().handles);
    }
    expect(most - before).toBeLessThan(4 * living.length);
    for (const view of living) view.dispose();
  });

  test.each([
    ['on tensors that are dropped', (y: Tensor) => y.registerHook(() => {})],
    ['that name their tensor, once backward has been there', (y: Tensor) => y.registerHook(() => y) && y.backward()],
  ])('hooks %s keep nothing alive', (_, use) => {
    const [x, before] = [ones([1], { requiresGrad: true }), memory.stats().handles];
    for (let i = 0; i < 50_000; i++) use(x.mul(2));
    expect(memory.stats().handles - before).toBeLessThan(40_000);
  });
});

describe('bounds', () => {
  test('tensors made from data do not pile up before a slow stream', () => {
    const [m, data] = [rand([1000, 1000]), new Float32Array(4_000_000)];
    let cached = 0;
    for (let i = 0; i < 60; i++) {
      const [x, y] = [tensor(data), m.matmul(m)];
      x.dispose();
      y.dispose();
      cached = Math.max(cached, memory.stats().cachedBytes);
    }
    expect(cached).toBeLessThan(200e6);
  });

  // The address space is limited from outside, by a program that not every system has.
  const limited = spawnSync('prlimit', ['--version']).status === 0;
  (limited ? test : test.skip)('garbage is collected before memory is said to be out', () => {
    const code = `
      import { execFileSync } from 'node:child_process';
      import { readFileSync } from 'node:fs';
      import { memory, ones } from 'cresset';
      ones([1]).item();
      const kilobytes = Number(/VmSize:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
      execFileSync('prlimit', ['--pid', String(process.pid), '--as=' + (kilobytes * 1024 + 200e6)]);
      for (let i = 0; i < 2; i++) ones([30_000_000]);
      try { const kept = [1, 2, 3].map(() => ones([30_000_000])); } catch (error) { console.log(error.name, error.message); }`;
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: join(__dirname, '..'),
      encoding: 'utf8',
    });
    expect(result.stderr).toBe('');
    expect(result.stdout).toMatch(/^OutOfMemoryError out of memory: \d+ bytes were asked for while \d+ are available/);
  });
});

describe('dispose', () => {
  test('releases at once, twice as well, and every later use throws', () => {
    const x = ones([2]);
    x.dispose();
    x.dispose();
    expect(() => x.add(1)).toThrow('add: the tensor was disposed');
    expect(() => x.shape).toThrow('shape: the tensor was disposed');
    expect(String(x)).toBe('tensor(<disposed>)');
  });

  test('views and results live on', () => {
    const x = ones([2, 2]);
    const [row, sum] = [x.select(0, 0), x.sum()];
    x.dispose();
    expect([row.toArray(), sum.item()]).toEqual([[1, 1], 4]);
  });

  test('`using` disposes at the end of the block', () => {
    let kept: Tensor;
    {
      using x = ones([2]);
      kept = x;
      expect(alive(kept)).toBe(true);
    }
    expect(alive(kept)).toBe(false);
  });
});

describe('tidy', () => {
  test('disposes what was made inside but for what it returns', () => {
    const inside: Tensor[] = [];
    const outside = ones([1]);
    const result = tidy(() => {
      inside.push(ones([1]), ones([2]));
      return { list: [inside[1]!.add(outside)], outside };
    });
    expect(inside.map(alive)).toEqual([false, false]);
    expect([alive(outside), result.list[0]!.toArray()]).toEqual([true, [2, 2]]);
  });

  test('nests, and keeps a module that it returns', () => {
    let inner: Tensor;
    const model = tidy(() => {
      inner = tidy(() => ones([1]));
      return new nn.Sequential(new nn.Linear(2, 1));
    });
    expect(alive(inner!)).toBe(false);
    expect(model(ones([1, 2])).shape).toEqual([1, 1]);
  });

  test.each([
    ['SGD', (w: Tensor) => new optim.SGD([w], { lr: 0.1, momentum: 0.9 })],
    ['Adam', (w: Tensor) => new optim.Adam([w], { amsgrad: true })],
    ['Adadelta', (w: Tensor) => new optim.Adadelta([w])],
  ])('leaves what %s remembers', (_, make) => {
    const train = (around: (step: () => void) => void) => {
      const w = ones([2], { requiresGrad: true });
      let optimizer = make(w);
      for (let i = 0; i < 4; i++)
        around(() => {
          if (i === 2) {
            const state = optimizer.stateDict();
            optimizer = make(w);
            optimizer.loadStateDict(state);
          }
          optimizer.zeroGrad();
          w.square().sum().backward();
          optimizer.step();
        });
      return w.toArray();
    };
    expect(train(tidy)).toEqual(train((step) => step()));
  });

  test('disposes where its function throws', () => {
    let made: Tensor;
    expect(() =>
      tidy(() => {
        made = ones([1]);
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(alive(made!)).toBe(false);
  });
});

// A shorter run of `npm run bench:memory`, which fails where resident memory grows.
describe("resident memory stays put while the tutorial's network trains", () => {
  test.each(['loop', 'await', 'worker', 'heap'])(
    '%s',
    (setting) => {
      const counts = ['--warm-up', '350', '--steps', '600'];
      const result = spawnSync(process.execPath, ['bench/memory.mjs', ...counts, '--only', setting], {
        cwd: join(__dirname, '..'),
        encoding: 'utf8',
      });
      expect({ status: result.status, stderr: result.stderr }).toEqual({ status: 0, stderr: '' });
      expect(result.stdout).toMatch(/ ok$/m);
    },
    300_000,
  );
});

test('threads that end with tensors alive leave nothing behind', () => {
  const program = `
    import { Worker } from 'node:worker_threads';
    import { native } from ${JSON.stringify(join(__dirname, '../dist/native.js'))};
    const work = "import { ones } from " + JSON.stringify(import.meta.resolve('cresset')) + "; " +
      "globalThis.kept = Array.from({ length: 50_000 }, () => ones([1]));";
    const thread = () => new Promise((resolve) => new Worker(new URL('data:text/javascript,' + encodeURIComponent(work))).once('exit', resolve));
    const resident = async (threads) => {
      for (let i = 0; i < threads; i++) await thread();
      native.returnFreedMemory();
      return process.memoryUsage.rss();
    };
    const before = await resident(3);
    console.log((await resident(8) - before) / 2 ** 20);`;
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: join(__dirname, '..'),
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(Number(run.stdout)).toBeLessThan(8);
});
