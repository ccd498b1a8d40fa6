// Every layer against PyTorch: values, gradients and text, for dense and for strided input.
import { describe, expect, test } from '@jest/globals';
import { type DType, nn, ones, type Tensor, tensor } from '../../lib/index.js';
import { evaluate, expectClose, goldens, numbers, values } from './golden.js';

function prepare(js: string, dtype: DType): nn.Module {
  const layer = evaluate<nn.Module>(js).to(dtype);
  [...layer.parameters()].forEach((p, i) => {
    p.detach().copy_(tensor(values(p.shape, 20 + i), { shape: p.shape, dtype }));
  });
  return layer;
}

// The same numbers, with the last two dimensions swapped in memory.
const strided = (x: Tensor) => x.transpose(-1, -2).contiguous().transpose(-1, -2);

describe.each(goldens.layers.map((row) => [`${row.js} of [${row.shape}]`, row] as const))('%s', (_, row) => {
  test('prints as in PyTorch', () => {
    expect(String(evaluate(row.js))).toBe(row.text);
  });

  test.each([
    ['float64', 1e-11, false],
    ['float64', 1e-11, true],
    ['float32', 2e-6, false],
    ['float32', 2e-6, true],
  ] as const)('equals PyTorch in %s, tolerance %d, strided: %p', (dtype, tolerance, swap) => {
    const layer = prepare(row.js, dtype);
    const base = tensor(values(row.shape, 1), { shape: row.shape, dtype });
    const x = (swap && row.shape.length > 1 ? strided(base) : base).requiresGrad_();
    const y = layer(x);
    expect(y.shape).toEqual(row.result);
    expectClose(numbers(y), row.value, tolerance);
    y.backward(tensor(values(y.shape, 9), { shape: y.shape, dtype }));
    const grads = [x, ...layer.parameters()].map((leaf) => numbers(leaf.grad!));
    expect(grads).toHaveLength(row.grads.length);
    grads.forEach((g, i) => {
      expectClose(g, row.grads[i]!, 4 * tolerance);
    });
  });
});

test.each(goldens.texts.map((row) => [row.js, row.text]))('%s prints as in PyTorch', (js, text) => {
  expect(String(evaluate(js))).toBe(text);
});

test.each(goldens.running)('BatchNorm2d with momentum $momentum keeps the running statistics of PyTorch', (row) => {
  const layer = new nn.BatchNorm2d(3, { momentum: row.momentum });
  for (let i = 0; i < 3; i++)
    layer(
      tensor(values([2, 3, 4, 5], i), { shape: [2, 3, 4, 5] })
        .mul(i + 1)
        .add(i)
        .to('float32'),
    );
  const state = layer.stateDict();
  expect(Object.keys(state)).toEqual(row.keys);
  expectClose(numbers(state.running_mean!), row.mean, 2e-7);
  expectClose(numbers(state.running_var!), row.var, 2e-7);
  expect(state.num_batches_tracked!.item()).toBe(row.batches);
  const before = numbers(layer.running_mean!);
  layer.eval()(ones([1, 3, 2, 2]));
  expect(numbers(layer.running_mean!)).toEqual(before);
});

const wrong = <T>(value: unknown) => value as T;

test.each<[string, () => nn.AnyModule, RegExp]>([
  ['Linear size', () => new nn.Linear(0, 2), /Linear: inFeatures must be a positive integer, got 0/],
  ['Linear bias', () => new nn.Linear(1, 2, { bias: wrong(1) }), /Linear: bias must be true or false, got 1/],
  ['Conv2d kernel', () => new nn.Conv2d(1, 1, 0), /Conv2d: kernelSize must be a positive integer, got 0/],
  ['Conv2d stride', () => new nn.Conv2d(1, 1, 1, { stride: [1, 0] }), /stride must be a positive integer/],
  ['Conv2d padding', () => new nn.Conv2d(1, 1, 1, { padding: -1 }), /padding must be a non-negative integer, got -1/],
  ['Conv2d padding text', () => new nn.Conv2d(1, 1, 1, { padding: wrong('full') }), /'same', 'valid' or a size/],
  ['Conv2d same with stride', () => new nn.Conv2d(1, 1, 3, { padding: 'same', stride: 2 }), /'same' needs stride 1/],
  [
    'Conv2d padding mode',
    () => new nn.Conv2d(1, 1, 3, { paddingMode: wrong('reflect') }),
    /paddingMode must be 'zeros', the only one supported; got 'reflect'/,
  ],
  ['MaxPool2d padding', () => new nn.MaxPool2d(2, { padding: 2 }), /padding 2 is more than half of kernelSize 2/],
  ['MaxPool2d stride', () => new nn.MaxPool2d(2, { stride: 0 }), /stride must be a positive integer/],
  ['AvgPool2d divisor', () => new nn.AvgPool2d(2, { divisorOverride: 0 }), /integer other than 0, got 0/],
  ['AvgPool2d fraction', () => new nn.AvgPool2d(2, { divisorOverride: 1.5 }), /integer other than 0, got 1.5/],
  ['AvgPool2d flag', () => new nn.AvgPool2d(2, { ceilMode: wrong('yes') }), /ceilMode must be true or false/],
  ['Unflatten sizes', () => new nn.Unflatten(1, [2, 1.5]), /unflattenedSize\[1\] must be an integer/],
  ['GELU', () => new nn.GELU({ approximate: wrong('erf') }), /GELU: approximate must be 'none' or 'tanh', got 'erf'/],
  ['Hardtanh', () => new nn.Hardtanh(1, 1), /Hardtanh: maxVal must be above minVal, got 1 and 1/],
  ['Hardtanh NaN', () => new nn.Hardtanh(Number.NaN), /Hardtanh: maxVal must be above minVal, got 1 and NaN/],
  ['ReLU6', () => new nn.ReLU6(wrong(true)), /ReLU6: options must be an object, got true/],
  ['LayerNorm', () => new nn.LayerNorm([2, -1]), /LayerNorm: normalizedShape must be a non-negative integer, got -1/],
  ['LayerNorm of none', () => new nn.LayerNorm([]), /LayerNorm: normalizedShape must have a dimension, got \[\]/],
  ['Softmax', () => new nn.Softmax(wrong(undefined)), /Softmax: dim must be an integer, got undefined/],
  ['Dropout', () => new nn.Dropout(1.5), /p must be between 0 and 1, got 1.5/],
])('%s is refused', (_, misuse, message) => {
  expect(misuse).toThrow(message);
});

test('activations in place overwrite their input', () => {
  for (const layer of [new nn.ReLU({ inplace: true }), new nn.LeakyReLU(0.5, { inplace: true })]) {
    const x = tensor([-1, 2]);
    const y = layer(x);
    expect(x.toArray()).toEqual(y.toArray());
    expect(x.toArray()).not.toEqual([-1, 2]);
  }
  expect(() => new nn.ELU(1, { inplace: true })(ones([2]).requiresGrad_())).toThrow('leaf tensor that requires grad');
});
