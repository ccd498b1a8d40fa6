// Layer normalisation: rows for cpp/ops/layer_norm.cpp.
import type { NativeOps } from '../../build/native.js';
import { type OpCases, op, row } from './row.js';

export const layerNorm = {
  layerNorm: op(
    [
      row(
        [
          [[3, 5], [5], [5]],
          [[2, 3, 17], [17], [17]],
          [[4], [4], [4]],
          [[0, 4], [4], [4]],
          [[5, 1], [1], [1]],
          [[70, 133], [133], [133]],
          [[900, 96], [96], [96]],
          [[70, 2500], [2500], [2500]],
          [[2, 3, 4, 5], [5], [5]],
        ],
        'F.layer_norm(x, y.shape, y, z)',
        ([x, y, z], c) => c.nn.functional.layerNorm(x, y.shape, { weight: y, bias: z }),
      ),
      row(
        [
          [
            [3, 2, 5],
            [2, 5],
            [2, 5],
          ],
        ],
        'F.layer_norm(x, (2, 5), y, z, eps=0.1)',
        ([x, y, z], c) => c.nn.functional.layerNorm(x, [2, 5], { weight: y, bias: z, eps: 0.1 }),
      ),
      row([[[3, 40], [40]]], 'F.layer_norm(x, (40,), y)', ([x, y], c) =>
        c.nn.functional.layerNorm(x, 40, { weight: y }),
      ),
      row([[[3, 40], [40]]], 'F.layer_norm(x, (40,), None, y)', ([x, y], c) =>
        c.nn.functional.layerNorm(x, 40, { bias: y }),
      ),
      row([[[6, 8]], [[3, 1000]]], 'F.layer_norm(x + 100, (x.shape[-1],), eps=0.01)', ([x], c) =>
        c.nn.functional.layerNorm(x.add(100), x.shape.slice(-1), { eps: 0.01 }),
      ),
    ],
    [
      ([x], c) => c.nn.functional.layerNorm(x, [2]),
      /layerNorm: the input's last dimensions must be normalizedShape \[2\], got shape \[2, 3\]/,
    ],
    [([x], c) => c.nn.functional.layerNorm(x, [2, 2, 3]), /must be normalizedShape \[2, 2, 3\], got shape \[2, 3\]/],
    [([x], c) => c.nn.functional.layerNorm(x, []), /layerNorm: normalizedShape must have at least one dimension/],
    [
      ([x], c) => c.nn.functional.layerNorm(x, 3, { weight: c.ones([2]) }),
      /layerNorm: weight has shape \[2\] but normalizedShape is \[3\]/,
    ],
    [
      ([x], c) => c.nn.functional.layerNorm(x, 3, { bias: c.ones([3], { dtype: 'float64' }) }),
      /layerNorm: input is float32 but bias is float64/,
    ],
    [(_, c) => c.nn.functional.layerNorm(c.int([1]), 1), /layerNorm: expected float32 or float64, got int64/],
    [([x], c) => c.nn.functional.layerNorm(x, 3, { eps: '1' as never }), /layerNorm: eps must be a number/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
