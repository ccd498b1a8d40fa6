// Tensors and modules print as in PyTorch, character for character.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { DType } from '../lib/dtype.js';
import { nn, type Tensor, tensor, zeros } from '../lib/index.js';

interface Golden {
  /** Python's texts of the elements. */
  data?: string[];
  /** Or: element i is i * scale + offset. */
  ramp?: [scale: number, offset: number];
  shape: number[];
  dtype: DType;
  requiresGrad: boolean;
  text: string;
}

const goldens: Golden[] = JSON.parse(readFileSync(`${__dirname}/golden/print.json`, 'utf8'));
const python: Record<string, number> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  True: 1,
  False: 0,
};

function tensorOf({ data, ramp, shape, dtype }: Golden): Tensor {
  if (dtype === 'int64' && data) return tensor(BigInt64Array.from(data, BigInt), { shape, dtype });
  if (data)
    return tensor(
      Float64Array.from(data, (v) => python[v] ?? Number(v)),
      { shape, dtype },
    );
  const [scale, offset] = ramp!;
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float64Array.from({ length: n }, (_, i) => i * scale + offset),
    { shape, dtype },
  );
}

test.each(goldens.map((g) => [g.text.replaceAll('\n', ' ').slice(0, 90), g] as const))('%s', (_, golden) => {
  const x = tensorOf(golden);
  expect(String(golden.requiresGrad ? x.requiresGrad_() : x)).toBe(golden.text);
});

test('a computed tensor names its gradient function', () => {
  expect(String(tensor([1, 2], { requiresGrad: true }).mul(2))).toBe('tensor([2., 4.], grad_fn=<MulBackward0>)');
});

test('a parameter says that it is one', () => {
  expect(String(new nn.Parameter(zeros([2])))).toBe('Parameter containing:\ntensor([0., 0.], requires_grad=True)');
});

test('a parameter of 16 bits prints its numbers', () => {
  const half = (dtype: DType) => String(new nn.Parameter(tensor([0.5, -2], { dtype })));
  expect([half('float16'), half('bfloat16')]).toEqual([
    'Parameter containing:\ntensor([ 0.5000, -2.0000], dtype=torch.float16, requires_grad=True)',
    'Parameter containing:\ntensor([ 0.5000, -2.0000], dtype=torch.bfloat16, requires_grad=True)',
  ]);
});

test('modules print their children, indented', () => {
  const model = new nn.Sequential(
    new nn.Conv2d(3, 32, 5, { padding: 2 }),
    new nn.MaxPool2d(2),
    new nn.Sequential(new nn.Dropout(), new nn.Linear(4, 2)),
  );
  expect(String(model)).toBe(`Sequential(
  (0): Conv2d(3, 32, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
  (1): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  (2): Sequential(
    (0): Dropout(p=0.5, inplace=False)
    (1): Linear(in_features=4, out_features=2, bias=True)
  )
)`);
});

test('numbers midway between two texts round to the even digit, as in Python', () => {
  expect(String(tensor([0.90625, 0.59375, -0.03125]))).toBe('tensor([ 0.9062,  0.5938, -0.0312])');
  expect(String(tensor([100_005, 300_015, 1e-3]))).toBe('tensor([1.0000e+05, 3.0002e+05, 1.0000e-03])');
});
