// Arithmetic with broadcasting and type promotion: rows for cpp/ops/elementwise.cpp.
import type { NativeOps } from '../../build/native.js';
import { integers, noGrad, nothing, type OpCases, one, op, positive, type Row, row, two } from './row.js';

type Binary = 'floorDivide' | 'remainder' | 'maximum' | 'minimum' | 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';
const binary = (name: Binary, torch: string, ...options: Partial<Row>[]): OpCases =>
  op(
    options.map((o) => row(two, torch, ([x, y], c) => c[name](x, y), o)),
    [([x], c) => c[name](x, c.ones([4])), new RegExp(`${name}: shapes \\[2, 3\\] and \\[4\\] do not broadcast`)],
    [([x], c) => c[name](x, nothing), new RegExp(`${name}: y must be a Tensor or a number, got undefined`)],
  );

export const elementwise = {
  add: op(
    [
      row(two, 'torch.add(x, y, alpha=2)', ([x, y]) => x.add(y, { alpha: 2 })),
      row(two, 'x + y', ([x, y]) => x.add(y), integers),
      row([[[3], [3]]], 'x.float() + y.double()', ([x, y]) => x.to('float32').add(y.to('float64')), noGrad),
      row([[[3], [3]]], 'x.float() + y', ([x, y]) => x.to('float32').add(y), integers),
      ...[0, 1, -1, 2].map((alpha) =>
        row(
          [
            [[2, 3], [3]],
            [[3], [2, 3]],
          ],
          `torch.add(x, y, alpha=${alpha})`,
          ([x, y]) => x.add(y, { alpha }),
          { dtypes: ['bool'], grad: false },
        ),
      ),
      row([[[3], [3]]], 'x.to(torch.uint8) + y', ([x, y]) => x.to('uint8').add(y), {
        dtypes: ['int32', 'bool'],
        grad: false,
      }),
    ],
    [(_, c) => c.tensor([true]).add(c.tensor([1n]), { alpha: 0.5 }), /add: alpha must be an integer for int64 tensors/],
    [([x], c) => x.add(c.ones([2, 4])), /add: shapes \[2, 3\] and \[2, 4\] do not broadcast/],
    [([x]) => x.add(nothing), /add: y must be a Tensor or a number, got undefined/],
  ),
  sub: op(
    [
      row(two, 'torch.sub(x, y, alpha=0.5)', ([x, y]) => x.sub(y, { alpha: 0.5 })),
      row(two, 'x - y', ([x, y]) => x.sub(y), integers),
    ],
    [(_, c) => c.tensor([true]).sub(1), /sub: bool tensors cannot be subtracted, got bool and int64/],
    [([x], c) => x.sub(c.tensor(true)), /sub: bool tensors cannot be subtracted, got float32 and bool/],
    [([x], c) => x.sub(c.ones([4])), /sub: shapes \[2, 3\] and \[4\] do not broadcast/],
  ),
  mul: op(
    [
      row(two, 'x * y', ([x, y]) => x.mul(y)),
      row(two, 'x * y', ([x, y]) => x.mul(y), integers),
      row([[[3, 4]]], 'x * x.T.T', ([x]) => x.mul(x.T.T)),
    ],
    [([x], c) => x.mul(c.ones([4])), /mul: shapes \[2, 3\] and \[4\] do not broadcast/],
  ),
  div: op(
    [
      row(two, 'x / y', ([x, y]) => x.div(y), positive),
      row(two, 'x / y', ([x, y]) => x.div(y), { ...integers, ...positive }),
    ],
    [([x], c) => x.div(c.ones([4])), /div: shapes \[2, 3\] and \[4\] do not broadcast/],
  ),
  floorDivide: binary(
    'floorDivide',
    'x // y',
    noGrad,
    { ...integers, ...positive },
    { ...integers, dtypes: ['int64'], ...positive },
  ),
  remainder: binary('remainder', 'x % y', positive, { ...integers, ...positive }),
  pow: op(
    [
      row(two, 'x ** y', ([x, y]) => x.pow(y), positive),
      row(one, 'x ** 3', ([x]) => x.pow(3)),
      row(one, 'x ** -1.5', ([x]) => x.pow(-1.5), positive),
      row([[[17]]], 'x ** 3', ([x]) => x.pow(3), integers),
      row([[[17]]], 'x ** 2', ([x]) => x.pow(2), { dtypes: ['bool'], grad: false }),
      row([[[17], [17]]], 'x ** (y - 8)', ([x, y]) => x.pow(y.sub(8)), { dtypes: ['int64', 'int32'], grad: false }),
    ],
    [(_, c) => c.int([2]).pow(-1), /pow: integers cannot be raised to the negative power -1/],
    [(_, c) => c.tensor([true]).pow(-1), /pow: integers cannot be raised to the negative power -1/],
    [(_, c) => c.tensor([true]).pow(c.tensor([true])), /pow: bool to the power of bool/],
    [([x], c) => x.pow(c.ones([4])), /pow: shapes \[2, 3\] and \[4\] do not broadcast/],
  ),
  maximum: binary('maximum', 'torch.maximum(x, y)', {}, integers),
  minimum: binary('minimum', 'torch.minimum(x, y)', {}, integers),
  eq: binary('eq', 'x == y', noGrad, integers),
  ne: binary('ne', 'x != y', noGrad, integers),
  lt: binary('lt', 'x < y', noGrad, integers),
  le: binary('le', 'x <= y', noGrad, integers),
  gt: binary('gt', 'x > y', noGrad, integers),
  ge: binary('ge', 'x >= y', noGrad, integers),
  where: op(
    [row(two, 'torch.where(x > 0, x, y)', ([x, y], c) => c.where(x.gt(0), x, y))],
    [([x], c) => c.where(x, 1, 2), /where: condition must be bool/],
  ),
  add_: op(
    [
      row(
        [
          [[2, 3], [3]],
          [[17], []],
          [[0], [1]],
        ],
        'x.clone().add_(y, alpha=2)',
        ([x, y]) => x.clone().add_(y, { alpha: 2 }),
      ),
    ],
    [([, y], c) => c.ones([3]).add_(y.expand([2, 3])), /add_: .*cannot be changed in place|add_: .*changed in place/],
    [(_, c) => c.int([1]).add_(0.5), /add_: .*cannot be stored/],
    [(_, c) => c.tensor([true]).add_(1), /add_: the result of dtype int64 cannot be stored in a tensor of dtype bool/],
    [(_, c) => c.ones([1]).expand([3]).add_(1), /add_: .*share one memory location/],
    [(_, c) => c.ones([3]).requiresGrad_().add_(1), /add_: .*leaf tensor that requires grad/],
  ),
  sub_: op(
    [
      row(
        [
          [[2, 3], [3]],
          [[17], []],
        ],
        'x.clone().sub_(y)',
        ([x, y]) => x.clone().sub_(y),
      ),
    ],
    [([x], c) => x.sub_(c.tensor(true)), /sub_: bool tensors cannot be subtracted/],
    [(_, c) => c.ones([3]).sub_(c.ones([2, 3])), /sub_: .*changed in place/],
  ),
  mul_: op(
    [
      row(
        [
          [[2, 3], [3]],
          [[17], []],
        ],
        'x.clone().mul_(y)',
        ([x, y]) => x.clone().mul_(y),
      ),
    ],
    [
      (_, c) => c.tensor([true]).mul_(c.int([2]).to('int32')),
      /mul_: the result of dtype int32 cannot be stored in a tensor of dtype bool/,
    ],
    [(_, c) => c.ones([3]).mul_(c.ones([2, 3])), /mul_: .*changed in place/],
  ),
  div_: op(
    [
      row(
        [
          [[2, 3], [3]],
          [[17], []],
        ],
        'x.clone().div_(y)',
        ([x, y]) => x.clone().div_(y),
        positive,
      ),
      row(
        [
          [
            [2, 3],
            [2, 3],
          ],
        ],
        'x.clone().div_(y).add_(1)',
        ([x, y]) => x.clone().div_(y).add_(1),
        positive,
      ),
    ],
    [(_, c) => c.ones([3]).div_(c.ones([2, 3])), /div_: .*changed in place/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
