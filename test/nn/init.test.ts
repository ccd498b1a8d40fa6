// Initial values: PyTorch's numbers for the same seed, and refusals.
import { describe, expect, test } from '@jest/globals';
import { manualSeed, nn, type Tensor, zeros } from '../../lib/index.js';
import { evaluate, expectClose, goldens, numbers } from './golden.js';

describe.each(goldens.inits.map((row) => [row.js, row] as const))('%s', (js, row) => {
  test.each([
    ['float32', 2e-7],
    ['float64', 1e-11],
  ] as const)('draws the numbers of PyTorch in %s', (dtype, tolerance) => {
    manualSeed(3);
    const drawn = goldens.shapes.flatMap((shape) => {
      const x = zeros(shape, { dtype }).sub(7).requiresGrad_();
      const y = new nn.Parameter(x);
      expect(evaluate<Tensor>(js, y)).toBe(y);
      return numbers(y).slice(0, 17);
    });
    // The inverse of the error function is computed more exactly here than in PyTorch's float32.
    expectClose(drawn, row[dtype], js.includes('trunc') ? 5 * tolerance : tolerance);
  });
});

test.each(goldens.gains.map((row) => [row.arguments.join(' '), row] as const))('gain of %s', (_, row) => {
  expect(nn.init.calculateGain(...row.arguments)).toBe(row.gain);
});

test('what has no fan, gain or mode is refused', () => {
  expect(() => nn.init.kaimingNormal_(zeros([3]))).toThrow(/at least 2 dimensions, got shape \[3\]/);
  expect(() => nn.init.calculateGain('gelu' as 'relu')).toThrow("no gain is known for the nonlinearity 'gelu'");
  expect(() => nn.init.truncNormal_(zeros([3]), { std: 0 })).toThrow('truncNormal_: std must be positive, got 0');
  expect(() => nn.init.truncNormal_(zeros([3]), { a: 1, b: -1 })).toThrow('a must be at most b, got 1 and -1');
  expect(() => nn.init.truncNormal_(zeros([3]), { mean: '1' as never })).toThrow('mean must be a number');
  expect(() => nn.init.truncNormal_(zeros([3]), 0.1 as never)).toThrow('truncNormal_: options must be an object');
  expect(() => nn.init.kaimingUniform_(zeros([3, 3]), { mode: 'fan' as 'fan_in' })).toThrow("got 'fan'");
});
