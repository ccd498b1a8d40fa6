// The table of op tests: what each op of ops.def gives, and what it refuses. A row names shapes and PyTorch's expression; ops.test.ts
// runs it as value, gradient, gradcheck, in several memory layouts, on one and several threads. Without a row, `tsc` fails.
import type { NativeOps } from '../build/native.js';
import { conv2d } from './ops/conv2d.cases.js';
import { copy } from './ops/copy.cases.js';
import { creation } from './ops/creation.cases.js';
import { elementwise } from './ops/elementwise.cases.js';
import { interpolate } from './ops/interpolate.cases.js';
import { layerNorm } from './ops/layer_norm.cases.js';
import { loss } from './ops/loss.cases.js';
import { matmul } from './ops/matmul.cases.js';
import { metrics } from './ops/metrics.cases.js';
import { optim } from './ops/optim.cases.js';
import { random } from './ops/random.cases.js';
import { reduce } from './ops/reduce.cases.js';
import type { OpCases } from './ops/row.js';
import { topk } from './ops/topk.cases.js';
import { unary } from './ops/unary.cases.js';
import { view } from './ops/view.cases.js';

export const cases = {
  ...creation,
  ...random,
  ...view,
  ...copy,
  ...elementwise,
  ...unary,
  ...reduce,
  ...matmul,
  ...conv2d,
  ...interpolate,
  ...layerNorm,
  ...loss,
  ...optim,
  ...topk,
  ...metrics,
} satisfies Record<keyof NativeOps, OpCases>;
