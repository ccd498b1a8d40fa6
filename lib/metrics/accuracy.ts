// How many predictions are right.
import { withoutGrad } from '../autograd.js';
import { idOf, integerOf, optionsOf, wrongType } from '../functional/check.js';
import { topk } from '../functional/topk.js';
import { native } from '../native.js';
import { type Tensor, tensor, wrap } from '../tensor.js';
import { counter, predictions, ratio } from './predictions.js';

/** Options of `accuracy` and `Accuracy`. */
export interface AccuracyOptions {
  /** How many of the best classes count as predicted; several numbers give one accuracy each. Default 1. */
  topk?: number | readonly number[];
}

function topkOf(options: AccuracyOptions, op: string): number | readonly number[] {
  const { topk = 1 } = optionsOf(options, op, ['topk']);
  const list: readonly unknown[] = Array.isArray(topk) ? topk : [topk];
  if (list.length === 0) wrongType(op, 'topk', 'a number or an array of numbers', topk);
  for (const k of list)
    if (integerOf(k as number, op, 'topk') < 1) throw new RangeError(`${op}: topk must be at least 1, got ${k}`);
  return typeof topk === 'number' ? topk : [...topk];
}

const largest = (ks: number | readonly number[]): number =>
  typeof ks === 'number' ? ks : ks.reduce((a, b) => Math.max(a, b));

/** [k]: how many samples have the target among their first 1, 2, ... k predictions. */
function counts(output: Tensor, target: Tensor, k: number): Tensor {
  const { scores, classes, target: truth } = predictions(output, target, 'accuracy');
  if (scores === undefined && k > 1)
    throw new RangeError(`accuracy: topk ${k} needs scores, but output is the class indices`);
  if (scores !== undefined && k > scores.shape[1]!)
    throw new RangeError(`accuracy: topk ${k} is out of range for ${scores.shape[1]} classes`);
  const best = scores === undefined ? classes!.unsqueeze(1) : topk(scores, k).indices;
  const known = scores?.shape[1] ?? Number.MAX_SAFE_INTEGER;
  return wrap(native.accuracy(idOf(best, 'accuracy', 'output'), idOf(truth, 'accuracy', 'target'), known));
}

/** The accuracies for `ks`, of which `correct` has the counts from 1 up. */
function accuracies(correct: Tensor, total: number, ks: number | readonly number[]): Tensor {
  const picked =
    typeof ks === 'number'
      ? correct.select(0, ks - 1)
      : correct.indexSelect(0, tensor(Int32Array.from(ks, (k) => k - 1)));
  return ratio(picked, tensor(total, { dtype: 'float64' }));
}

/**
 * The part of the samples whose target is among the `topk` best classes, from 0 (also of no samples) to 1: float32 of shape [], or one
 * for each number in `topk`. `output` is scores [n, classes, ...] or class indices of the target's shape; `target` is class indices [n, ...].
 * Equal scores rank as `topk` ranks them. Nothing is recorded for gradients, and nothing waits. (`accuracy` of PyTorch's ImageNet example, which
 * gives per cent; torchmetrics' `multiclass_accuracy` with average micro)
 * @throws ShapeError and DTypeError where output and target do not fit, RangeError for a class or a `topk` beyond the classes there are.
 * @example
 * import { metrics, tensor } from 'cresset';
 * const scores = tensor([[0.1, 0.7, 0.2], [0.5, 0.2, 0.3], [0.6, 0.3, 0.1]]);
 * const target = tensor([1, 2, 2], { dtype: 'int64' });
 * metrics.accuracy(scores, target).item().toFixed(3); // '0.333'
 * metrics.accuracy(scores, target, { topk: [2, 3] }); // tensor([2 / 3, 1])
 */
export function accuracy(output: Tensor, target: Tensor, options: AccuracyOptions = {}): Tensor {
  const ks = topkOf(options, 'accuracy');
  return withoutGrad(() => accuracies(counts(output, target, largest(ks)), target.numel(), ks));
}

/**
 * The accuracy over all batches since the start or `reset`; `update` waits for nothing. (`torchmetrics.classification.MulticlassAccuracy` with
 * average micro)
 * @throws What `accuracy` throws.
 * @example
 * import { metrics, tensor } from 'cresset';
 * const accuracy = new metrics.Accuracy();
 * accuracy.update(tensor([[0.1, 0.9], [0.8, 0.2]]), tensor([1, 1], { dtype: 'int64' }));
 * accuracy.update(tensor([[0.3, 0.7], [0.4, 0.6]]), tensor([1, 1], { dtype: 'int64' }));
 * accuracy.compute().item(); // 0.75
 */
export class Accuracy {
  /** How many of the best classes count as predicted. */
  readonly topk: number | readonly number[];
  #correct: Tensor;
  #total = 0;

  constructor(options: AccuracyOptions = {}) {
    this.topk = topkOf(options, 'Accuracy');
    this.#correct = counter([largest(this.topk)], 'int64');
  }

  /** Counts one more batch. */
  update(output: Tensor, target: Tensor): void {
    withoutGrad(() => this.#correct.add_(counts(output, target, largest(this.topk))));
    this.#total += target.numel();
  }

  /** The accuracy so far, 0 before the first sample: shape [], or one for each number in `topk`. */
  compute(): Tensor {
    return withoutGrad(() => accuracies(this.#correct, this.#total, this.topk));
  }

  /** Starts anew. */
  reset(): void {
    this.#correct = counter(this.#correct.shape, 'int64');
    this.#total = 0;
  }
}
