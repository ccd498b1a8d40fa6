// Every kind of record as others read it: protoc's decoder, and TensorBoard itself where Python has it.
import { execFileSync, spawnSync } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { nn, ones, tensor } from '../../lib/index.js';
import { SummaryWriter } from '../../lib/tensorboard/index.js';
import { temporaryFolder } from '../temporary.js';
import { decode, eventFiles, fieldsOf, type Message, protoFile, recordsOf } from './reader.js';

const folder = temporaryFolder();

beforeAll(async () => {
  const writer = new SummaryWriter(folder, { purgeStep: 1 });
  const model = new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.ReLU(), new nn.Flatten(), new nn.Linear(8, 2));
  writer.addGraph(model, ones([1, 1, 4, 4]));
  writer.addScalar('scalar', 1.5, 2);
  writer.addScalar('new', tensor(0.25), 3, { newStyle: true });
  writer.addHistogram('histogram', [1, 2, 3, 7], 1, { bins: 3 });
  writer.addImage('image', ones([1, 2, 3]), 1);
  writer.addAudio('audio', [0, 0.5, -0.5], 1);
  writer.addText('text', 'grün "quoted"\n', 1);
  writer.addTensor('tensor', tensor([[1, -2]]).to('int64'), 1);
  writer.addPrCurve('curve', [0, 1], [0.2, 0.9], 1, { numThresholds: 3 });
  writer.addMesh('mesh', ones([1, 2, 3]), { globalStep: 1 });
  writer.addCustomScalars({ category: { chart: ['Margin', ['a', 'b', 'c']] } });
  writer.addHparams({ lr: 0.1, optimizer: 'sgd' }, { loss: 1 }, { runName: 'run' });
  await writer.close();
});

// Protocol buffers' text of a string or of bytes, as bytes of one character each.
const bytesOf = (text: string): string =>
  text.slice(1, -1).replaceAll(/\\(\d{3}|.)/g, (_, code: string) => {
    const letters: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
    return code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (letters[code] ?? code);
  });

/** The text of a message as reader.ts gives it. */
function parse(text: string, type: string): Message {
  const lines = text.split('\n').map((line) => line.trim());
  const scalar = (value: string, of: string): unknown => {
    if (of === 'string') return Buffer.from(bytesOf(value), 'latin1').toString();
    if (of === 'bytes') return bytesOf(value);
    if (of === 'bool') return value === 'true';
    return Number.isNaN(Number(value)) ? value : Number(value);
  };
  const message = (of: string): Message => {
    const out: Message = {};
    for (let line = lines.shift(); line !== undefined && line !== '}'; line = lines.shift()) {
      const [, name, value] = /^(\w+)(?:: (.*)| \{)$/.exec(line) ?? [];
      const field = fieldsOf(of).find((candidate) => candidate.name === name);
      if (field === undefined) continue;
      const parsed = value === undefined ? message(field.type) : scalar(value, field.type);
      if (field.repeated) out[field.name] = [...(out[field.name] ?? []), parsed];
      else out[field.name] = parsed;
    }
    return out;
  };
  return message(type);
}

// What protoc leaves out of its text: numbers that are 0 and texts that are empty.
const withoutDefaults = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, part]) => [name, withoutDefaults(part)]);
  return Object.fromEntries(entries.filter(([, part]) => part !== 0 && part !== ''));
};

const hasProtoc = spawnSync('protoc', ['--version']).status === 0;
(hasProtoc ? test : test.skip)("protoc's decoder reads what the tests' reader reads", () => {
  const seen = new Set<string>();
  const check = (type: string, bytes: Buffer): Message => {
    const args = [`--decode=${type}`, `--proto_path=${dirname(protoFile)}`, basename(protoFile)];
    const text = execFileSync('protoc', args, { input: bytes, encoding: 'utf8' });
    // A field that the file does not know stands there by its number.
    expect(text).not.toMatch(/^\s*\d+:/m);
    const message = decode(type, bytes);
    expect(withoutDefaults(parse(text, type))).toEqual(withoutDefaults(message));
    for (const name of Object.keys(message)) seen.add(`${type}.${name}`);
    return message;
  };
  const contents: Record<string, string> = {
    pr_curves: 'PrCurvePluginData',
    hparams: 'HParamsPluginData',
    mesh: 'MeshPluginData',
  };
  const latin1 = (bytes: string) => Buffer.from(bytes, 'latin1');
  for (const record of [folder, join(folder, 'run')].flatMap(eventFiles).flatMap(recordsOf)) {
    const event = check('Event', record);
    if (event.graph_def) check('GraphDef', latin1(event.graph_def));
    if (event.tagged_run_metadata) check('RunMetadata', latin1(event.tagged_run_metadata.run_metadata));
    for (const value of event.summary?.value ?? []) {
      for (const name of Object.keys(value)) seen.add(name);
      const plugin = value.metadata?.plugin_data;
      if (plugin?.content) check(contents[plugin.plugin_name]!, latin1(plugin.content));
      if (plugin?.plugin_name === 'custom_scalars') check('Layout', latin1(value.tensor.string_val[0]));
    }
  }
  const kinds = ['simple_value', 'histo', 'image', 'audio', 'tensor', 'Event.session_log', 'Event.graph_def'];
  const plugins = ['start_info', 'end_info'].map((part) => `HParamsPluginData.session_${part}`);
  expect([...seen]).toEqual(expect.arrayContaining([...kinds, ...plugins, 'HParamsPluginData.experiment']));
});

// `PYTHON` names a Python that has TensorBoard.
const [python, ...args] = (process.env.PYTHON ?? 'python3').split(' ');
const hasTensorBoard =
  spawnSync(python!, [...args, '-c', 'from tensorboard.backend.event_processing import event_accumulator']).status ===
  0;
(hasTensorBoard ? test : test.skip)('TensorBoard finds every kind of record', () => {
  const read = (run: string): Message =>
    JSON.parse(execFileSync(python!, [...args, join(__dirname, 'read.py'), run], { encoding: 'utf8' }));
  const { nodes, ...found } = read(folder);
  expect(found).toEqual({
    plugins: {
      new: 'scalars',
      'text/text_summary': 'text',
      tensor: 'tensor',
      curve: 'pr_curves',
      mesh_VERTEX: 'mesh',
      custom_scalars__config__: 'custom_scalars',
    },
    hparams: [],
    scalars: { scalar: [[2, 1.5]] },
    histograms: ['histogram'],
    images: [[3, 2]],
    audio: ['audio'],
    runMetadata: ['step1'],
  });
  expect(nodes).toEqual(expect.arrayContaining(['aten::_convolution', 'aten::relu', 'aten::linear', 'IO Node']));
  expect(read(join(folder, 'run'))).toMatchObject({
    hparams: ['experiment', 'session_start_info', 'session_end_info'].map((part) => `_hparams_/${part}`),
    scalars: { loss: [[0, 1]] },
  });
});
