// Copies and conversions: rows for cpp/ops/copy.cpp.
import type { NativeOps } from '../../build/native.js';
import { integers, noGrad, nothing, type OpCases, one, op, row } from './row.js';

export const copy = {
  contiguous: op(
    [row([[[3, 4]], [[2, 0]], [[130, 70]]], 'x.t().contiguous()', ([x]) => x.t().contiguous())],
    [(_, c) => c.contiguous(nothing), /contiguous: x must be a Tensor/],
  ),
  clone: op([row(one, 'x.clone()', ([x]) => x.clone())], [(_, c) => c.clone(nothing), /clone: x must be a Tensor/]),
  to: op(
    [
      row([[[17]]], 'x.to(torch.float64)', ([x]) => x.to('float64')),
      row([[[17]]], 'x.to(torch.float16).to(torch.float32)', ([x]) => x.to('float16').to('float32'), noGrad),
      row([[[17]]], 'x.to(torch.bfloat16).to(torch.float32)', ([x]) => x.to('bfloat16').to('float32'), noGrad),
      row([[[17]]], '(x * 100).to(torch.int32)', ([x]) => x.mul(100).to('int32'), noGrad),
      row([[[17]]], '(x * 2.0**34).to(torch.int32)', ([x]) => x.mul(2 ** 34).to('int32'), noGrad),
      row([[[17]]], '(x * 2.0**34).to(torch.uint8)', ([x]) => x.mul(2 ** 34).to('uint8'), noGrad),
      row([[[3]]], '(x / 0 * 0).to(torch.int32)', ([x]) => x.div(0).mul(0).to('int32'), noGrad),
      row([[[17]]], 'x.to(torch.bool)', ([x]) => x.to('bool'), integers),
      row([[[17]]], 'x.to(torch.uint8)', ([x]) => x.to('uint8'), integers),
    ],
    [([x]) => x.to('float' as never), /to: dtype must be one of/],
  ),
  cat: op(
    [
      row(
        [
          [
            [2, 3],
            [2, 5],
          ],
          [
            [2, 0],
            [2, 1],
          ],
        ],
        'torch.cat([x, y], 1)',
        ([x, y], c) => c.cat([x, y], 1),
      ),
      row(
        [
          [
            [4, 3],
            [4, 3],
          ],
        ],
        'torch.cat([x.t(), y.t()], -2)',
        ([x, y], c) => c.cat([x.t(), y.t()], -2),
      ),
    ],
    [(_, c) => c.cat([]), /cat: .*at least one tensor/],
    [([x], c) => c.cat([x, c.ones([2, 4])]), /cat: .*does not fit shape/],
  ),
  stack: op(
    [
      row(
        [
          [
            [2, 3],
            [2, 3],
          ],
          [[], []],
          [[0], [0]],
        ],
        'torch.stack([x, y], -1)',
        ([x, y], c) => c.stack([x, y], -1),
      ),
    ],
    [([x], c) => c.stack([x, c.ones([2])]), /stack: .*same shape/],
  ),
  indexSelect: op(
    [
      row([[[5, 3]], [[5, 0]], [[7]]], 'x.index_select(0, torch.tensor([4, 0, 4]))', ([x], c) =>
        x.indexSelect(0, c.int([4, 0, 4])),
      ),
      row([[[3, 5]]], 'x.index_select(-1, torch.tensor([], dtype=torch.int64))', ([x], c) =>
        x.indexSelect(-1, c.int([])),
      ),
    ],
    [([x], c) => x.indexSelect(0, c.int([7])), /indexSelect: index 7 is out of range for size 2/],
    [([x], c) => x.indexSelect(0, c.ones([1])), /indexSelect: .*must be an integer tensor/],
  ),
  copy_: op(
    [
      row(
        [
          [[3, 4], [4]],
          [
            [3, 4],
            [3, 1],
          ],
        ],
        'x.clone().copy_(y)',
        ([x, y]) => x.clone().copy_(y),
      ),
    ],
    [([x], c) => x.copy_(c.ones([4])), /copy_: .*(broadcast|does not fit)/],
  ),
  fill_: op(
    [row(one, 'x.clone().fill_(2.5)', ([x]) => x.clone().fill_(2.5))],
    [([x]) => x.fill_('1' as never), /fill_: value must be a number/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
