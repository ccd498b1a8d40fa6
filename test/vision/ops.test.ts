// The building blocks of networks against torchvision's: text, keys, initial weights, values, gradients and random draws.
import { readFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { manualSeed, nn, noGrad, ones, tensor } from '../../lib/index.js';
import { native } from '../../lib/native.js';
import { ops } from '../../lib/vision/index.js';
import { expectClose, numbers, values } from '../nn/golden.js';

interface Row {
  js: string;
  shape: number[];
  text: string;
  keys: string[];
  initial: number;
  result: number[];
  value: number[];
  grad: number[];
}
const goldens: Row[] = JSON.parse(readFileSync(`${__dirname}/../golden/blocks.json`, 'utf8'));

function make(js: string): nn.Module {
  manualSeed(6);
  return new Function('nn', 'ops', `return ${js}`)(nn, ops) as nn.Module;
}

describe.each(goldens)('$js of $shape', (row) => {
  test('prints and begins as in torchvision', () => {
    const block = make(row.js);
    expect(String(block)).toBe(row.text);
    expect(Object.keys(block.stateDict())).toEqual(row.keys);
    const sum = [...block.parameters()].reduce((all, p) => all + p.detach().to('float64').sum().item(), 0);
    expect(sum).toBeCloseTo(row.initial, 6);
  });

  // Hardsigmoid's gradient in PyTorch takes 1/6 in float32.
  const tolerance = row.js.includes('Hardsigmoid') ? 1e-8 : 1e-11;

  test('computes as in torchvision', () => {
    const block = make(row.js).to('float64');
    const x = tensor(values(row.shape, 1), { shape: row.shape, dtype: 'float64' }).requiresGrad_();
    const y = block(x.mul(1));
    expect(y.shape).toEqual(row.result);
    expectClose(numbers(y), row.value, tolerance);
    y.backward(tensor(values(y.shape, 9), { shape: y.shape, dtype: 'float64' }));
    expectClose(numbers(x.grad!), row.grad, tolerance);
  });
});

test('a convolution, its normalisation and a ReLU are one call outside training', () => {
  const calls = (['convBnRelu', 'conv2d', 'batchNorm', 'relu_'] as const).map((name) => jest.spyOn(native, name));
  noGrad(() => new ops.Conv2dNormActivation(3, 8).eval()(ones([1, 3, 6, 6])));
  expect(calls.map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0, 0]);
  for (const call of calls) call.mockRestore();
});

test('a block that drops nothing gives its input itself', () => {
  const x = ones([2, 3]);
  expect(ops.stochasticDepth(x, 0, 'row')).toBe(x);
  expect(ops.stochasticDepth(x, 0.5, 'row', { training: false })).toBe(x);
});

test('layer normalisation of channels keeps the memory of convolutions', () => {
  const conv = new nn.Conv2d(3, 4, 1);
  const y = new ops.LayerNorm2d(4)(conv(ones([1, 3, 5, 5])));
  expect(y.permute(0, 2, 3, 1).isContiguous()).toBe(true);
});

const wrong = <T>(value: unknown) => value as T;

test.each<[string, () => unknown, RegExp]>([
  ['a probability', () => new ops.StochasticDepth(1.5, 'row'), /StochasticDepth: p must be between 0 and 1, got 1.5/],
  ['no probability', () => ops.stochasticDepth(ones([1]), wrong('1'), 'row'), /stochasticDepth: p must be a number/],
  ['a mode', () => new ops.StochasticDepth(0.5, wrong('rows')), /mode must be 'batch' or 'row', got 'rows'/],
  ['no tensor', () => ops.stochasticDepth(wrong(3), 0.5, 'row'), /stochasticDepth: input must be a Tensor, got 3/],
  ['no widths', () => new ops.MLP(3, []), /MLP: hiddenChannels must have at least one size, got \[\]/],
  ['a width', () => new ops.MLP(3, wrong(4)), /MLP: hiddenChannels must be an array of integers, got 4/],
  ['no order', () => new ops.Permute(wrong(undefined)), /Permute: dims must be an array of integers, got undefined/],
  ['an order', () => new ops.Permute([0, 2])(ones([1, 2, 3])), /permute: .*does not name the 3 dimensions/],
  ['no picture', () => new ops.LayerNorm2d(2)(ones([2, 2])), /permute: .*does not name the 2 dimensions/],
  [
    'a class',
    () => new ops.Conv2dNormActivation(3, 4, { activationLayer: wrong(nn.ReLU6) }),
    /activationLayer must be a function that makes a layer, got the class ReLU6; write \(given\) => new ReLU6\(given\)/,
  ],
  [
    'no layer',
    () => new ops.MLP(3, [4, 2], { normLayer: wrong(() => null) }),
    /MLP: what normLayer makes must be a Module, got null/,
  ],
  ['no function', () => new ops.SqueezeExcitation(4, 2, { activation: wrong(3) }), /activation must be a function/],
  ['channels', () => new ops.SqueezeExcitation(4, 0), /Conv2d: outChannels must be a positive integer, got 0/],
  [
    'a kernel',
    () => new ops.Conv2dNormActivation(3, 4, { kernelSize: wrong('3') }),
    /Conv2dNormActivation: kernelSize/,
  ],
  [
    'options',
    () => new ops.Conv2dNormActivation(3, 4, wrong(3)),
    /Conv2dNormActivation: options must be an object, got 3/,
  ],
])('%s: refused', (_, misuse, message) => {
  expect(misuse).toThrow(message);
});
