// Sequential, ModuleList and ModuleDict: indices, names, order and misuse as in PyTorch.
import { describe, expect, test } from '@jest/globals';
import { nn, ones, tensor } from '../../lib/index.js';

const make = () => {
  const parts = [new nn.ReLU(), new nn.Tanh(), new nn.Sigmoid()];
  return { parts, model: new nn.Sequential(...parts) };
};
const names = (module: nn.AnyModule) => [...module.namedChildren()].map(([name]) => name);
const wrong = <T>(value: unknown) => value as T;

describe('Sequential', () => {
  test('has indices, from the end too, and is iterable', () => {
    const { parts, model } = make();
    expect(model.length).toBe(3);
    expect(model[1]).toBe(parts[1]);
    expect(model.at(-1)).toBe(parts[2]);
    expect(model.at(3)).toBeUndefined();
    expect([...model]).toEqual(parts);
  });

  test('takes modules by assignment and by set', () => {
    const { parts, model } = make();
    const [a, b] = [new nn.ELU(), new nn.SiLU()];
    model[0] = a;
    model.set(-1, b);
    expect([...model]).toEqual([a, parts[1], b]);
    expect(() => model.set(3, a)).toThrow('Sequential.set: index 3 is out of range for 3 modules');
  });

  test('grows at the end, and anywhere by insert', () => {
    const { parts, model } = make();
    const [a, b, c] = [new nn.ELU(), new nn.SiLU(), new nn.GELU()];
    model.append(a).extend([b]).insert(0, c);
    expect([...model]).toEqual([c, ...parts, a, b]);
    expect(names(model)).toEqual(['0', '1', '2', '3', '4', '5']);
    model.insert(-1, parts[0]!).insert(7, parts[1]!);
    expect([...model]).toEqual([c, ...parts, a, parts[0], b, parts[1]]);
    expect(() => model.insert(9, a)).toThrow('index 9 is out of range for 8 modules');
    expect(() => model.insert(0, wrong(1))).toThrow(/module must be a Module, got 1/);
  });

  test('pop takes out and numbers the others anew', () => {
    const { parts, model } = make();
    expect(model.pop(0)).toBe(parts[0]);
    expect(model.pop()).toBe(parts[2]);
    expect(names(model)).toEqual(['0']);
    expect(model[0]).toBe(parts[1]);
    expect(() => model.pop(1)).toThrow('out of range for 1 modules');
  });

  test('a deleted index leaves a gap, which append does not overwrite', () => {
    const { parts, model } = make();
    delete model[0];
    model.append(parts[0]!);
    expect(names(model)).toEqual(['1', '2', '3']);
    expect([...model]).toEqual([parts[1], parts[2], parts[0]]);
  });

  test('runs in the order of addition, whatever the names', () => {
    const model = new nn.Sequential({ shift: new nn.Linear(1, 1), clip: new nn.ReLU() });
    nn.init.constant_((model as unknown as { shift: nn.Linear }).shift.weight, -1);
    nn.init.zeros_((model as unknown as { shift: nn.Linear }).shift.bias!);
    model.append(new nn.Sigmoid());
    expect(names(model)).toEqual(['shift', 'clip', '2']);
    expect(model(tensor([1])).item()).toBe(0.5);
    model.addModule('1', new nn.Flatten(0));
    expect(names(model)).toEqual(['shift', 'clip', '2', '1']);
    expect(() => model.insert(0, new nn.ReLU())).toThrow('modules must be numbered, but one is named shift');
  });

  test('one module may stand at two places', () => {
    const layer = new nn.Linear(2, 2);
    const model = new nn.Sequential(layer, new nn.ReLU(), layer);
    expect(model.length).toBe(3);
    expect([...model]).toEqual([layer, model[1], layer]);
    expect(names(model)).toEqual(['0', '1']);
    expect([...model.parameters()]).toHaveLength(2);
    expect(Object.keys(model.stateDict())).toEqual(['0.weight', '0.bias', '2.weight', '2.bias']);
    expect(model(ones([1, 2])).toArray()).toEqual(layer(layer(ones([1, 2])).relu()).toArray());
  });

  test('a slice shares its modules and keeps their names', () => {
    const { parts, model } = make();
    const part = model.slice(-2);
    expect([...part]).toEqual([parts[1], parts[2]]);
    expect(names(part)).toEqual(['1', '2']);
  });

  test('refuses what is no module', () => {
    expect(() => new nn.Sequential(new nn.ReLU(), wrong<nn.ReLU>(undefined))).toThrow('1 must be a Module');
    expect(() => new nn.Sequential(wrong<nn.ReLU>(5))).toThrow('0 must be a Module');
    expect(() => new nn.Sequential().extend(wrong(5))).toThrow('modules must be iterable, got 5');
    expect(() => new nn.Sequential().append(wrong('relu'))).toThrow('must be a Module');
  });
});

describe('ModuleList', () => {
  test('holds modules, but has no forward', () => {
    const list = new nn.ModuleList([new nn.Linear(2, 3)]).append(new nn.Linear(3, 1));
    expect([...list.namedParameters()].map(([name]) => name)).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
    expect(() => (list as unknown as (x: unknown) => void)(ones([2]))).toThrow('ModuleList: has no forward');
    expect(names(list.slice(1))).toEqual(['0']);
  });
});

describe('ModuleDict', () => {
  test('gives modules by name, in the order of addition', () => {
    const dict = new nn.ModuleDict([['b', new nn.ReLU()]]).set('10', new nn.Tanh()).set('2', new nn.ELU());
    expect(dict.keys()).toEqual(['b', '10', '2']);
    expect([...dict]).toEqual(dict.keys());
    expect(dict.values()).toEqual(dict.keys().map((name) => dict.get(name)));
    expect(dict.items()[1]).toEqual(['10', dict.get('10')]);
    const b = dict.get('b');
    dict.set('b', new nn.SiLU());
    expect(dict.get('b')).not.toBe(b);
    expect(dict.keys()).toEqual(['b', '10', '2']);
  });

  test('loses modules, which come back at the end', () => {
    const dict = new nn.ModuleDict({ a: new nn.ReLU(), b: new nn.Tanh(), c: new nn.ELU() });
    const a = dict.pop('a');
    expect([dict.has('a'), dict.length, dict.delete('a'), dict.delete('c')]).toEqual([false, 2, false, true]);
    dict.update({ a });
    expect(dict.keys()).toEqual(['b', 'a']);
    dict.clear();
    expect(dict.length).toBe(0);
  });

  test('has its parameters under its names, and no forward', () => {
    const dict = new nn.ModuleDict(new nn.ModuleDict(new Map([['fc', new nn.Linear(1, 1)]])));
    expect(Object.keys(dict.stateDict())).toEqual(['fc.weight', 'fc.bias']);
    expect(() => (dict as unknown as () => void)()).toThrow('ModuleDict: has no forward');
  });

  test('refuses unknown names, names of methods and what is no module', () => {
    const dict = new nn.ModuleDict({ relu: new nn.ReLU() });
    expect(() => dict.get('tanh')).toThrow('has no module "tanh", only relu');
    expect(() => dict.pop('tanh')).toThrow('has no module "tanh"');
    expect(() => dict.set('keys', new nn.ReLU())).toThrow('already taken by a method');
    expect(() => dict.set('training', new nn.ReLU())).toThrow('already taken by a method or property');
    expect(() => dict.set('a', wrong(1))).toThrow('a must be a Module');
    expect(() => new nn.ModuleDict(wrong(3))).toThrow('must be an object or pairs, got 3');
  });
});
