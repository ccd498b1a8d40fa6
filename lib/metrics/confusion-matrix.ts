// Which classes are taken for which.
import { withoutGrad } from '../autograd.js';
import { ShapeError } from '../errors.js';
import { describe, idOf, integerOf, optionsOf, wrongType } from '../functional/check.js';
import { eye } from '../functional/creation.js';
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { counter, predictions, ratio } from './predictions.js';

/** What a confusion matrix is divided by: the sums of its rows (`true`), of its columns (`pred`), or of all. */
export type Normalize = 'true' | 'pred' | 'all';

/** Options of `confusionMatrix`. */
export interface ConfusionMatrixOptions {
  /** How many classes there are. Default: as many as `output` has scores for; class indices need it. */
  numClasses?: number;
  /** Parts (float32) instead of counts (int64); 0 where there is nothing to divide by. */
  normalize?: Normalize;
}

function checkNormalize(normalize: Normalize | undefined, op: string): Normalize | undefined {
  if (normalize !== undefined && !['true', 'pred', 'all'].includes(normalize))
    throw new TypeError(`${op}: normalize must be 'true', 'pred' or 'all', got ${describe(normalize)}`);
  return normalize;
}

function checkClasses(numClasses: number, op: string): number {
  if (integerOf(numClasses, op, 'numClasses') < 1)
    throw new RangeError(`${op}: numClasses must be at least 1, got ${numClasses}`);
  return numClasses;
}

function counts(output: Tensor, target: Tensor, numClasses: number | undefined): Tensor {
  const op = 'confusionMatrix';
  const { scores, classes, target: truth } = predictions(output, target, op);
  const known = scores?.shape[1];
  if (known !== undefined && numClasses !== undefined && known !== numClasses)
    throw new ShapeError(`${op}: output has scores for ${known} classes but numClasses is ${numClasses}`);
  const n = numClasses ?? known ?? wrongType(op, 'numClasses', 'given where output is class indices', numClasses);
  const predicted = classes ?? (truth.numel() === 0 ? truth : scores!.argmax(1));
  return wrap(native.confusionMatrix(idOf(predicted, op, 'output'), idOf(truth, op, 'target'), n));
}

function normalized(matrix: Tensor, normalize: Normalize | undefined): Tensor {
  if (normalize === undefined) return matrix;
  const dims = { true: 1, pred: 0, all: [0, 1] }[normalize];
  return ratio(matrix, matrix.sum(dims, { keepdim: true }));
}

/**
 * How often each class (row) was predicted as each class (column): int64 [numClasses, numClasses], or float32 with `normalize`. `output` is
 * scores [n, classes, ...], of which the first largest counts, or class indices of the target's shape; `target` is class indices [n, ...].
 * (torchmetrics' `multiclass_confusion_matrix`)
 * @throws ShapeError and DTypeError where output and target do not fit, RangeError for a class beyond `numClasses`.
 * @example
 * import { metrics, tensor } from 'cresset';
 * const scores = tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]);
 * const target = tensor([1, 0, 0], { dtype: 'int64' });
 * metrics.confusionMatrix(scores, target).toArray(); // [[1, 1], [0, 1]]
 * metrics.confusionMatrix(scores, target, { normalize: 'true' }).toArray(); // [[0.5, 0.5], [0, 1]]
 */
export function confusionMatrix(output: Tensor, target: Tensor, options: ConfusionMatrixOptions = {}): Tensor {
  const { numClasses, normalize } = optionsOf(options, 'confusionMatrix', ['numClasses', 'normalize']);
  checkNormalize(normalize, 'confusionMatrix');
  if (numClasses !== undefined) checkClasses(numClasses, 'confusionMatrix');
  return withoutGrad(() => normalized(counts(output, target, numClasses), normalize));
}

/**
 * The confusion matrix over all batches since the start or `reset`, and what follows from it for each class; `update` waits for nothing.
 * (`torchmetrics.classification.MulticlassConfusionMatrix`)
 * @throws What `confusionMatrix` throws.
 * @example
 * import { metrics, tensor } from 'cresset';
 * const matrix = new metrics.ConfusionMatrix(2);
 * matrix.update(tensor([[0.1, 0.9], [0.8, 0.2]]), tensor([1, 0], { dtype: 'int64' }));
 * matrix.update(tensor([[0.3, 0.7]]), tensor([0], { dtype: 'int64' }));
 * matrix.compute().toArray(); // [[1, 1], [0, 1]]
 * matrix.precision().toArray(); // [1, 0.5]
 * matrix.recall().toArray(); // [0.5, 1]
 */
export class ConfusionMatrix {
  readonly normalize: Normalize | undefined;
  #matrix: Tensor;

  constructor(
    readonly numClasses: number,
    options: { normalize?: Normalize } = {},
  ) {
    checkClasses(numClasses, 'ConfusionMatrix');
    this.normalize = checkNormalize(optionsOf(options, 'ConfusionMatrix', ['normalize']).normalize, 'ConfusionMatrix');
    this.#matrix = counter([numClasses, numClasses], 'int64');
  }

  /** Counts one more batch. */
  update(output: Tensor, target: Tensor): void {
    withoutGrad(() => this.#matrix.add_(counts(output, target, this.numClasses)));
  }

  /** The matrix so far. */
  compute(): Tensor {
    return withoutGrad(() => normalized(this.#matrix.clone(), this.normalize));
  }

  /** Of what was predicted as each class, the part that is of it, 0 where nothing was: float32 [numClasses]. */
  precision(): Tensor {
    return withoutGrad(() => ratio(this.#right(), this.#matrix.sum(0)));
  }

  /** Of what is of each class, the part that was predicted as it, 0 where nothing is: float32 [numClasses]. */
  recall(): Tensor {
    return withoutGrad(() => ratio(this.#right(), this.#matrix.sum(1)));
  }

  /** The harmonic mean of precision and recall of each class, 0 where nothing is or was predicted to be of it: float32 [numClasses]. */
  f1(): Tensor {
    return withoutGrad(() => ratio(this.#right().mul(2), this.#matrix.sum(0).add(this.#matrix.sum(1))));
  }

  /** The diagonal. */
  #right(): Tensor {
    return this.#matrix.mul(eye(this.numClasses, this.numClasses, { dtype: 'int64' })).sum(1);
  }

  /** Starts anew. */
  reset(): void {
    this.#matrix = counter(this.#matrix.shape, 'int64');
  }
}
