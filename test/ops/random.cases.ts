// Random numbers, after manualSeed(0): rows for cpp/ops/random.cpp.
import type { NativeOps } from '../../build/native.js';
import { type OpCases, op, row, seeded } from './row.js';

export const random = {
  rand: op(
    [5, 16, 1000].map((n) => row([[]], `torch.rand(${n})`, (_, c) => c.rand([n]), seeded)),
    [(_, c) => c.rand([2], { dtype: 'int64' }), /rand: expected float32 or float64/],
  ),
  randn: op(
    [1, 5, 16, 37, 1000].map((n) => row([[]], `torch.randn(${n})`, (_, c) => c.randn([n]), seeded)),
    [(_, c) => c.randn([2], { dtype: 'bool' }), /randn: expected float32 or float64/],
  ),
  randint: op(
    [row([[]], 'torch.randint(-3, 10, (40,))', (_, c) => c.randint(-3, 10, [40]), seeded)],
    [(_, c) => c.randint(5, 5, [1]), /randint: low must be below high/],
  ),
  randperm: op(
    [0, 1, 37].map((n) => row([[]], `torch.randperm(${n})`, (_, c) => c.randperm(n), seeded)),
    [(_, c) => c.randperm(-1), /randperm: .*must not be negative/],
  ),
  bernoulli: op(
    [
      row([[[40]]], 'torch.bernoulli(x.abs())', ([x], c) => c.bernoulli(x.abs()), seeded),
      row([[]], 'torch.bernoulli(torch.full((4, 9), 0.5).t())', (_, c) => c.bernoulli(c.full([4, 9], 0.5).t()), seeded),
    ],
    [([_x], c) => c.bernoulli(c.tensor([0.5, 7])), /bernoulli: p must be between 0 and 1/],
  ),
  uniform_: op(
    [
      row([[[40]]], 'x.clone().uniform_(-1, 2)', ([x]) => x.clone().uniform_(-1, 2), seeded),
      row([[]], 'torch.zeros(4, 9).t().uniform_()', (_, c) => c.zeros([4, 9]).t().uniform_(), seeded),
      row(
        [[]],
        'torch.zeros(2, 3, 4)[:, :, ::2].permute(1, 2, 0).uniform_()',
        (_, c) => c.zeros([2, 3, 4]).slice(2, 0, 4, 2).permute(1, 2, 0).uniform_(),
        seeded,
      ),
    ],
    [([x]) => x.uniform_(2, -1), /uniform_: from/],
  ),
  normal_: op(
    [
      row([[[40]], [[3]]], 'x.clone().normal_(1, 2)', ([x]) => x.clone().normal_(1, 2), seeded),
      // Fewer than 16 numbers, and those of tensors that are not contiguous, are drawn one by one.
      row(
        [[]],
        'torch.zeros(4, 9).narrow(1, 1, 8).normal_()',
        (_, c) => c.zeros([4, 9]).narrow(1, 1, 8).normal_(),
        seeded,
      ),
      row([[]], 'torch.zeros(4, 9).t().normal_()', (_, c) => c.zeros([4, 9]).t().normal_(), seeded),
      row(
        [[]],
        'F.conv2d(torch.ones(1, 3, 4, 4), torch.ones(5, 3, 1, 1)).normal_()',
        (_, c) => c.nn.functional.conv2d(c.ones([1, 3, 4, 4]), c.ones([5, 3, 1, 1])).normal_(),
        seeded,
      ),
    ],
    [([x]) => x.normal_(0, -1), /normal_: std/],
  ),
  bernoulli_: op(
    [
      row([[[40]]], 'x.clone().bernoulli_(0.3)', ([x]) => x.clone().bernoulli_(0.3), seeded),
      row([[]], 'torch.zeros(4, 9).t().bernoulli_(0.3)', (_, c) => c.zeros([4, 9]).t().bernoulli_(0.3), seeded),
    ],
    [([x]) => x.bernoulli_(1.5), /bernoulli_: p must be between 0 and 1/],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
