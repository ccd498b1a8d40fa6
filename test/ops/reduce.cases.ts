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
    row([[[3, 5]]], 'torch.linalg.vector_norm(x, 3, dim=1)', ([x]) => x.norm(3, { dim: 1 })),
    row([[[3, 5]], [[]]], 'torch.linalg.vector_norm(x)', ([x]) => x.norm()),
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
      row([[[3, 8]]], 'x.std()', ([x]) => x.std()),
      row([[[1]], [[0]]], 'x.var()', ([x]) => x.var(), noGrad),
    ],
    [([x]) => x.var(2), /var: dimension 2 is out of range for 2 dimensions/],
    [(_, c) => c.int([1, 2]).var(), /var: expected float32 or float64, got int64/],
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
  all: reduction('all', { ...noGrad, dtypes: ['int64', 'bool', 'float32'] }, [[[0]]]),
  any: reduction('any', { ...noGrad, dtypes: ['int64', 'bool', 'float32'] }, [[[0]]]),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
