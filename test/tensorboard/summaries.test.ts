// Summaries are the messages that PyTorch makes of the same arguments.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { PNG } from 'pngjs';
import { ones, tensor } from '../../lib/index.js';
import { type Bins, SummaryWriter } from '../../lib/tensorboard/index.js';
import { temporaryFolder } from '../temporary.js';
import { decode, eventsIn, type Message, valuesIn } from './reader.js';

const golden: {
  summaries: Record<string, Message | Message[]>;
  histograms: [string, Bins, number | null, Message][];
  pictures: Record<string, Message>;
} = JSON.parse(readFileSync(join(__dirname, '../golden/tensorboard.json'), 'utf8'));

const root = temporaryFolder();
let runs = 0;
const newFolder = () => join(root, String(runs++));

/** What `write` adds to a new folder. */
async function written(write: (writer: SummaryWriter) => void): Promise<Message[]> {
  const folder = newFolder();
  const writer = new SummaryWriter(folder);
  write(writer);
  await writer.close();
  return valuesIn(folder);
}

/** Multiples of 2^-16 in (-1, 1), as test/golden/tensorboard.py makes them. */
const numbers = (n: number, scale = 1) =>
  Array.from({ length: n }, (_, i) => ((((i + 1) * 40503) % 65536) / 32768 - 1) * scale);
const f32 = (data: number[], shape: number[]) => tensor(data, { dtype: 'float32' }).reshape(shape);

// What the contents of plugins are made of.
const contents: Record<string, string> = {
  pr_curves: 'PrCurvePluginData',
  hparams: 'HParamsPluginData',
  mesh: 'MeshPluginData',
};

/** As test/golden/tensorboard.py writes messages: contents decoded, maps as objects. */
function plain(value: Message): Message {
  const out = structuredClone(value);
  const { plugin_data: plugin } = out.metadata ?? {};
  if (plugin?.content !== undefined) plugin.content = decode(contents[plugin.plugin_name]!, plugin.content);
  if (plugin?.plugin_name === 'custom_scalars') out.tensor.string_val = [decode('Layout', out.tensor.string_val[0])];
  const start = plugin?.content?.session_start_info;
  if (start) start.hparams = Object.fromEntries(start.hparams.map(({ key, value: inner }: Message) => [key, inner]));
  for (const info of plugin?.content?.experiment?.hparam_infos ?? [])
    if (info.domain_discrete !== undefined)
      info.domain_discrete = info.domain_discrete.values.map((v: Message) => v.number_value ?? v.string_value);
  return out;
}

/** PyTorch's values of `name`, with TensorBoard's constants in place of their names, and numbers for booleans, as they are written. */
function wanted(name: string): unknown {
  const values = [golden.summaries[name]!].flat().flatMap((summary) => summary.value);
  const text = JSON.stringify(values)
    .replaceAll(/"(EXPERIMENT|SESSION_\w+)_TAG"/g, (_, tag) => `"_hparams_/${tag.toLowerCase()}"`)
    .replaceAll('"number_value":true', '"number_value":1');
  return withoutVersions(JSON.parse(text));
}

// Version 0 need not be written.
const withoutVersions = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutVersions);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, part]) => [name, withoutVersions(part)] as const);
  return Object.fromEntries(
    entries.filter(([name, part]) => !(name === 'version' && part === 0) && !(name === 'content' && isEmpty(part))),
  );
};
const isEmpty = (value: unknown): boolean => typeof value === 'object' && Object.keys(value!).length === 0;

/** Within `tolerance`, as 32 bits round and sums may be added up in another order. */
function expectClose(actual: unknown, expected: unknown, tolerance: number, path = ''): void {
  if (typeof expected === 'number') {
    const close = Math.abs((actual as number) - expected) <= tolerance * Math.max(1, Math.abs(expected));
    expect({ path, close, actual, expected }).toEqual({ path, close: true, actual, expected });
  } else if (typeof expected === 'object' && expected !== null) {
    expect({ path, keys: Object.keys(actual as object).sort() }).toEqual({ path, keys: Object.keys(expected).sort() });
    for (const [key, part] of Object.entries(expected))
      expectClose((actual as Message)[key], part, tolerance, `${path}.${key}`);
  } else expect({ path, actual }).toEqual({ path, actual: expected });
}

const labels = () => tensor(numbers(50).map((v) => Number(v > 0.2))).to('int64');
const guesses = () => f32(numbers(50).map(Math.abs), [50]);

const rows: Record<string, (writer: SummaryWriter) => void> = {
  scalar: (w) => w.addScalar('s', 0.1),
  scalarNew: (w) => w.addScalar('s', tensor([1.5]), null, { newStyle: true }),
  scalarDouble: (w) => w.addScalar('s', 0.1, null, { newStyle: true, doublePrecision: true }),
  text: (w) => w.addText('t', 'a *b*'),
  audio: (w) => w.addAudio('a', f32(numbers(40), [1, 40]), null, { sampleRate: 8000 }),
  tensors: (w) => {
    for (const dtype of ['float32', 'float64', 'float16', 'bfloat16'] as const)
      w.addTensor('x', tensor(numbers(4), { dtype: 'float64' }).reshape([2, 2]).to(dtype));
  },
  integers: (w) => {
    for (const dtype of ['int64', 'int32', 'bool'] as const) w.addTensor('x', tensor([1, 0, 3]).to(dtype));
  },
  prCurve: (w) => w.addPrCurve('c', labels(), guesses()),
  prCurveWeighted: (w) =>
    w.addPrCurve('c', labels(), guesses(), null, {
      numThresholds: 5,
      weights: Array.from({ length: 50 }, (_, i) => i / 10),
    }),
  prCurveRaw: (w) =>
    w.addPrCurveRaw(
      'c',
      {
        truePositiveCounts: [0, 1, 2],
        falsePositiveCounts: [1, 2, 3],
        trueNegativeCounts: [2, 3, 4],
        falseNegativeCounts: [3, 4, 5],
        precision: [4, 5, 6],
        recall: [5, 6, 7],
      },
      null,
      { numThresholds: 3 },
    ),
  customScalars: (w) =>
    w.addCustomScalars({ losses: { both: ['Multiline', ['a', 'b']], band: ['Margin', ['m', 'l', 'u']] } }),
  histogramRaw: (w) =>
    w.addHistogramRaw('h', {
      min: -1,
      max: 2,
      num: 3,
      sum: 1.5,
      sumSquares: 4.5,
      bucketLimits: [0, 1, 2],
      bucketCounts: [1, 0, 2],
    }),
};

test.each(Object.entries(rows))("%s is PyTorch's", async (name, write) => {
  expectClose(withoutVersions((await written(write)).map(plain)), wanted(name), 1e-6);
});

test('hyperparameters and metrics, in a run of their own', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder);
  writer.addHparams(
    { lr: 0.1, name: 'sgd', flag: true, none: null, t: tensor([2]) },
    { acc: 1, loss: tensor(2) },
    { hparamDomainDiscrete: { lr: [0.1, 0.2], name: ['sgd', 'adam'] }, runName: 'first', globalStep: 3 },
  );
  await writer.close();
  const values = valuesIn(join(folder, 'first'));
  expect(withoutVersions(values.slice(0, 3).map(plain))).toEqual(wanted('hparams'));
  expect(values.slice(3)).toEqual([
    { tag: 'acc', simple_value: 1 },
    { tag: 'loss', simple_value: 2 },
  ]);
  expect(
    eventsIn(join(folder, 'first'))
      .slice(1)
      .map(({ step }) => step),
  ).toEqual([3, 3, 3, 3, 3]);
});

const data: Record<string, number[]> = {
  many: numbers(500),
  few: numbers(5),
  same: [2, 2, 2, 2],
  skew: numbers(300).map((v) => Math.abs(v) ** 5),
};

test("histograms have NumPy's bins by every rule", async () => {
  const cases = golden.histograms;
  const values = await written((w) => {
    for (const [name, bins, maxBins] of cases) w.addHistogram('h', data[name]!, 0, { bins, maxBins });
  });
  expect(values).toHaveLength(cases.length);
  for (const [i, [name, bins, most, histogram]] of cases.entries())
    expectClose(values[i]!.histo, histogram, 1e-12, `${name} ${bins} ${most}`);
});

const pictures: Record<string, (w: SummaryWriter) => void> = {
  CHW: (w) => w.addImage('p', f32(numbers(60), [3, 4, 5])),
  HW: (w) => w.addImage('p', f32(numbers(12).map(Math.abs), [3, 4]), 0, { dataformats: 'HW' }),
  WH: (w) => w.addImage('p', f32(numbers(12).map(Math.abs), [3, 4]), 0, { dataformats: 'WH' }),
  HWC: (w) =>
    w.addImage('p', f32(numbers(24).map(Math.abs), [2, 3, 4]).mul(255).to('uint8'), 0, { dataformats: 'hwc' }),
  NCHW: (w) => w.addImages('p', f32(numbers(54, 2), [9, 1, 2, 3])),
  NHWC: (w) => w.addImages('p', f32(numbers(24).map(Math.abs), [2, 2, 2, 3]), 0, { dataformats: 'NHWC' }),
};

test.each(Object.entries(pictures))('pictures as %s', async (format, write) => {
  const [value] = await written(write);
  const theirs = golden.pictures[format]!.value[0];
  const { data: pixels } = PNG.sync.read(Buffer.from(value!.image.encoded_image_string, 'latin1'));
  const { encoded_image_string: _, ...sizes } = value!.image;
  const { encoded_image_string: bytes, ...theirSizes } = theirs.image;
  expect(sizes).toEqual(theirSizes);
  expect([...pixels].filter((_, i) => sizes.colorspace === 4 || i % 4 < 3)).toEqual(bytes);
});

test('meshes', async () => {
  const values = await written((w) =>
    w.addMesh('m', f32(numbers(12), [1, 4, 3]), {
      faces: tensor([[[0, 1, 2]]], { dtype: 'int32' }),
      configDict: { camera: { cls: 'PerspectiveCamera' } },
    }),
  );
  expect(
    values.map(({ tag, tensor: { float_val }, metadata }) => [tag, float_val.length, metadata.plugin_data.plugin_name]),
  ).toEqual([
    ['m_VERTEX', 12, 'mesh'],
    ['m_FACE', 3, 'mesh'],
  ]);
  expect(plain(values[1]!).metadata.plugin_data.content).toEqual({
    version: 0,
    name: 'm',
    content_type: 2,
    components: 0b110,
    shape: [1, 1, 3],
    json_config: '{"camera":{"cls":"PerspectiveCamera"}}',
  });
});

test('embeddings are files beside the events', async () => {
  const folder = newFolder();
  const writer = new SummaryWriter(folder);
  writer.addEmbedding(
    tensor([
      [1, -0.1],
      [1e-5, 0.25],
    ]),
    {
      metadata: [
        ['a', 1],
        ['b', 2],
      ],
      metadataHeader: ['name', 'number'],
      labelImg: ones([2, 1, 2, 3]),
      globalStep: 7,
      tag: 'a/b',
    },
  );
  writer.addEmbedding(tensor([[1, 2]]).to('int64'), { metadata: ['x'] });
  await writer.close();
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  expect(read('00007/a%2fb/tensors.tsv')).toBe('1.0\t-0.10000000149011612\n9.999999747378752e-06\t0.25\n');
  expect(read('00007/a%2fb/metadata.tsv')).toBe('name\tnumber\na\t1\nb\t2\n');
  expect(read('00000/default/tensors.tsv')).toBe('1\t2\n');
  const sprite = PNG.sync.read(readFileSync(join(folder, '00007/a%2fb/sprite.png')));
  expect([sprite.width, sprite.height, sprite.data[0], sprite.data.at(-2)]).toEqual([6, 6, 255, 0]);
  expect(read('projector_config.pbtxt')).toBe(
    [
      'embeddings {',
      '  tensor_name: "a/b:00007"',
      '  metadata_path: "00007/a%2fb/metadata.tsv"',
      '  sprite {',
      '    image_path: "00007/a%2fb/sprite.png"',
      '    single_image_dim: 3',
      '    single_image_dim: 2',
      '  }',
      '  tensor_path: "00007/a%2fb/tensors.tsv"',
      '}',
      'embeddings {',
      '  tensor_name: "default:00000"',
      '  metadata_path: "00000/default/metadata.tsv"',
      '  tensor_path: "00000/default/tensors.tsv"',
      '}',
      '',
    ].join('\n'),
  );
});
