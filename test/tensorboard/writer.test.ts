// Event files: order, time, what waits, what fails, what is refused.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { full, noGrad, ones, tensor, tidy, zeros } from '../../lib/index.js';
import { SummaryWriter } from '../../lib/tensorboard/index.js';
import { temporaryFolder } from '../temporary.js';
import { crc32c, decode, eventFiles, eventsIn, recordsOf, valuesIn } from './reader.js';

const root = temporaryFolder();
let runs = 0;
const newFolder = () => join(root, String(runs++));

test('several curves are runs of their own, with one time', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder, { filenameSuffix: '.end' });
  writer.addScalars('a/loss', { train: 1, test: tensor(2) }, 5);
  await writer.close();
  const [train, other] = ['train', 'test'].map((tag) => eventsIn(join(folder, `a_loss_${tag}`))[1]!);
  expect([train!.summary.value, other!.summary.value]).toEqual([
    [{ tag: 'a/loss', simple_value: 1 }],
    [{ tag: 'a/loss', simple_value: 2 }],
  ]);
  expect(train!.step).toBe(5);
  expect(train!.wall_time).toBe(other!.wall_time);
  expect(eventFiles(folder)[0]).toMatch(/\/events\.out\.tfevents\.\d{10}\..+\.\d+\.\d+\.end$/);
});

test('steps and times; infinite and missing numbers', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder);
  writer.addScalar('a', 1e300, 2 ** 40, { walltime: 12.5 });
  writer.addScalar('a', tensor(Number.NaN), -3);
  writer.addScalar('a', 0);
  await writer.close();
  const events = eventsIn(folder);
  expect(events[0]).toMatchObject({
    file_version: 'brain.Event:2',
    source_metadata: { writer: 'cresset.tensorboard' },
  });
  expect(events[1]).toEqual({
    wall_time: 12.5,
    step: 2 ** 40,
    summary: { value: [{ tag: 'a', simple_value: Number.POSITIVE_INFINITY }] },
  });
  expect([events[2]!.step, events[2]!.summary.value[0].simple_value]).toEqual([-3, Number.NaN]);
  expect([events[3]!.step, events[3]!.summary.value[0].simple_value]).toEqual([undefined, 0]);
  expect(Math.abs(events[3]!.wall_time - Date.now() / 1000)).toBeLessThan(60);
});

test('tensors are taken as they are at the call, in the order of the calls', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder);
  const x = zeros([3]);
  for (let step = 0; step < 300; step++) {
    tidy(() => {
      writer.addTensor('x', x);
      noGrad(() => x.add_(1));
    });
    if (step % 3 === 0) writer.addText('t', String(step));
  }
  await writer.close();
  const values = valuesIn(folder);
  const tensors = values.filter(({ tag }) => tag === 'x').map((value) => value.tensor.float_val[0]);
  expect(tensors).toEqual(Array.from({ length: 300 }, (_, i) => i));
  expect(values.findIndex(({ tag }) => tag === 't/text_summary')).toBe(1);
});

test('a loop that never yields is written as it goes', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder);
  const [file] = eventFiles(folder);
  const text = 'x'.repeat(3 << 20);
  for (let step = 0; step < 7; step++) writer.addText('t', text);
  expect(statSync(file!).size).toBeGreaterThan(16 << 20);
  await writer.close();
  expect(statSync(file!).size).toBeGreaterThan(21 << 20);
});

test('more than may wait for the stream is waited for', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder);
  const x = ones([2]);
  for (let step = 0; step < 5000; step++) writer.addScalar('a', x.sum(), step);
  await writer.close();
  expect(
    eventsIn(folder)
      .slice(1)
      .map(({ step = 0 }) => step),
  ).toEqual(Array.from({ length: 5000 }, (_, i) => i));
});

test('records reach the file by count, by time, and at flush', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder, { maxQueue: 3, flushSecs: 0.05 });
  const [file] = eventFiles(folder);
  const count = () => recordsOf(file!).length;
  expect(count()).toBe(1);
  writer.addScalar('a', 1);
  await writer.flush();
  expect(count()).toBe(2);
  for (let i = 0; i < 3; i++) writer.addScalar('a', i);
  while (count() < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  writer.addScalar('a', tensor(3));
  while (count() < 6) await new Promise((resolve) => setTimeout(resolve, 5));
  await writer.close();
  expect(count()).toBe(6);
});

test('after close, or a crash in the middle of a record, a new file goes on; purgeStep hides what came after', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder);
  for (let step = 0; step < 5; step++) writer.addScalar('a', step, step);
  await writer.close();
  await writer.close();
  const [first] = eventFiles(folder);
  truncateSync(first!, statSync(first!).size - 7);
  const resumed = new SummaryWriter(folder, { purgeStep: 3 });
  resumed.addScalar('a', 30, 3);
  await resumed.close();
  resumed.addScalar('a', 40, 4);
  await resumed.close();
  const files = eventFiles(folder);
  expect(files.map((file) => recordsOf(file).length)).toEqual([5, 4, 2]);
  const second = recordsOf(files[1]!).map((record) => decode('Event', record));
  expect(second.slice(1).map(({ wall_time: _, ...event }) => event)).toEqual([
    { step: 3, file_version: 'brain.Event:2' },
    { step: 3, session_log: { status: 1 } },
    { step: 3, summary: { value: [{ tag: 'a', simple_value: 30 }] } },
  ]);
});

test('the default folder has the time, the host and the comment', async () => {
  const before = process.cwd();
  mkdirSync(join(root, 'here'));
  process.chdir(join(root, 'here'));
  try {
    const writer = new SummaryWriter(null, { comment: '_lr1' });
    expect(writer.getLogdir()).toMatch(/^runs[/\\][A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_.+_lr1$/);
    await writer.close();
    expect(eventFiles(writer.logDir)).toHaveLength(1);
  } finally {
    process.chdir(before);
  }
});

test('a folder is made with those around it; where it cannot be, that is an error', async () => {
  const deep = join(newFolder(), 'a/b//');
  await new SummaryWriter(deep).close();
  expect(eventFiles(deep)).toHaveLength(1);
  const file = eventFiles(deep)[0]!;
  expect(() => new SummaryWriter(file)).toThrow(/EEXIST/);
  expect(() => new SummaryWriter(join(file, 'below'))).toThrow(/ENOTDIR/);
});

test('options that a method does not have are refused', () => {
  const writer = new SummaryWriter(newFolder());
  expect(() => writer.addScalar('a', 1, 0, { new_style: true } as never)).toThrow(
    'addScalar: has no option new_style, but newStyle; its options are newStyle, doublePrecision, walltime',
  );
  expect(() => writer.addHistogram('a', ones([2]), 0, { max_bins: 3 } as never)).toThrow('no option max_bins');
});

test('what fails later is told by flush, once, and the rest is written', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder);
  writer.addScalar('a', 1);
  writer.addHistogram('h', full([2], Number.NaN));
  writer.addScalar('a', 2);
  await expect(writer.flush()).rejects.toThrow('addHistogram: none of the 2 values of h lies within the bins');
  writer.addHistogram('h', [Number.NaN, 1], 0, { bins: 'auto' });
  writer.addHistogram('h', tensor([Number.POSITIVE_INFINITY]), 0, { bins: 3 });
  writer.addHistogram('h', [...Array.from({ length: 100 }, (_, i) => i * 1e-9), 1e9], 0, { bins: 'fd' });
  await expect(writer.close()).rejects.toThrow(
    /SummaryWriter: RangeError: addHistogram: bins of a range from 1 to NaN .*; RangeError.*; RangeError: addHistogram: bins 'fd' finds \d+ bins/,
  );
  await writer.close();
  expect(valuesIn(folder).map(({ simple_value }) => simple_value)).toEqual([1, 2]);
});

test('a full disk is told; what waits for it is kept up to a bound', async () => {
  const folder = newFolder();
  // The shell's limit on the size of files, in blocks of 512 or 1,024 bytes; the signal of it is ignored.
  const script = `
    import { SummaryWriter } from 'cresset/tensorboard';
    process.on('SIGXFSZ', () => {});
    const writer = new SummaryWriter(${JSON.stringify(folder)});
    writer.addText('t', 'x'.repeat(5000));
    try { await writer.flush(); } catch (error) { console.log(error.code); }
    try { await writer.flush(); } catch (error) { console.log(error.code); }
    for (let i = 0; i < 60; i++) writer.addText('t', 'x'.repeat(1 << 20));
    try { await writer.flush(); } catch (error) { console.log(error.errors.length, error.message.match(/an event is lost/)[0]); }
  `;
  const result = spawnSync(
    'sh',
    ['-c', `ulimit -f 2; exec "$0" --input-type=module -e "$1"`, process.execPath, script],
    {
      cwd: join(__dirname, '../..'),
      encoding: 'utf8',
    },
  );
  expect(result.stdout).toBe('EFBIG\nEFBIG\n20 an event is lost\n');
  expect(result.stderr).toContain('SummaryWriter, not closed');
  expect(eventsIn(folder)).toHaveLength(1);
});

test('a program that ends without close leaves all in the file', () => {
  const folder = newFolder();
  const script = `
    import { ones } from 'cresset';
    import { SummaryWriter } from 'cresset/tensorboard';
    const writer = new SummaryWriter(${JSON.stringify(folder)});
    for (let i = 0; i < 5; i++) writer.addScalar('a', ones([100, 100]).matmul(ones([100, 100])).sum(), i);
    if (process.argv[1] === 'exit') process.exit(0);
  `;
  const run = (how: string) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script, how], {
      cwd: join(__dirname, '../..'),
      encoding: 'utf8',
    });
  for (const how of ['end', 'exit']) run(how);
  for (const file of eventFiles(folder)) expect(recordsOf(file)).toHaveLength(6);
  expect(valuesIn(folder).map(({ simple_value }) => simple_value)).toEqual(new Array(10).fill(1e6));
});

test('the checksum is CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
});

const disposed = () => {
  const x = tensor(1);
  x.dispose();
  return x;
};
const refusals: [string, (w: SummaryWriter) => void, string][] = [
  ['tag', (w) => w.addScalar(1 as never, 1), 'addScalar: tag must be a string, got 1'],
  ['step', (w) => w.addScalar('a', 1, 0.5), 'addScalar: globalStep must be an integer, got 0.5'],
  [
    'value',
    (w) => w.addScalar('a', ones([2])),
    'addScalar: value must be a number or a Tensor of one element, got a Tensor of shape [2]',
  ],
  ['text', (w) => w.addText('a', 3 as never), 'addText: textString must be a string, got 3'],
  [
    'scalars',
    (w) => w.addScalars('a', { x: 'y' as never }),
    'addScalars: tagScalarDict.x must be a number or a Tensor of one element, got the string "y"',
  ],
  ['no values', (w) => w.addHistogram('a', []), 'addHistogram: values has no element, its shape is [0]'],
  [
    'bins',
    (w) => w.addHistogram('a', [1], 0, { bins: 'best' as never }),
    'addHistogram: bins must be one of tensorflow, auto, doane, fd, rice, scott, sqrt, stone, sturges, a number or an array of edges, got the string "best"',
  ],
  [
    'edges',
    (w) => w.addHistogram('a', [1], 0, { bins: [1, 0] }),
    'addHistogram: the edges in bins must not fall, got 0 after 1',
  ],
  [
    'number of bins',
    (w) => w.addHistogram('a', [1], 0, { bins: 0 }),
    'addHistogram: bins must be a whole number from 1 to 10000000, got 0',
  ],
  [
    'more bins than memory is there for',
    (w) => w.addHistogram('a', [1], 0, { bins: 1e9 }),
    'addHistogram: bins must be a whole number from 1 to 10000000, got 1000000000',
  ],
  ['disposed', (w) => w.addScalar('a', disposed()), 'addScalar: the tensor was disposed'],
  ['disposed values', (w) => w.addHistogram('a', disposed()), 'addHistogram: the tensor was disposed'],
  [
    'missing facts',
    (w) => w.addHistogramRaw('a', { min: 0, max: 1, bucketLimits: [1], bucketCounts: [1] } as never),
    'addHistogramRaw: num must be a number, got undefined',
  ],
  [
    'chart',
    (w) => w.addCustomScalars({ a: { b: 5 as never } }),
    "addCustomScalars: chart 'b' must be an array of its kind and tags, got 5",
  ],
  [
    'sample rate',
    (w) => w.addAudio('a', [1], 0, { sampleRate: 2 ** 32 }),
    'addAudio: sampleRate must be positive and below 2^31, got 4294967296',
  ],
  [
    'strings',
    (w) => w.addHistogram('a', ['x'] as never),
    'addHistogram: values[0] must be a number, got the string "x"',
  ],
  [
    'raw',
    (w) =>
      w.addHistogramRaw('a', { min: 0, max: 1, num: 1, sum: 1, sumSquares: 1, bucketLimits: [1], bucketCounts: [] }),
    'addHistogramRaw: 1 bucketLimits do not fit 0 bucketCounts',
  ],
  [
    'dimensions',
    (w) => w.addImage('a', ones([2, 2])),
    "addImage: dataformats 'CHW' needs 3 dimensions but the tensor has shape [2, 2]",
  ],
  [
    'formats',
    (w) => w.addImage('a', ones([2, 2]), 0, { dataformats: 'HH' }),
    "addImage: dataformats must name H and W, also C, also N, each once, got 'HH'",
  ],
  ['channels', (w) => w.addImage('a', ones([2, 2, 2])), 'addImage: a picture has 1 or 3 or 4 channels, got 2'],
  [
    'channels of a batch',
    (w) => w.addImages('a', ones([1, 4, 2, 2])),
    'addImages: a picture has 1 or 3 channels, got 4',
  ],
  ['no pixel', (w) => w.addImage('a', ones([3, 0, 2])), 'addImage: a picture of shape [3, 0, 2] has no pixel'],
  [
    'figure',
    (w) => w.addFigure('a', {}),
    'addFigure: there is no matplotlib here; draw the figure to a picture and use addImage',
  ],
  [
    'video',
    (w) => w.addVideo('a', ones([1])),
    'addVideo: videos cannot be encoded here; add their frames with addImages',
  ],
  ['sound', (w) => w.addAudio('a', ones([2, 3])), 'addAudio: sndTensor must be of one channel, got shape [2, 3]'],
  [
    'curve',
    (w) => w.addPrCurve('a', [1, 0], [0.5]),
    'addPrCurve: 2 labels, 1 predictions and 1 weights do not fit together',
  ],
  [
    'thresholds',
    (w) => w.addPrCurve('a', [1], [0.5], 0, { numThresholds: 1 }),
    'addPrCurve: numThresholds must be at least 2, got 1',
  ],
  [
    'margin',
    (w) => w.addCustomScalarsMarginchart(['a', 'b']),
    "addCustomScalars: a margin chart shows 3 tags (value, lower, upper), 'untitled' has 2",
  ],
  ['mesh', (w) => w.addMesh('a', ones([4, 3])), 'addMesh: vertices must have shape [b, n, 3], got [4, 3]'],
  [
    'labels',
    (w) => w.addEmbedding(ones([2, 3]), { metadata: ['a'] }),
    'addEmbedding: 1 of metadata do not fit 2 points',
  ],
  [
    'sprite',
    (w) => w.addEmbedding(ones([2, 3]), { labelImg: ones([2, 3, 9, 2]) }),
    'addEmbedding: labelImg must have pictures that are at least as wide as high, got 9 rows of 2',
  ],
  [
    'hparam',
    (w) => w.addHparams({ lr: [1] as never }, {}),
    'addHparams: hparamDict.lr must be a number, string, boolean or Tensor of one element, got the array [1]',
  ],
  [
    'domain',
    (w) => w.addHparams({ lr: 1 }, {}, { hparamDomainDiscrete: { lr: ['x'] } }),
    'addHparams: hparamDomainDiscrete.lr must be an array of what lr is, 1, got the array [x]',
  ],
];

test('bad arguments are refused at the call, and nothing is written', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder);
  for (const [, call, message] of refusals) expect(() => call(writer)).toThrow(message);
  await writer.close();
  expect(eventsIn(folder)).toHaveLength(1);
  writeFileSync(join(root, 'file'), '');
  expect(() => new SummaryWriter(join(root, 'file'))).toThrow(/EEXIST|ENOTDIR/);
  expect(() => new SummaryWriter(folder, { flushSecs: -1 })).toThrow(
    'SummaryWriter: flushSecs must not be negative, got -1',
  );
  expect(() => new SummaryWriter(3 as never)).toThrow('SummaryWriter: logDir must be a string, got 3');
});
