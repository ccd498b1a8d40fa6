// Losses as modules.
import { describe, type OptionNames, optionsOf } from '../functional/check.js';
import {
  type CrossEntropyOptions,
  crossEntropy,
  type LossOptions,
  l1Loss,
  mseLoss,
  type Reduction,
} from '../functional/loss.js';
import { Tensor } from '../tensor.js';
import { Module } from './module.js';
import { Buffer } from './parameter.js';

// A loss is made first and then called; whoever gives it the tensors at once is told so.
function lossOptions<O extends object, N extends keyof O>(options: O, name: string, names: OptionNames<O, N>): O {
  if (options instanceof Tensor)
    throw new TypeError(
      `${name}: options must be an object, got ${describe(options)}; the loss is made, then called: new nn.${name}()(x, target)`,
    );
  return optionsOf(options, name, names);
}

/**
 * |x - target|, averaged by default. (`torch.nn.L1Loss`)
 * @throws ShapeError where the shapes do not broadcast, CressetError for an unknown reduction, both on the call; TypeError for tensors in place of
 * options.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.L1Loss({ reduction: 'sum' })(tensor([1, 2, 3]), tensor([1, 2, 5])).item(); // 2
 */
export class L1Loss extends Module<[x: Tensor, target: Tensor]> {
  readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super();
    this.reduction = lossOptions(options, 'L1Loss', ['reduction']).reduction ?? 'mean';
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return l1Loss(x, target, this);
  }
}

/**
 * (x - target)², averaged by default. (`torch.nn.MSELoss`)
 * @throws ShapeError where the shapes do not broadcast, CressetError for an unknown reduction, both on the call; TypeError for tensors in place of
 * options.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.MSELoss()(tensor([1, 2]), tensor([1, 4])).item(); // 2
 */
export class MSELoss extends Module<[x: Tensor, target: Tensor]> {
  readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super();
    this.reduction = lossOptions(options, 'MSELoss', ['reduction']).reduction ?? 'mean';
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return mseLoss(x, target, this);
  }
}

/**
 * -log softmax(x)[target] over logits [n, classes, ...]; targets are class indices or probabilities. (`torch.nn.CrossEntropyLoss`)
 * @throws on the call ShapeError for a target that does not fit, RangeError for a class that is none; TypeError for tensors in place of
 * options.
 * @example
 * import { nn, tensor } from 'cresset';
 * new nn.CrossEntropyLoss()(tensor([[5, 5]]), tensor([1], { dtype: 'int64' })).item(); // 0.6931471824645996
 */
export class CrossEntropyLoss extends Module<[x: Tensor, target: Tensor]> {
  /** A buffer, so that it is saved and converted with the module. */
  readonly weight: Buffer | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
  readonly labelSmoothing: number;

  constructor(options: CrossEntropyOptions = {}) {
    super();
    const { weight } = lossOptions(options, 'CrossEntropyLoss', [
      'weight',
      'ignoreIndex',
      'reduction',
      'labelSmoothing',
    ]);
    this.weight = weight ? new Buffer(weight) : null;
    this.ignoreIndex = options.ignoreIndex ?? -100;
    this.reduction = options.reduction ?? 'mean';
    this.labelSmoothing = options.labelSmoothing ?? 0;
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return crossEntropy(x, target, this);
  }
}
