// Attention against PyTorch: values, weights, gradients, masks, dropout and initial weights.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { manualSeed, nn, ones, type Tensor, tensor, zeros } from '../../lib/index.js';
import { evaluate, expectClose, numbers, values } from './golden.js';

interface Mask {
  shape: number[];
  dtype: 'bool' | 'float64';
  values: number[];
}
interface Result {
  shape: number[];
  value: number[];
}
const goldens: {
  attentions: {
    js: string;
    shapes: number[][];
    initial: Record<string, number[]>;
    masks: Record<string, Mask>;
    calls: (Result & { options: string; weights: false | Result; grads: number[][] })[];
  }[];
  products: (Result & { js: string; shapes: number[][]; mask: false | Mask; grads: number[][] })[];
} = JSON.parse(readFileSync(`${__dirname}/../golden/nn.json`, 'utf8'));

const made = ({ shape, dtype, values: data }: Mask) => tensor(data, { dtype: 'float64' }).reshape(shape).to(dtype);
const input = (shape: number[], seed: number) =>
  tensor(values(shape, seed), { shape, dtype: 'float64' }).requiresGrad_();
const seedGradient = (y: Tensor) => tensor(values(y.shape, 9), { shape: y.shape, dtype: 'float64' });

describe.each(goldens.attentions)('MultiheadAttention of $js on $shapes with $masks', (row) => {
  const layer = () => {
    manualSeed(4);
    return new Function('nn', `return new nn.MultiheadAttention(6, 3, ${row.js})`)(nn) as nn.MultiheadAttention;
  };

  test('begins as in PyTorch', () => {
    const state = Object.entries(layer().stateDict());
    expect(state.map(([key]) => key)).toEqual(Object.keys(row.initial));
    for (const [key, value] of state) expectClose(numbers(value).slice(0, 4), row.initial[key]!, 1e-7);
  });

  test.each(row.calls)('computes as in PyTorch with $options', (call) => {
    const attention = layer().to('float64');
    const inputs = row.shapes.map((shape, i) => input(shape, 11 + i));
    const [query, key = query, value = query] = inputs as [Tensor, Tensor?, Tensor?];
    const masks = Object.fromEntries(Object.entries(row.masks).map(([name, mask]) => [name, made(mask)]));
    manualSeed(5);
    const [y, weights] = attention(query, key, value, { ...masks, ...evaluate<object>(`(${call.options})`) });
    expect(y.shape).toEqual(call.shape);
    expectClose(numbers(y), call.value, 1e-11);
    if (call.weights === false) expect(weights).toBeNull();
    else {
      expect(weights!.shape).toEqual(call.weights.shape);
      expectClose(numbers(weights!), call.weights.value, 1e-11);
    }
    if (call.grads.length === 0) return;
    y.backward(seedGradient(y));
    const leaves = [...inputs, ...attention.parameters()];
    expect(leaves).toHaveLength(call.grads.length);
    leaves.forEach((leaf, i) => {
      expectClose(numbers(leaf.grad!), call.grads[i]!, 1e-11);
    });
  });
});

test.each(goldens.products)('scaledDotProductAttention of $shapes with $js equals PyTorch', (row) => {
  const inputs = row.shapes.map((shape, i) => input(shape, 41 + i)) as [Tensor, Tensor, Tensor];
  const options = new Function('mask', `return ${row.js}`)(row.mask === false ? null : made(row.mask)) as object;
  const y = nn.functional.scaledDotProductAttention(...inputs, options);
  expect(y.shape).toEqual(row.shape);
  expectClose(numbers(y), row.value, 1e-11);
  y.backward(seedGradient(y));
  inputs.forEach((x, i) => {
    expectClose(numbers(x.grad!), row.grads[i]!, 1e-11);
  });
});

test('dropout leaves evaluation alone', () => {
  const layer = new nn.MultiheadAttention(4, 2, { dropout: 0.5, batchFirst: true }).eval();
  const x = ones([1, 3, 4]);
  expect(layer(x, x, x)[1]!.sum().item()).toBeCloseTo(3, 6);
});

test('a query that may look at nothing gets nothing, and no NaN', () => {
  const layer = new nn.MultiheadAttention(4, 2, { bias: false, batchFirst: true });
  const x = ones([1, 2, 4]).requiresGrad_();
  const [y, weights] = layer(x, x, x, {
    attnMask: tensor([
      [true, true],
      [false, true],
    ]),
  });
  expect(weights!.toArray()).toEqual([
    [
      [0, 0],
      [1, 0],
    ],
  ]);
  expect((y.toArray() as number[][][])[0]![0]).toEqual([0, 0, 0, 0]);
  y.sum().backward();
  expect(numbers(x.grad!).every(Number.isFinite)).toBe(true);
});

test('a batch of nothing, no queries and no keys give nothing', () => {
  const layer = new nn.MultiheadAttention(4, 2, { batchFirst: true });
  expect(layer(zeros([0, 3, 4]), zeros([0, 3, 4]), zeros([0, 3, 4]))[0].shape).toEqual([0, 3, 4]);
  expect(layer(zeros([1, 0, 4]), ones([1, 3, 4]), ones([1, 3, 4]))[0].shape).toEqual([1, 0, 4]);
  const bare = new nn.MultiheadAttention(4, 2, { batchFirst: true, bias: false });
  const [y] = bare(ones([1, 2, 4]), zeros([1, 0, 4]), zeros([1, 0, 4]));
  expect(numbers(y)).toEqual(new Array(8).fill(0));
});

const wrong = <T>(value: unknown) => value as T;
const attention = () => new nn.MultiheadAttention(4, 2, { batchFirst: true });
const x = ones([2, 3, 4]);
const dot = nn.functional.scaledDotProductAttention;

test.each<[string, () => unknown, RegExp]>([
  ['heads', () => new nn.MultiheadAttention(4, 3), /MultiheadAttention: embedDim 4 must be divisible by numHeads 3/],
  ['no heads', () => new nn.MultiheadAttention(4, 0), /numHeads must be a positive integer, got 0/],
  ['dropout', () => new nn.MultiheadAttention(4, 2, { dropout: 2 }), /dropout must be between 0 and 1, got 2/],
  ['flag', () => new nn.MultiheadAttention(4, 2, { batchFirst: wrong(1) }), /batchFirst must be true or false, got 1/],
  ['no key', () => attention()(x, wrong(undefined), x), /MultiheadAttention: key must be a Tensor, got undefined/],
  ['dimensions', () => attention()(x, ones([3, 4]), x), /all have 2 or all 3 dimensions, got key of shape \[3, 4\]/],
  ['one dimension', () => attention()(ones([4]), ones([4]), ones([4])), /all 3 dimensions, got query of shape \[4\]/],
  ['features', () => attention()(x, ones([2, 3, 5]), x), /MultiheadAttention: key has 5 features but 4 are expected/],
  [
    'lengths',
    () => attention()(x, x, ones([2, 5, 4])),
    /key of shape \[2, 3, 4\] and value of shape \[2, 5, 4\] differ/,
  ],
  ['batches', () => attention()(ones([1, 3, 4]), x, x), /query has a batch of 1 but key one of 2/],
  [
    'mask shape',
    () => attention()(x, x, x, { attnMask: zeros([3, 4]) }),
    /attnMask must have shape \[3, 3\] or \[4, 3, 3\], got \[3, 4\]/,
  ],
  [
    'mask dtype',
    () => attention()(x, x, x, { attnMask: zeros([3, 3], { dtype: 'int64' }) }),
    /attnMask must be bool or float32 as the query is, got int64/,
  ],
  [
    'padding shape',
    () => attention()(x, x, x, { keyPaddingMask: zeros([3]) }),
    /keyPaddingMask must have shape \[2, 3\], got \[3\]/,
  ],
  ['call options', () => attention()(x, x, x, wrong(null)), /MultiheadAttention: options must be an object, got null/],
  ['product features', () => dot(ones([2, 3]), ones([2, 4]), ones([2, 4])), /query has 3 features but key has 4/],
  [
    'product dimensions',
    () => dot(ones([3]), ones([2, 3]), x),
    /query must have at least 2 dimensions, got shape \[3\]/,
  ],
  ['product lengths', () => dot(ones([2, 3]), ones([2, 3]), ones([4, 3])), /there are 2 keys but 4 values/],
  ['product mask', () => dot(x, x, x, { attnMask: zeros([2, 3]) }), /\[2, 3\] does not broadcast to \[2, 3, 3\]/],
  ['product mask of more', () => dot(x, x, x, { attnMask: zeros([4, 3, 3]) }), /does not broadcast to \[2, 3, 3\]/],
  ['product batches', () => dot(x, ones([3, 3, 4]), x), /batches of query \[2\], key \[3\] and value \[2\] do not/],
  ['product dtypes', () => dot(x, x.to('float64'), x), /query is float32 but key is float64/],
  ['product of integers', () => dot(x.to('int64'), x.to('int64'), x.to('int64')), /float32 or float64, got int64/],
  [
    'causal and mask',
    () => dot(x, x, x, { attnMask: zeros([3, 3]), isCausal: true }),
    /attnMask must not be given where isCausal is true/,
  ],
  ['product dropout', () => dot(x, x, x, { dropoutP: -1 }), /dropoutP must be between 0 and 1, got -1/],
  ['product scale', () => dot(x, x, x, { scale: wrong('1') }), /scale must be a number, got the string "1"/],
])('%s: refused', (_, misuse, message) => {
  expect(misuse).toThrow(message);
});
