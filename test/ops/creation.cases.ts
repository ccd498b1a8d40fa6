// Tensors from nothing: rows for cpp/ops/creation.cpp.
import type { NativeOps } from '../../build/native.js';
import { integers, noGrad, nothing, type OpCases, one, op, row } from './row.js';

export const creation = {
  empty: op(
    [row([[]], 'torch.empty(3, 0)', (_, c) => c.empty([3, 0]), { ...noGrad, compare: 'shape' })],
    [(_, c) => c.empty([-1]), /empty: .*negative/],
    [(_, c) => c.empty([Number.NaN]), /empty: .*integer/],
  ),
  full: op(
    [
      row([[]], 'torch.full((2, 3), 2.5)', (_, c) => c.full([2, 3], 2.5), noGrad),
      row([[]], 'torch.full((), -1, dtype=torch.int64)', (_, c) => c.full([], -1, { dtype: 'int64' }), noGrad),
      row([[]], 'torch.zeros(0, 3)', (_, c) => c.zeros([0, 3]), noGrad),
    ],
    [(_, c) => c.full([2], nothing as never), /full: /],
    [(_, c) => c.full([2 ** 46], 1), /out of memory/],
  ),
  scalar: op(
    [
      row(one, 'x * 2.5', ([x]) => x.mul(2.5)),
      row([[[5]]], 'x + 2', ([x]) => x.add(2), integers),
      row([[[5]]], 'x * 2.5', ([x]) => x.mul(2.5), integers),
    ],
    [([x]) => x.mul('2' as never), /mul: y must be a Tensor or a number/],
  ),
  arange: op(
    [
      row([[]], 'torch.arange(5)', (_, c) => c.arange(5), noGrad),
      row([[]], 'torch.arange(1, 2.05, 0.1)', (_, c) => c.arange(1, 2.05, 0.1), noGrad),
      row([[]], 'torch.arange(9, -1, -3)', (_, c) => c.arange(9, -1, -3), noGrad),
      row([[]], 'torch.arange(3, 3)', (_, c) => c.arange(3, 3), noGrad),
    ],
    [(_, c) => c.arange(3, { dtype: 'bool' }), /arange: expected a dtype of numbers, got bool/],
    [(_, c) => c.arange(0, 5, -1), /arange: step -1 does not lead from 0 to 5/],
  ),
  linspace: op(
    [
      row([[]], 'torch.linspace(0, 1, 7)', (_, c) => c.linspace(0, 1, 7), noGrad),
      row([[]], 'torch.linspace(3, -4, 1)', (_, c) => c.linspace(3, -4, 1), noGrad),
      row([[]], 'torch.linspace(3, -4, 0)', (_, c) => c.linspace(3, -4, 0), noGrad),
      ...(
        [
          ['int64', 0, 10, 10],
          ['int64', 10, -10, 7],
          ['int64', 2.7, 9, 1],
          ['int32', -3, 9.9, 7],
          ['uint8', 2.5, 0, 10],
          ['uint8', -1, 3, 5],
        ] as const
      ).map(([dtype, start, end, steps]) =>
        row(
          [[]],
          `torch.linspace(${start}, ${end}, ${steps}, dtype=torch.${dtype})`,
          (_, c) => c.linspace(start, end, steps, { dtype }),
          noGrad,
        ),
      ),
    ],
    [(_, c) => c.linspace(0, 1, 3, { dtype: 'bool' }), /linspace: expected a dtype of numbers, got bool/],
    [(_, c) => c.linspace(0, 1e10, 3, { dtype: 'int32' }), /linspace: end 1e\+10 has no value in .*32-bit integers/],
    [(_, c) => c.linspace(0, 1, -2), /linspace: steps must not be negative/],
  ),
  eye: op(
    [
      row([[]], 'torch.eye(3)', (_, c) => c.eye(3), noGrad),
      row([[]], 'torch.eye(2, 5)', (_, c) => c.eye(2, 5), noGrad),
      row([[]], 'torch.eye(0)', (_, c) => c.eye(0), noGrad),
    ],
    [(_, c) => c.eye(-1), /eye: .*negative/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
