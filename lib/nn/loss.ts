// Losses as modules.
import {
  type CrossEntropyOptions,
  crossEntropy,
  type LossOptions,
  l1Loss,
  mseLoss,
  type Reduction,
} from '../functional/loss.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';

/** |x - target|, averaged by default. (`torch.nn.L1Loss`) */
export class L1Loss extends Module<[x: Tensor, target: Tensor]> {
  readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super();
    this.reduction = options.reduction ?? 'mean';
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return l1Loss(x, target, this);
  }
}

/** (x - target)², averaged by default. (`torch.nn.MSELoss`) */
export class MSELoss extends Module<[x: Tensor, target: Tensor]> {
  readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super();
    this.reduction = options.reduction ?? 'mean';
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return mseLoss(x, target, this);
  }
}

/** -log softmax(x)[target] over logits [n, classes, ...]; targets are class indices or probabilities. (`torch.nn.CrossEntropyLoss`) */
export class CrossEntropyLoss extends Module<[x: Tensor, target: Tensor]> {
  readonly weight: Tensor | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
  readonly labelSmoothing: number;

  constructor(options: CrossEntropyOptions = {}) {
    super();
    this.weight = options.weight ?? null;
    this.ignoreIndex = options.ignoreIndex ?? -100;
    this.reduction = options.reduction ?? 'mean';
    this.labelSmoothing = options.labelSmoothing ?? 0;
  }

  forward(x: Tensor, target: Tensor): Tensor {
    return crossEntropy(x, target, this);
  }
}
