// Schedules that multiply the rate at certain steps or at every one.
import { CressetError } from '../../errors.js';
import { integerOf, numberOf, optionsOf, wrongType } from '../../functional/check.js';
import { Counter } from './counter.js';
import { finite, LRScheduler, type Scheduled, type SchedulerOptions, type SchedulerStateDict } from './scheduler.js';

/** Throws unless `value` is a whole number from 1 up. */
export function positive(value: number, name: string, option: string): number {
  if (integerOf(value, name, option) < 1)
    throw new RangeError(`${name}: ${option} must be a positive integer, got ${value}`);
  return value;
}

function between(value: number, name: string, option: string, above = false): number {
  const low = above ? value > 0 : value >= 0;
  if (!(numberOf(value, name, option) <= 1 && low))
    throw new RangeError(`${name}: ${option} must be between 0 and 1${above ? ', and not 0' : ''}, got ${value}`);
  return value;
}

/**
 * Multiplies the rates by `gamma` (default 0.1) every `stepSize` steps. (`torch.optim.lr_scheduler.StepLR`)
 * @throws RangeError for a `stepSize` below 1.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 0.5 });
 * const scheduler = new optim.lrScheduler.StepLR(optimizer, 2, { gamma: 0.5 });
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   rates.push(optimizer.paramGroups[0].lr);
 *   optimizer.step();
 *   scheduler.step();
 * }
 * rates; // [0.5, 0.5, 0.25, 0.25]
 */
export class StepLR extends LRScheduler {
  gamma: number;
  stepSize: number;

  constructor(optimizer: Scheduled, stepSize: number, options: SchedulerOptions & { gamma?: number } = {}) {
    super(optimizer, optionsOf(options, 'StepLR', ['gamma', 'lastEpoch']));
    this.stepSize = positive(stepSize, 'StepLR', 'stepSize');
    this.gamma = finite(options.gamma ?? 0.1, 'StepLR', 'gamma');
    this.start();
  }

  override getLr(): number[] {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0 ? this.rates() : this.scaled(this.gamma);
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** Math.floor(this.lastEpoch / this.stepSize));
  }
}

/**
 * Multiplies the rates by `gamma` (default 0.1) at each of the steps in `milestones`, for each time that it stands there.
 * (`torch.optim.lr_scheduler.MultiStepLR`)
 * @throws TypeError for milestones that are no integers.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 0.5 });
 * const scheduler = new optim.lrScheduler.MultiStepLR(optimizer, [1], { gamma: 0.5 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.25]
 */
export class MultiStepLR extends LRScheduler {
  gamma: number;
  /** How often each step stands among the milestones. */
  milestones: Counter;

  constructor(optimizer: Scheduled, milestones: Iterable<number>, options: SchedulerOptions & { gamma?: number } = {}) {
    super(optimizer, optionsOf(options, 'MultiStepLR', ['gamma', 'lastEpoch']));
    if (typeof milestones?.[Symbol.iterator] !== 'function')
      wrongType('MultiStepLR', 'milestones', 'an iterable of integers', milestones);
    this.milestones = Counter.of([...milestones].map((step) => integerOf(step, 'MultiStepLR', 'milestones')));
    this.gamma = finite(options.gamma ?? 0.1, 'MultiStepLR', 'gamma');
    this.start();
  }

  override getLr(): number[] {
    const times = this.milestones.get(this.lastEpoch);
    return times === undefined ? this.rates() : this.scaled(this.gamma ** Number(times));
  }

  protected override closedForm(): number[] {
    const passed = [...this.milestones]
      .filter(([step]) => Number(step) <= this.lastEpoch)
      .reduce((sum, [, times]) => sum + Number(times), 0);
    return this.baseLrs.map((lr) => lr * this.gamma ** passed);
  }

  protected override checked(fields: SchedulerStateDict, name: string): SchedulerStateDict {
    const given = fields.milestones as object;
    const entries: [unknown, unknown][] = given instanceof Map ? [...given] : Object.entries(given);
    const milestones = entries.map(([step, times]): [number, number] => [Number(step), Number(times)]);
    for (const [step, times] of milestones)
      if (!Number.isInteger(step) || !Number.isInteger(times))
        throw new CressetError(`${name}: milestones must be counts of integers, got ${times} times ${step}`);
    return { ...fields, milestones: new Counter(milestones) };
  }
}

/**
 * The rates times `factor` (default 1 / 3) for the first `totalIters` steps (default 5). (`torch.optim.lr_scheduler.ConstantLR`)
 * @throws RangeError for a factor outside (0, 1].
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 0.5 });
 * new optim.lrScheduler.ConstantLR(optimizer, { factor: 0.5, totalIters: 2 }).getLastLr(); // [0.25]
 */
export class ConstantLR extends LRScheduler {
  factor: number;
  totalIters: number;

  constructor(optimizer: Scheduled, options: SchedulerOptions & { factor?: number; totalIters?: number } = {}) {
    super(optimizer, optionsOf(options, 'ConstantLR', ['factor', 'totalIters', 'lastEpoch']));
    this.factor = between(options.factor ?? 1 / 3, 'ConstantLR', 'factor', true);
    this.totalIters = integerOf(options.totalIters ?? 5, 'ConstantLR', 'totalIters');
    this.start();
  }

  override getLr(): number[] {
    if (this.lastEpoch === 0) return this.scaled(this.factor);
    return this.lastEpoch === this.totalIters ? this.scaled(1 / this.factor) : this.rates();
  }

  protected override closedForm(): number[] {
    const factor = this.factor + (this.lastEpoch >= this.totalIters ? 1 - this.factor : 0);
    return this.baseLrs.map((lr) => lr * factor);
  }
}

/**
 * The rates times a factor that goes straight from `startFactor` (default 1 / 3) to `endFactor` (default 1) over `totalIters` steps
 * (default 5): a warm-up. (`torch.optim.lr_scheduler.LinearLR`)
 * @throws RangeError for a `startFactor` outside (0, 1] or an `endFactor` outside [0, 1].
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const scheduler = new optim.lrScheduler.LinearLR(optimizer, { startFactor: 0.5, totalIters: 2 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.75]
 */
export class LinearLR extends LRScheduler {
  startFactor: number;
  endFactor: number;
  totalIters: number;

  constructor(
    optimizer: Scheduled,
    options: SchedulerOptions & { startFactor?: number; endFactor?: number; totalIters?: number } = {},
  ) {
    super(optimizer, optionsOf(options, 'LinearLR', ['startFactor', 'endFactor', 'totalIters', 'lastEpoch']));
    this.startFactor = between(options.startFactor ?? 1 / 3, 'LinearLR', 'startFactor', true);
    this.endFactor = between(options.endFactor ?? 1, 'LinearLR', 'endFactor');
    this.totalIters = integerOf(options.totalIters ?? 5, 'LinearLR', 'totalIters');
    this.start();
  }

  override getLr(): number[] {
    if (this.lastEpoch === 0) return this.scaled(this.startFactor);
    if (this.lastEpoch > this.totalIters) return this.rates();
    const rise = this.endFactor - this.startFactor;
    return this.scaled(1 + rise / (this.totalIters * this.startFactor + (this.lastEpoch - 1) * rise));
  }

  protected override closedForm(): number[] {
    const rise = this.endFactor - this.startFactor;
    const step = Math.min(this.totalIters, this.lastEpoch);
    return this.baseLrs.map((lr) => lr * (this.startFactor + (rise * step) / this.totalIters));
  }
}

/**
 * Multiplies the rates by `gamma` at every step. (`torch.optim.lr_scheduler.ExponentialLR`)
 * @throws TypeError for a `gamma` that is no number.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const scheduler = new optim.lrScheduler.ExponentialLR(optimizer, 0.5);
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.5]
 */
export class ExponentialLR extends LRScheduler {
  gamma: number;

  constructor(optimizer: Scheduled, gamma: number, options: SchedulerOptions = {}) {
    super(optimizer, optionsOf(options, 'ExponentialLR', ['lastEpoch']));
    this.gamma = finite(gamma, 'ExponentialLR', 'gamma');
    this.start();
  }

  override getLr(): number[] {
    return this.lastEpoch === 0 ? this.rates() : this.scaled(this.gamma);
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch);
  }
}

/**
 * The rates times `(1 - step / totalIters)^power`, and 0 from step `totalIters` (default 5) on; `power` is 1 by default.
 * (`torch.optim.lr_scheduler.PolynomialLR`)
 * @throws RangeError for a `totalIters` below 1.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const scheduler = new optim.lrScheduler.PolynomialLR(optimizer, { totalIters: 4 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.75]
 */
export class PolynomialLR extends LRScheduler {
  totalIters: number;
  power: number;

  constructor(optimizer: Scheduled, options: SchedulerOptions & { totalIters?: number; power?: number } = {}) {
    super(optimizer, optionsOf(options, 'PolynomialLR', ['totalIters', 'power', 'lastEpoch']));
    this.totalIters = positive(options.totalIters ?? 5, 'PolynomialLR', 'totalIters');
    this.power = finite(options.power ?? 1, 'PolynomialLR', 'power');
    this.start();
  }

  override getLr(): number[] {
    if (this.lastEpoch === 0 || this.lastEpoch > this.totalIters) return this.rates();
    const rest = (1 - this.lastEpoch / this.totalIters) / (1 - (this.lastEpoch - 1) / this.totalIters);
    return this.scaled(rest ** this.power);
  }

  protected override closedForm(): number[] {
    const rest = 1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters;
    return this.baseLrs.map((lr) => lr * rest ** this.power);
  }
}
