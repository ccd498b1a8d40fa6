// Convolution and pooling: rows for cpp/ops/conv2d.cpp and pool2d.cpp.
import type { NativeOps } from '../../build/native.js';
import { type Inputs, noGrad, type OpCases, op, picture, row, type Scope } from './row.js';

// A convolution, batch normalisation with other numbers in each place, and ReLU, as layers in a row.
function convBnRelu([x, weight, z]: Inputs, { nn }: Scope, groups: number) {
  const [out, channels] = weight.shape as [number, number];
  const [conv, norm] = [
    new nn.Conv2d(channels * groups, out, 3, { padding: 1, groups }),
    new nn.BatchNorm2d(out, { eps: 0.1 }),
  ];
  const layers = new nn.Sequential(conv, norm, new nn.ReLU()).eval().to(x.dtype);
  layers.loadStateDict({
    '0.weight': weight,
    '0.bias': z,
    '1.weight': z,
    '1.bias': z.sub(1),
    '1.running_mean': z.div(2),
    '1.running_var': z.mul(z).add(0.5),
    '1.num_batches_tracked': norm.num_batches_tracked!,
  });
  return layers(x);
}

export const conv2d = {
  conv2d: op(
    [
      row(
        [
          [[2, 3, 6, 5], [4, 3, 3, 3], [4]],
          [[1, 1, 1, 1], [1, 1, 3, 3], [1]],
          [[0, 3, 6, 5], [4, 3, 3, 3], [4]],
          [[2, 33, 9, 8], [35, 33, 3, 3], [35]],
          [[2, 5, 9, 40], [3, 5, 3, 3], [3]],
          [[3, 64, 7, 7], [96, 64, 3, 3], [96]],
          [[2, 17, 8, 9], [16, 17, 5, 5], [16]],
        ],
        'F.conv2d(x, y, z, padding=1)',
        ([x, y, z], c) => c.nn.functional.conv2d(x, y, z, { padding: 1 }),
      ),
      row(
        [
          [
            [1, 2, 7, 8],
            [3, 2, 3, 2],
          ],
          [
            [2, 3, 17, 17],
            [16, 3, 5, 5],
          ],
        ],
        'F.conv2d(x, y, None, stride=(2, 3), padding=(0, 1))',
        ([x, y], c) => c.nn.functional.conv2d(x, y, null, { stride: [2, 3], padding: [0, 1] }),
      ),
      row(
        [
          [[1, 4, 7, 7], [6, 2, 3, 3], [6]],
          [[2, 10, 9, 8], [6, 5, 3, 3], [6]],
        ],
        'F.conv2d(x, y, z, dilation=2, groups=2, padding=2)',
        ([x, y, z], c) => c.nn.functional.conv2d(x, y, z, { dilation: 2, groups: 2, padding: 2 }),
      ),
      row([[[2, 6, 5, 5], [6, 1, 3, 3], [6]]], 'F.conv2d(x, y, z, groups=6)', ([x, y, z], c) =>
        c.nn.functional.conv2d(x, y, z, { groups: 6 }),
      ),
      row(
        [
          [[2, 5, 4, 4], [7, 5, 1, 1], [7]],
          [[3, 64, 8, 8], [32, 64, 1, 1], [32]],
        ],
        'F.conv2d(x, y, z)',
        ([x, y, z], c) => c.nn.functional.conv2d(x, y, z),
      ),
      row(
        [
          [
            [2, 3, 9, 8],
            [5, 3, 3, 3],
          ],
          [
            [1, 40, 11, 10],
            [36, 40, 3, 3],
          ],
        ],
        'F.conv2d(x, y, None, stride=2, padding=1)',
        ([x, y], c) => c.nn.functional.conv2d(x, y, null, { stride: 2, padding: 1 }),
      ),
      row(
        [
          [
            [1, 2, 8, 9],
            [3, 2, 2, 2],
          ],
        ],
        'F.conv2d(x, y, None, stride=3)',
        ([x, y], c) => c.nn.functional.conv2d(x, y, null, { stride: 3 }),
      ),
      row(
        [
          [
            [1, 2, 13, 12],
            [3, 2, 3, 3],
          ],
        ],
        'F.conv2d(x, y, None, stride=(2, 4), padding=2, dilation=(3, 2))',
        ([x, y], c) => c.nn.functional.conv2d(x, y, null, { stride: [2, 4], padding: 2, dilation: [3, 2] }),
      ),
      row(
        [
          [
            [2, 1, 4, 4],
            [1, 1, 2, 2],
          ],
        ],
        'F.conv2d(x, y, None, stride=20001, padding=20000)',
        ([x, y], c) => c.nn.functional.conv2d(x, y, null, { stride: 20001, padding: 20000 }),
      ),
      row([[[3, 6, 6], [4, 3, 5, 5], [4]]], 'F.conv2d(x, y, z, padding=2)', ([x, y, z], c) =>
        c.nn.functional.conv2d(x, y, z, { padding: 2 }),
      ),
      row([[[2, 2, 5, 7], [3, 2, 2, 4], [3]]], "F.conv2d(x, y, z, padding='same')", ([x, y, z], c) =>
        c.nn.functional.conv2d(x, y, z, { padding: 'same' }),
      ),
    ],
    [
      (_, c) => c.nn.functional.conv2d(c.ones([1, 3, 8, 8]), c.ones([4, 4, 3, 3])),
      /conv2d: input has 3 channels but weight expects 4/,
    ],
    [([x], c) => c.nn.functional.conv2d(x, c.ones([4, 3, 3, 3])), /conv2d: .*3 or 4 dimensions/],
    [
      (_, c) => c.nn.functional.conv2d(c.ones([1, 1, 4, 4]), c.ones([1, 1, 3, 3]), null, { dilation: 2 ** 39 }),
      /conv2d: the kernel must span less than 2\^40, got 3 taps with dilation 549755813888/,
    ],
    [
      (_, c) =>
        c.nn.functional.conv2d(c.ones([1, 1, 4, 4]), c.ones([1, 1, 3, 3]), null, { dilation: 1e7, padding: 1e7 }),
      /out of memory: conv2d: a sample with its padding would take .* bytes/,
    ],
    [
      (_, c) => c.nn.functional.conv2d(c.ones([1, 3, 8, 8]), c.ones([4, 3, 9, 9])),
      /conv2d: .*kernel spans 9x9 but the padded input is only 8x8/,
    ],
  ),
  convBnRelu: op(
    [
      row(
        [
          [[2, 3, 6, 5], [4, 3, 3, 3], [4]],
          [[2, 17, 8, 9], [34, 17, 3, 3], [34]],
          [[2, 40, 8, 9], [34, 40, 3, 3], [34]],
          [[1, 17, 5, 9], [3, 17, 3, 3], [3]],
          [[0, 3, 6, 5], [4, 3, 3, 3], [4]],
        ],
        'F.relu(F.batch_norm(F.conv2d(x, y, z, padding=1), z / 2, z * z + 0.5, z, z - 1, eps=0.1))',
        (inputs, c) => c.noGrad(() => convBnRelu(inputs, c, 1)),
        { grad: false },
      ),
      row(
        [[[2, 6, 5, 5], [6, 1, 3, 3], [6]]],
        'F.relu(F.batch_norm(F.conv2d(x, y, z, padding=1, groups=6), z / 2, z * z + 0.5, z, z - 1, eps=0.1))',
        (inputs, c) => c.noGrad(() => convBnRelu(inputs, c, 6)),
        { grad: false },
      ),
    ],
    [
      ([x], c) => c.noGrad(() => convBnRelu([x, c.ones([4, 2, 3, 3]), c.ones([4])], c, 1)),
      /conv2d: input must have 3 or 4 dimensions/,
    ],
    [
      (_, c) => c.noGrad(() => convBnRelu([c.ones([1, 3, 4, 4]), c.ones([4, 2, 3, 3]), c.ones([4])], c, 1)),
      /conv2d: input has 3 channels but weight expects 2/,
    ],
  ),
  maxPool2d: op(
    [
      { ...picture, torch: 'F.max_pool2d(x, 2)', run: ([x], c) => c.nn.functional.maxPool2d(x, 2) },
      row([[[1, 2, 7, 7]], [[2, 17, 6, 8]]], 'F.max_pool2d(x, 3, 2, 1, ceil_mode=True)', ([x], c) =>
        c.nn.functional.maxPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true }),
      ),
      row([[[1, 2, 8, 8]]], 'F.max_pool2d(x, 2, 1, dilation=3)', ([x], c) =>
        c.nn.functional.maxPool2d(x, 2, { dilation: 3, stride: 1 }),
      ),
    ],
    [(_, c) => c.nn.functional.maxPool2d(c.ones([1, 1, 8, 8]), 9), /maxPool2d: .*does not fit/],
    [
      (_, c) => c.nn.functional.maxPool2d(c.ones([1, 1, 8, 8]), 2, { padding: 2 }),
      /maxPool2d: padding must be between 0 and half the kernel/,
    ],
  ),
  avgPool2d: op(
    [
      { ...picture, torch: 'F.avg_pool2d(x, 2)', run: ([x], c) => c.nn.functional.avgPool2d(x, 2) },
      row([[[1, 2, 7, 6]], [[2, 17, 6, 8]]], 'F.avg_pool2d(x, 3, 2, 1, ceil_mode=True)', ([x], c) =>
        c.nn.functional.avgPool2d(x, 3, { stride: 2, padding: 1, ceilMode: true }),
      ),
      row([[[1, 2, 7, 6]]], 'F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)', ([x], c) =>
        c.nn.functional.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false }),
      ),
      row([[[1, 2, 7, 6]]], 'F.avg_pool2d(x, (2, 3), divisor_override=5)', ([x], c) =>
        c.nn.functional.avgPool2d(x, [2, 3], { divisorOverride: 5 }),
      ),
    ],
    [
      (_, c) => c.nn.functional.avgPool2d(c.ones([1, 1, 8, 8]), 2, { divisorOverride: 0 }),
      /avgPool2d: .*must not be 0/,
    ],
  ),
  adaptiveAvgPool2d: op(
    [
      { ...picture, torch: 'F.adaptive_avg_pool2d(x, 1)', run: ([x], c) => c.nn.functional.adaptiveAvgPool2d(x, 1) },
      row([[[2, 17, 7, 6]], [[1, 2, 3, 4]]], 'F.adaptive_avg_pool2d(x, (3, 4))', ([x], c) =>
        c.nn.functional.adaptiveAvgPool2d(x, [3, 4]),
      ),
      row([[[2, 3, 7, 6]]], 'F.adaptive_avg_pool2d(x, (None, 9))', ([x], c) =>
        c.nn.functional.adaptiveAvgPool2d(x, [null, 9]),
      ),
      row(
        [[[2, 3, 4, 5]]],
        'F.adaptive_avg_pool2d(x, (0, 2))',
        ([x], c) => c.nn.functional.adaptiveAvgPool2d(x, [0, 2]),
        noGrad,
      ),
    ],
    [([x], c) => c.nn.functional.adaptiveAvgPool2d(x, 1), /adaptiveAvgPool2d: .*3 or 4 dimensions .*\[2, 3\]/],
    [
      (_, c) => c.nn.functional.adaptiveAvgPool2d(c.ones([1, 1, 2, 2]), -1),
      /adaptiveAvgPool2d: outputSize must not be negative, got \[-1, -1\]/,
    ],
  ),
  batchNorm: op(
    [
      row(
        [
          [[2, 3, 6, 7], [3], [3]],
          [[5, 17], [17], [17]],
          [[4, 33, 3], [33], [33]],
          [[2, 2, 2, 3, 2], [2], [2]],
          [[3, 130, 20, 20], [130], [130]],
        ],
        'F.batch_norm(x, None, None, y, z, training=True)',
        ([x, y, z], c) => c.nn.functional.batchNorm(x, null, null, { weight: y, bias: z, training: true }),
      ),
      row([[[3, 4, 2, 2]]], 'F.batch_norm(x + 100, None, None, training=True, eps=0.01)', ([x], c) =>
        c.nn.functional.batchNorm(x.add(100), null, null, { training: true, eps: 0.01 }),
      ),
      row(
        [[[2, 3, 6, 7], [3], [3]]],
        'F.batch_norm(x, torch.zeros(3).to(x) + 0.5, torch.ones(3).to(x), y, z)',
        ([x, y, z], c) => {
          const dtype = x.dtype;
          return c.nn.functional.batchNorm(x, c.full([3], 0.5, { dtype }), c.ones([3], { dtype }), {
            weight: y,
            bias: z,
          });
        },
      ),
    ],
    [
      (_, c) => c.nn.functional.batchNorm(c.ones([2, 3]), null, null, { weight: c.ones([2]), training: true }),
      /batchNorm: weight has shape \[2\] but input has 3 channels/,
    ],
    [
      (_, c) => c.nn.functional.batchNorm(c.ones([1, 3]), null, null, { training: true }),
      /batchNorm: training needs more than 1 value per channel, got shape \[1, 3/,
    ],
    [([x], c) => c.nn.functional.batchNorm(x, null, null), /batchNorm: outside training, runningMean and runningVar/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
