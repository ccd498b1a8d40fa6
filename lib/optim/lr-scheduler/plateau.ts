// Rates that go down when a value has stopped getting better.
import { CressetError } from '../../errors.js';
import { describe, integerOf, optionsOf, wrongType } from '../../functional/check.js';
import { Tensor } from '../../tensor.js';
import {
  checkOptimizer,
  finite,
  forGroups,
  groupsOf,
  type Scheduled,
  Scheduler,
  type SchedulerStateDict,
} from './scheduler.js';

/** Options of ReduceLROnPlateau. */
export interface ReduceLROnPlateauOptions {
  /** Whether smaller (`min`, as of losses) or larger (`max`, as of accuracies) is better. Default 'min'. */
  mode?: 'min' | 'max';
  /** What the rates are multiplied by. Default 0.1. */
  factor?: number;
  /** How many values in a row may pass without improvement. Default 10. */
  patience?: number;
  /** By how much a value must be better than the best. Default 1e-4. */
  threshold?: number;
  /** Whether `threshold` is a part of the best value or a difference. Default 'rel'. */
  thresholdMode?: 'rel' | 'abs';
  /** For how many values after a reduction none is counted. Default 0. */
  cooldown?: number;
  /** The smallest rate, of all groups or each. Default 0. */
  minLr?: number | readonly number[];
  /** Smaller reductions than this are not made. Default 1e-8. */
  eps?: number;
}

function checkModes({ mode, thresholdMode }: { mode?: unknown; thresholdMode?: unknown }, name: string): void {
  if (mode !== 'min' && mode !== 'max')
    throw new TypeError(`${name}: mode must be 'min' or 'max', got ${describe(mode)}`);
  if (thresholdMode !== 'rel' && thresholdMode !== 'abs')
    throw new TypeError(`${name}: thresholdMode must be 'rel' or 'abs', got ${describe(thresholdMode)}`);
}

/**
 * Multiplies the rates by `factor` after more than `patience` values in a row without improvement; a NaN is none.
 * (`torch.optim.lr_scheduler.ReduceLROnPlateau`)
 * @throws RangeError for a factor that is not below 1.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const scheduler = new optim.lrScheduler.ReduceLROnPlateau(optimizer, { factor: 0.5, patience: 1 });
 * for (const loss of [3, 2, 2, 2]) scheduler.step(loss);
 * scheduler.getLastLr(); // [0.5]
 */
export class ReduceLROnPlateau extends Scheduler {
  factor: number;
  defaultMinLr: number | null;
  minLrs: number[];
  patience: number;
  cooldown: number;
  cooldownCounter = 0;
  mode: 'min' | 'max';
  threshold: number;
  thresholdMode: 'rel' | 'abs';
  eps: number;
  lastEpoch = 0;
  /** Worse than any value. */
  modeWorse: number;
  /** The best value so far. */
  best: number;
  numBadEpochs = 0;

  constructor(optimizer: Scheduled, options: ReduceLROnPlateauOptions = {}) {
    super(optimizer);
    const name = 'ReduceLROnPlateau';
    checkOptimizer(optimizer, name);
    const {
      mode = 'min',
      factor = 0.1,
      patience = 10,
      threshold = 1e-4,
    } = optionsOf(options, name, [
      'mode',
      'factor',
      'patience',
      'threshold',
      'thresholdMode',
      'cooldown',
      'minLr',
      'eps',
    ]);
    const { thresholdMode = 'rel', cooldown = 0, minLr = 0, eps = 1e-8 } = options;
    if (!(finite(factor, name, 'factor') < 1)) throw new RangeError(`${name}: factor must be below 1, got ${factor}`);
    this.factor = factor;
    this.defaultMinLr = typeof minLr === 'number' ? minLr : null;
    this.minLrs = forGroups(minLr, optimizer, name, 'minLr').map((lr) => finite(lr, name, 'minLr'));
    this.patience = integerOf(patience, name, 'patience');
    this.cooldown = integerOf(cooldown, name, 'cooldown');
    this.mode = mode;
    this.threshold = finite(threshold, name, 'threshold');
    this.thresholdMode = thresholdMode;
    this.eps = finite(eps, name, 'eps');
    checkModes(this, name);
    this.modeWorse = this.best = mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.noteRates();
  }

  /**
   * Takes the next value, and sets the rates; a tensor of one element is waited for. (`step`)
   * @throws TypeError for anything else.
   */
  step(metric: number | Tensor): void {
    const value = metric instanceof Tensor ? metric.item() : metric;
    if (typeof value !== 'number') wrongType('ReduceLROnPlateau', 'metric', 'a number or a Tensor', value);
    this.lastEpoch++;
    if (this.isBetter(value, this.best)) {
      this.best = value;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.inCooldown) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.#reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.noteRates();
  }

  #reduce(): void {
    const groups = groupsOf(this.optimizer);
    if (groups.length !== this.minLrs.length) {
      if (this.defaultMinLr === null)
        throw new CressetError(
          `ReduceLROnPlateau: the optimizer has ${groups.length} parameter groups, but minLr was given for ${this.minLrs.length}; set minLrs for the new ones`,
        );
      this.minLrs = groups.map(() => this.defaultMinLr!);
    }
    groups.forEach((group, i) => {
      const lr = Math.max(group.lr * this.factor, this.minLrs[i]!);
      if (group.lr - lr > this.eps) group.lr = lr;
    });
  }

  /** Whether a reduction is so recent that nothing is counted. (`in_cooldown`) */
  get inCooldown(): boolean {
    return this.cooldownCounter > 0;
  }

  /** Whether `value` is better than `best` by the threshold. (`is_better`) */
  isBetter(value: number, best: number): boolean {
    const { threshold } = this;
    if (this.mode === 'min') return value < (this.thresholdMode === 'rel' ? best * (1 - threshold) : best - threshold);
    return value > (this.thresholdMode === 'rel' ? best * (threshold + 1) : best + threshold);
  }

  protected override foreign(): SchedulerStateDict {
    return { verbose: false };
  }

  protected override checked(fields: SchedulerStateDict, name: string): SchedulerStateDict {
    checkModes(fields, name);
    return fields;
  }
}
