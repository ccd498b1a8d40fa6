// Tensors and modules print as in PyTorch, character for character.
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import type { DType } from '../lib/dtype.js';
import { nn, ones, optim, setPrintOptions, type Tensor, tensor, zeros } from '../lib/index.js';
import { Image } from '../lib/vision/index.js';

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

test('a tensor of one element is a number where JavaScript wants one, and its text in template strings', () => {
  const loss = tensor([1.5], { requiresGrad: true }) as unknown as number;
  let running = 0;
  running += loss;
  running += loss;
  expect([running, +loss, loss / 2, loss < 2, Math.max(loss, 1), Number(loss)]).toEqual([3, 1.5, 0.75, true, 1.5, 1.5]);
  expect([+(tensor(3n) as unknown as number), +(tensor(true) as unknown as number)]).toEqual([3, 1]);
  expect([`${loss}`, [loss].join()]).toEqual(Array(2).fill('tensor([1.5000], requires_grad=True)'));
  expect([`${ones([2])}`, inspect(ones([2]))]).toEqual(Array(2).fill('tensor([1., 1.])'));
});

test('a tensor of several elements is no number', () => {
  const losses = ones([2]) as unknown as number;
  const message = 'a tensor of shape [2] is no number: the operators of JavaScript take one element; write a.add(b)';
  expect(() => 0 + losses).toThrow(TypeError);
  for (const operation of [() => 0 + losses, () => +losses, () => losses * 2]) expect(operation).toThrow(message);
});

test('views name the gradient function of their form', () => {
  const x = ones([1, 2, 1], { requiresGrad: true });
  const names = [x.squeeze(), x.squeeze(0), x.squeeze([0]), x.squeeze([]), x.flatten(), x.norm(), x.std()].map(
    (y) => /grad_fn=<(\w+)>/.exec(String(y))?.[1],
  );
  const squeezes = ['SqueezeBackward0', 'SqueezeBackward1', 'SqueezeBackward2', 'SqueezeBackward2'];
  expect(names).toEqual([...squeezes, 'ViewBackward0', 'LinalgVectorNormBackward0', 'StdBackward0']);
  expect(x.flatten(1, 1)).toBe(x);
});

test.each([
  [{ precision: -1 }, 'precision must be an integer from 0 to 100, got -1'],
  [{ precision: 1.5 }, 'precision must be an integer from 0 to 100, got 1.5'],
  [{ threshold: Number.NaN }, 'threshold must be a whole number or Infinity, got NaN'],
  [{ edgeitems: -1 }, 'edgeitems must be a whole number, got -1'],
  [{ linewidth: 0 }, 'linewidth must be a positive integer or Infinity, got 0'],
  [{ sciMode: 1 }, 'sciMode must be true, false or null, got 1'],
  [{ digits: 2 }, 'has no option digits; its options are precision, threshold, edgeitems, linewidth, sciMode'],
  [null, 'options must be an object, got null'],
] as [object | null, string][])('setPrintOptions(%j) is refused and changes nothing', (options, message) => {
  expect(() => setPrintOptions((options && { linewidth: 9, ...options }) as never)).toThrow(
    `setPrintOptions: ${message}`,
  );
  expect(String(tensor([0.125, 1]))).toBe('tensor([0.1250, 1.0000])');
});

test('print options that are undefined stay', () => {
  setPrintOptions({ precision: undefined as never, threshold: Number.POSITIVE_INFINITY, sciMode: null });
  expect(String(tensor([0.125, 1]))).toBe('tensor([0.1250, 1.0000])');
  setPrintOptions({ threshold: 1000 });
});

test('numbers midway between two texts round to the even digit, as in Python', () => {
  expect(String(tensor([0.90625, 0.59375, -0.03125]))).toBe('tensor([ 0.9062,  0.5938, -0.0312])');
  expect(String(tensor([100_005, 300_015, 1e-3]))).toBe('tensor([1.0000e+05, 3.0002e+05, 1.0000e-03])');
});

test('optimizers print the options of their groups', () => {
  const layers = [new nn.Linear(1, 1), new nn.Linear(1, 1)] as const;
  const groups = [{ params: layers[0].parameters() }, { params: layers[1].parameters(), lr: 1e-5 }];
  const optimizer = new optim.SGD(groups, { lr: 0.1, momentum: 0.9 });
  const group = (index: number, lr: string) => `Parameter Group ${index}
    dampening: 0
    differentiable: False
    foreach: None
    fused: None
    lr: ${lr}
    maximize: False
    momentum: 0.9
    nesterov: False
    weight_decay: 0
`;
  expect(String(optimizer)).toBe(`SGD (\n${group(0, '0.1')}\n${group(1, '1e-05')})`);
  expect(inspect(optimizer)).toBe(String(optimizer));
  expect(String(new optim.Adam(layers[0].parameters()))).toBe(`Adam (
Parameter Group 0
    amsgrad: False
    betas: (0.9, 0.999)
    capturable: False
    differentiable: False
    eps: 1e-08
    foreach: None
    fused: None
    lr: 0.001
    maximize: False
    weight_decay: 0
)`);
});

test('pictures print their size, tensors their elements as JSON', () => {
  expect(inspect(new Image(new Uint8Array(18), 3, 2, 3))).toBe('Image(3x2, 3 channels)');
  expect(String(new Image(new Uint8Array(6), 3, 2, 1))).toBe('Image(3x2, 1 channel)');
  expect(JSON.stringify({ x: tensor([[1, 2.5]]), y: tensor(3, { dtype: 'int64' }) })).toBe('{"x":[[1,2.5]],"y":3}');
});
