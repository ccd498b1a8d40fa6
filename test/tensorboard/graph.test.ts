// addGraph writes the graphs that PyTorch writes.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Tudui } from '../../examples/tudui.js';
import { argmax, cat, nn, noGrad, ones, type Tensor, where, zeros } from '../../lib/index.js';
import { SummaryWriter } from '../../lib/tensorboard/index.js';
import { models } from '../../lib/vision/index.js';
import { temporaryFolder } from '../temporary.js';
import { canonical, kindsOf, scopesOf } from './canonical.js';
import { decode, eventsIn, type Message, type Node, nodesOf, recordsOf } from './reader.js';

const { functional: F } = nn;
const folder = temporaryFolder();

let runs = 0;
async function eventsOf(model: nn.Module<never[], unknown>, input: unknown): Promise<Message[]> {
  const run = join(folder, String(runs++));
  const writer = new SummaryWriter(run);
  writer.addGraph(model, input as Tensor);
  await writer.close();
  return eventsIn(run);
}
const graphOf = async (model: unknown, input: unknown): Promise<Node[]> =>
  nodesOf(await eventsOf(model as nn.Module<never[], unknown>, input));

/** Its twin in Python is in test/golden/tensorboard.py. */
class Mixed extends nn.Module<[image: Tensor, extra: Tensor], [Tensor, [Tensor, Tensor]]> {
  scale = new nn.Parameter(ones([8]));
  offset = new nn.Buffer(ones([8]));
  conv = new nn.Conv2d(3, 8, 3, { stride: 2, padding: 1, bias: false });
  bn = new nn.BatchNorm2d(8);
  pool = new nn.AdaptiveAvgPool2d(2);
  layers = new nn.ModuleList([new nn.Linear(8, 8), new nn.Linear(8, 8)]);
  norm = new nn.LayerNorm(8);
  drop = new nn.Dropout(0.25);
  forward(image: Tensor, extra: Tensor): [Tensor, [Tensor, Tensor]] {
    let x: Tensor = F.relu(this.bn(this.conv(image)));
    x = this.pool(x).add(F.avgPool2d(x, 2, { stride: 2 }));
    x = x.mean([2, 3]);
    for (const layer of [...this.layers, this.layers[0]!])
      x = F.gelu(layer(x) as Tensor)
        .mul(this.scale)
        .add(this.offset);
    x = this.drop(this.norm(x));
    const scores = cat([x, extra], 1).softmax(1);
    const best = argmax(scores, 1);
    const picked = where(scores.gt(0.5), scores, extra.sum()).clamp(0).mul(2).sub(0.5);
    const turned = picked.unsqueeze(1).permute(2, 0, 1).contiguous().view(-1, 1);
    return [scores.max(), [best, turned]];
  }
}

const mixedInput = () => [ones([2, 3, 8, 8]), ones([2, 3])];
const theirs: Record<'Tudui' | 'Mixed', Node[]> = JSON.parse(
  readFileSync(join(__dirname, '../golden/tensorboard.json'), 'utf8'),
).graphs;

test("the tutorial's CNN has PyTorch 2.6's scopes, ops, parameters, edges and shapes", async () => {
  const ours = await graphOf(new Tudui(), ones([64, 3, 32, 32]));
  expect(canonical(ours)).toEqual(canonical(theirs.Tudui));
  expect(kindsOf(ours)).toEqual(kindsOf(theirs.Tudui));
  expect(scopesOf(ours)).toEqual(scopesOf(theirs.Tudui));
  expect(canonical(ours)[0]).toBe(
    'Tudui/Sequential[model1]/Conv2d[0]: aten::_convolution(input/x [64,3,32,32], ' +
      'Tudui/Sequential[model1]/Conv2d[0]/weight { name :  weight }, Tudui/Sequential[model1]/Conv2d[0]/bias { name :  bias }, ' +
      'Tudui/Sequential[model1]/Conv2d[0][{ value: 1}, { value: 1}], Tudui/Sequential[model1]/Conv2d[0][{ value: 2}, { value: 2}], ' +
      'Tudui/Sequential[model1]/Conv2d[0][{ value: 1}, { value: 1}], { value: 0}, ' +
      'Tudui/Sequential[model1]/Conv2d[0][{ value: 0}, { value: 0}], { value: 1}, { value: 0}, { value: 0}, { value: 1}, { value: 1}) ' +
      '-> [64,32,32,32]',
  );
});

const reference = join(__dirname, '../../../shared/reference/add-graph.tfevents');
(existsSync(reference) ? test : test.skip)("a file that other people's PyTorch wrote says the same", async () => {
  const events = recordsOf(reference).map((data) => decode('Event', data));
  // The container has another name there.
  const text = JSON.stringify(nodesOf(events)).replaceAll('[module1]', '[model1]');
  const other = JSON.parse(text) as Node[];
  const own = await eventsOf(new Tudui() as never, ones([64, 3, 32, 32]));
  const ours = nodesOf(own);
  expect(canonical(ours)).toEqual(canonical(other));
  expect(kindsOf(ours)).toEqual(kindsOf(other));
  expect(scopesOf(ours)).toEqual(scopesOf(other));
  const names = (nodes: Node[]) => nodes.filter(([, op]) => op === 'IO Node').map(([name]) => name);
  expect(names(ours).sort()).toEqual(names(other).sort());
  const { wall_time: _, ...metadata } = own.at(-1)!;
  const { wall_time: __, ...otherMetadata } = events.at(-1)!;
  expect(metadata).toEqual(otherMetadata);
});

test('functions, lists of layers, shared layers, several inputs and outputs', async () => {
  const ours = await graphOf(new Mixed(), mixedInput());
  expect(canonical(ours)).toEqual(canonical(theirs.Mixed));
});

test('every edge leads to a node', async () => {
  for (const nodes of [await graphOf(new Mixed(), mixedInput()), await graphOf(new Tudui(), ones([1, 3, 32, 32]))]) {
    const names = new Set(nodes.map(([name]) => name));
    expect(names.size).toBe(nodes.length);
    expect(nodes.flatMap(([, , inputs]) => inputs).filter((input) => !names.has(input))).toEqual([]);
  }
});

test('frozen parameters, noGrad around it and evaluation mode change nothing', async () => {
  const lines = canonical(await graphOf(new Mixed(), mixedInput()));
  const frozen = new Mixed().requiresGrad_(false).eval();
  expect(canonical(await graphOf(frozen, mixedInput()))).toEqual(lines);
  expect(canonical(await noGrad(() => graphOf(new Mixed(), mixedInput())))).toEqual(lines);
});

test('the model stays as it was: modes, hooks, parameters without history', async () => {
  const model = new Mixed();
  model.drop.eval();
  const calls: string[] = [];
  model.norm.registerForwardHook(() => void calls.push('norm'));
  await graphOf(model, mixedInput());
  expect([model.training, model.bn.training, model.drop.training]).toEqual([true, true, false]);
  expect(calls).toEqual(['norm']);
  expect(model.bn.num_batches_tracked!.item()).toBe(0);
  await graphOf(model, mixedInput());
  expect(calls).toEqual(['norm', 'norm']);
});

// As PyTorch counts them in torchvision's networks.
test.each([
  [
    'resnet18',
    { 'aten::_convolution': 20, 'aten::batch_norm': 20, 'aten::relu_': 17, 'aten::add_': 8, 'prim::ListConstruct': 85 },
  ],
  [
    'mnasnet0_5',
    {
      'aten::_convolution': 52,
      'aten::batch_norm': 52,
      'aten::relu_': 35,
      'aten::add': 10,
      'prim::ListConstruct': 209,
    },
  ],
] as const)('%s', async (name, expected) => {
  const model = nn.utils.skipInit(() => models.getModel(name));
  expect(kindsOf(await graphOf(model, ones([1, 3, 32, 32])))).toMatchObject(expected);
});

test('what the output does not depend on is left out; tensors from elsewhere are constants', async () => {
  const table = ones([2]);
  class Net extends nn.Module {
    unused = new nn.Linear(2, 2);
    forward(x: Tensor): Tensor {
      this.unused(x);
      return x.add(table);
    }
  }
  const nodes = await graphOf(new Net(), ones([2]));
  expect(nodes.map(([name, op, , attr, shape]) => [name, op, attr, shape])).toEqual([
    ['input/x', 'IO Node', '', [2]],
    ['Net/1', 'prim::Constant', '{ value : <Tensor>}', [2]],
    ['Net/2', 'prim::Constant', '{ value : 1}', null],
    ['Net/3', 'aten::add', '{}', [2]],
    ['output/output.1', 'IO Node', '', [2]],
  ]);
});

test('changes in place are steps of their own', async () => {
  class Net extends nn.Module {
    forward(x: Tensor): Tensor {
      const y = x.clone();
      y.add_(1);
      y.mul_(x);
      return y;
    }
  }
  expect(canonical(await graphOf(new Net(), ones([2]))).map((line) => line.split('(')[0])).toEqual([
    'Net: aten::clone',
    'Net: aten::add_',
    'Net: aten::mul_',
    'output/output.1: IO Node',
  ]);
});

test('what is changed through a view is there, though the result is not seen to come from it, as in PyTorch', async () => {
  class Net extends nn.Module {
    layer = new nn.Linear(2, 2);
    forward(x: Tensor): Tensor {
      const y = zeros([4, 2]);
      y.narrow(0, 0, 2).copy_(this.layer(x));
      return y;
    }
  }
  const nodes = await graphOf(new Net(), ones([2, 2]));
  expect(nodes.filter(([, op]) => op.startsWith('aten')).map(([, op]) => op)).toEqual([
    'aten::full',
    'aten::narrow',
    'aten::linear',
    'aten::copy_',
  ]);
});

test('objects of tensors come out as dictionaries', async () => {
  class Net extends nn.Module<[Tensor], { out: Tensor; aux: null }> {
    forward(x: Tensor): { out: Tensor; aux: null } {
      return { out: x.relu(), aux: null };
    }
  }
  const nodes = await graphOf(new Net(), ones([2]));
  expect(nodes.find(([, op]) => op === 'prim::DictConstruct')![2]).toHaveLength(4);
});

test('a forward that throws leaves everything as it was', async () => {
  class Net extends nn.Module {
    layer = new nn.Linear(2, 2);
    forward(x: Tensor): Tensor {
      return this.layer(x);
    }
  }
  const net = new Net();
  const writer = new SummaryWriter(join(folder, 'throws'));
  expect(() => writer.addGraph(net, ones([3]))).toThrow('linear: input has 3 features but weight expects 2');
  expect(net.training && net.layer.training).toBe(true);
  await writer.close();
  expect(await graphOf(net, ones([2]))).toHaveLength(5);
});

test('bad arguments', () => {
  const writer = new SummaryWriter(join(folder, 'bad'));
  expect(() => writer.addGraph({} as never, ones([1]))).toThrow('addGraph: model must be a Module, got an Object');
  expect(() => writer.addGraph(new Tudui(), undefined as never)).toThrow(
    'addGraph: inputToModel must be a Tensor or the array of the arguments, got undefined',
  );
  class None extends nn.Module<[], number> {
    forward(): number {
      return 1;
    }
  }
  expect(() => writer.addGraph(new None(), [])).toThrow('addGraph: None gave no tensor');
  return writer.close();
});
