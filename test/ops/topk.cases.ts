// The largest elements and gathering: rows for cpp/ops/topk.cpp.
import type { NativeOps } from '../../build/native.js';
import { integers, noGrad, nothing, type OpCases, op, row } from './row.js';

// Among as many integers there are ties; 64 times k and more elements take another way than fewer.
const lines = [[[3, 5]], [[1, 1]], [[4, 17]], [[3, 200]], [[2, 400]]];

export const topk = {
  topkIndices: op(
    [
      row(lines, 'x.topk(1).indices', ([x]) => x.topk(1).indices, noGrad),
      row(lines, 'x.topk(x.shape[1] // 3 + 1).indices', ([x]) => x.topk(Math.floor(x.shape[1]! / 3) + 1).indices, {
        ...integers,
      }),
      row(lines.slice(2), 'x.topk(3).indices', ([x]) => x.topk(3).indices, integers),
      row(lines.slice(2), 'x.topk(3, largest=False).indices', ([x]) => x.topk(3, { largest: false }).indices, integers),
      row(
        [[[4, 9]], [[3, 200]]],
        'x.topk(3, sorted=False).indices',
        ([x]) => x.topk(3, { sorted: false }).indices,
        integers,
      ),
      row([[[5, 3, 2]]], 'x.topk(2, dim=0).indices', ([x]) => x.topk(2, { dim: 0 }).indices, noGrad),
      row([[[5, 0]], [[0, 5]]], 'x.topk(0, dim=0).indices', ([x]) => x.topk(0, { dim: 0 }).indices, noGrad),
      row([[[]]], 'x.topk(1).indices', ([x]) => x.topk(1).indices, noGrad),
    ],
    [([x]) => x.topk(4), /topk: k 4 is out of range for size 3 of dimension -1/],
    [([x]) => x.topk(-1), /topk: k -1 is out of range/],
    [([x]) => x.topk(1, { dim: 2 }), /topk: dimension 2 is out of range for 2 dimensions/],
    [([x]) => x.topk(1.5), /topk: k must be an integer, got 1.5/],
    [([x]) => x.topk(1, { largest: 1 as never }), /topk: largest must be true or false, got 1/],
    [([x]) => x.bool().topk(1), /topk: bool has no order/],
    [([x]) => x.to('float16').topk(1), /topk: float16 stores and converts only/],
  ),
  gather: op(
    [
      row(lines, 'x.topk(min(4, x.shape[1])).values', ([x]) => x.topk(Math.min(4, x.shape[1]!)).values),
      row([[[4, 3]]], 'x.topk(3, dim=0, largest=False).values', ([x]) => x.topk(3, { dim: 0, largest: false }).values),
      row([[[2, 3]]], 'x.gather(0, torch.tensor([[1, 0, 0], [1, 1, 1], [0, 0, 0]]))', ([x], c) =>
        x.gather(0, c.int([1, 0, 0, 1, 1, 1, 0, 0, 0]).view(3, 3)),
      ),
      row([[[3, 2, 3]]], 'x.gather(1, torch.tensor([[[1, 1]]]))', ([x], c) => x.gather(1, c.int([1, 1]).view(1, 1, 2))),
      row([[[]]], 'x.gather(0, torch.tensor([0, 0]))', ([x], c) => x.gather(0, c.int([0, 0]))),
      row([[[3]]], 'x.gather(0, torch.tensor(2))', ([x], c) => x.gather(0, c.int([2]).view([]))),
      row([[[]]], 'x.gather(0, torch.tensor(0))', ([x], c) => x.gather(0, c.int([0]).view([]))),
      row([[[2, 3]]], 'x.gather(1, torch.tensor([[2], [0]]))', ([x], c) => x.gather(1, c.int([2, 0]).view(2, 1)), {
        dtypes: ['int64', 'int32', 'uint8', 'bool'],
        grad: false,
      }),
    ],
    [([x], c) => x.gather(1, c.int([3]).view(1, 1)), /gather: index 3 is out of range for size 3/],
    [([x], c) => x.gather(1, c.int([-1]).view(1, 1)), /gather: index -1 is out of range for size 3/],
    [([x], c) => x.gather(1, c.int([0])), /gather: index of shape \[1\] must have the dimensions of x, \[2, 3\]/],
    [([x], c) => x.gather(1, c.int([0, 0, 0]).view(3, 1)), /gather: index of shape \[3, 1\] .* be no larger outside/],
    [([x]) => x.gather(1, x), /gather: index must be an integer tensor, got float32/],
    [([x]) => x.gather(2, nothing), /gather: index must be a Tensor, got undefined/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
