// Every op against PyTorch: values and gradients in both float types, from the rows of golden/cases.json.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import * as cresset from '../lib/index.js';
import { type DType, getNumThreads, setNumThreads, type Tensor, tensor } from '../lib/index.js';

interface Case {
  name: string;
  inputs: number[][];
  positive?: boolean;
  noGrad?: boolean;
  js: string;
}

interface Golden {
  shape: number[];
  value: number[];
  grads?: number[][];
}

const read = (name: string) => JSON.parse(readFileSync(`${__dirname}/golden/${name}.json`, 'utf8'));
const cases: Case[] = read('cases');
const goldens: Record<string, Golden> = read('ops');

// Multiples of 2^-32, so that PyTorch starts from the very same numbers.
function values(shape: readonly number[], seed: number, positive: boolean): Float64Array {
  const n = shape.reduce((a, b) => a * b, 1);
  return Float64Array.from({ length: n }, (_, i) => {
    const word = Number((BigInt(i + 1) * 2654435761n + BigInt(seed) * 40503n) % 2n ** 32n);
    return positive ? word / 2 ** 32 + 0.5 : (word / 2 ** 32) * 2 - 1;
  });
}

function run(row: Case, dtype: DType): { y: Tensor; inputs: Tensor[] } {
  const inputs = row.inputs.map((shape, i) =>
    tensor(values(shape, i + 1, row.positive ?? false), { shape, dtype, requiresGrad: !row.noGrad }),
  );
  const { maximum, minimum, where, cat, stack, nn } = cresset;
  const scope = { maximum, minimum, where, cat, stack, nn, tensor, x: inputs[0], y: inputs[1], z: inputs[2] };
  const y = new Function(...Object.keys(scope), `return ${row.js}`)(...Object.values(scope)) as Tensor;
  return { y, inputs };
}

function expectClose(actual: Tensor, expected: readonly number[], tolerance: number): void {
  const numbers = Array.from(actual.detach().to('float64').toTypedArray() as Float64Array);
  expect(numbers).toHaveLength(expected.length);
  const worst = Math.max(0, ...numbers.map((v, i) => Math.abs(v - expected[i]!) / (1 + Math.abs(expected[i]!))));
  expect(worst).toBeLessThan(tolerance);
}

function bytes(x: Tensor): string {
  return Buffer.from(x.detach().toTypedArray().buffer as ArrayBuffer).toString('base64');
}

describe.each(cases.map((row) => [row.name, row] as const))('%s', (_, row) => {
  const golden = goldens[row.name]!;
  const threads = getNumThreads();
  afterAll(() => setNumThreads(threads));

  test.each([
    ['float64', 1e-10],
    ['float32', 2e-5],
  ] as const)('equals PyTorch in %s', (dtype, tolerance) => {
    const { y, inputs } = run(row, dtype);
    expect(y.shape).toEqual(golden.shape);
    expectClose(y, golden.value, tolerance);
    if (golden.grads === undefined) return;
    y.backward(tensor(values(golden.shape, 9, false), { shape: golden.shape, dtype }));
    inputs.forEach((input, i) => {
      expectClose(input.grad!, golden.grads![i]!, tolerance);
    });
  });

  test('is the same to the bit for one and several threads', () => {
    const results = [1, 4].map((n) => {
      setNumThreads(n);
      const { y, inputs } = run(row, 'float32');
      if (golden.grads !== undefined)
        y.backward(tensor(values(golden.shape, 9, false), { shape: golden.shape, dtype: 'float32' }));
      return [y, ...inputs.flatMap((input) => input.grad ?? [])].map(bytes);
    });
    expect(results[0]).toEqual(results[1]);
  });
});
