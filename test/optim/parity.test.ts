// Ten steps of every optimizer end where PyTorch's do, to the last bit where the processor fuses multiply and add.
import { describe, expect, test } from '@jest/globals';
import { native } from '../../lib/native.js';
import { decode, goldens, nameOf, optimizer, parameters, run, sample, shapes } from './cases.js';

// The largest distance in units of the last place; numbers below 2^-6 have the unit of 2^-6, as they were larger on the way.
function ulps(actual: number[], expected: number[], bits: number): number {
  const unit = (x: number) => 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x))), -6) - bits);
  return Math.max(...actual.map((v, i) => Math.abs(v - expected[i]!) / unit(expected[i]!)));
}

// PyTorch's own instructions give its very bits; without fused multiply-add the errors of ten steps add up.
const most = { baseline: 16, neon: 2 }[native.isa()] ?? 0;

describe.each(goldens.steps.map((row) => [nameOf(row), row] as const))('%s', (_, row) => {
  test.each([
    ['float32', 23],
    ['float64', 52],
  ] as const)('ends within the last bits of PyTorch in %s', (dtype, bits) => {
    const params = parameters(shapes, dtype);
    const start = params.map(sample);
    run(optimizer(row, params), params, 0, 10);
    params.forEach((p, i) => {
      const expected = decode(row[dtype][i]!, dtype);
      const actual = sample(p);
      expect(actual).toHaveLength(expected.length);
      expect(ulps(actual, expected, bits)).toBeLessThanOrEqual(most);
      if (p.grad !== null) expect(actual).not.toEqual(start[i]);
      else expect(actual).toEqual(start[i]);
    });
  });
});
