// Schedules by functions of the user's.
import { CressetError } from '../../errors.js';
import { optionsOf, wrongType } from '../../functional/check.js';
import { forGroups, LRScheduler, type Scheduled, type SchedulerOptions, type SchedulerStateDict } from './scheduler.js';

/** A factor for the rate, of the number of the step. */
export type RateFunction = (epoch: number) => number;

abstract class Functions extends LRScheduler {
  readonly lrLambdas: readonly RateFunction[];

  constructor(optimizer: Scheduled, lrLambda: RateFunction | readonly RateFunction[], options: SchedulerOptions) {
    super(optimizer, options);
    const { name } = this.constructor;
    this.lrLambdas = forGroups(lrLambda, optimizer, name, 'lrLambda');
    for (const fn of this.lrLambdas)
      if (typeof fn !== 'function') wrongType(name, 'lrLambda', 'a function or an array of functions', fn);
    this.start();
  }

  protected override unsaved(): readonly string[] {
    return ['optimizer', 'lrLambdas'];
  }

  /** Functions are not saved, as in PyTorch. */
  protected override foreign(): SchedulerStateDict {
    return { ...super.foreign(), lr_lambdas: this.lrLambdas.map(() => null) };
  }

  protected factor(group: number): number {
    const factor = this.lrLambdas[group]!(this.lastEpoch);
    if (typeof factor !== 'number')
      throw new CressetError(
        `${this.constructor.name}: lrLambda must return a number, but gave ${String(factor)} for step ${this.lastEpoch}`,
      );
    return factor;
  }
}

/**
 * The rate that each group started from times `lrLambda` of the step: one function, or one for each group.
 * (`torch.optim.lr_scheduler.LambdaLR`)
 * @throws RangeError for another number of functions than of groups.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const scheduler = new optim.lrScheduler.LambdaLR(optimizer, (epoch) => 1 / (1 + epoch));
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.5]
 */
export class LambdaLR extends Functions {
  constructor(optimizer: Scheduled, lrLambda: RateFunction | readonly RateFunction[], options: SchedulerOptions = {}) {
    super(optimizer, lrLambda, optionsOf(options, 'LambdaLR', ['lastEpoch']));
  }

  override getLr(): number[] {
    return this.baseLrs.slice(0, this.lrLambdas.length).map((lr, i) => lr * this.factor(i));
  }
}

/**
 * Multiplies each group's rate at every step by `lrLambda` of the step: one function, or one for each group.
 * (`torch.optim.lr_scheduler.MultiplicativeLR`)
 * @throws RangeError for another number of functions than of groups.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const scheduler = new optim.lrScheduler.MultiplicativeLR(optimizer, () => 0.5);
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.5]
 */
export class MultiplicativeLR extends Functions {
  constructor(optimizer: Scheduled, lrLambda: RateFunction | readonly RateFunction[], options: SchedulerOptions = {}) {
    super(optimizer, lrLambda, optionsOf(options, 'MultiplicativeLR', ['lastEpoch']));
  }

  override getLr(): number[] {
    if (this.lastEpoch <= 0) return this.rates();
    return this.rates()
      .slice(0, this.lrLambdas.length)
      .map((lr, i) => lr * this.factor(i));
  }
}
