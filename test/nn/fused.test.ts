// Convolution, batch normalisation and ReLU in one pass give what they give one by one, whatever happened in between.
import { describe, expect, test } from '@jest/globals';
import { manualSeed, nn, noGrad, ones, optim, randn, type Tensor } from '../../lib/index.js';

const makeLayers = () => {
  const layers = new nn.Sequential(new nn.Conv2d(16, 18, 3, { padding: 1 }), new nn.BatchNorm2d(18), new nn.ReLU());
  layers(randn([8, 16, 9, 9])); // moves the running statistics
  return layers.eval();
};
const conv = (layers: nn.Sequential) => layers[0] as nn.Conv2d;
const norm = (layers: nn.Sequential) => layers[1] as nn.BatchNorm2d;
// The functions under the layers, with copies of all that a packed weight could be kept for.
const oneByOne = (layers: nn.Sequential, x: Tensor) => {
  const [{ weight, bias }, n] = [conv(layers), norm(layers)];
  const copy = (t: Tensor | null) => t?.clone() ?? null;
  const y = nn.functional.conv2d(x, weight.clone(), copy(bias), { padding: 1 });
  const options = { weight: copy(n.weight), bias: copy(n.bias), eps: n.eps };
  return nn.functional.batchNorm(y, copy(n.running_mean), copy(n.running_var), options).relu();
};
const inOnePass = (layers: nn.Sequential, x: Tensor) => noGrad(() => layers(x));
const difference = (a: Tensor, b: Tensor) => a.sub(b).abs().max().item() as number;
const deviation = (layers: nn.Sequential, x: Tensor) =>
  noGrad(() => difference(inOnePass(layers, x), oneByOne(layers, x)));

describe('after', () => {
  const x = randn([2, 16, 9, 9]);
  test.each<[string, (layers: nn.Sequential) => unknown]>([
    ['nothing', () => undefined],
    ['the weight is changed in place', (l) => noGrad(() => conv(l).weight.mul_(2))],
    ['the bias is changed in place', (l) => noGrad(() => conv(l).bias!.add_(1))],
    ['the bias is replaced', (l) => Object.assign(conv(l), { bias: new nn.Parameter(ones([18])) })],
    ['the bias is dropped', (l) => Object.assign(conv(l), { bias: null })],
    ['the factors are changed', (l) => noGrad(() => norm(l).weight!.mul_(-1))],
    ['the summands are changed', (l) => noGrad(() => norm(l).bias!.add_(1))],
    ['the mean moves', (l) => norm(l).running_mean!.add_(1)],
    ['the variance moves', (l) => norm(l).running_var!.mul_(2)],
    ['a step of training', (l) => l.train()(x) && l.eval()],
    [
      'a step of the optimizer',
      (l) => {
        const sgd = new optim.SGD(l.parameters(), { lr: 1e-3 });
        l(x).sum().backward();
        sgd.step();
      },
    ],
    ['a state is loaded', (l) => l.loadStateDict(makeLayers().stateDict())],
    ['a change of eps', (l) => Object.assign(norm(l), { eps: 1 })],
    ['conversion', (l) => l.double().float()],
    ['the factors become the summands', (l) => Object.assign(norm(l), { weight: null, bias: norm(l).weight })],
    [
      'a hook has come and gone',
      (l) =>
        conv(l)
          .registerForwardHook(() => undefined)
          .remove(),
    ],
    ['other sizes, which are computed another way', (l) => noGrad(() => l(randn([1, 16, 2, 2])))],
  ])('%s', (_, change) => {
    manualSeed(0);
    const layers = makeLayers();
    expect(deviation(layers, x)).toBeLessThan(3e-6);
    expect(deviation(layers, x)).toBeGreaterThan(0); // it was one pass, which rounds otherwise
    change(layers);
    expect(deviation(layers, x)).toBeLessThan(6e-6);
    expect(deviation(layers, x)).toBeGreaterThan(0);
  });
});

test('gradients flow as one by one', () => {
  manualSeed(0);
  const layers = makeLayers();
  const x = randn([2, 16, 5, 5]).requiresGrad_();
  layers(x).square().sum().backward();
  const grads = [x, ...layers.parameters()].map((t) => t.grad!);
  x.grad = null;
  layers.zeroGrad();
  oneByOne(layers, x).square().sum().backward();
  [x, ...layers.parameters()].forEach((t, i) => {
    expect(difference(t.grad!, grads[i]!)).toBe(0);
  });
});

test('a weight serves convolutions with other groups, strides and sizes', () => {
  manualSeed(0);
  const weight = randn([64, 16, 1, 1]);
  const run = (w: Tensor, channels: number, size: number, options: object) =>
    noGrad(() => nn.functional.conv2d(ones([2, channels, size, size]), w, null, options));
  for (const [channels, size, options] of [
    [16, 10, {}],
    [64, 10, { groups: 4 }],
    [32, 10, { groups: 2 }],
    [16, 3, { stride: 2, padding: 1 }],
    [16, 10, {}],
  ] as const)
    expect(difference(run(weight, channels, size, options), run(weight.clone(), channels, size, options))).toBe(0);
});

test('a picture without a batch is refused as layer by layer', () => {
  expect(() => makeLayers()(randn([16, 9, 9]))).toThrow(/BatchNorm2d: input must have 4 dimensions/);
});

test('a subclass computes what it says', () => {
  class Twice extends nn.Conv2d {
    override forward(x: Tensor): Tensor {
      return super.forward(x).mul(2);
    }
  }
  const twice = new Twice(1, 1, 1, { bias: false });
  noGrad(() => twice.weight.fill_(1));
  expect(noGrad(() => new nn.Sequential(twice, new nn.ReLU())(ones([1, 1, 1, 1]))).item()).toBe(2);
});

test('in training, batch normalisation uses the batch and moves its statistics', () => {
  const layers = makeLayers().train();
  const before = norm(layers).running_mean!.clone();
  noGrad(() => layers(randn([4, 16, 5, 5]).add(3)));
  expect(difference(norm(layers).running_mean!, before)).toBeGreaterThan(0);
});
