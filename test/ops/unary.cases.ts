// Functions of one tensor: rows for cpp/kernels/unary.def.
import type { NativeOps } from '../../build/native.js';
import type * as cresset from '../../lib/index.js';
import type { Tensor } from '../../lib/index.js';
import { integers, noGrad, type OpCases, one, op, positive, type Row, row } from './row.js';

type Unary = Extract<keyof typeof cresset, keyof NativeOps>;
const pointwise = (name: Unary, torch = `x.${name}()`, options: Partial<Row> = {}, ...more: Row[]): OpCases =>
  op(
    [row(one, torch, ([x], c) => (c[name] as (x: Tensor) => Tensor)(x), options), ...more],
    [(_, c) => (c[name] as (x: unknown) => unknown)(3), new RegExp(`${name}: x must be a Tensor, got 3`)],
  );

const ofIntegers = (name: Unary, torch = `x.${name}()`): Row =>
  row([[[]], [[17]], [[0]]], torch, ([x], c) => (c[name] as (x: Tensor) => Tensor)(x), integers);

export const unary = {
  neg: pointwise('neg', '-x', {}, ofIntegers('neg', '-x')),
  abs: pointwise('abs', 'x.abs()', {}, ofIntegers('abs')),
  sign: pointwise('sign', 'x.sign()', {}, ofIntegers('sign')),
  square: pointwise('square', 'x.square()', {}, ofIntegers('square')),
  sqrt: pointwise('sqrt', 'x.sqrt()', positive),
  rsqrt: pointwise('rsqrt', 'x.rsqrt()', positive),
  reciprocal: pointwise('reciprocal', 'x.reciprocal()', positive),
  exp: pointwise('exp'),
  expm1: pointwise('expm1'),
  log: pointwise('log', 'x.log()', positive),
  log1p: pointwise('log1p', 'x.log1p()', positive),
  log2: pointwise('log2', 'x.log2()', positive),
  log10: pointwise('log10', 'x.log10()', positive),
  sin: pointwise('sin'),
  cos: pointwise('cos'),
  tan: pointwise('tan'),
  tanh: pointwise('tanh'),
  sigmoid: pointwise('sigmoid'),
  erf: pointwise('erf'),
  erfinv: op(
    [
      row(one, '(x * 0.9).erfinv()', ([x]) => x.mul(0.9).erfinv()),
      row([[[17]]], '(x * 2).erfinv()', ([x]) => x.mul(2).erfinv(), noGrad),
      row([[[17]]], 'x.sign().erfinv().tanh()', ([x]) => x.sign().erfinv().tanh(), noGrad),
    ],
    [(_, c) => c.erfinv(3 as never), /erfinv: x must be a Tensor, got 3/],
  ),
  relu: pointwise('relu', 'x.relu()', {}, ofIntegers('relu')),
  silu: pointwise('silu', 'F.silu(x)'),
  gelu: op(
    [
      row(one, 'F.gelu(x)', ([x]) => x.gelu()),
      row(one, "F.gelu(x, approximate='tanh')", ([x]) => x.gelu({ approximate: 'tanh' })),
    ],
    [(_, c) => c.gelu(3 as never), /gelu: x must be a Tensor, got 3/],
    [([x]) => x.gelu({ approximate: 'fast' as 'tanh' }), /gelu: approximate must be/],
  ),
  // PyTorch's own gradient takes 1/6 in float32, also of float64.
  hardsigmoid: op(
    [row(one, 'F.relu6(x * 4 + 3) / 6', ([x], c) => c.nn.functional.hardsigmoid(x.mul(4)))],
    [(_, c) => c.nn.functional.hardsigmoid(3 as never), /hardsigmoid: x must be a Tensor, got 3/],
  ),
  hardswish: op(
    [row(one, 'F.hardswish(x * 4)', ([x], c) => c.nn.functional.hardswish(x.mul(4)))],
    [(_, c) => c.nn.functional.hardswish(3 as never), /hardswish: x must be a Tensor, got 3/],
  ),
  hardtanh: op(
    [
      row(one, 'F.hardtanh(x, -0.3, 0.4)', ([x], c) => c.nn.functional.hardtanh(x, -0.3, 0.4)),
      row([[[17]]], 'F.relu6(x * 8)', ([x], c) => c.nn.functional.relu6(x.mul(8))),
      row([[[17]]], 'F.hardtanh(x, 2, 4)', ([x], c) => c.nn.functional.hardtanh(x, 2, 4), {
        dtypes: ['int64', 'int32'],
        grad: false,
      }),
    ],
    [([x], c) => c.nn.functional.hardtanh(x, 'a' as never), /hardtanh: minVal must be a number/],
    [([x], c) => c.nn.functional.relu6(x, { inplace: 1 as never }), /relu6: inplace must be true or false, got 1/],
  ),
  floor: pointwise('floor', 'x.floor()', noGrad, ofIntegers('floor')),
  ceil: pointwise('ceil', 'x.ceil()', noGrad, ofIntegers('ceil')),
  round: pointwise('round', 'x.round()', noGrad, ofIntegers('round')),
  trunc: pointwise('trunc', 'x.trunc()', noGrad, ofIntegers('trunc')),
  leakyRelu: op(
    [row(one, 'F.leaky_relu(x, 0.1)', ([x]) => x.leakyRelu(0.1))],
    [([x]) => x.leakyRelu('a' as never), /leakyRelu: negativeSlope must be a number/],
  ),
  elu: op(
    [row(one, 'F.elu(x, 1.5)', ([x]) => x.elu(1.5))],
    [([x]) => x.elu('a' as never), /elu: alpha must be a number/],
  ),
  powScalar: op(
    [
      row([[[]], [[17]]], 'x ** 2', ([x]) => x.pow(2)),
      row([[[17]]], 'x ** 0', ([x]) => x.pow(0)),
      row([[[17]]], 'x ** 0.5', ([x]) => x.pow(0.5), positive),
    ],
    [([x]) => x.pow('2' as never), /pow: y must be a Tensor or a number/],
  ),
  softplus: op(
    [
      row(one, 'F.softplus(x)', ([x]) => x.softplus()),
      row([[[33]]], 'F.softplus(x * 9, 3, 5)', ([x]) => x.mul(9).softplus(3, 5)),
    ],
    [([x]) => x.softplus('a' as never), /softplus: beta must be a number/],
  ),
  clamp: op(
    [
      row(one, 'x.clamp(-0.3, 0.4)', ([x]) => x.clamp(-0.3, 0.4)),
      row([[[17]]], 'x.clamp(min=0.1)', ([x]) => x.clamp(0.1)),
      row([[[17]]], 'x.clamp(0.4, -0.3)', ([x]) => x.clamp(0.4, -0.3), noGrad),
      row([[[17]]], 'x.clamp(float("nan"), 1)', ([x]) => x.clamp(Number.NaN, 1), noGrad),
      row([[[17]]], 'x.clamp(2, 4)', ([x]) => x.clamp(2, 4), integers),
      row([[[17]]], 'x.clamp(max=2.5)', ([x]) => x.clamp(null, 2.5), integers),
    ],
    [([x]) => x.clamp('a' as never), /clamp: min must be a number/],
  ),
  relu_: op(
    [row(one, 'x.clone().relu_()', ([x]) => x.clone().relu_())],
    [(_, c) => c.ones([1]).requiresGrad_().relu_(), /relu_: .*leaf/],
  ),
  sigmoid_: op(
    [row(one, 'x.clone().sigmoid_()', ([x]) => x.clone().sigmoid_())],
    [(_, c) => c.int([1]).sigmoid_(), /sigmoid_: .*cannot be stored/],
  ),
  tanh_: op(
    [row(one, 'x.clone().tanh_()', ([x]) => x.clone().tanh_())],
    [(_, c) => c.int([1]).tanh_(), /tanh_: .*cannot be stored/],
  ),
  clamp_: op(
    [row(one, 'x.clone().clamp_(-0.3, 0.4)', ([x]) => x.clone().clamp_(-0.3, 0.4))],
    [(_, c) => c.ones([1]).requiresGrad_().clamp_(0, 1), /clamp_: .*leaf/],
    [
      (_, c) => c.int([1]).clamp_(0, 1.5),
      /clamp_: the result of dtype float32 cannot be stored in a tensor of dtype int64/,
    ],
  ),
  silu_: op(
    [row(one, 'F.silu(x.clone(), inplace=True)', ([x]) => x.clone().silu({ inplace: true }))],
    [(_, c) => c.ones([1]).requiresGrad_().silu({ inplace: true }), /silu_: .*leaf/],
  ),
  hardsigmoid_: op(
    [row(one, 'F.relu6(x * 4 + 3) / 6', ([x], c) => c.nn.functional.hardsigmoid(x.mul(4), { inplace: true }))],
    [(_, c) => c.nn.functional.hardsigmoid(c.int([1]), { inplace: true }), /hardsigmoid_: .*cannot be stored/],
  ),
  hardswish_: op(
    [row(one, 'F.hardswish(x * 4, inplace=True)', ([x], c) => c.nn.functional.hardswish(x.mul(4), { inplace: true }))],
    [(_, c) => c.nn.functional.hardswish(c.int([1]), { inplace: true }), /hardswish_: .*cannot be stored/],
  ),
  hardtanh_: op(
    [
      row(one, 'F.hardtanh(x.clone(), -0.3, 0.4, inplace=True)', ([x], c) =>
        c.nn.functional.hardtanh(x.clone(), -0.3, 0.4, { inplace: true }),
      ),
      row([[[17]]], 'F.relu6(x * 8, inplace=True)', ([x], c) => c.nn.functional.relu6(x.mul(8), { inplace: true })),
    ],
    [(_, c) => c.nn.functional.relu6(c.ones([1]).requiresGrad_(), { inplace: true }), /hardtanh_: .*leaf/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
