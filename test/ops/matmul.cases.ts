// Matrix products: rows for cpp/ops/matmul.cpp.
import type { NativeOps } from '../../build/native.js';
import { type OpCases, op, row } from './row.js';

export const matmul = {
  matmul: op(
    [
      row(
        [
          [
            [5, 7],
            [7, 3],
          ],
          [
            [1, 1],
            [1, 1],
          ],
          [
            [3, 0],
            [0, 4],
          ],
          [
            [0, 3],
            [3, 4],
          ],
          [
            [65, 130],
            [130, 67],
          ],
        ],
        'x @ y',
        ([x, y]) => x.matmul(y),
      ),
      row(
        [
          [
            [7, 5],
            [3, 7],
          ],
          [
            [130, 33],
            [65, 130],
          ],
        ],
        'x.t() @ y.t()',
        ([x, y]) => x.t().matmul(y.t()),
      ),
      row(
        [
          [
            [2, 1, 4, 5],
            [3, 5, 2],
          ],
          [
            [2, 2, 0],
            [0, 3],
          ],
          [[2, 3, 0], [0]],
          [[4, 5], [5]],
          [[5], [5, 3]],
          [[3, 4, 5], [5]],
          [[33], [33]],
        ],
        'x @ y',
        ([x, y]) => x.matmul(y),
      ),
    ],
    [([x], c) => c.matmul(x, x), /matmul: inner sizes differ/],
    [([x], c) => c.matmul(x, c.ones([3, 2], { dtype: 'int64' })), /matmul: x is float\d+ but y is int64/],
    [([x], c) => c.matmul(c.tensor(1), x), /matmul: .*at least one dimension/],
  ),
  linear: op(
    [
      row(
        [
          [[5, 8], [3, 8], [3]],
          [[1, 1], [1, 1], [1]],
          [[0, 4], [2, 4], [2]],
          [[64, 130], [33, 130], [33]],
        ],
        'F.linear(x, y, z)',
        ([x, y, z], c) => c.nn.functional.linear(x, y, z),
      ),
      row(
        [
          [
            [2, 3, 4],
            [5, 4],
          ],
          [[4], [5, 4]],
        ],
        'F.linear(x, y)',
        ([x, y], c) => c.nn.functional.linear(x, y),
      ),
    ],
    [([x], c) => c.nn.functional.linear(x, c.ones([2, 4])), /linear: input has 3 features but weight expects 4/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
