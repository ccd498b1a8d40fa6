// Counts of class indices: rows for cpp/ops/metrics.cpp.
import type { NativeOps } from '../../build/native.js';
import { type OpCases, op, type Row, row } from './row.js';

// Integers from 1 to 7.
const classes: Partial<Row> = { dtypes: ['int64', 'int32', 'uint8'], range: 'positive', grad: false };

export const metrics = {
  accuracy: op(
    [
      row(
        [
          [[40, 3], [40]],
          [[5, 1], [5]],
          [[0, 2], [0]],
        ],
        '(x == y[:, None]).long().cumsum(1).clamp(max=1).sum(0)',
        ([x, y], c) => c.native.accuracy(x.id, y.id, 8),
        classes,
      ),
    ],
    [
      (_, c) => c.native.accuracy(c.int([0]).view(1, 1).id, c.int([2]).id, 2),
      /accuracy: target 2 at position 0 is out of range for 2 classes/,
    ],
    [
      (_, c) => c.native.accuracy(c.int([0]).view(1, 1).id, c.int([2, 3]).id, 2),
      /accuracy: output of shape \[1, 1\] does not fit target of shape \[2\]/,
    ],
    [([x], c) => c.native.accuracy(x.id, x.id, 2), /accuracy: output must be int64, int32 or uint8, got float32/],
  ),
  confusionMatrix: op(
    [
      row(
        [
          [[400], [400]],
          [
            [3, 5],
            [3, 5],
          ],
          [[0], [0]],
        ],
        'torch.bincount(y.flatten().long() * 8 + x.flatten().long(), minlength=64).reshape(8, 8)',
        ([x, y], c) => c.native.confusionMatrix(x.id, y.id, 8),
        classes,
      ),
    ],
    [
      (_, c) => c.native.confusionMatrix(c.int([0]).id, c.int([-1]).id, 2),
      /confusionMatrix: target -1 at position 0 is out of range for 2 classes/,
    ],
    [
      (_, c) => c.native.confusionMatrix(c.int([0, 2]).id, c.int([1, 1]).id, 2),
      /confusionMatrix: output 2 at position 1 is out of range for 2 classes/,
    ],
    [
      (_, c) => c.native.confusionMatrix(c.int([0, 2]).id, c.int([1]).id, 2),
      /confusionMatrix: output of shape \[2\] does not fit target of shape \[1\]/,
    ],
    [
      ([x], c) => c.native.confusionMatrix(c.int([0]).id, x.id, 2),
      /confusionMatrix: target must be int64, int32 or uint8, got float32/,
    ],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
