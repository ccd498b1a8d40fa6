// Losses: how far outputs are from targets.
import { CressetError } from '../errors.js';
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { describe, idOf, integerOf, numberOf, optionalId, optionsOf } from './check.js';

/** How a loss combines its elements. */
export type Reduction = 'none' | 'mean' | 'sum';

// In the order of the native core's codes.
const reductions: readonly Reduction[] = ['none', 'mean', 'sum'];

/** Options of every loss. */
export interface LossOptions {
  /** Default 'mean'. */
  reduction?: Reduction;
}

function reductionCode(op: string, options: LossOptions): number {
  const { reduction = 'mean' } = options;
  const code = reductions.indexOf(reduction);
  if (code < 0) throw new CressetError(`${op}: reduction must be 'none', 'mean' or 'sum', got ${describe(reduction)}`);
  return code;
}

/**
 * |x - target|, averaged, summed or neither. (`torch.nn.functional.l1_loss`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.l1Loss(tensor([1, 2, 3]), tensor([1, 2, 5]), { reduction: 'sum' }).item(); // 2
 */
export function l1Loss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const reduction = reductionCode('l1Loss', optionsOf(options, 'l1Loss', ['reduction']));
  return wrap(native.l1Loss(idOf(x, 'l1Loss', 'input'), idOf(target, 'l1Loss', 'target'), reduction));
}

/**
 * (x - target)², averaged, summed or neither. (`torch.nn.functional.mse_loss`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.mseLoss(tensor([1, 2, 3]), tensor([1, 2, 5])).item(); // 1.3333333730697632
 */
export function mseLoss(x: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const reduction = reductionCode('mseLoss', optionsOf(options, 'mseLoss', ['reduction']));
  return wrap(native.mseLoss(idOf(x, 'mseLoss', 'input'), idOf(target, 'mseLoss', 'target'), reduction));
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends LossOptions {
  /** A weight for each class. */
  weight?: Tensor | null;
  /** Targets of this index do not count; default -100. */
  ignoreIndex?: number;
  /** The share of each target that is spread over all classes, 0 to 1; default 0. */
  labelSmoothing?: number;
}

/**
 * -log softmax(x)[target], with x: [n, classes, ...] and targets as class indices [n, ...] or class probabilities of x's shape.
 * (`torch.nn.functional.cross_entropy`)
 * @throws ShapeError and DTypeError where they do not fit, RangeError for a class index out of range.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.crossEntropy(tensor([[0.1, 0.2, 0.3]]), tensor([1], { dtype: 'int64' })).item(); // 1.1019428968429565
 */
export function crossEntropy(x: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const op = 'crossEntropy';
  const names = ['weight', 'ignoreIndex', 'reduction', 'labelSmoothing'] as const;
  const ignoreIndex = integerOf(optionsOf(options, op, names).ignoreIndex ?? -100, op, 'ignoreIndex');
  const smoothing = numberOf(options.labelSmoothing ?? 0, op, 'labelSmoothing');
  const reduction = reductionCode(op, options);
  const [input, classes, weight] = [
    idOf(x, op, 'input'),
    idOf(target, op, 'target'),
    optionalId(options.weight, op, 'weight'),
  ];
  return wrap(native.crossEntropy(input, classes, weight, ignoreIndex, reduction, smoothing));
}
