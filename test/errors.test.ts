// Misuse is an error at the call that names the op, the rule and the values, and never a crash.
import { expect, test } from '@jest/globals';
import { DataLoader, TensorDataset } from '../lib/data/index.js';
import {
  arange,
  cat,
  empty,
  eye,
  full,
  fullLike,
  gather,
  grad,
  linspace,
  manualSeed,
  matmul,
  metrics,
  nn,
  ones,
  onesLike,
  optim,
  rand,
  randint,
  randn,
  randperm,
  setNumThreads,
  stack,
  Tensor,
  tensor,
  tidy,
  where,
  zeros,
  zerosLike,
} from '../lib/index.js';

const x = ones([2, 3]);
const image = ones([1, 3, 8, 8]);
const int = (values: number[]) => tensor(values, { dtype: 'int64' });
const nothing = undefined as unknown as Tensor;
const leaf = () => tensor([1, 2], { requiresGrad: true });
const disposed = () => {
  const t = ones([1]);
  t.dispose();
  return t;
};

test.each<[string, () => unknown, RegExp]>([
  ['add shapes', () => x.add(ones([2, 4])), /add: shapes \[2, 3\] and \[2, 4\] do not broadcast/],
  ['add undefined', () => x.add(nothing), /add: y must be a Tensor or a number, got undefined/],
  ['add string', () => x.add('1' as unknown as number), /add: y must be a Tensor or a number/],
  ['matmul sizes', () => matmul(x, x), /matmul: inner sizes differ/],
  ['matmul dtypes', () => matmul(x, ones([3, 2], { dtype: 'float64' })), /matmul: x is float32 but y is float64/],
  ['matmul integers', () => matmul(int([1]), int([1])), /matmul: expected float32 or float64, got int64/],
  ['matmul 0-d', () => matmul(tensor(1), x), /at least one dimension/],
  ['view size', () => x.view([4, 2]), /view: shape \[4, 2\] does not fit 6 elements/],
  ['view two unknown', () => x.view([-1, -1]), /only one size can be -1/],
  ['view strides', () => x.t().view([6]), /use reshape/],
  ['reshape negative', () => x.reshape([-2, 3]), /must not be negative/],
  ['permute repeated', () => x.permute([0, 0]), /dimension 0 is repeated/],
  ['permute few', () => x.permute([0]), /does not name the 2 dimensions/],
  ['transpose range', () => x.transpose(0, 2), /dimension 2 is out of range for 2 dimensions/],
  ['expand', () => x.expand([2, 4]), /size 3 does not expand to 4/],
  ['narrow', () => x.narrow(1, 2, 2), /exceed size 3/],
  ['select', () => x.select(0, 5), /index 5 is out of range for size 2/],
  ['slice step', () => x.slice(0, 0, 2, 0), /step must be positive/],
  ['unsqueeze', () => x.unsqueeze(4), /out of range/],
  ['cat empty', () => cat([]), /at least one tensor/],
  ['cat shapes', () => cat([x, ones([2, 4])]), /does not fit shape/],
  ['stack shapes', () => stack([x, ones([2])]), /same shape/],
  ['where condition', () => where(x, 1, 2), /condition must be bool/],
  ['indexSelect range', () => x.indexSelect(0, int([7])), /index 7 is out of range for size 2/],
  ['indexSelect dtype', () => x.indexSelect(0, ones([1])), /must be an integer tensor/],
  ['sum repeated dims', () => x.sum([0, 0]), /appears twice/],
  ['mean of integers', () => int([1, 2]).mean(), /mean: expected a floating dtype/],
  ['argmax of nothing', () => zeros([0]).argmax(), /cannot reduce over no elements/],
  ['item of many', () => x.item(), /must have one element, but its shape is \[2, 3\]/],
  ['nine dimensions', () => ones([1, 1, 1, 1, 1, 1, 1, 1, 1]), /at most 8 dimensions/],
  ['negative size', () => zeros([-1]), /must not be negative/],
  ['NaN size', () => zeros([Number.NaN]), /integer/],
  ['huge size', () => zeros([2 ** 40, 2 ** 40]), /out of memory/],
  ['huge bytes', () => zeros([2 ** 46]), /out of memory/],
  [
    'a BigInt beyond int64',
    () => tensor([1n, 2n ** 70n]),
    /tensor: 1180591620717411303424 is out of the range of int64/,
  ],
  [
    'one BigInt below int64',
    () => tensor(-(2n ** 63n) - 1n),
    /tensor: -9223372036854775809 is out of the range of int64/,
  ],
  ['a number beyond uint8', () => tensor([1, 300], { dtype: 'uint8' }), /tensor: 300 is out of the range of uint8/],
  ['NaN as an integer', () => tensor(Number.NaN, { dtype: 'int32' }), /tensor: NaN is out of the range of int32/],
  ['2^70', () => tensor([2 ** 70], { dtype: 'int64' }), /tensor: 1.1805916207174113e\+21 is out of the range of int64/],
  [
    'a BigInt beyond int32',
    () => tensor([2n ** 31n], { dtype: 'int32' }),
    /tensor: 2147483648 is out of the range of int32/,
  ],
  ['full of what does not fit', () => full([2], 256, { dtype: 'uint8' }), /full: 256 is out of the range of uint8/],
  ['a fill that does not fit', () => int([1]).fill_(1e30), /fill_: 1e\+30 is out of the range of int64/],
  [
    'sizes one by one',
    () => zeros(3 as unknown as number[], 2 as never),
    /zeros: shape must be an array of sizes, got 3; all sizes stand in one, as in \[2, 3\]/,
  ],
  [
    'a shape that is none',
    () => randn('3' as unknown as number[]),
    /randn: shape must be an array of sizes, got the str/,
  ],
  ['unknown dtype', () => zeros([1], { dtype: 'float' as 'float32' }), /dtype must be one of/],
  ['ragged data', () => tensor([[1, 2], [3]]), /rows differ in length at dimension 1: 2 and 1/],
  ['mixed data', () => tensor([1, true] as never), /elements must all be of one kind/],
  [
    'data within itself',
    () => {
      const data: never[] = [];
      data.push(data as never);
      return tensor(data);
    },
    /tensor: data is nested deeper than the 8 dimensions/,
  ],
  ['data of strings', () => tensor(['a'] as never), /tensor/],
  ['shape and data', () => tensor([1, 2, 3], { shape: [2] }), /2.*3|3.*2/],
  [
    'detached buffer',
    () => {
      const data = new Float32Array(4);
      structuredClone(data, { transfer: [data.buffer] });
      return tensor(data, { shape: [4] });
    },
    /detached|elements/,
  ],
  ['arange step', () => arange(0, 5, -1), /does not lead/],
  ['arange zero step', () => arange(0, 5, 0), /step 0 does not lead from 0 to 5/],
  ['linspace steps', () => linspace(0, 1, -2), /must not be negative/],
  ['eye', () => eye(-1), /negative/],
  ['full without value', () => full([1], undefined as unknown as number), /full/],
  ['randint range', () => randint(5, 5, [1]), /low must be below high/],
  ['randperm', () => randperm(-1), /must not be negative/],
  ['rand of integers', () => rand([2], { dtype: 'int64' }), /expected float32 or float64/],
  ['seed', () => manualSeed(1.5), /seed must be an integer/],
  [
    'conv2d channels',
    () => nn.functional.conv2d(image, ones([4, 4, 3, 3])),
    /conv2d: input has 3 channels but weight expects 4/,
  ],
  ['conv2d dims', () => nn.functional.conv2d(x, ones([4, 3, 3, 3])), /3 or 4 dimensions/],
  [
    'conv2d kernel',
    () => nn.functional.conv2d(image, ones([4, 3, 9, 9])),
    /kernel spans 9x9 but the padded input is only 8x8/,
  ],
  [
    'conv2d stride',
    () => nn.functional.conv2d(image, ones([4, 3, 3, 3]), null, { stride: 0 }),
    /stride must be positive/,
  ],
  ['conv2d bias', () => nn.functional.conv2d(image, ones([4, 3, 3, 3]), ones([3])), /bias has shape \[3\]/],
  ['conv2d groups', () => nn.functional.conv2d(image, ones([4, 1, 3, 3]), null, { groups: 2 }), /weight expects 2/],
  ['maxPool2d kernel', () => nn.functional.maxPool2d(image, 9), /does not fit/],
  [
    'maxPool2d padding',
    () => nn.functional.maxPool2d(image, 2, { padding: 2 }),
    /padding must be between 0 and half the kernel/,
  ],
  ['avgPool2d divisor', () => nn.functional.avgPool2d(image, 2, { divisorOverride: 0 }), /must not be 0/],
  ['linear features', () => new nn.Linear(4, 2)(x), /input has 3 features but weight expects 4/],
  [
    'a loss made of its arguments',
    () => new nn.CrossEntropyLoss(ones([2, 3]) as never),
    /CrossEntropyLoss: options must be an object, got a Tensor of shape \[2, 3\]; .*new nn\.CrossEntropyLoss\(\)\(x, target\)/,
  ],
  [
    'crossEntropy without arguments',
    () => (new nn.CrossEntropyLoss() as unknown as () => Tensor)(),
    /crossEntropy: input must be a Tensor, got undefined/,
  ],
  [
    'crossEntropy without target',
    () => new nn.CrossEntropyLoss()(x, nothing),
    /crossEntropy: target must be a Tensor, got undefined/,
  ],
  [
    'crossEntropy class',
    () => nn.functional.crossEntropy(x, int([0, 3])),
    /target 3 at position 1 is out of range for 3 classes/,
  ],
  ['crossEntropy shape', () => nn.functional.crossEntropy(x, int([0])), /expects targets of shape \[2\], got \[1\]/],
  [
    'crossEntropy float indices',
    () => nn.functional.crossEntropy(x, ones([2])),
    /class indices must be an integer tensor, made with { dtype: 'int64' }/,
  ],
  ['loss reduction', () => nn.functional.mseLoss(x, x, { reduction: 'max' as 'mean' }), /reduction must be/],
  ['mseLoss shapes', () => nn.functional.mseLoss(x, ones([4])), /do not broadcast/],
  ['softmax dim', () => x.softmax(2), /out of range/],
  ['dropout p', () => nn.functional.dropout(x, 2), /p must be between 0 and 1/],
  ['disposed', () => disposed().add(1), /disposed/],
  ['disposed operand', () => x.add(disposed()), /disposed/],
  ['backward without graph', () => x.sum().backward(), /does not require grad/],
  ['backward of many', () => leaf().mul(2).backward(), /shape \[2\] needs the argument gradient/],
  [
    'backward twice',
    () => {
      const y = leaf().square().sum();
      y.backward();
      y.backward();
    },
    /freed by an earlier backward/,
  ],
  [
    'gradient shape',
    () =>
      leaf()
        .mul(2)
        .backward(ones([3])),
    /gradient has shape \[3\]/,
  ],
  [
    'overwritten value',
    () => {
      const y = leaf().mul(2);
      const z = y.square();
      y.add_(1);
      z.sum().backward();
    },
    /modified by an in-place operation/,
  ],
  ['leaf in place', () => leaf().add_(1), /leaf tensor that requires grad/],
  ['no gradient', () => leaf().floorDivide(2).sum().backward(), /floorDivide has no gradient/],
  [
    'grad of integers',
    () => tensor([1n], { requiresGrad: true }),
    /only floating dtypes have gradients, this is int64/,
  ],
  ['grad unused', () => grad(leaf().sum(), leaf()), /not used/],
  ['in-place shape', () => ones([3]).add_(x), /changed in place/],
  ['in-place dtype', () => int([1]).add_(0.5), /cannot be stored/],
  ['expanded in place', () => ones([1]).expand([3]).add_(1), /share one memory location/],
  ['copy_ shape', () => ones([2]).copy_(ones([3])), /broadcast|does not fit/],
  ['Conv2d groups', () => new nn.Conv2d(3, 4, 3, { groups: 2 }), /divisible by groups/],
  ['Linear size', () => new nn.Linear(0, 2), /positive integer/],
  ['optimizer without parameters', () => new optim.SGD([]), /no parameters/],
  ['optimizer lr', () => new optim.SGD([leaf()], { lr: -1 }), /lr is out of range/],
  ['optimizer non-leaf', () => new optim.Adam([leaf().mul(2)]), /only leaf tensors/],
  [
    'DataLoader batch size',
    () => new DataLoader(new TensorDataset(x), { batchSize: 0 }),
    /batchSize must be a positive integer/,
  ],
  ['TensorDataset sizes', () => new TensorDataset(x, ones([3])), /first sizes differ/],
  ['tidy async', () => tidy(async () => ones([1])), /async/],
  [
    'a tensor of a handle',
    () => new (Tensor as never as new (id: number) => Tensor)(5),
    /Tensor: has no public constructor/,
  ],
  ['no arguments for a tensor', () => new (Tensor as never as new () => Tensor)(), /Tensor: has no public constructor/],
  [
    'retainGraph',
    () =>
      leaf()
        .sum()
        .backward(null, { retainGraph: 'yes' as never }),
    /backward: retainGraph must be true or false, got the string "yes"/,
  ],
  [
    'retainGraph of grad',
    () => grad(leaf().sum(), leaf(), { retainGraph: 1 as never }),
    /grad: retainGraph must be true or false, got 1/,
  ],
  ['threads', () => setNumThreads(0), /1 to 1024/],
])('%s', (_, misuse, message) => {
  expect(misuse).toThrow(message);
});

const functional = nn.functional;
test.each<[string, (options: never) => unknown]>([
  ...(['sum', 'mean', 'prod', 'amax', 'amin', 'all', 'any', 'argmax', 'argmin', 'var', 'std'] as const).map(
    (name): [string, (options: never) => unknown] => [name, (o) => x[name](0, o)],
  ),
  ['max', (o) => x.max(0, o)],
  ['min', (o) => x.min(0, o)],
  ['norm', (o) => x.norm(2, o)],
  ...(['add', 'sub', 'add_', 'sub_'] as const).map((name): [string, (options: never) => unknown] => [
    name,
    (o) => x.clone()[name](1, o),
  ]),
  ['gelu', (o) => x.gelu(o)],
  ['allclose', (o) => x.allclose(x, o)],
  ['backward', (o) => leaf().sum().backward(null, o)],
  ['grad', (o) => grad(leaf().sum(), leaf(), o)],
  ['tensor', (o) => tensor([1], o)],
  ['empty', (o) => empty([1], o)],
  ['zeros', (o) => zeros([1], o)],
  ['ones', (o) => ones([1], o)],
  ['full', (o) => full([1], 1, o)],
  ['full', (o) => full([1], true, o)],
  ['zerosLike', (o) => zerosLike(x, o)],
  ['onesLike', (o) => onesLike(x, o)],
  ['fullLike', (o) => fullLike(x, 1, o)],
  ['linspace', (o) => linspace(0, 1, 2, o)],
  ['eye', (o) => eye(2, 2, o)],
  ['rand', (o) => rand([1], o)],
  ['randn', (o) => randn([1], o)],
  ['randint', (o) => randint(0, 2, [1], o)],
  ['randperm', (o) => randperm(2, o)],
  ['conv2d', (o) => functional.conv2d(image, ones([1, 3, 2, 2]), null, o)],
  ['maxPool2d', (o) => functional.maxPool2d(image, 2, o)],
  ['avgPool2d', (o) => functional.avgPool2d(image, 2, o)],
  ['batchNorm', (o) => functional.batchNorm(x, null, null, o)],
  ['dropout', (o) => functional.dropout(x, 0.5, o)],
  ['l1Loss', (o) => functional.l1Loss(x, x, o)],
  ['mseLoss', (o) => functional.mseLoss(x, x, o)],
  ['crossEntropy', (o) => functional.crossEntropy(x, x, o)],
  ['Conv2d', (o) => new nn.Conv2d(1, 1, 1, o)],
  ['Linear', (o) => new nn.Linear(1, 1, o)],
  ['MaxPool2d', (o) => new nn.MaxPool2d(2, o)],
  ['AvgPool2d', (o) => new nn.AvgPool2d(2, o)],
  ['BatchNorm2d', (o) => new nn.BatchNorm2d(2, o)],
  ['Dropout', (o) => new nn.Dropout(0.5, o)],
  ['ReLU', (o) => new nn.ReLU(o)],
  ['LeakyReLU', (o) => new nn.LeakyReLU(0.1, o)],
  ['ELU', (o) => new nn.ELU(1, o)],
  ['SiLU', (o) => new nn.SiLU(o)],
  ['GELU', (o) => new nn.GELU(o)],
  ['Softplus', (o) => new nn.Softplus(o)],
  ['L1Loss', (o) => new nn.L1Loss(o)],
  ['MSELoss', (o) => new nn.MSELoss(o)],
  ['CrossEntropyLoss', (o) => new nn.CrossEntropyLoss(o)],
  ['zeroGrad', (o) => new nn.Linear(1, 1).zeroGrad(o)],
  ['loadStateDict', (o) => new nn.Linear(1, 1).loadStateDict({}, o)],
  ['clipGradNorm_', (o) => nn.utils.clipGradNorm_([leaf()], 1, o)],
  ['kaimingUniform_', (o) => nn.init.kaimingUniform_(zeros([2, 2]), o)],
  ['kaimingNormal_', (o) => nn.init.kaimingNormal_(zeros([2, 2]), o)],
  ['SGD', (o) => new optim.SGD([leaf()], o)],
  ['Adam', (o) => new optim.Adam([leaf()], o)],
  ['AdamW', (o) => new optim.AdamW([leaf()], o)],
  ['Adadelta', (o) => new optim.Adadelta([leaf()], o)],
  ['zeroGrad', (o) => new optim.SGD([leaf()]).zeroGrad(o)],
  ['DataLoader', (o) => new DataLoader(new TensorDataset(x), o)],
])('%s: options must be an object', (name, call) => {
  for (const wrong of [null, true, 'keepdim'])
    expect(() => call(wrong as never)).toThrow(
      `${name}: options must be an object, got ${typeof wrong === 'string' ? `the string "${wrong}"` : wrong}`,
    );
});

test.each(['int64', 'int32', 'uint8'] as const)(
  'indices of %s are checked at the call, in any order of dimensions',
  (dtype) => {
    const index = tensor(
      [
        [0, 1, 0],
        [0, 5, 1],
      ],
      { dtype },
    );
    expect(() => nn.functional.crossEntropy(x, tensor([0, 5], { dtype }))).toThrow(
      /target 5 at position 1 is out of range/,
    );
    expect(() => gather(x, 1, index)).toThrow(/gather: index 5 is out of range for size 3/);
    expect(() => gather(x, 0, index)).toThrow(/gather: index 5 is out of range for size 2/);
    expect(() => x.indexSelect(0, tensor([5], { dtype }))).toThrow(/indexSelect: index 5 is out of range/);
    expect(() => metrics.confusionMatrix(index, index, { numClasses: 3 })).toThrow(
      /output 5 at position 4 is out of range/,
    );
  },
);

test('a class index that the network computed is reported at the next synchronisation', () => {
  const targets = int([1, 1]).mul(int([5, 5]));
  const loss = nn.functional.crossEntropy(x, targets);
  expect(() => loss.item()).toThrow(/target 5 .* out of range for 3 classes/);
  expect(x.sum().item()).toBe(6);
});

test('a pooling window that lies wholly outside the input gives -inf and no gradient', () => {
  const input = ones([1, 1, 2, 2]).requiresGrad_();
  const y = nn.functional.maxPool2d(input, 2, { stride: 1, padding: 1, dilation: 3 });
  expect(y.toArray()).toEqual([[[[Number.NEGATIVE_INFINITY]]]]);
  y.backward(ones([1, 1, 1, 1]));
  expect(input.grad!.toArray()).toEqual([
    [
      [
        [0, 0],
        [0, 0],
      ],
    ],
  ]);
});

test('what goes wrong in a task is an Error where it is awaited', async () => {
  const loss = nn.functional.crossEntropy(x, int([1, 1]).mul(int([5, 5])));
  await expect(loss.ready()).rejects.toThrow(/target 5 .* out of range for 3 classes/);
});
