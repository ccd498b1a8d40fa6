// Groups, gradients, closures and misuse, for all optimizers.
import { expect, test } from '@jest/globals';
import { isGradEnabled, nn, noGrad, ones, optim, type Tensor, tensor, zeros } from '../../lib/index.js';

const leaf = (n = 2) => zeros([n]).requiresGrad_();
const withGrad = (value: number) => {
  const p = leaf();
  p.grad = ones([2]).mul(value);
  return p;
};

const { SGD, Adam, AdamW, Adadelta } = optim;
const shared = leaf();
const wrong = <T>(value: unknown) => value as T;

test.each<[string, () => unknown, RegExp]>([
  ['SGD lr', () => new SGD([leaf()], { lr: -0.1 }), /SGD: lr is out of range: -0.1/],
  ['SGD lr NaN', () => new SGD([leaf()], { lr: Number.NaN }), /SGD: lr is out of range: NaN/],
  ['SGD lr text', () => new SGD([leaf()], { lr: wrong('0.1') }), /SGD: lr is out of range: the string "0.1"/],
  ['SGD momentum', () => new SGD([leaf()], { momentum: -1 }), /SGD: momentum is out of range/],
  ['SGD weightDecay', () => new SGD([leaf()], { weightDecay: -1 }), /SGD: weightDecay is out of range/],
  ['nesterov without momentum', () => new SGD([leaf()], { nesterov: true }), /nesterov needs a momentum/],
  [
    'nesterov with dampening',
    () => new SGD([leaf()], { nesterov: true, momentum: 0.9, dampening: 0.1 }),
    /no dampening/,
  ],
  ['Adam lr', () => new Adam([leaf()], { lr: -1 }), /Adam: lr is out of range/],
  ['AdamW says its name', () => new AdamW([leaf()], { lr: -1 }), /AdamW: lr is out of range/],
  ['first beta', () => new Adam([leaf()], { betas: [1, 0.9] }), /betas\[0\] is out of range: 1; .* below 1/],
  ['second beta', () => new Adam([leaf()], { betas: [0.9, -0.1] }), /betas\[1\] is out of range: -0.1/],
  ['one beta', () => new Adam([leaf()], { betas: wrong(0.9) }), /betas must be a pair/],
  ['eps', () => new Adam([leaf()], { eps: -1 }), /eps is out of range/],
  ['rho', () => new Adadelta([leaf()], { rho: 1.1 }), /rho is out of range: 1.1; it must be between 0 and 1/],
  [
    'unknown option',
    () => new SGD([leaf()], wrong({ weight_decay: 1 })),
    /SGD: has no option weight_decay, but weightDecay; its options are lr, /,
  ],
  [
    "Python's option of a group",
    () => new SGD([{ params: [leaf()], ...{ weight_decay: 1 } }]),
    /SGD: has no option weight_decay, but weightDecay/,
  ],
  ['options of a group', () => new SGD([{ params: [leaf()], lr: -1 }]), /lr is out of range/],
  ['no parameters', () => new SGD([]), /got no parameters/],
  ['one tensor', () => new SGD(wrong(leaf())), /an iterable of tensors, got one tensor/],
  ['nothing', () => new SGD(wrong(undefined)), /an iterable of tensors or groups, got undefined/],
  ['numbers', () => new SGD(wrong([1])), /a group must be an object with params, got 1/],
  ['no tensor', () => new SGD([leaf(), wrong<Tensor>(3)]), /parameters must be tensors, got 3/],
  ['twice in a group', () => new SGD([shared, shared]), /appears more than once/],
  ['in two groups', () => new SGD([{ params: [shared] }, { params: [shared] }]), /appears more than once/],
  ['no leaf', () => new SGD([leaf().mul(2)]), /only leaf tensors/],
])('%s is refused', (_, misuse, message) => {
  expect(misuse).toThrow(message);
});

test('a group may have a name', () => {
  const optimizer = new SGD([{ params: [leaf()], ...{ name: 'head' } }]);
  expect(optimizer.paramGroups[0]).toMatchObject({ name: 'head', lr: 1e-3 });
});

test('a refused group is not added', () => {
  const optimizer = new SGD([shared]);
  expect(() => optimizer.addParamGroup({ params: [leaf(), shared] })).toThrow('more than once');
  expect(optimizer.paramGroups).toHaveLength(1);
});

test('an added group has its own options and the defaults of the optimizer', () => {
  const optimizer = new SGD([shared], { lr: 0.5, momentum: 0.9 });
  optimizer.addParamGroup({ params: leaf(), lr: 0.1 });
  expect(optimizer.paramGroups[1]).toMatchObject({ lr: 0.1, momentum: 0.9, nesterov: false });
});

test('a changed option holds from the next step on', () => {
  const p = withGrad(1);
  const optimizer = new SGD([p], { lr: 1 });
  optimizer.step();
  optimizer.paramGroups[0]!.lr = 0.25;
  optimizer.step();
  expect(p.toArray()).toEqual([-1.25, -1.25]);
});

test('amsgrad can be turned on between steps', () => {
  const p = withGrad(1);
  const optimizer = new Adam([p]);
  optimizer.step();
  optimizer.paramGroups[0]!.amsgrad = true;
  optimizer.step();
  expect(Object.keys(optimizer.stateDict().state.get(0)!)).toContain('max_exp_avg_sq');
});

test('zeroGrad drops gradients, or fills them with zeros where they lie', () => {
  const p = withGrad(3);
  const optimizer = new SGD([p]);
  const grad = p.grad!;
  optimizer.zeroGrad({ setToNone: false });
  expect(p.grad!.toArray()).toEqual([0, 0]);
  expect(grad.toArray()).toEqual([0, 0]);
  optimizer.zeroGrad();
  expect(p.grad).toBeNull();
});

test('step calls the closure first, recording gradients, and returns its loss', () => {
  const p = tensor([1], { requiresGrad: true });
  const optimizer = new SGD([p], { lr: 0.5 });
  const loss = noGrad(() =>
    optimizer.step(() => {
      expect(isGradEnabled()).toBe(true);
      optimizer.zeroGrad();
      const value = p.square().sum();
      value.backward();
      return value;
    }),
  );
  expect(loss.item()).toBe(1);
  expect(p.item()).toBe(0);
  expect(() => optimizer.step(async () => 1)).toThrow('must not be async');
});

test('parameters that are not dense in memory are updated in place', () => {
  const base = zeros([3, 2]);
  const p = base.t().requiresGrad_();
  p.grad = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const optimizer = new SGD([p], { lr: 1, momentum: 0.5 });
  optimizer.step();
  optimizer.step();
  expect(base.toArray()).toEqual([
    [-2.5, -10],
    [-5, -12.5],
    [-7.5, -15],
  ]);
});

test('a model learns with every optimizer', () => {
  for (const make of [
    (p: Iterable<Tensor>) => new SGD(p, { lr: 0.1 }),
    (p: Iterable<Tensor>) => new Adam(p, { lr: 0.1 }),
    (p: Iterable<Tensor>) => new AdamW(p, { lr: 0.1 }),
    (p: Iterable<Tensor>) => new Adadelta(p, { lr: 10 }),
  ]) {
    const model = new nn.Linear(2, 1);
    const optimizer = make(model.parameters());
    const loss = () =>
      model(tensor([[1, 2]]))
        .sub(3)
        .square()
        .sum();
    const before = loss().item();
    for (let i = 0; i < 50; i++)
      optimizer.step(() => {
        optimizer.zeroGrad();
        const value = loss();
        value.backward();
        return value;
      });
    expect(loss().item()).toBeLessThan(before / 10);
  }
});

test('state of another dtype than its parameter is refused by name', () => {
  const layer = new nn.Linear(4, 1, { bias: false });
  const optimizer = new Adam(layer.parameters());
  const step = (x: Tensor) => {
    layer(x).sum().backward();
    optimizer.step();
  };
  step(ones([1, 4]));
  layer.double();
  expect(() => step(ones([1, 4], { dtype: 'float64' }))).toThrow(
    /adam: expAvgs 0 has shape \[1, 4\] and dtype float32 but its parameter has shape \[1, 4\] and dtype float64/,
  );
});
