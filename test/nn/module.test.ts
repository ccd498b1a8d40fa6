// Modules: finding parameters, state dicts, containers, hooks and modes.
import { expect, test } from '@jest/globals';
import { nn, ones, type Tensor, zeros } from '../../lib/index.js';

class Net extends nn.Module {
  first = new nn.Linear(3, 4);
  mean = new nn.Buffer(zeros([4]));
  rest = new nn.Sequential(new nn.ReLU(), new nn.Linear(4, 2, { bias: false }));

  forward(x: Tensor): Tensor {
    return this.rest(this.first(x));
  }
}

test('parameters and buffers are found in the order of definition', () => {
  const net = new Net();
  expect([...net.namedParameters()].map(([name]) => name)).toEqual(['first.weight', 'first.bias', 'rest.1.weight']);
  expect([...net.namedBuffers()].map(([name]) => name)).toEqual(['mean']);
  expect(Object.keys(net.stateDict()).sort()).toEqual(['first.bias', 'first.weight', 'mean', 'rest.1.weight']);
  expect(net(ones([5, 3])).shape).toEqual([5, 2]);
});

test('a state dict goes into another model', () => {
  const [a, b] = [new Net(), new Net()];
  b.loadStateDict(a.stateDict());
  expect(b(ones([1, 3])).toArray()).toEqual(a(ones([1, 3])).toArray());
});

test('loading says what is missing, unexpected and misfitting, and changes nothing', () => {
  const net = new Net();
  const before = net.first.bias!.toArray();
  const { mean, ...state } = new Net().stateDict();
  expect(() => net.loadStateDict({ ...state, extra: mean!, 'rest.1.weight': zeros([2, 5]) })).toThrow(
    /Missing key\(s\) in state_dict: "mean".*Unexpected key\(s\) in state_dict: "extra".*size mismatch for rest.1.weight/s,
  );
  expect(net.first.bias!.toArray()).toEqual(before);
  expect(net.loadStateDict(state, { strict: false }).missingKeys).toEqual(['mean']);
});

test('num_batches_tracked may be missing where the layer did not have it yet, as nothing says otherwise', () => {
  const model = new nn.Sequential(new nn.BatchNorm2d(2));
  const state = model.stateDict();
  const { '0.num_batches_tracked': count, ...old } = state;
  expect(model.loadStateDict(old)).toEqual({ missingKeys: [], unexpectedKeys: [] });
  const { '0.running_mean': mean, ...broken } = old;
  expect(() => model.loadStateDict(broken)).toThrow(/Missing key\(s\) in state_dict: "0.running_mean"\. $/m);
  // A state dict knows the version of its layers.
  delete state['0.num_batches_tracked'];
  expect(() => model.loadStateDict(state)).toThrow('Missing key(s) in state_dict: "0.num_batches_tracked"');
  expect([count?.item(), mean?.shape]).toEqual([0, [2]]);
});

test('loading what is no tensor changes nothing', () => {
  const layer = new nn.Linear(2, 2);
  const before = layer.weight.toArray();
  const broken = { weight: zeros([2, 2]), bias: { shape: [2] } as never };
  expect(() => layer.loadStateDict(broken)).toThrow(
    /While copying the parameter named "bias", expected a Tensor from checkpoint but received an Object/,
  );
  expect(() => layer.loadStateDict(null as never)).toThrow(/Linear.loadStateDict: state must be an object or Map/);
  const promise = Promise.resolve({}) as never;
  expect(() => layer.loadStateDict(promise)).toThrow('Linear.loadStateDict: state is a promise; await it first');
  expect(layer.weight.toArray()).toEqual(before);
});

test('a module without forward says so when it is called', () => {
  // @ts-expect-error
  class Half extends nn.Module {}
  expect(() => new Half()(zeros([1]))).toThrow('Module [Half] is missing the required "forward" function');
});

test('children of a Sequential are its index properties', () => {
  const model = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
  model[1] = new nn.Linear(3, 5);
  model.addModule('last', new nn.Linear(5, 1));
  expect(model.length).toBe(3);
  expect(model.at(-1)).toBe((model as unknown as Record<string, unknown>).last);
  expect(model.slice(0, 2)(ones([1, 2])).shape).toEqual([1, 5]);
  expect(() => model.addModule('a.b', new nn.ReLU())).toThrow('must not be empty or contain a dot');
});

test('hooks run around a call and go away', () => {
  const layer = new nn.Identity();
  const hook = layer.registerForwardHook((_, __, y) => y.add(1));
  expect(layer(ones([1])).item()).toBe(2);
  hook.remove();
  expect(layer(ones([1])).item()).toBe(1);
});

test('the same hook registered twice runs twice and is removed separately', () => {
  const layer = new nn.Identity();
  const [before, after] = [
    (_: unknown, [x]: [Tensor]) => [x.add(1)] as [Tensor],
    (_: unknown, __: unknown, y: Tensor) => y.mul(2),
  ];
  const handles = [
    layer.registerForwardHook(after),
    layer.registerForwardHook(after),
    layer.registerForwardPreHook(before),
    layer.registerForwardPreHook(before),
  ];
  const seen = [layer(ones([1])).item()];
  for (const handle of handles) {
    handle.remove();
    seen.push(layer(ones([1])).item());
  }
  expect(seen).toEqual([12, 6, 3, 2, 1]);
  expect(() => layer.registerForwardHook(undefined as never)).toThrow(/registerForwardHook: hook must be a function/);
  expect(() => layer.registerForwardPreHook(3 as never)).toThrow(/registerForwardPreHook: hook must be a function/);
});

test('eval turns dropout off everywhere inside', () => {
  const model = new nn.Sequential(new nn.Dropout(0.5));
  expect(
    model
      .eval()(ones([4]))
      .toArray(),
  ).toEqual([1, 1, 1, 1]);
});
