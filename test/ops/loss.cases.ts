// Softmax, losses and dropout: rows for cpp/ops/softmax.cpp, loss.cpp and dropout.cpp.
import type { NativeOps } from '../../build/native.js';
import { noGrad, nothing, type OpCases, op, row, seeded } from './row.js';

const pairwise = (loss: 'l1Loss' | 'mseLoss', python: string) =>
  (['mean', 'sum', 'none'] as const).map((reduction) =>
    row(
      [
        [
          [4, 3],
          [4, 3],
        ],
        [[1], [1]],
        [[], []],
        [[0], [0]],
      ],
      `${python}(x, y, reduction='${reduction}')`,
      ([x, y], c) => c.nn.functional[loss](x, y, { reduction }),
    ),
  );

export const loss = {
  softmax: op(
    [
      row([[[4, 33]], [[1, 1]], [[0, 3]], [[3, 0]], [[130, 1000]]], 'x.softmax(1)', ([x]) => x.softmax(1)),
      row([[[4, 3]], [[2, 3, 4]]], 'x.softmax(0)', ([x]) => x.softmax(0)),
      row([[[]]], 'x.softmax(0)', ([x]) => x.softmax(0)),
    ],
    [([x]) => x.softmax(2), /softmax: .*out of range/],
    [(_, c) => c.int([1]).softmax(0), /softmax: expected a floating dtype|softmax: expected float32 or float64/],
  ),
  logSoftmax: op(
    [
      row([[[4, 10]], [[1, 1]], [[130, 1000]]], 'x.log_softmax(-1)', ([x]) => x.logSoftmax(-1)),
      row([[[2, 3, 4]]], 'x.log_softmax(1)', ([x]) => x.logSoftmax(1)),
    ],
    [([x]) => x.logSoftmax(2), /logSoftmax: .*out of range/],
  ),
  crossEntropy: op(
    [
      row([[[4, 5]]], 'F.cross_entropy(x, torch.tensor([0, 4, 2, 2]))', ([x], c) =>
        c.nn.functional.crossEntropy(x, c.int([0, 4, 2, 2])),
      ),
      row(
        [[[4, 3]]],
        'F.cross_entropy(x, torch.tensor([0, 1, 2, 2]), weight=torch.tensor([1., 2., 3.], dtype=x.dtype), ignore_index=1, label_smoothing=0.1)',
        ([x], c) =>
          c.nn.functional.crossEntropy(x, c.int([0, 1, 2, 2]).to('int32'), {
            weight: c.tensor([1, 2, 3]).to(x.dtype),
            ignoreIndex: 1,
            labelSmoothing: 0.1,
          }),
      ),
      row([[[2, 3, 2]]], "F.cross_entropy(x, torch.tensor([[0, 2], [1, 1]]), reduction='none')", ([x], c) =>
        c.nn.functional.crossEntropy(x, c.int([0, 2, 1, 1]).view([2, 2]), { reduction: 'none' }),
      ),
      row([[[4, 3]]], "F.cross_entropy(x, torch.tensor([0, 1, 2, 2]), reduction='sum')", ([x], c) =>
        c.nn.functional.crossEntropy(x, c.int([0, 1, 2, 2]).to('uint8'), { reduction: 'sum' }),
      ),
      row(
        [
          [
            [4, 3],
            [4, 3],
          ],
        ],
        'F.cross_entropy(x, y, label_smoothing=0.2)',
        ([x, y], c) => c.nn.functional.crossEntropy(x, y, { labelSmoothing: 0.2 }),
      ),
      row([[[3]]], 'F.cross_entropy(x, torch.tensor(1))', ([x], c) =>
        c.nn.functional.crossEntropy(x, c.int([1]).view([])),
      ),
      row(
        [[[0, 3]]],
        'F.cross_entropy(x, torch.tensor([], dtype=torch.int64))',
        ([x], c) => c.nn.functional.crossEntropy(x, c.int([])),
        noGrad,
      ),
    ],
    [
      ([x], c) => c.nn.functional.crossEntropy(x, x, { ignoreIndex: 0 }),
      /crossEntropy: ignoreIndex 0 needs class indices/,
    ],
    [([x], c) => c.nn.functional.crossEntropy(x, nothing), /crossEntropy: target must be a Tensor, got undefined/],
    [
      ([x], c) => c.nn.functional.crossEntropy(x, c.int([0, 3])),
      /crossEntropy: target 3 at position 1 is out of range for 3 classes/,
    ],
  ),
  l1Loss: op(
    pairwise('l1Loss', 'F.l1_loss'),
    [([x], c) => c.nn.functional.l1Loss(x, c.ones([4])), /l1Loss: .*do not broadcast/],
    [([x], c) => c.nn.functional.l1Loss(x, x, { reduction: 'max' as 'mean' }), /l1Loss: reduction must be/],
  ),
  mseLoss: op(pairwise('mseLoss', 'F.mse_loss'), [
    ([x], c) => c.nn.functional.mseLoss(x, c.ones([4])),
    /mseLoss: .*do not broadcast/,
  ]),
  dropout: op(
    [
      row([[[40]], [[3, 0]], [[70_001]]], 'F.dropout(x, 0.3)', ([x], c) => c.nn.functional.dropout(x, 0.3), {
        compare: 'seeded',
      }),
      row(
        [[]],
        'F.dropout(torch.ones(4, 9).t(), 0.3)',
        (_, c) => c.nn.functional.dropout(c.ones([4, 9]).t(), 0.3),
        seeded,
      ),
      row(
        [[]],
        'F.dropout(torch.ones(2, 1, 3).expand(2, 4, 3).permute(2, 1, 0), 0.3)',
        (_, c) => c.nn.functional.dropout(c.ones([2, 1, 3]).expand(2, 4, 3).permute(2, 1, 0), 0.3),
        seeded,
      ),
      // Convolutions lay out their results in an order of their own, which must not show.
      ...[[1, 3, 4, 4] as const, [3, 4, 4] as const].map((shape) =>
        row(
          [[]],
          `F.dropout(F.conv2d(torch.ones(${shape.join(', ')}), torch.ones(5, 3, 1, 1)), 0.3)`,
          (_, c) => c.nn.functional.dropout(c.nn.functional.conv2d(c.ones(shape), c.ones([5, 3, 1, 1])), 0.3),
          seeded,
        ),
      ),
      row([[[40]]], 'F.dropout(x, 0.3, training=False)', ([x], c) =>
        c.nn.functional.dropout(x, 0.3, { training: false }),
      ),
      row([[[40]]], 'F.dropout(x, 1.0)', ([x], c) => c.nn.functional.dropout(x, 1)),
    ],
    [([x], c) => c.nn.functional.dropout(x, 2), /dropout: p must be between 0 and 1/],
  ),
  dropout_: op(
    [
      row(
        [[[40]]],
        'F.dropout(x.clone(), 0.3, inplace=True)',
        ([x], c) => c.nn.functional.dropout(x.clone(), 0.3, { inplace: true }),
        { compare: 'seeded' },
      ),
    ],
    [([x], c) => c.nn.functional.dropout(x, -1, { inplace: true }), /dropout.*: p must be between 0 and 1/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
