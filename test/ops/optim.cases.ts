// Optimizer steps: rows for cpp/ops/optim.cpp.
import type { NativeOps } from '../../build/native.js';
import { noGrad, type OpCases, op, row } from './row.js';

export const optim = {
  sgd: op(
    [
      row(
        [
          [
            [3, 5],
            [3, 5],
          ],
          [[1], [1]],
        ],
        "steps('SGD', x, y, lr=0.1)",
        (i, c) => c.steps('SGD', i, { lr: 0.1 }),
        noGrad,
      ),
      row(
        [
          [
            [3, 33],
            [3, 33],
          ],
        ],
        "steps('SGD', x, y, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1)",
        (i, c) => c.steps('SGD', i, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
        noGrad,
      ),
      row(
        [
          [
            [3, 33],
            [3, 33],
          ],
        ],
        "steps('SGD', x, y, lr=0.1, momentum=0.9, dampening=0.5, maximize=True)",
        (i, c) => c.steps('SGD', i, { lr: 0.1, momentum: 0.9, dampening: 0.5, maximize: true }),
        noGrad,
      ),
    ],
    [(i, c) => c.steps('SGD', i, { lr: -1 }), /SGD: .*lr/],
  ),
  adam: op(
    [
      row(
        [
          [
            [3, 33],
            [3, 33],
          ],
          [[1], [1]],
        ],
        "steps('Adam', x, y, lr=0.1)",
        (i, c) => c.steps('Adam', i, { lr: 0.1 }),
        noGrad,
      ),
      row(
        [
          [
            [3, 33],
            [3, 33],
          ],
        ],
        "steps('Adam', x, y, lr=0.1, amsgrad=True, weight_decay=0.1)",
        (i, c) => c.steps('Adam', i, { lr: 0.1, amsgrad: true, weightDecay: 0.1 }),
        noGrad,
      ),
      row(
        [
          [
            [3, 33],
            [3, 33],
          ],
        ],
        "steps('AdamW', x, y, lr=0.1, maximize=True)",
        (i, c) => c.steps('AdamW', i, { lr: 0.1, maximize: true }),
        noGrad,
      ),
    ],
    [(i, c) => c.steps('Adam', i, { betas: [1, 0.9] }), /Adam: .*beta/],
  ),
  adadelta: op(
    [
      row(
        [
          [
            [3, 33],
            [3, 33],
          ],
          [[1], [1]],
        ],
        "steps('Adadelta', x, y)",
        (i, c) => c.steps('Adadelta', i, {}),
        noGrad,
      ),
      row(
        [
          [
            [3, 33],
            [3, 33],
          ],
        ],
        "steps('Adadelta', x, y, rho=0.5, eps=1e-3, weight_decay=0.1, maximize=True)",
        (i, c) => c.steps('Adadelta', i, { rho: 0.5, eps: 1e-3, weightDecay: 0.1, maximize: true }),
        noGrad,
      ),
    ],
    [(i, c) => c.steps('Adadelta', i, { rho: 2 }), /Adadelta: .*rho/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
