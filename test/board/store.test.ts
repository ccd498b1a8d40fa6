// A logdir: runs, tags and points, as TensorBoard reads them; live, with what is hostile left out.
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { graphOf, histogramsOf, hparamsOf, mediaAt, spread, textsOf } from '../../lib/board/contents.js';
import { Series } from '../../lib/board/series.js';
import { Store } from '../../lib/board/store.js';
import { graph, hparamsData, sessionStart } from '../../lib/tensorboard/messages.js';
import { encode } from '../../lib/tensorboard/protobuf.js';
import { bytesOf, scalar, writeEvents } from './files.js';

const golden = join(__dirname, '../golden/board');
// biome-ignore lint/suspicious/noExplicitAny: what TensorBoard read, as golden/board.py wrote it.
const theirs: Record<string, any> = JSON.parse(readFileSync(join(golden, 'tensorboard.json'), 'utf8'));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cresset-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function storeOf(logdir: string, cells?: number): Promise<Store> {
  const store = new Store(logdir, cells);
  await store.refresh();
  return store;
}
const points = (store: Store, run: string, tag: string): number[][] => {
  const series = store.runs.get(run)!.seriesOf('scalars', tag)!;
  return Array.from({ length: series.length }, (_, i) => [
    series.at(i, 'step'),
    series.at(i, 'wall'),
    series.at(i, 'value'),
  ]);
};

describe("what PyTorch's SummaryWriter wrote", () => {
  test('is found run by run', async () => {
    const store = await storeOf(golden);
    expect([...store.runs.keys()]).toEqual(['first', 'first/trial', 'resumed', 'sweep']);
    expect(store.bytesRead).toBe(store.size);
    const { tags, others } = store.runs.get('first')!;
    expect([...tags.values()].map(({ name, kind }) => [name, kind])).toEqual([
      ['loss/train', 'scalars'],
      ['new', 'scalars'],
      ['double', 'scalars'],
      ['weight', 'histograms'],
      ['picture', 'images'],
      ['note/text_summary', 'texts'],
      ['tone', 'audio'],
      ['curve', 'prCurves'],
    ]);
    expect([...others]).toEqual([]);
  });

  test('has the points that TensorBoard reads, also after a restart', async () => {
    const store = await storeOf(golden);
    for (const run of ['first', 'resumed'])
      for (const [tag, expected] of Object.entries(theirs[run].scalars))
        expect(points(store, run, tag)).toEqual(expected);
    expect(points(store, 'first', 'new').map(([step, , value]) => [step, [value]])).toEqual(theirs.first.tensors.new);
    expect(points(store, 'first', 'double').map(([step, , value]) => [step, [value]])).toEqual(
      theirs.first.tensors.double,
    );
  });

  test('has its histograms, pictures, sounds, texts and graph', async () => {
    const run = (await storeOf(golden)).runs.get('first')!;
    const { items } = await histogramsOf(run, run.seriesOf('histograms', 'weight')!, 50);
    expect(items.map(({ step, num, limits, counts }) => [step, num, limits, counts])).toEqual(
      theirs.first.histograms.weight,
    );
    const pictures = run.seriesOf('images', 'picture')!;
    for (const [row, [step, width, height, length]] of theirs.first.images.picture.entries()) {
      const { type, bytes } = (await mediaAt(run, pictures, row, 'image'))!;
      const size = [Buffer.from(bytes).readUInt32BE(16), Buffer.from(bytes).readUInt32BE(20)];
      expect([type, pictures.at(row, 'step'), ...size, bytes.length]).toEqual([
        'image/png',
        step,
        width,
        height,
        length,
      ]);
    }
    expect((await mediaAt(run, run.seriesOf('audio', 'tone')!, 0, 'audio'))!.type).toBe('audio/wav');
    expect((await textsOf(run, run.seriesOf('texts', 'note/text_summary')!, 5)).items).toEqual([
      { step: 1, wall: 1.7e9, text: 'a **bold** text' },
    ]);
    const { nodes } = (await graphOf(run))!;
    expect(nodes.map(({ name, op, inputs }) => [name, op, inputs])).toEqual(theirs.first.nodes);
    expect(nodes.find(({ name }) => name === 'input/x')!.shape).toBe('[5, 4]');
  });

  test('has its hyperparameters and their metrics', async () => {
    const store = await storeOf(golden);
    expect(hparamsOf(store)).toEqual({
      hparams: ['lr', 'optimizer', 'bias'],
      metrics: ['hparam/loss'],
      rows: [{ run: store.runs.get('first/trial')!.id, status: 'finished', hparams: [0.1, 'sgd', 1], metrics: [0.5] }],
    });
  });
});

describe('live', () => {
  const file = () => join(folder, 'run/events.out.tfevents.1.a');

  test('new points, files and runs appear, removed ones go', async () => {
    writeEvents(file(), bytesOf(scalar('a', 0, 1)));
    const store = await storeOf(folder);
    const { version } = store;
    await store.refresh();
    expect(store.version).toBe(version);
    appendFileSync(file(), bytesOf(scalar('a', 1, 2)));
    writeEvents(join(folder, 'run/events.out.tfevents.2.a'), bytesOf(scalar('a', 2, 3)));
    writeEvents(join(folder, 'events.out.tfevents.1.a'), bytesOf(scalar('b', 0, 1)));
    await store.refresh();
    expect(store.version).toBeGreaterThan(version);
    expect(points(store, 'run', 'a').map(([, , value]) => value)).toEqual([1, 2, 3]);
    expect(points(store, '.', 'b')).toEqual([[0, 1000, 1]]);
    rmSync(join(folder, 'run'), { recursive: true });
    await store.refresh();
    expect([...store.runs.keys()]).toEqual(['.']);
  });

  test('a file that is written anew is read anew', async () => {
    writeEvents(file(), bytesOf(scalar('a', 0, 1), scalar('a', 1, 2)));
    const store = await storeOf(folder);
    writeEvents(file(), bytesOf(scalar('a', 5, 9)));
    await store.refresh();
    expect(points(store, 'run', 'a')).toEqual([[5, 1005, 9]]);
  });

  test('another file in its place is read from its beginning, also where it is longer', async () => {
    writeEvents(file(), bytesOf(scalar('a', 0, 1)));
    const store = await storeOf(folder);
    const { version } = store.runs.get('run')!;
    writeEvents(file(), bytesOf({ fileVersion: 'x' }, scalar('a', 5, 9), scalar('a', 6, 8)).subarray(bytesOf().length));
    await store.refresh();
    expect(points(store, 'run', 'a').map(([step]) => step)).toEqual([5, 6]);
    expect(store.runs.get('run')!.problems).toEqual([]);
    expect(store.runs.get('run')!.version).not.toBe(version);
  });

  test('how far a long file is read is told while it is read, and a run changes when it is', async () => {
    const picture = { summary: { value: [{ tag: 'p', image: { png: Buffer.alloc(200_000) } }] } };
    writeEvents(file(), bytesOf(...new Array(20).fill(picture)));
    writeEvents(join(folder, 'other/events.out.tfevents.1'), bytesOf(scalar('a', 0, 1)));
    const store = new Store(folder);
    const told: number[] = [];
    const asking = setInterval(() => told.push(store.bytesRead), 0);
    await store.refresh();
    clearInterval(asking);
    expect(told.some((bytes) => bytes > 1e6 && bytes < store.size - 1e6)).toBe(true);
    const versions = () => ['run', 'other'].map((name) => store.runs.get(name)!.version);
    const [run, other] = versions();
    appendFileSync(file(), bytesOf(scalar('a', 0, 1)));
    await store.refresh();
    expect(versions()[0]).toBeGreaterThan(run!);
    expect(versions()[1]).toBe(other);
  });

  test('a step that goes back takes the place of what came after it, in its tag alone; equal steps stay', async () => {
    writeEvents(
      file(),
      bytesOf(...[0, 1, 2, 3, 3].map((step) => scalar('a', step, step)), scalar('b', 9, 1), scalar('a', 2, 20)),
    );
    const store = await storeOf(folder);
    expect(points(store, 'run', 'a').map(([step, , value]) => [step, value])).toEqual([
      [0, 0],
      [1, 1],
      [2, 20],
    ]);
    expect(points(store, 'run', 'b')).toHaveLength(1);
    appendFileSync(file(), bytesOf({ wallTime: 2, step: 1, sessionLog: { status: sessionStart } }));
    await store.refresh();
    expect(points(store, 'run', 'a').map(([step]) => step)).toEqual([0]);
    expect(store.runs.get('run')!.seriesOf('scalars', 'b')).toBeNull();
  });
});

test('links to folders are followed, each folder once and in circles too', async () => {
  const elsewhere = join(folder, 'elsewhere');
  const logdir = join(folder, 'logdir');
  writeEvents(join(elsewhere, 'one/events.out.tfevents.1'), bytesOf(scalar('a', 0, 1)));
  writeEvents(join(logdir, 'own/events.out.tfevents.1'), bytesOf(scalar('a', 0, 2)));
  symlinkSync(elsewhere, join(logdir, 'linked'));
  symlinkSync(join(logdir, 'own'), join(logdir, 'best'));
  symlinkSync('..', join(elsewhere, 'up'));
  symlinkSync('.', join(logdir, 'self'));
  symlinkSync('nowhere', join(logdir, 'dangling'));
  mkdirSync(join(logdir, 'empty'));
  const store = await storeOf(logdir);
  expect([...store.runs.keys()]).toEqual(['linked/one', 'own']);
  expect(store.problem).toBeNull();
});

describe('what is hostile', () => {
  test('is named, beside what can be shown', async () => {
    const damaged = bytesOf(scalar('a', 0, 1), scalar('a', 1, 2));
    damaged[damaged.length - 6]! ^= 1;
    writeEvents(join(folder, 'events.out.tfevents.1.damaged'), damaged);
    writeEvents(join(folder, 'events.out.tfevents.2.text'), Buffer.from('<html>no events at all</html>'));
    writeEvents(
      join(folder, 'events.out.tfevents.3.tag'),
      bytesOf(scalar('x'.repeat(5000), 0, 1), scalar('__proto__', 0, 4)),
    );
    const store = await storeOf(folder);
    expect(store.runs.get('.')!.problems).toEqual([
      `events.out.tfevents.1.damaged: the checksum of the record is wrong at byte ${bytesOf(scalar('a', 0, 1)).length}; nothing behind it is shown`,
      'events.out.tfevents.2.text: the checksum of the length is wrong at byte 0; nothing behind it is shown',
      'a tag is longer than 4096 bytes and left out',
    ]);
    expect(points(store, '.', 'a')).toEqual([[0, 1000, 1]]);
    expect(points(store, '.', '__proto__')).toEqual([[0, 1000, 4]]);
  });

  test('a time that is none is 1970', async () => {
    const events = [Number.NaN, Number.NEGATIVE_INFINITY, 5].map((wallTime, i) => ({ ...scalar('a', i, 1), wallTime }));
    writeEvents(join(folder, 'events.out.tfevents.1'), bytesOf(...events));
    expect(points(await storeOf(folder), '.', 'a').map(([, wall]) => wall)).toEqual([0, 0, 5]);
  });

  test('names of plugins and tags take little memory', async () => {
    const value = (tag: string, name: string) => ({ summary: { value: [{ tag, metadata: { plugin: { name } } }] } });
    const plugins = Array.from({ length: 500 }, (_, i) => value('x', `${i}${'y'.repeat(1000)}`));
    const tags = Array.from({ length: 1100 }, (_, i) => scalar(`${i}${'t'.repeat(4000)}`, 0, 1));
    writeEvents(join(folder, 'events.out.tfevents.1'), bytesOf(...plugins, ...tags));
    const run = (await storeOf(folder)).runs.get('.')!;
    expect([run.others.size, Math.max(...[...run.others.keys()].map(({ length }) => length))]).toEqual([50, 64]);
    expect([...run.tags.keys()].join('').length).toBeLessThan(4.2e6);
    expect(run.problems).toEqual(['of more than 50000 tags, or 4 MiB of them, the rest is left out']);
  });

  test('a hyperparameter that is NaN is one, and not missing', async () => {
    const content = encode(hparamsData, { start: { hparams: { lr: { number: Number.NaN } } } });
    const metadata = { plugin: { name: 'hparams', content } };
    writeEvents(join(folder, 'events.out.tfevents.1'), bytesOf({ summary: { value: [{ tag: 'h', metadata }] } }));
    expect(hparamsOf(await storeOf(folder)).rows[0]!.hparams).toEqual(['NaN']);
  });

  test('a picture that is none is not given out as one', async () => {
    const html = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
    writeEvents(
      join(folder, 'events.out.tfevents.1'),
      bytesOf({ summary: { value: [{ tag: 'p', image: { png: html } }] } }),
    );
    const run = (await storeOf(folder)).runs.get('.')!;
    expect(await mediaAt(run, run.seriesOf('images', 'p')!, 0, 'image')).toBeNull();
  });

  test('attributes of a graph are told, lists too', async () => {
    const list = { text: ['a'], int: [1, 2], float: [0.5], bool: [1, 0] };
    const bytes = encode(graph, { node: [{ name: 'x', attributes: { list: { list }, flag: { bool: 1 } } }] });
    writeEvents(join(folder, 'events.out.tfevents.1'), bytesOf({ graph: bytes }));
    const [node] = (await graphOf((await storeOf(folder)).runs.get('.')!))!.nodes;
    expect(Object.fromEntries(node!.attributes)).toEqual({ list: 'a, 1, 2, 0.5, true, false', flag: 'true' });
  });

  test('a message of more values than memory should be given for is refused', async () => {
    // Two bytes for each node, which would be an object.
    const bytes = Buffer.alloc(2000, Buffer.from([0x0a, 0]));
    writeEvents(join(folder, 'events.out.tfevents.1'), bytesOf({ graph: bytes }));
    const run = (await storeOf(folder)).runs.get('.')!;
    expect((await graphOf(run, 1000))!.nodes).toHaveLength(1000);
    await expect(graphOf(run, 999)).rejects.toThrow('a message has more than 999 values');
  });
});

describe('memory', () => {
  test('is bounded: points are thinned, of which the extremes and the last stay', async () => {
    const events = Array.from({ length: 3000 }, (_, i) =>
      scalar('a', i, i === 1234 ? 99 : i === 2222 ? -99 : Math.sin(i)),
    );
    writeEvents(join(folder, 'events.out.tfevents.1'), bytesOf(...events));
    const store = await storeOf(folder, 4000);
    const series = store.runs.get('.')!.seriesOf('scalars', 'a')!;
    expect(series.cells).toBeLessThanOrEqual(6000);
    expect(series.thinned).toBe(true);
    const kept = points(store, '.', 'a');
    expect(kept).toContainEqual([1234, 2234, 99]);
    expect(kept).toContainEqual([2222, 3222, -99]);
    expect(kept.at(-1)![0]).toBe(2999);
    expect(kept.map(([step]) => step)).toEqual(kept.map(([step]) => step).toSorted((a, b) => a! - b!));
  });

  test('what is no scalar loses every second', () => {
    const series = new Series(5);
    for (let i = 0; i < 9; i++) series.push(i, i, 100 * i, 7, 0);
    series.thin();
    expect([...series.steps]).toEqual([0, 2, 4, 6, 8]);
    expect(series.at(2, 'offset')).toBe(400);
  });
});

test('rows are spread evenly, with the first and the last', () => {
  expect(spread(3, 5)).toEqual([0, 1, 2]);
  expect(spread(101, 5)).toEqual([0, 25, 50, 75, 100]);
});
