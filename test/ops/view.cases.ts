// Other shapes of the same memory: rows for cpp/ops/view.cpp.
import type { NativeOps } from '../../build/native.js';
import { noGrad, nothing, type OpCases, op, row } from './row.js';

export const view = {
  view: op(
    [
      row([[[2, 6]]], 'x.view(3, -1)', ([x]) => x.contiguous().view([3, -1])),
      row([[[]]], 'x.view(1)', ([x]) => x.view([1])),
    ],
    [([x]) => x.view([4, 2]), /view: shape \[4, 2\] does not fit 6 elements/],
    [([x]) => x.t().view([6]), /view: .*use reshape/],
  ),
  reshape: op(
    [
      row([[[3, 4]]], 'x.t().reshape(2, 6)', ([x]) => x.t().reshape([2, 6])),
      row([[[0, 4]]], 'x.reshape(2, 0)', ([x]) => x.reshape([2, 0])),
    ],
    [([x]) => x.reshape([-2, 3]), /reshape: .*must not be negative/],
    [([x]) => x.reshape([-1, -1]), /reshape: only one size can be -1/],
  ),
  flatten: op(
    [
      row([[[2, 3, 4]], [[1, 1, 1]], [[0, 3, 4]]], 'x.flatten(1)', ([x]) => x.flatten(1)),
      row([[[]]], 'x.flatten()', ([x]) => x.flatten()),
    ],
    [([x]) => x.flatten(2), /flatten: .*out of range/],
  ),
  permute: op(
    [row([[[2, 3, 4]], [[1, 0, 5]]], 'x.permute(2, 0, 1)', ([x]) => x.permute([2, 0, 1]))],
    [([x]) => x.permute([0, 0]), /permute: dimension 0 is repeated/],
    [([x]) => x.permute([0]), /permute: .*does not name the 2 dimensions/],
  ),
  transpose: op(
    [row([[[2, 3, 4]], [[1, 1]]], 'x.transpose(0, -1)', ([x]) => x.transpose(0, -1))],
    [([x]) => x.transpose(0, 2), /transpose: dimension 2 is out of range for 2 dimensions/],
  ),
  expand: op(
    [row([[[3, 1]], [[1, 1]], [[1]]], 'x.expand(2, 3, 4)', ([x]) => x.expand([2, 3, 4]))],
    [([x]) => x.expand([2, 4]), /expand: .*size 3 does not expand to 4/],
  ),
  narrow: op(
    [row([[[5, 4]], [[3, 0]]], 'x.narrow(0, 1, 2)', ([x]) => x.narrow(0, 1, 2))],
    [([x]) => x.narrow(1, 2, 2), /narrow: .*exceed size 3/],
  ),
  select: op(
    [row([[[5, 4]], [[1, 1]]], 'x.select(1, -1)', ([x]) => x.select(1, -1))],
    [([x]) => x.select(0, 5), /select: index 5 is out of range for size 2/],
  ),
  slice: op(
    [
      row([[[9, 2]], [[2, 2]]], 'x[1:8:3]', ([x]) => x.slice(0, 1, 8, 3)),
      row([[[9]]], 'x[5:2]', ([x]) => x.slice(0, 5, 2)),
    ],
    [([x]) => x.slice(0, 0, 2, 0), /slice: step must be positive/],
  ),
  squeeze: op(
    [row([[[1, 3, 1]], [[1]], [[2, 3]]], 'x.squeeze()', ([x]) => x.squeeze())],
    [(_, c) => c.squeeze(nothing), /squeeze: x must be a Tensor/],
  ),
  squeezeDim: op(
    [row([[[1, 3, 1]], [[1]], [[]], [[2, 1]]], 'x.squeeze(0)', ([x]) => x.squeeze(0))],
    [([x]) => x.squeeze(4), /squeeze: .*out of range/],
  ),
  squeezeDims: op(
    [
      row([[[1, 3, 1]], [[1, 3, 2]]], 'x.squeeze((0, -1))', ([x]) => x.squeeze([0, -1])),
      row([[[1, 3, 1]]], 'x.squeeze(())', ([x]) => x.squeeze([])),
    ],
    [([x]) => x.squeeze([0, 4]), /squeeze: .*out of range/],
  ),
  unsqueeze: op(
    [row([[[3, 4]], [[]]], 'x.unsqueeze(-1)', ([x]) => x.unsqueeze(-1))],
    [([x]) => x.unsqueeze(4), /unsqueeze: .*out of range/],
  ),
  detach: op(
    [row([[[3, 4]]], 'x.detach()', ([x]) => x.detach(), noGrad)],
    [(_, c) => c.detach(nothing), /detach: x must be a Tensor/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
