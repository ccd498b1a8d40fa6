// State dicts have PyTorch's keys and values, go on where they left off, and change nothing where they do not fit.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { load, nn, optim, save, type Tensor, tensor, zeros } from '../../lib/index.js';
import { native } from '../../lib/native.js';
import type { OptimizerStateDict } from '../../lib/optim/index.js';
import { type Case, goldens, nameOf, optimizer, parameters, plain, run, type StateCase } from './cases.js';

const bits = native.isa() === 'baseline' ? 5 : 7;
const shapes = [[], [1], [3, 5], [2, 7], [4]];
const bytes = (params: Tensor[]) => params.map((p) => [...new Uint8Array(p.toTypedArray().buffer)]);
const difference = (a: Tensor, b: Tensor) => a.detach().sub(b).abs().amax().item();

let foreign: StateCase[];
beforeAll(async () => {
  foreign = await load(join(__dirname, '../golden/optimizers.pt'));
});

// The optimizer after three steps, as PyTorch's was when its state was saved.
function trained(row: Case) {
  const params = parameters(shapes, 'float32');
  const opt = optimizer(row, params);
  run(opt, params, 0, 3);
  return { params, opt };
}

// biome-ignore lint/suspicious/noExplicitAny: plain data, compared with plain data.
const plainState = (dict: OptimizerStateDict) => plain(dict) as any;

describe.each(goldens.states.map((row, i) => [nameOf(row), row, i] as const))('%s', (_, row, i) => {
  test('has the keys and values of PyTorch', () => {
    const ours = plainState(trained(row).opt.stateDict());
    const theirs = plainState(foreign[i]!.state);
    expect(ours.param_groups).toEqual(theirs.param_groups);
    expect(Object.keys(ours.state)).toEqual(Object.keys(theirs.state));
    for (const [key, entry] of Object.entries(theirs.state)) {
      expect(Object.keys(ours.state[key] as object)).toEqual(Object.keys(entry as object));
      for (const [name, value] of Object.entries(entry as Record<string, { data: unknown }>)) {
        const own = (ours.state[key] as Record<string, { data: unknown }>)[name]!;
        expect({ ...own, data: null }).toEqual({ ...value, data: null });
        const [a, b] = [own.data, value.data].map((data) => [data].flat(9) as number[]);
        a!.forEach((v, i) => {
          expect(v).toBeCloseTo(b![i]!, bits);
        });
      }
    }
  });

  test('of PyTorch goes on as in PyTorch, with its options', () => {
    const { kind, options, state, before, grads, after } = foreign[i]!;
    expect([kind, options]).toEqual([row.kind, row.options]);
    const params = before.map((p) => new nn.Parameter(p.clone()));
    const opt = optimizer({ kind, options: {} }, params);
    opt.loadStateDict(state);
    grads.forEach((grad, at) => {
      params[at]!.grad = grad;
    });
    opt.step();
    params.forEach((p, at) => {
      expect(difference(p, after[at]!)).toBeLessThan(1e-6);
    });
    expect(difference(params[2]!, before[2]!)).toBeGreaterThan(1e-4);
  });

  test('goes on to the bit in another optimizer, also by way of a file', async () => {
    const { params, opt } = trained(row);
    const folder = mkdtempSync(join(tmpdir(), 'cresset-optim-'));
    await save(opt.stateDict(), join(folder, 'optimizer.pth'));
    const fromFile = await load<OptimizerStateDict>(join(folder, 'optimizer.pth'));
    rmSync(folder, { recursive: true });
    for (const dict of [opt.stateDict(), fromFile]) {
      const copies = params.map((p) => new nn.Parameter(p.detach().clone()));
      const other = optimizer({ ...row, options: {} }, copies);
      other.loadStateDict(dict);
      const [mine, theirs] = [params.map((p) => new nn.Parameter(p.detach().clone())), copies];
      const original = optimizer(row, mine);
      original.loadStateDict(opt.stateDict());
      run(other, theirs, 3, 6);
      run(original, mine, 3, 6);
      expect(bytes(theirs)).toEqual(bytes(mine));
      expect(plain(other.stateDict())).toEqual(plain(original.stateDict()));
    }
    // The first optimizer's own going on is the measure of both.
    const copies = params.map((p) => new nn.Parameter(p.detach().clone()));
    const other = optimizer(row, copies);
    other.loadStateDict(fromFile);
    run(opt, params, 3, 6);
    run(other, copies, 3, 6);
    expect(bytes(copies)).toEqual(bytes(params));
  });
});

const adamCase = goldens.states.find((row) => row.kind === 'Adam')!;

test.each<[string, (dict: OptimizerStateDict) => unknown, RegExp]>([
  ['another number of groups', (d) => d.param_groups.pop(), /different number of parameter groups: 1, .* has 2/],
  [
    'a group of another size',
    (d) => d.param_groups[0]!.params.pop(),
    /doesn't match the size of optimizer's group: group 0 has 2 parameters, the optimizer's 3/,
  ],
  ['a group without lr', (d) => delete d.param_groups[1]!.lr, /group 1 has no lr/],
  ['a learning rate out of range', (d) => Object.assign(d.param_groups[1]!, { lr: -1 }), /lr is out of range: -1/],
  [
    'a tensor of another shape',
    (d) => (d.state.get(3)!.exp_avg = zeros([7, 2])),
    /state 3: exp_avg has shape \[7, 2\]/,
  ],
  ['a missing average', (d) => delete d.state.get(1)!.exp_avg_sq, /state 1 has no exp_avg_sq/],
  ['an average that is no tensor', (d) => (d.state.get(1)!.exp_avg = 5), /exp_avg must be a tensor/],
  ['a parameter that is in no group', (d) => d.state.set(9, d.state.get(1)!), /state 9 belongs to no parameter/],
])('%s is refused and changes nothing', (_, spoil, message) => {
  const { opt } = trained(adamCase);
  const before = JSON.stringify(plain(opt.stateDict()));
  const dict = trained(adamCase).opt.stateDict();
  dict.state.forEach((entry) => {
    (entry.exp_avg as Tensor).fill_(7);
  });
  spoil(dict);
  expect(() => opt.loadStateDict(dict)).toThrow(message);
  expect(JSON.stringify(plain(opt.stateDict()))).toBe(before);
});

test('the state of another kind of optimizer is refused', () => {
  const sgd = trained(goldens.states[1]!).opt.stateDict();
  expect(() => trained(adamCase).opt.loadStateDict(sgd)).toThrow(/group 0 has no betas/);
});

test('what is no state dict is refused', () => {
  const { opt } = trained(adamCase);
  for (const value of [undefined, null, {}, new nn.Linear(1, 1).stateDict()])
    expect(() => opt.loadStateDict(value as unknown as OptimizerStateDict)).toThrow(/state and param_groups/);
});

test('loaded tensors are copies in the dtype of the parameter', () => {
  const [a, b] = [[zeros([2])], [zeros([2], { dtype: 'float64' })]];
  a[0]!.grad = tensor([1, 2]);
  const first = new optim.SGD(a, { momentum: 0.9 });
  first.step();
  const second = new optim.SGD(b);
  second.loadStateDict(first.stateDict());
  (first.stateDict().state.get(0)!.momentum_buffer as Tensor).fill_(9);
  const buffer = second.stateDict().state.get(0)!.momentum_buffer as Tensor;
  expect(buffer.dtype).toBe('float64');
  expect(buffer.toArray()).toEqual([1, 2]);
});

test('momentum_buffer is null where the momentum has not begun, in files of older PyTorch too', () => {
  const p = zeros([2]);
  const opt = new optim.SGD([p], { momentum: 0.9 });
  opt.loadStateDict({ ...opt.stateDict(), state: new Map([[0, { momentum_buffer: null }]]) });
  p.grad = tensor([1, 2]);
  opt.step();
  expect((opt.stateDict().state.get(0)!.momentum_buffer as Tensor).toArray()).toEqual([1, 2]);
});
