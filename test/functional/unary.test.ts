// Functions of one tensor beyond the op table: whole numbers that no float holds, and gradients where a function is flat.
import { expect, test } from '@jest/globals';
import { nn, ones, type Tensor, tensor } from '../../lib/index.js';

const large = 2n ** 53n + 1n;
test.each<[string, bigint, (x: Tensor) => Tensor, bigint]>([
  ['neg', large, (x) => x.neg(), -large],
  ['abs', -large, (x) => x.abs(), large],
  ['relu', large, (x) => x.relu(), large],
  ['clamp', large, (x) => x.clamp(0), large],
  ['floor', large, (x) => x.floor(), large],
  ['square', 2147483647n, (x) => x.square(), 4611686014132420609n],
  ['square, which wraps around', large, (x) => x.square(), BigInt.asIntN(64, large * large)],
])('%s of int64 keeps every digit', (_, x, f, y) => {
  expect(f(tensor([x])).toTypedArray()).toEqual(BigInt64Array.of(y));
});

test('square of int32 wraps around', () => {
  expect(tensor([2147483647], { dtype: 'int32' }).square().toArray()).toEqual([1]);
});

test.each<[string, (x: Tensor) => Tensor]>([
  ['relu', (x) => x.relu()],
  ['clamp', (x) => x.clamp(0)],
  ['relu_', (x) => x.clone().relu_()],
  ['sign', (x) => x.sign().add(1)],
  ['relu6', (x) => nn.functional.relu6(x)],
  ['relu6 in place', (x) => nn.functional.relu6(x.clone(), { inplace: true })],
  ['hardsigmoid', (x) => nn.functional.hardsigmoid(x.mul(4))],
  ['hardswish', (x) => nn.functional.hardswish(x.mul(4))],
])('the gradient of %s is 0 where it is flat, whatever arrives', (_, f) => {
  const x = tensor([-1], { requiresGrad: true });
  f(x).sqrt().sum().backward();
  expect(x.grad?.toArray()).toEqual([0]);
});

test('prod of a picture whose memory is channels-last', () => {
  const x = tensor([[[[1, 2]], [[3, 4]]]], { requiresGrad: true });
  const picture = x
    .mul(ones([1, 2, 1, 2]))
    .permute(0, 2, 3, 1)
    .contiguous()
    .permute(0, 3, 1, 2);
  picture.prod().backward();
  expect(x.grad?.toArray()).toEqual([[[[24, 12]], [[8, 6]]]]);
});
