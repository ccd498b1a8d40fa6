// Runs the table of op tests, ops.cases.ts: values and gradients against PyTorch's in every dtype and memory layout, gradients against
// differences, one thread against four, and errors. `test/isa.test.ts` repeats it on the other instruction sets.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import * as cresset from '../lib/index.js';
import {
  type DType,
  getNumThreads,
  manualSeed,
  nn,
  noGrad,
  optim,
  setNumThreads,
  stack,
  type Tensor,
  tensor,
} from '../lib/index.js';
import { native, type TensorId } from '../lib/native.js';
import { wrap } from '../lib/tensor.js';
import type { OpCases, Row, Scope } from './ops/row.js';
import { cases } from './ops.cases.js';

interface Summary {
  shape: number[];
  values?: (number | string)[];
  sum?: number | string;
  max?: number;
  /** PyTorch's largest error in float32. */
  error?: number;
}
interface Golden {
  dtypes: Record<string, DType>;
  value: Summary;
  grads?: Summary[];
}
type Variant = { shapes: number[][] } & Partial<Record<DType | 'float', Golden>>;

const goldens: Record<string, { torch: string; variants: Variant[] }[]> = JSON.parse(
  readFileSync(`${__dirname}/golden/ops.json`, 'utf8'),
);

const scope = {
  ...cresset,
  native: new Proxy(native, {
    get:
      (ops, name) =>
      (...args: unknown[]) =>
        wrap((ops[name as 'neg'] as (...a: unknown[]) => TensorId)(...args)),
  }) as unknown as Scope['native'],
  int: (values: number[]) => tensor(values, { dtype: 'int64' }),
  steps(name, [x, y], options) {
    const p = new nn.Parameter(x.clone());
    const optimizer = new optim[name]([p], options);
    for (const k of [1, 2, 3]) {
      p.grad = y.mul(k);
      optimizer.step();
    }
    return p.detach();
  },
} satisfies Scope;

const isFloat = (dtype: DType) => dtype === 'float32' || dtype === 'float64';

const { imul } = Math; // Globals are slow to reach in jest's sandbox.

// Multiples of 2^-20 or small integers, so that PyTorch starts from the very same numbers.
function filled(shape: readonly number[], seed: number, dtype: DType, positive = false): Tensor {
  const float = isFloat(dtype);
  const values = new Float64Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < values.length; i++) {
    const word = (imul(i + 1, 2654435761) + seed * 40503) >>> 12;
    if (float) values[i] = positive ? word / 2 ** 20 + 0.5 : word / 2 ** 19 - 1;
    else if (dtype === 'bool') values[i] = word % 2;
    else values[i] = positive || dtype === 'uint8' ? (word % 7) + 1 : (word % 15) - 7;
  }
  return tensor(values, { shape, dtype });
}

const layouts: Record<string, (x: Tensor) => Tensor> = {
  contiguous: (x) => x,
  strided: (x) => stack([x, x], -1).select(-1, 1),
  // The first dimension innermost; of pictures, the channels.
  permuted: (x) => {
    const order = x.ndim === 4 ? [0, 2, 3, 1] : x.shape.map((_, i) => (i + 1) % x.ndim);
    const back = order.map((_, i) => order.indexOf(i));
    return x.permute(order).contiguous().permute(back);
  },
};

function run(row: Row, shapes: number[][], dtype: DType, layout = 'contiguous') {
  const inputs = shapes.map((shape, i) => {
    const x = layouts[layout]!(filled(shape, i + 1, dtype, row.range === 'positive')).detach();
    return row.grad === false ? x : x.requiresGrad_();
  }) as Parameters<Row['run']>[0];
  manualSeed(0);
  return { inputs, y: row.run(inputs, scope) };
}

function backward(y: Tensor): void {
  y.backward(filled(y.shape, 9, y.dtype));
}

const numbers = (x: Tensor) => x.detach().to('float64').toTypedArray() as Float64Array;
const ulp = (x: number) => 2 ** (Math.floor(Math.log2(x || 1e-30)) - 23);

// Float32 may err twice as much as PyTorch's does over all shapes of the row, plus one unit in the last place of the largest value.
function tolerance(golden: Summary, dtype: DType, seeded: boolean, alike: readonly Summary[]): number {
  const max = golden.max ?? 0;
  if (dtype === 'float64') return 1e-10 * (1 + max);
  if (seeded) return 1e-6 * (1 + max);
  const relative = Math.max(...alike.map((other) => (other.max ? (other.error ?? 0) / other.max : 0)));
  return 2 * relative * max + ulp(max);
}

function difference(actual: Tensor, golden: Summary, allowed: number): string | null {
  if (actual.shape.join() !== golden.shape.join()) return `shape [${actual.shape}], expected [${golden.shape}]`;
  if (golden.values === undefined) return null;
  const all = numbers(actual);
  const step = all.length <= 24 ? 1 : Math.floor((all.length - 1) / 11);
  const expected = golden.values.map(Number);
  for (const [i, want] of expected.entries()) {
    const got = all[i * step]!;
    if (!Object.is(got, want) && !(Math.abs(got - want) <= allowed))
      return `[${i * step}] is ${got}, expected ${want} within ${allowed}`;
  }
  if (golden.sum === undefined) return null;
  const sum = all.reduce((a, b) => a + b, 0);
  const want = Number(golden.sum);
  return Math.abs(sum - want) <= allowed * all.length + 1e-9 * Math.abs(want)
    ? null
    : `sum is ${sum}, expected ${want}`;
}

/** What is wrong with one variant of a row in one dtype and layout. */
function compare(row: Row, variants: Variant[], variant: Variant, dtype: DType, layout: string): string[] {
  const key = isFloat(dtype) && row.dtypes === undefined ? 'float' : dtype;
  const golden = variant[key]!;
  const { y, inputs } = run(row, variant.shapes, dtype, layout);
  const found: [string, string | null][] = [];
  const check = (what: string, actual: Tensor, pick: (golden: Golden) => Summary, precision: DType) => {
    const alike = variants.map((v) => pick(v[key]!));
    const allowed = isFloat(actual.dtype) ? tolerance(pick(golden), precision, row.compare === 'seeded', alike) : 0;
    found.push([what, difference(actual, pick(golden), allowed)]);
  };
  if (y.dtype !== golden.dtypes[dtype]) found.push(['dtype', `is ${y.dtype}, expected ${golden.dtypes[dtype]}`]);
  check('value', y, (g) => g.value, y.dtype === 'float64' ? dtype : y.dtype);
  if (row.grad !== false) {
    backward(y);
    inputs.forEach((x, i) => {
      check(`gradient ${i}`, x.grad ?? cresset.zerosLike(x), (g) => g.grads![i]!, dtype);
    });
  }
  const where = `${row.torch} on [${variant.shapes.map((s) => `[${s}]`)}], ${dtype}, ${layout}`;
  return found.flatMap(([what, wrong]) => (wrong === null ? [] : [`${where}: ${what} ${wrong}`]));
}

const dtypesOf = (row: Row): DType[] =>
  row.dtypes ?? (row.compare === undefined ? ['float64', 'float32'] : ['float32']);

const bytes = (x: Tensor) => Buffer.from(x.detach().toTypedArray().buffer as ArrayBuffer).toString('base64');

/** The gradients by central differences of the sum of y times the seed gradient. */
function numericGradients(row: Row, shapes: number[][]): Float64Array[] {
  const inputs = shapes.map((shape, i) => filled(shape, i + 1, 'float64', row.range === 'positive'));
  const value = (): number => {
    manualSeed(0);
    const y = row.run(inputs as never, scope);
    return y
      .mul(filled(y.shape, 9, 'float64'))
      .sum()
      .item();
  };
  const h = 1e-6;
  return noGrad(() =>
    inputs.map((x, i) =>
      numbers(x).map((_, k) => {
        const shifted = (by: number): number => {
          const values = numbers(x);
          values[k]! += by;
          inputs[i] = tensor(values, { shape: x.shape, dtype: 'float64' });
          return value();
        };
        const slope = (shifted(h) - shifted(-h)) / (2 * h);
        inputs[i] = x;
        return slope;
      }),
    ),
  );
}

test('runs on the instruction set that was forced', () => {
  if (process.env.CRESSET_ISA !== undefined) expect(native.isa()).toBe(process.env.CRESSET_ISA);
});

const small = (shapes: number[][]) => shapes.reduce((n, s) => n + s.reduce((a, b) => a * b, 1), 0) <= 120;

describe.each(Object.entries(cases) as [string, OpCases][])('%s', (name, { rows, throws }) => {
  const threads = getNumThreads();
  afterAll(() => setNumThreads(threads));
  const variants = rows.flatMap((row, r) => {
    const all = goldens[name]?.[r]?.variants ?? [];
    return all.map((variant) => ({ row, all, variant }));
  });

  test('has the goldens of these rows', () => {
    expect(goldens[name]?.map((g) => [g.torch, g.variants.map((v) => v.shapes)])).toEqual(
      rows.map((row) => [row.torch, row.shapes]),
    );
  });

  test.each(Object.keys(layouts))('equals PyTorch, %s', (layout) => {
    const wrong = variants.flatMap(({ row, all, variant }) =>
      dtypesOf(row).flatMap((dtype) => compare(row, all, variant, dtype, layout)),
    );
    expect(wrong).toEqual([]);
  });

  test('is the same to the bit on one and on four threads', () => {
    for (const { row, variant } of variants)
      for (const dtype of dtypesOf(row)) {
        if (row.compare === 'shape') continue;
        const results = [1, 4].map((n) => {
          setNumThreads(n);
          const { y, inputs } = run(row, variant.shapes, dtype);
          if (row.grad !== false) backward(y);
          return [y, ...inputs.flatMap((x) => x.grad ?? [])].map(bytes);
        });
        expect(results[0]).toEqual(results[1]);
      }
  });

  const differentiable = variants.filter(({ row, variant }) => row.grad !== false && small(variant.shapes));
  if (differentiable.length > 0)
    test('has the gradient that differences give', () => {
      for (const { row, variant } of differentiable) {
        const { inputs, y } = run(row, variant.shapes, 'float64');
        backward(y);
        numericGradients(row, variant.shapes).forEach((expected, i) => {
          const actual = inputs[i]!.grad ? numbers(inputs[i]!.grad!) : expected.map(() => 0);
          const worst = Math.max(0, ...actual.map((g, k) => Math.abs(g - expected[k]!) / (1 + Math.abs(g))));
          expect(`${row.torch} ${JSON.stringify(variant.shapes)}: ${worst < 1e-7 ? 'ok' : worst}`).toMatch(/: ok$/);
        });
      }
    });

  test.each(throws.map(([misuse, message]) => [String(message), misuse, message] as const))(
    'throws %s',
    (_, misuse, message) => {
      const x = filled([2, 3], 1, 'float32');
      expect(() => misuse([x, x, x], scope)).toThrow(message);
    },
  );

  // Rows without inputs have the one shape [], of a tensor they do not read.
  const reading = rows.find((row) => /\b[xy]\b/.test(row.torch));
  if (reading !== undefined)
    test('refuses a disposed tensor', () => {
      const inputs = reading.shapes[0]!.map((shape, i) => filled(shape, i + 1, 'float32')) as Parameters<Row['run']>[0];
      inputs[0].dispose();
      expect(() => reading.run(inputs, scope)).toThrow(/the tensor was disposed/);
    });
});
