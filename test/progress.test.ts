// Progress of loops: lines where there is no terminal, a bar where there is one, and nothing left behind.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { DataLoader, type ProgressStream, progress, TensorDataset } from '../lib/data/index.js';
import { arange, tensor } from '../lib/index.js';
import { duration, isAsciiLocale, Rate, rateText, scaled } from '../lib/progress/text.js';

function collector(isTTY = false): ProgressStream & { text: string } {
  const stream = Object.assign(
    new Writable({
      write(chunk, _, done) {
        stream.text += chunk;
        done();
      },
    }),
    { isTTY, columns: 100, text: '' },
  );
  return stream;
}
const numbers = (n: number) => Array.from({ length: n }, (_, i) => i);
async function* asyncNumbers(n: number): AsyncGenerator<number> {
  for (const i of numbers(n)) yield i;
}
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = [];
  for await (const item of items) result.push(item);
  return result;
}
const escapes = new RegExp(`${String.fromCharCode(27)}\\[\\d*[A-Z]`);
/** What stands on each line of the terminal in the end. */
const linesOf = ({ text }: { text: string }) => text.split('\n').map((line) => line.split(escapes).at(-1)!);
/** The last line that holds anything. */
const last = (stream: { text: string }) => linesOf(stream).findLast((line) => line !== '');
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('without a terminal', () => {
  test('a line at every tenth', async () => {
    const stream = collector();
    expect(await collect(progress(numbers(40), { description: 'epoch 1', stream }))).toEqual(numbers(40));
    const lines = stream.text.split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe('epoch 1: 10% 4/40');
    expect(lines[9]).toBe('epoch 1: 100% 40/40');
  });

  test('fewer items than lines', async () => {
    const stream = collector();
    await collect(progress(new Set(['a', 'b', 'c']), { stream }));
    expect(stream.text).toBe('33% 1/3\n66% 2/3\n100% 3/3\n');
  });

  test('running values', async () => {
    const stream = collector();
    const items = progress(numbers(2), { stream });
    for await (const i of items) items.setPostfix({ loss: tensor(2.345678 / (i + 1)), step: i, phase: 'warm' });
    expect(stream.text).toBe('50% 1/2, loss=2.346, step=0, phase=warm\n100% 2/2, loss=1.173, step=1, phase=warm\n');
  });

  test('an unknown total: a line whenever the count has doubled, and the last', async () => {
    const stream = collector();
    await collect(progress(asyncNumbers(11), { stream }));
    expect(stream.text).toBe('1\n2\n4\n8\n11\n');
  });

  test('a data loader whose sampler has no length', async () => {
    const sampler = { [Symbol.iterator]: () => [2, 0].values() };
    const loader = new DataLoader(new TensorDataset(arange(3)), { sampler });
    const stream = collector();
    await collect(progress(loader, { stream }));
    expect(stream.text).toBe('1\n2\n');
  });

  test('a total that was told', async () => {
    const stream = collector();
    await collect(progress(asyncNumbers(2), { total: 4, stream }));
    expect(stream.text).toBe('25% 1/4\n50% 2/4\n');
  });

  test('nothing at all', async () => {
    const stream = collector();
    expect(await collect(progress([], { stream }))).toEqual([]);
    expect(await collect(progress(numbers(5), { stream, disable: true }))).toEqual(numbers(5));
    expect(stream.text).toBe('');
  });

  test('a data loader knows its batches, and each pass counts anew', async () => {
    const stream = collector();
    const loader = progress(new DataLoader(new TensorDataset(arange(5)), { batchSize: 2 }), { stream });
    for (let epoch = 0; epoch < 2; epoch++) {
      const sizes: number[] = [];
      for await (const [x] of loader) sizes.push(x!.shape[0]!);
      expect(sizes).toEqual([2, 2, 1]);
    }
    expect(stream.text).toBe('33% 1/3\n66% 2/3\n100% 3/3\n'.repeat(2));
  });
});

describe('on a terminal', () => {
  test('a bar that ends with its last state and a new line', async () => {
    const stream = collector(true);
    const before = timers();
    const items = progress(asyncNumbers(4), { total: 4, description: 'epoch 1', stream, ascii: false });
    for await (const i of items) {
      if (i === 1) expect(timers()).toBeGreaterThan(before);
      items.setPostfix({ loss: 0.5 });
    }
    expect(timers()).toBe(before);
    expect(stream.text).toContain('epoch 1: 0%|░░░░░░░░░░░░░░░░░░░░░░░░| 0/4 [0:00<?, ?it/s]');
    expect(last(stream)).toMatch(
      /^epoch 1: 100%\|████████████████████████\| 4\/4 \[[\d:]+<0:00, [\d.]+\w+\/\w+, loss=0\.5\]$/,
    );
    expect(stream.text.endsWith('\n')).toBe(true);
  });

  test('what the loop prints is not overwritten: the cursor never goes back to an earlier line', async () => {
    const stream = collector(true);
    for await (const i of progress(numbers(3), { stream })) stream.write(`item ${i}\n`);
    expect(stream.text).toContain('item 2\n');
    for (const code of ['\x1b7', '\x1b8', '\x1b[s', '\x1b[u']) expect(stream.text).not.toContain(code);
  });

  test('an unknown total', async () => {
    const stream = collector(true);
    await collect(progress(asyncNumbers(3), { stream }));
    expect(last(stream)).toMatch(/^3 \[[\d:]+, [\d.]+\w+\/\w+\]$/);
    expect(stream.text).not.toContain('%');
  });

  test('a bar of # and -, as narrow as the terminal', async () => {
    const stream = Object.assign(collector(true), { columns: 50 });
    await collect(progress(numbers(3), { stream, ascii: true, description: 'a long description', leave: false }));
    expect(stream.text).toContain('a long description: 0%|------| 0/3 [0:00<?, ?it/s]');
  });

  test('nothing is left where nothing is to be', async () => {
    const stream = collector(true);
    await collect(progress(numbers(3), { stream, leave: false }));
    expect(stream.text).not.toContain('\n');
    expect(last(stream)).toBeUndefined();
  });

  test('units, by their number in each item and shortened', async () => {
    const images = collector(true);
    await collect(progress(numbers(3), { stream: images, unit: 'img', unitScale: 64 }));
    expect(last(images)).toMatch(/\| 192\/192 \[[\d:]+<0:00, [\d.]+(img\/s|s\/img)\]$/);
    const many = collector(true);
    await collect(progress(numbers(2), { stream: many, total: 12_345, unitScale: true }));
    expect(last(many)).toMatch(/\| 2\/12\.3k \[/);
  });

  test('a loop inside of another shows the count of the outer one, which goes on after it', async () => {
    const stream = collector(true);
    for await (const epoch of progress(numbers(2), { stream, description: 'epochs', ascii: true }))
      await collect(progress(numbers(3), { stream, description: `epoch ${epoch}`, ascii: true, leave: epoch === 0 }));
    const drawn = stream.text.split(escapes);
    expect(drawn.some((line) => line.startsWith('epochs: 1/2, epoch 1: 0%|'))).toBe(true);
    expect(drawn.some((line) => line.startsWith('epochs: 50%|'))).toBe(true);
    const lines = linesOf(stream);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^epoch 0: 100%\|#{24}\| 3\/3 \[/);
    expect(lines[1]).toMatch(/^epochs: 100%\|#{24}\| 2\/2 \[/);
    expect(lines[2]).toBe('');
  });

  test.each<[string, (items: AsyncIterable<number>) => Promise<void>]>([
    [
      'break',
      async (items) => {
        for await (const i of items) if (i === 2) break;
      },
    ],
    [
      'an error in the loop',
      async (items) => {
        const loop = async () => {
          for await (const i of items) if (i === 2) throw new Error('stop');
        };
        await expect(loop()).rejects.toThrow('stop');
      },
    ],
  ])('%s stops the bar and closes what it iterates', async (_, loop) => {
    const stream = collector(true);
    const before = timers();
    let closed = false;
    async function* source(): AsyncGenerator<number> {
      try {
        yield* asyncNumbers(10);
      } finally {
        closed = true;
      }
    }
    await loop(progress(source(), { total: 10, stream }));
    expect(closed).toBe(true);
    expect(timers()).toBe(before);
    expect(stream.text).toContain('| 2/10 [');
    expect(stream.text.endsWith('\n')).toBe(true);
  });

  test('an error of the source stops the bar', async () => {
    const stream = collector(true);
    const before = timers();
    async function* source(): AsyncGenerator<number> {
      yield 1;
      throw new Error('no more');
    }
    await expect(collect(progress(source(), { stream }))).rejects.toThrow('no more');
    expect(timers()).toBe(before);
  });
});

test.each([
  [() => progress(5 as never), TypeError, 'progress: expected an iterable, got number'],
  [() => progress(null as never), TypeError, 'progress: expected an iterable, got null'],
  [() => progress([], { total: -1 }), RangeError, 'progress: total must be a whole number, got -1'],
  [() => progress([], { total: 0.5 }), RangeError, 'progress: total must be a whole number, got 0.5'],
  [() => progress([], { unit: 1 as never }), TypeError, 'progress: unit must be a string, got 1'],
  [
    () => progress([], { unitScale: 0 }),
    TypeError,
    'progress: unitScale must be true, false or a number above 0, got 0',
  ],
  [() => progress([], { description: 1 as never }), TypeError, 'progress: description must be a string, got 1'],
  [
    () => progress([], { stream: {} as never }),
    TypeError,
    'progress: stream must be a stream to write to, got an Object',
  ],
  [() => progress([]).setPostfix(null as never), TypeError, 'setPostfix: values must be an object, got null'],
  [
    () => progress([]).setPostfix({ loss: arange(2) }),
    TypeError,
    'setPostfix: loss must be a number, a string or a Tensor of one element, got a Tensor of shape [2]',
  ],
  [
    () => [...(progress([1]) as unknown as number[])],
    TypeError,
    'Progress: what it gives comes asynchronously; write for await',
  ],
  [() => progress([], { leave: 1 as never }), TypeError, 'progress: leave must be true or false, got 1'],
])('misuse %#', (misuse, kind, message) => {
  expect(misuse).toThrow(kind);
  expect(misuse).toThrow(message);
});

describe('texts', () => {
  test.each([
    [-90, '0:00'],
    [0.4, '0:00'],
    [59.7, '1:00'],
    [61, '1:01'],
    [3599.6, '1:00:00'],
    [90_061, '25:01:01'],
    [Number.NaN, '?'],
  ])('a duration of %s s is %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  test.each([
    [7, '7'],
    [999.4, '999'],
    [999.6, '1k'],
    [1234, '1.23k'],
    [2_500_000, '2.5M'],
  ])('%s in short is %s', (value, text) => {
    expect(scaled(value)).toBe(text);
  });

  test('a rate follows what is new, and is turned over where an item takes more than a second', () => {
    const rate = new Rate(0, 0);
    rate.update(1, 50);
    expect(rate.seconds).toBeNaN();
    rate.update(2, 1000);
    expect(rate.seconds).toBe(0.5);
    rate.update(3, 3500);
    expect(rate.seconds).toBeCloseTo(0.5 + 0.3 * 2, 12);
    expect(rateText(rate.seconds, 'it', String)).toBe('1.1s/it');
    expect(rateText(0.25, 'it', String)).toBe('4it/s');
    for (const none of [Number.NaN, 0, Number.POSITIVE_INFINITY]) expect(rateText(none, 'it', String)).toBe('?it/s');
  });

  test.each([
    [{}, false],
    [{ LANG: 'de_DE.UTF-8' }, false],
    [{ LANG: 'C' }, true],
    [{ LANG: 'en_US.utf8', LC_ALL: 'POSIX' }, true],
  ])('the locale %j wants ASCII: %s', (environment, ascii) => {
    expect(isAsciiLocale(environment)).toBe(ascii);
  });
});

test('the progress library is loaded on terminals only, and a process ends by itself', () => {
  const code = `
    import { createRequire } from 'node:module';
    import { progress } from 'cresset/data';
    const loaded = () => Object.keys(createRequire(process.cwd() + '/x.js').cache).some((p) => p.includes('cli-progress'));
    for await (const _ of progress([1, 2])) break;
    const before = loaded();
    const stream = Object.assign(process.stderr, { isTTY: true });
    for await (const _ of progress([1, 2], { stream })) break;
    console.log(before, loaded());`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: join(__dirname, '..'),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(output).toBe('false true\n');
});
