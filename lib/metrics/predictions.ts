// What metrics are given: scores of classes or class indices, and the true classes.
import { withoutGrad } from '../autograd.js';
import { DTypeError, ShapeError } from '../errors.js';
import { idOf } from '../functional/check.js';
import { zeros } from '../functional/creation.js';
import { outsideTidy } from '../memory.js';
import type { Tensor } from '../tensor.js';

const isIndex = (x: Tensor) => ['int64', 'int32', 'uint8'].includes(x.dtype);

/** Predictions of `n` samples: one row of scores each, or one class index each. */
export interface Predictions {
  /** [n, classes] */
  scores?: Tensor;
  /** [n] */
  classes?: Tensor;
  /** [n] */
  target: Tensor;
}

/** `output` and `target` sample by sample, the classes of scores last. Throws where they do not fit. */
export function predictions(output: Tensor, target: Tensor, op: string): Predictions {
  idOf(output, op, 'output');
  idOf(target, op, 'target');
  if (!isIndex(target)) throw new DTypeError(`${op}: target must be int64, int32 or uint8, got ${target.dtype}`);
  const [shape, expected] = [output.shape, target.shape];
  if (isIndex(output)) {
    if (shape.join() !== expected.join())
      throw new ShapeError(
        `${op}: class indices must have the target's shape [${expected.join(', ')}], got [${shape.join(', ')}]`,
      );
    return { classes: output.reshape([target.numel()]), target: target.reshape([target.numel()]) };
  }
  if (!output.isFloatingPoint())
    throw new DTypeError(`${op}: output must be scores (floats) or class indices (integers), got ${output.dtype}`);
  const at = shape.length === 1 ? 0 : 1;
  const samples = shape.filter((_, d) => d !== at);
  if (shape.length === 0 || samples.join() !== expected.join())
    throw new ShapeError(
      `${op}: scores of shape [${shape.join(', ')}] expect targets of shape [${samples.join(', ')}], got [${expected.join(', ')}]`,
    );
  if (shape[at] === 0) throw new ShapeError(`${op}: scores of shape [${shape.join(', ')}] have no classes`);
  const classesLast = output.detach().permute([...samples.keys()].map((d) => (d < at ? d : d + 1)).concat(at));
  return {
    scores: classesLast.reshape([target.numel(), shape[at]!]),
    target: target.reshape([target.numel()]),
  };
}

/** A count on the stream, at zero. */
export function counter(shape: readonly number[], dtype: 'int64' | 'float64'): Tensor {
  return outsideTidy(() => withoutGrad(() => zeros(shape, { dtype })));
}

/** `counts / totals` in float32, 0 where there is nothing to divide by; counts are whole numbers. */
export function ratio(counts: Tensor, totals: Tensor): Tensor {
  return counts.double().div(totals.double().clamp(1)).float();
}
