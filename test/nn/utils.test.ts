// nn.utils: clipped gradients and parameters as a vector; and the norm under them, whose gradient at 0 is 0.
import { describe, expect, test } from '@jest/globals';
import { manualSeed, nn, rand, tensor, zeros } from '../../lib/index.js';
import { expectClose, fromPython, goldens, numbers, values } from './golden.js';

const { clipGradNorm_, clipGradValue_, parametersToVector, vectorToParameters } = nn.utils;

function parameters() {
  const params = [[], [3], [2, 5], [1]].map((shape) => new nn.Parameter(zeros(shape)));
  params.slice(0, 3).forEach((p, i) => {
    p.grad = tensor(values(p.shape, i + 1), { shape: p.shape, dtype: 'float32' });
  });
  return params;
}

describe('clipGradNorm_', () => {
  test.each(goldens.clips.map((row) => [row.maxNorm, row.normType, row] as const))(
    'to %d in the norm %s, as in PyTorch',
    (maxNorm, normType, row) => {
      const params = parameters();
      const total = clipGradNorm_(params, maxNorm, { normType: fromPython(normType) });
      expectClose([total.item()], [row.total], 5e-7);
      row.grads.forEach((expected, i) => {
        expectClose(numbers(params[i]!.grad!), expected, 5e-7);
      });
      expect(params[3]!.grad).toBeNull();
    },
  );

  test('takes one tensor, none, and generators', () => {
    const [, p] = parameters();
    const model = new nn.Linear(2, 2);
    expect(clipGradNorm_(p!, 1).item()).toBeCloseTo(Math.hypot(...numbers(p!.grad!)), 5);
    expect(clipGradNorm_(model.parameters(), 1).item()).toBe(0);
  });

  test('refuses an infinite norm where asked, and changes nothing', () => {
    const p = zeros([2]).requiresGrad_();
    p.grad = tensor([Number.POSITIVE_INFINITY, 1]);
    expect(() => clipGradNorm_([p], 1, { errorIfNonfinite: true })).toThrow(/norm of order 2 .* is Infinity/);
    expect(p.grad.toArray()).toEqual([Number.POSITIVE_INFINITY, 1]);
    expect(clipGradNorm_([p], 1).item()).toBe(Number.POSITIVE_INFINITY);
  });

  test('joins gradients of both dtypes', () => {
    const [a, b] = [zeros([1]), zeros([1], { dtype: 'float64' })];
    a.grad = tensor([3]);
    b.grad = tensor([4], { dtype: 'float64' });
    expect(clipGradNorm_([a, b], 1).item()).toBe(5);
    expect([a.grad.item(), b.grad.item()].map((v) => v.toFixed(4))).toEqual(['0.6000', '0.8000']);
  });
});

test('clipGradValue_ limits every element', () => {
  const p = zeros([3]).requiresGrad_();
  p.grad = tensor([-3, 0.5, 2]);
  clipGradValue_([p, zeros([1])], 1);
  expect(p.grad.toArray()).toEqual([-1, 0.5, 1]);
});

test('parameters go into a vector, with gradients, and back', () => {
  const model = new nn.Sequential(new nn.Linear(2, 3), new nn.Linear(3, 1));
  const vector = parametersToVector(model.parameters());
  expect(vector.shape).toEqual([13]);
  vector.square().sum().backward();
  expect(model.getParameter('0.bias').grad!.toArray()).toEqual(model.getParameter('0.bias').mul(2).toArray());
  vectorToParameters(tensor(Float32Array.from({ length: 13 }, (_, i) => i)), model.parameters());
  expect(model.getParameter('1.weight').toArray()).toEqual([[9, 10, 11]]);
  expect(() => vectorToParameters(zeros([12]), model.parameters())).toThrow('12 elements but the parameters have 13');
  expect(model.getParameter('1.weight').toArray()).toEqual([[9, 10, 11]]);
});

describe('norm', () => {
  test.each(goldens.norms.map((row) => [row.p, JSON.stringify(row.data), row] as const))(
    '%s of %s and its gradient',
    (p, _, row) => {
      const x = tensor(row.data, { dtype: 'float64', requiresGrad: true });
      const y = x.norm(fromPython(p), { dim: 1 });
      expectClose(numbers(y), row.value, 1e-11);
      y.backward(tensor([3, 5], { dtype: 'float64' }));
      // PyTorch leaves the gradient of the norm of order 0 out; here it is the 0 that it stands for.
      expectClose(numbers(x.grad!), p === '0' ? numbers(x).map(() => 0) : row.grad, 1e-11);
    },
  );

  test.each([
    [Number.NEGATIVE_INFINITY, [0, 0, 0]],
    [Number.POSITIVE_INFINITY, [0, 0, 0]],
    [1, [0, 1, 1]],
    [2, [Number.NaN, Number.NaN, Number.NaN]],
  ])('of order %d of a NaN, and its gradient', (p, expected) => {
    const x = tensor([Number.NaN, 1, 2], { requiresGrad: true });
    const y = x.norm(p);
    y.backward();
    expect([y.item(), x.grad!.toArray()]).toEqual([Number.NaN, expected]);
  });
});

describe('skipInit', () => {
  test('draws nothing for layers and for what networks draw themselves', () => {
    manualSeed(5);
    const next = numbers(rand([4]));
    manualSeed(5);
    nn.utils.skipInit(() => {
      const model = new nn.Sequential(new nn.Conv2d(3, 8, 3), new nn.Linear(8, 4));
      for (const p of model.parameters()) nn.init.normal_(p);
      for (const p of model.parameters()) nn.init.truncNormal_(p);
      return model;
    });
    expect(numbers(rand([4]))).toEqual(next);
  });

  test('fills nothing but buffers', () => {
    const p = zeros([2]);
    const norm = nn.utils.skipInit(() => {
      expect(nn.init.ones_(p)).toBe(p);
      return new nn.BatchNorm2d(3);
    });
    expect(numbers(p)).toEqual([0, 0]);
    expect(norm.weight!.shape).toEqual([3]);
    expect([norm.running_mean, norm.running_var, norm.num_batches_tracked].map((b) => numbers(b!))).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [0],
    ]);
  });

  test('ends when the outermost one does, also by throwing', () => {
    const drawn = () => numbers(nn.init.constant_(zeros([1]), 1))[0];
    nn.utils.skipInit(() => {
      nn.utils.skipInit(() => new nn.ReLU());
      expect(drawn()).toBe(0);
      expect(() => nn.utils.skipInit(() => new nn.Linear(0, 1))).toThrow('Linear: inFeatures');
      expect(drawn()).toBe(0);
      return new nn.ReLU();
    });
    expect(drawn()).toBe(1);
    expect(() => nn.utils.skipInit(() => new nn.Linear(0, 1))).toThrow('Linear: inFeatures');
    expect(drawn()).toBe(1);
  });

  test('is refused what makes no module', () => {
    expect(() => nn.utils.skipInit(new nn.ReLU() as never)).toThrow(/skipInit: make must be a function that makes/);
    expect(() => nn.utils.skipInit((async () => new nn.ReLU()) as never)).toThrow(/skipInit: make must give a Module/);
    expect(() => nn.utils.skipInit((() => 3) as never)).toThrow(/skipInit: make must give a Module, got 3/);
  });
});
