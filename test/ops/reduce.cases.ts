// Reductions: rows for cpp/ops/reduce.cpp.
import type { NativeOps } from '../../build/native.js';
import { integers, noGrad, type OpCases, op, positive, type Row, row } from './row.js';

type Reduction = 'sum' | 'mean' | 'prod' | 'amax' | 'amin' | 'all' | 'any';
const reduction = (name: Reduction, options: Partial<Row>, empty: number[][][], ...more: Row[]): OpCases =>
  op(
    [
      row([...empty, [[]], [[1]], [[33]], [[3, 4, 5]], [[70_001]]], `x.${name}()`, ([x]) => x[name](), options),
      row([[[3, 4, 5]], [[1, 1, 1]], [[9, 70, 33]]], `x.${name}(1)`, ([x]) => x[name](1), options),
      row([[[3, 4]], [[33, 129]]], `x.${name}(0, keepdim=True)`, ([x]) => x[name](0, { keepdim: true }), options),
      ...more,
    ],
    [([x]) => x[name](2), new RegExp(`${name}: dimension 2 is out of range for 2 dimensions`)],
    [([x]) => x[name]('1' as never), new RegExp(`${name}: dim`)],
  );

export const reduce = {
  sum: reduction(
    'sum',
    {},
    [[[0]], [[2, 0, 3]]],
    row([[[3, 4, 5]], [[2, 0, 3]]], 'x.sum([0, 2], keepdim=True)', ([x]) => x.sum([0, 2], { keepdim: true })),
    row([[[3, 4]]], 'x.sum(1)', ([x]) => x.sum(1), integers),
  ),
  mean: reduction(
    'mean',
    {},
    [[[0]]],
    row([[[3, 4, 5]]], 'x.mean([0, -1])', ([x]) => x.mean([0, -1])),
  ),
  var: op(
    [
      row([[[3, 8]], [[5, 129]], [[2, 3]]], 'x.var(1)', ([x]) => x.var(1)),
      row([[[33]]], 'x.var(correction=0)', ([x]) => x.var(undefined, { correction: 0 })),
      row([[[1]], [[0]]], 'x.var()', ([x]) => x.var(), noGrad),
    ],
    [([x]) => x.var(2), /var: dimension 2 is out of range for 2 dimensions/],
    [(_, c) => c.int([1, 2]).var(), /var: expected float32 or float64, got int64/],
  ),
  std: op(
    [
      row([[[3, 8]], [[5, 129]], [[2, 3]]], 'x.std(1)', ([x]) => x.std(1)),
      row([[[33]]], 'x.std(correction=0)', ([x]) => x.std(undefined, { correction: 0 })),
      row([[[3, 8]]], 'x.std(0, keepdim=True)', ([x]) => x.std(0, { keepdim: true })),
      row([[[3]]], '(x * 1e25).std()', ([x]) => x.mul(1e25).std(), noGrad),
      row([[[3]]], '(x * 1e-25).std() * 1e25', ([x]) => x.mul(1e-25).std().mul(1e25), noGrad),
      row([[[1]], [[0]]], 'x.std()', ([x]) => x.std(), noGrad),
    ],
    [([x]) => x.std(2), /std: dimension 2 is out of range for 2 dimensions/],
    [(_, c) => c.int([1, 2]).std(), /std: expected float32 or float64, got int64/],
  ),
  norm: op(
    [
      row([[[3, 5]], [[]], [[0]], [[2, 3, 4]]], 'torch.linalg.vector_norm(x)', ([x]) => x.norm()),
      ...[3, 1.5, 1, 0.5, -1, -2.5].map((p) =>
        row([[[3, 5]]], `torch.linalg.vector_norm(x, ${p}, dim=1)`, ([x]) => x.norm(p, { dim: 1 })),
      ),
      row([[[3, 5]]], "torch.linalg.vector_norm(x, float('inf'), dim=0, keepdim=True)", ([x]) =>
        x.norm(Number.POSITIVE_INFINITY, { dim: 0, keepdim: true }),
      ),
      row([[[3, 5]]], "torch.linalg.vector_norm(x, -float('inf'), dim=[-1, 0])", ([x]) =>
        x.norm(Number.NEGATIVE_INFINITY, { dim: [-1, 0] }),
      ),
      row([[[3, 5]]], 'torch.linalg.vector_norm(x.round(), 0, dim=1)', ([x]) => x.round().norm(0, { dim: 1 }), noGrad),
    ],
    [([x]) => x.norm(2, { dim: 2 }), /norm: dimension 2 is out of range for 2 dimensions/],
    [(_, c) => c.int([1, 2]).norm(), /norm: expected float32 or float64, got int64/],
    [(_, c) => c.zeros([2, 0]).norm(-1, { dim: 1 }), /norm: the norm of order -1 of no elements is not defined/],
  ),
  prod: reduction('prod', positive, [[[0]]]),
  amax: reduction(
    'amax',
    {},
    [],
    row([[[3, 4]]], 'x.amax(1)', ([x]) => x.amax(1), integers),
  ),
  amin: reduction(
    'amin',
    {},
    [],
    row([[[3, 4]]], 'x.amin(1)', ([x]) => x.amin(1), integers),
  ),
  argmax: op(
    [
      row([[[3, 40]], [[1, 1]], [[130, 70]]], 'x.argmax(1)', ([x]) => x.argmax(1), noGrad),
      row([[[]], [[33]]], 'x.argmax()', ([x]) => x.argmax(), noGrad),
      row([[[3, 40]]], 'x.argmax(1)', ([x]) => x.argmax(1), { dtypes: ['int32'], grad: false }),
    ],
    [(_, c) => c.zeros([0]).argmax(), /argmax: cannot reduce over no elements/],
  ),
  argmin: op(
    [
      row([[[3, 4]]], 'x.argmin(0, keepdim=True)', ([x]) => x.argmin(0, { keepdim: true }), noGrad),
      row([[[33]]], 'x.argmin()', ([x]) => x.argmin(), noGrad),
    ],
    [(_, c) => c.zeros([0]).argmin(), /argmin: cannot reduce over no elements/],
  ),
  maxValue: op(
    [row([[[3, 4]], [[1, 1]], [[17, 33]]], 'x.max(1).values', ([x]) => x.max(1).values)],
    [([x]) => x.max(2), /max.*: dimension 2 is out of range for 2 dimensions/],
  ),
  minValue: op(
    [row([[[3, 4]], [[17, 33]]], 'x.min(0).values', ([x]) => x.min(0).values)],
    [([x]) => x.min(2), /min.*: dimension 2 is out of range for 2 dimensions/],
  ),
  all: reduction('all', { ...noGrad, dtypes: ['int64', 'bool', 'uint8', 'float32'] }, [[[0]]]),
  any: reduction('any', { ...noGrad, dtypes: ['int64', 'bool', 'uint8', 'float32'] }, [[[0]]]),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
