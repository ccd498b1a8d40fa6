// Whole models: PyTorch's become ours and ours become PyTorch's.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  inferenceMode,
  manualSeed,
  nn,
  optim,
  rand,
  randn,
  stack,
  type Tensor,
  tensor,
  zeros,
} from '../../lib/index.js';
import { CheckpointError, load, save } from '../../lib/serialization/index.js';
import { layers } from '../../lib/serialization/layers.js';
import { pickle } from '../../lib/serialization/pickle.js';
import { PythonFloat, PythonObject } from '../../lib/serialization/python.js';
import { toStored } from '../../lib/serialization/snapshot.js';
import { writeZip } from '../../lib/serialization/zip-write.js';
import { datasets, models, transforms } from '../../lib/vision/index.js';
import { temporaryFolder } from '../temporary.js';
import { Tudui } from './tudui.js';

const golden = (name: string) => join(__dirname, '../golden/serialization', name);
const shared = join(__dirname, '../../../shared');

// Digests of what was written when PyTorch and torchvision read it.
const seen = JSON.parse(readFileSync(golden('seen.json'), 'utf8'));
const networks = Object.keys(seen.networks);

const folder = temporaryFolder();
const path = join(folder, 'file.pth');

// biome-ignore lint/suspicious/noExplicitAny: a file is what it is.
const errorOf = async (made: Promise<any>): Promise<string> => {
  const error = await made.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  return (error as Error).message;
};

interface Entry {
  module: nn.AnyModule;
  text: string;
  keys: string[];
  inputs?: Tensor[];
  output?: Tensor;
}

function outputOf({ module, inputs }: Entry): Tensor {
  const output = module(...inputs!.map((x) => x.clone()));
  return Array.isArray(output) ? output[0] : output;
}

function checkEntry(title: string, entry: Entry): void {
  const { module, text, keys, inputs, output } = entry;
  expect([title, String(module), Object.keys(module.stateDict())]).toEqual([title, text, keys]);
  if (inputs === undefined) return;
  const y = outputOf(entry);
  const difference = y.sub(output!).abs().amax().item() as number;
  expect([title, y.shape, y.dtype, difference < 1e-5]).toEqual([title, output!.shape, output!.dtype, true]);
}

describe('modules that PyTorch wrote', () => {
  test('are the same layers: text, keys and what they compute', async () => {
    const all = await load<Record<string, Entry>>(golden('modules.pt'));
    expect(Object.keys(all).length).toBeGreaterThan(50);
    for (const [title, entry] of Object.entries(all)) checkEntry(title, entry);
  });

  test('have their parameters tied, frozen and trained as they were', async () => {
    const all = await load<Record<string, Entry>>(golden('modules.pt'));
    const twice = all['Sequential of one layer twice']!.module as nn.Sequential;
    expect(twice[0]).toBe(twice[2]);
    const tied = all['Sequential of tied weights']!.module as nn.Sequential;
    expect((tied[0] as nn.Linear).weight).toBe((tied[1] as nn.Linear).weight);
    const frozen = all.frozen!.module as nn.Sequential;
    expect([...frozen.parameters()].map((p) => p.requiresGrad)).toEqual([false, false, true, true]);
    expect([frozen.training, all.Linear!.module.training]).toEqual([true, false]);
    const layer = all.Linear!.module as nn.Linear;
    layer(randn([2, 4]))
      .sum()
      .backward();
    new optim.SGD(layer.parameters(), { lr: 0.1 }).step();
    expect(layer.bias!.grad!.toArray()).toEqual([2, 2, 2]);
  });

  test('also in the format before PyTorch 1.6', async () => {
    const { module, text, tied } = await load(golden('legacy-module.pt'));
    expect(String(module)).toBe(text);
    expect(tied.toArray()).toEqual(module[0].weight.toArray());
    expect(module(zeros([1, 2])).shape).toEqual([1, 1]);
  });

  test('have buffers of nn.Buffer, and tensors with attributes, of which the tensors count', async () => {
    class Offset extends nn.Module {
      forward = (x: Tensor) => x;
    }
    const file = golden('attributes.pt');
    const pickled = (await readFile(file)).toString('latin1');
    for (const name of ['_tensor\n_rebuild_from_type_v2', '_utils\n_rebuild_parameter_with_state'])
      expect(pickled).toContain(name);
    const module = await load(file, { classes: { Offset } });
    const entries = (tensors: Iterable<[string, Tensor]>) => [...tensors].map(([name, t]) => [name, t.toArray()]);
    expect(entries(module.namedBuffers())).toEqual([
      ['offset', [1, 2]],
      ['passing', [3]],
    ]);
    expect(entries(module.namedParameters())).toEqual([['weight', [4]]]);
    expect(Object.keys(module.stateDict())).toEqual(['weight', 'offset']);
    expect(module.plain.toArray()).toEqual([5]);
  });

  test('draw no random numbers', async () => {
    manualSeed(1);
    const expected = rand([2]).toArray();
    manualSeed(1);
    await load(golden('modules.pt'));
    expect(rand([2]).toArray()).toEqual(expected);
  });
});

/** Makes each parameter one number that is repeated, so that a large network has a small file. */
function repeatNumbers(module: nn.AnyModule): void {
  for (const [key, { shape }] of [...module.namedParameters()]) {
    const names = key.split('.');
    const name = names.pop()!;
    const repeated = new nn.Parameter(zeros(shape.map(() => 1)).expand(shape));
    Reflect.set(module.getSubmodule(names.join('.')), name, repeated);
  }
}

describe('modules that are saved', () => {
  test('come back the same', async () => {
    await save(await load(golden('modules.pt')), path);
    for (const [title, entry] of Object.entries(await load<Record<string, Entry>>(path))) checkEntry(title, entry);
  });

  test('are written byte for byte as PyTorch was seen to read them (npm run roundtrip does it again)', async () => {
    await save(await load(golden('modules.pt')), path);
    const file = await readFile(path);
    const from = file.indexOf(Buffer.from('\x80\x02', 'latin1'));
    const pickled = file.subarray(from, file.indexOf('PK\x03\x04', from, 'latin1'));
    expect(createHash('sha256').update(pickled).digest('hex')).toBe(seen.modules);
  });

  test.each(networks)('%s is written as torchvision was seen to read it, and comes back', async (name) => {
    const make = models[name as 'alexnet'];
    const module = nn.utils.skipInit(() => make());
    const { value } = toStored(module);
    const { bytes } = pickle(value);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(seen.networks[name]);
    repeatNumbers(module);
    await save(module, path);
    const back = await load(path);
    expect([String(back), Object.keys(back.stateDict())]).toEqual([String(module), Object.keys(module.stateDict())]);
  });

  test('every layer has its place in both worlds', () => {
    const known = new Set<unknown>(layers.map((layer) => layer.class));
    const classes = Object.entries(nn).filter(
      ([, value]) => typeof value === 'function' && value.prototype instanceof nn.Module,
    );
    expect(classes.filter(([, value]) => !known.has(value)).map(([name]) => name)).toEqual([]);
    expect(new Set(layers.map((layer) => layer.python)).size).toBe(layers.length);
  });

  test('stand beside tensors and plain values, and share memory with them', async () => {
    const model = new nn.Linear(2, 2);
    await save({ epoch: 3, model, weight: model.weight }, path);
    const back = await load(path);
    expect(back.epoch).toBe(3);
    back.weight.detach().fill_(5);
    expect(back.model.weight.toArray()).toEqual([
      [5, 5],
      [5, 5],
    ]);
  });

  test('what cannot be saved is named', async () => {
    await expect(save(new optim.SGD([zeros([1])], { lr: 1 }), path)).rejects.toThrow(
      /class SGD cannot be saved; save its state: save\(optimizer\.stateDict\(\), path\)/,
    );
    class Net extends nn.Module {
      when = new Date(0);
      forward = (x: Tensor) => x;
    }
    await expect(save(new Net(), path)).rejects.toThrow(/\["when"\] is an object of the class Date/);
    await expect(save(new (class extends nn.Identity {})(), path)).rejects.toThrow(/class without a name/);
  });
});

describe('classes of the user', () => {
  class Scaled extends nn.Module {
    layer: nn.Linear;
    scale: number;
    names: string[] = ['a'];
    constructor(size: number) {
      super();
      this.layer = new nn.Linear(size, size);
      this.scale = 2;
    }
    forward(x: Tensor): Tensor {
      return this.layer(x).mul(this.scale);
    }
  }

  test('come back with children and plain properties, without their constructor where it needs arguments', async () => {
    const model = new Scaled(3).eval();
    model.scale = 0.5;
    await save(model, path);
    const back: Scaled = await load(path, { classes: { Scaled } });
    expect(back).toBeInstanceOf(Scaled);
    expect([String(back), back.training, back.scale, back.names]).toEqual([String(model), false, 0.5, ['a']]);
    const x = randn([2, 3]);
    expect(back(x).toArray()).toEqual(model(x).toArray());
  });

  test('whose constructor needs none keep the fields that only TypeScript has', async () => {
    class Net extends nn.Module {
      #calls = 0;
      layer = new nn.Linear(2, 2);
      forward(x: Tensor): Tensor {
        this.#calls++;
        return this.layer(x);
      }
      get calls(): number {
        return this.#calls;
      }
    }
    const model = new Net();
    await save(model, path);
    const back: Net = await load(path, { classes: { '__main__.Net': Net } });
    expect(back(zeros([1, 2])).toArray()).toEqual(model(zeros([1, 2])).toArray());
    expect(back.calls).toBe(1);
  });

  test('that extend a layer have its fields and tensors, and are written as PyTorch has them', async () => {
    class Leaky extends nn.LeakyReLU {}
    class Wide extends nn.Linear {}
    class Net extends nn.Sequential {}
    const model = new Net(new Wide(2, 3), new Leaky(0.5));
    await save(model, path);
    const back: Net = await load(path, { classes: { Leaky, Wide, Net } });
    expect([back.constructor, back[0]!.constructor, String(back)]).toEqual([Net, Wide, String(model)]);
    const x = randn([4, 2]);
    expect(back(x).toArray()).toEqual(model(x).toArray());
    const { value } = toStored(model[1]);
    expect((value as PythonObject).attributes.get('negative_slope')).toEqual(new PythonFloat(0.5));
  });

  test('that have a tensor the file lacks are refused', async () => {
    class Small extends nn.Module {
      layer: nn.AnyModule = new nn.ReLU();
      forward = (x: Tensor) => x;
    }
    await save(new Small(), path);
    class Large extends nn.Module {
      layer = new nn.ReLU();
      more = new nn.Linear(1, 1);
      forward = (x: Tensor) => x;
    }
    expect(await errorOf(load(path, { classes: { Small: Large } }))).toMatch(
      /__main__\.Small: the file has no more\.weight, more\.bias, which the class here has/,
    );
  });

  test('that are unknown end in the error of the tutorial, which says what to do', async () => {
    await save(new Tudui(), path);
    expect(await errorOf(load(path))).toBe(
      `${path}: archive/data.pkl at byte 2: it holds an object of the class __main__.Tudui (Can't get attribute 'Tudui' on <module '__main__'>). ` +
        `A file carries no code: write the class in TypeScript and pass it, await load(${JSON.stringify(path)}, { classes: { Tudui } })`,
    );
  });

  test('must be classes of modules', async () => {
    await expect(load(path, { classes: { Tudui: class {} as never } })).rejects.toThrow(
      /load: classes\.Tudui must be a class that extends nn\.Module/,
    );
    await expect(load(path, { classes: 3 as never })).rejects.toThrow(/load: classes must be an object of classes/);
  });
});

describe('what a file may not say', () => {
  const object = (className: string, attributes: Record<string, unknown>): PythonObject =>
    new PythonObject(className, new Map(Object.entries({ training: true, ...attributes })));
  const relu = 'torch.nn.modules.activation.ReLU';
  async function write(value: unknown): Promise<void> {
    const { bytes } = pickle(value);
    await writeZip(path, [{ name: 'archive/data.pkl', data: bytes }]);
  }

  test.each<[string, PythonObject, RegExp]>([
    ['an attribute of another kind', object(relu, { inplace: 'yes' }), /ReLU: inplace must be a boolean, but is 'yes'/],
    [
      'a missing attribute',
      object('torch.nn.modules.flatten.Flatten', { start_dim: 1 }),
      /Flatten: end_dim must be an integer, but is nothing/,
    ],
    [
      'a size that the layer refuses',
      object('torch.nn.modules.dropout.Dropout', { p: 2 }),
      /Dropout: Dropout: p must be between 0 and 1, got 2/,
    ],
    [
      'a layer without its tensors',
      object('torch.nn.modules.linear.Linear', { in_features: 2, out_features: 3, _parameters: new Map() }),
      /the file has no weight, which the class here has/,
    ],
    [
      'a child that is no module',
      object('torch.nn.modules.container.Sequential', { _modules: new Map([['0', 1]]) }),
      /Sequential: its child 0 is no module/,
    ],
    [
      'a child under the name of a method',
      object('torch.nn.modules.container.Sequential', { _modules: new Map([['forward', object(relu, {})]]) }),
      /"forward" cannot be the name of a tensor or child/,
    ],
    [
      'a child under the name __proto__',
      object('torch.nn.modules.container.Sequential', { _modules: new Map([['__proto__', object(relu, {})]]) }),
      /"__proto__" cannot be the name of a tensor or child/,
    ],
    [
      'children that are no dict',
      object('torch.nn.modules.container.Sequential', { _modules: [] }),
      /_modules must be a dict/,
    ],
    [
      'a layer that is not here',
      object('torch.nn.modules.rnn.LSTM', {}),
      /torch\.nn\.modules\.rnn\.LSTM, which is not among the layers/,
    ],
    ['a class of Python', object('subprocess.Popen', {}), /class subprocess\.Popen \(Can't get attribute/],
  ])('%s', async (_, value, message) => {
    await write(value);
    expect(await errorOf(load(path))).toMatch(message);
  });

  test('a layer of gigabytes in a file of a few bytes takes no memory', async () => {
    const parameters = new Map([['weight', 1]]);
    await write(
      object('torch.nn.modules.linear.Linear', { in_features: 40_000, out_features: 40_000, _parameters: parameters }),
    );
    const before = process.memoryUsage().rss;
    expect(await errorOf(load(path))).toMatch(/weight is no tensor/);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
  });

  test('nor one that no machine has room for', async () => {
    await write(object('torch.nn.modules.linear.Linear', { in_features: 2 ** 40, out_features: 2 ** 40 }));
    expect(await errorOf(load(path))).toMatch(/torch\.nn\.modules\.linear\.Linear: .*too large|out of memory/);
  });

  test('a module under a name that would make a promise of what holds it', async () => {
    await write(new Map([['then', object(relu, {})]]));
    expect(await errorOf(load(path))).toMatch(/cannot stand under the key "then"/);
    await write(object('torch.nn.modules.container.ModuleDict', { _modules: new Map([['then', object(relu, {})]]) }));
    expect(await errorOf(load(path))).toMatch(/the name "then" would make a promise/);
    expect(() => new nn.ModuleDict([['then', new nn.ReLU()]])).toThrow(/the name "then" would make a promise/);
  });

  test('more empty containers than a file of its length can need', async () => {
    const data = Buffer.concat([Buffer.from('\x80\x02', 'latin1'), Buffer.alloc(1 << 20, '}'), Buffer.from('.')]);
    await writeZip(path, [{ name: 'archive/data.pkl', data }]);
    expect(await errorOf(load(path))).toMatch(/repeats its contents too often/);
  });

  test('150 modules one in the other are no trouble', async () => {
    let value = object(relu, { inplace: false });
    for (let i = 0; i < 150; i++)
      value = object('torch.nn.modules.container.Sequential', { _modules: new Map([['0', value]]) });
    await write(value);
    expect([...((await load(path)) as nn.Sequential).modules()]).toHaveLength(151);
  });

  test('an attribute that contains itself', async () => {
    const list: unknown[] = [];
    list.push(list);
    await write(object('torch.nn.modules.linear.Identity', { training: list }));
    expect(await errorOf(load(path))).toMatch(/training must be a boolean/);
  });

  test('calls and arguments, by any opcode', async () => {
    for (const [text, message] of [
      [
        'ctorch.nn.modules.linear\nLinear\n)R.',
        /calls torch\.nn\.modules\.linear\.Linear, which is no allowed function/,
      ],
      ['ctorch.nn.modules.linear\nLinear\nK\x01\x85\x81.', /Linear is made with arguments/],
      ['ctorch.nn.modules.linear\nLinear\n.', /holds torch\.nn\.modules\.linear\.Linear itself/],
      ['cfunctools\npartial\ncos\nsystem\n\x85R.', /os\.system is not among the names/],
      ['cfunctools\npartial\n)R.', /functools\.partial, which is no data/],
    ] as const) {
      await writeZip(path, [{ name: 'archive/data.pkl', data: Buffer.from(`\x80\x02${text}`, 'latin1') }]);
      expect(await errorOf(load(path))).toMatch(message);
    }
  });
});

const present = existsSync(join(shared, 'reference'));
describe("other people's whole models (skipped where ../shared/reference is absent)", () => {
  (present ? test : test.skip)('classify CIFAR-10 as they did in PyTorch', async () => {
    const model: Tudui = await load(join(shared, 'reference/whole-model-cuda.pth'), { classes: { Tudui } });
    expect(String(model)).toBe(String(new Tudui()));
    const transform = transforms.toTensor();
    const data = await datasets.CIFAR10.load({ root: join(shared, 'data/cifar10-subset'), train: false, transform });
    const images = stack(Array.from(data.targets, (_, i) => data.get(i)[0]));
    const targets = tensor(data.targets.map(BigInt), { dtype: 'int64' });
    const { accuracy, loss } = inferenceMode(() => {
      const logits = model.eval()(images);
      return {
        accuracy: logits.argmax(1).eq(targets).to('float32').mean().item() as number,
        loss: nn.functional.crossEntropy(logits, targets).item() as number,
      };
    });
    expect(accuracy).toBeCloseTo(0.5225, 4);
    expect(Math.abs(loss - 1.34633)).toBeLessThan(1e-4);
  });

  (present ? test : test.skip)("the trap's file loads with its class", async () => {
    const file = join(shared, 'reference/trap-method1.pth');
    expect(await errorOf(load(file))).toMatch(
      /Can't get attribute 'Tudui' on <module '__main__'>.*classes: \{ Tudui \}/,
    );
    class Other extends nn.Module {
      forward(x: Tensor): Tensor {
        return (this as unknown as { conv1: nn.Conv2d }).conv1(x);
      }
    }
    const model = await load(file, { classes: { Tudui: Other } });
    expect(model(zeros([1, 3, 8, 8])).shape).toEqual([1, 64, 6, 6]);
  });
});

test('a file that is cut off anywhere ends in an error of its own', async () => {
  const whole = await readFile(golden('legacy-module.pt'));
  for (let length = 0; length < whole.length; length += 13) {
    await writeFile(path, whole.subarray(0, length));
    await errorOf(load(path));
  }
});
