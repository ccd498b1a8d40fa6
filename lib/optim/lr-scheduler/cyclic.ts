// Rates that go up and down between two bounds.
import { CressetError } from '../../errors.js';
import { describe, flag, optionsOf, wrongType } from '../../functional/check.js';
import { checkMomentum, setMomentum, startMomentum, usesBeta1 } from './momentum.js';
import {
  checkOptimizer,
  finite,
  forGroups,
  groupsOf,
  LRScheduler,
  type Scheduled,
  type SchedulerOptions,
  type SchedulerStateDict,
} from './scheduler.js';

/** Options of CyclicLR. */
export interface CyclicLROptions extends SchedulerOptions {
  /** Steps up. Default 2000. */
  stepSizeUp?: number;
  /** Steps down. Default `stepSizeUp`. */
  stepSizeDown?: number;
  /** The height of later cycles: the same, half of that before, or `gamma` to the power of the step. Default 'triangular'. */
  mode?: 'triangular' | 'triangular2' | 'exp_range';
  /** See `mode`. Default 1. */
  gamma?: number;
  /** The height, from 0 to 1, of the cycle's or step's number; instead of `mode`. */
  scaleFn?: (x: number) => number;
  /** What `scaleFn` is given: the number of the cycle, from 1 up, or of the step. Default 'cycle'. */
  scaleMode?: 'cycle' | 'iterations';
  /** Move the momentum the other way. Default true. */
  cycleMomentum?: boolean;
  /** The momentum at the top, for all groups or each. Default 0.8. */
  baseMomentum?: number | readonly number[];
  /** The momentum at the bottom, for all groups or each. Default 0.9. */
  maxMomentum?: number | readonly number[];
}

/**
 * The rates from `baseLr` up to `maxLr` and down again, over and over, in straight lines; each a number or a list of one for each group. To be
 * stepped after every batch. (Smith 2015; `torch.optim.lr_scheduler.CyclicLR`)
 * @throws CressetError where the optimizer has no momentum to cycle, RangeError for lists of another length than there are groups.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1, momentum: 0.9 });
 * const scheduler = new optim.lrScheduler.CyclicLR(optimizer, 0.5, 1, { stepSizeUp: 2 });
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.75]
 * optimizer.paramGroups[0].momentum.toFixed(4); // '0.8500'
 */
export class CyclicLR extends LRScheduler {
  maxLrs: number[];
  /** Steps of one cycle. */
  totalSize: number;
  /** The part of them that goes up. */
  stepRatio: number;
  mode: string;
  gamma: number;
  scaleMode: string;
  readonly scaleFn: ((x: number) => number) | undefined;
  cycleMomentum: boolean;
  declare useBeta1?: boolean;
  declare baseMomentums?: number[];
  declare maxMomentums?: number[];

  constructor(
    optimizer: Scheduled,
    baseLr: number | readonly number[],
    maxLr: number | readonly number[],
    options: CyclicLROptions = {},
  ) {
    const name = 'CyclicLR';
    checkOptimizer(optimizer, name);
    const {
      lastEpoch = -1,
      stepSizeUp = 2000,
      mode = 'triangular',
      gamma = 1,
      scaleFn,
    } = optionsOf(options, name, [
      'stepSizeUp',
      'stepSizeDown',
      'mode',
      'gamma',
      'scaleFn',
      'scaleMode',
      'cycleMomentum',
      'baseMomentum',
      'maxMomentum',
      'lastEpoch',
    ]);
    const { stepSizeDown = stepSizeUp, scaleMode = 'cycle', baseMomentum = 0.8, maxMomentum = 0.9 } = options;
    const baseLrs = forGroups(baseLr, optimizer, name, 'baseLr').map((lr) => finite(lr, name, 'baseLr'));
    const maxLrs = forGroups(maxLr, optimizer, name, 'maxLr').map((lr) => finite(lr, name, 'maxLr'));
    if (!(finite(stepSizeUp, name, 'stepSizeUp') > 0 && finite(stepSizeDown, name, 'stepSizeDown') >= 0))
      throw new RangeError(
        `${name}: stepSizeUp must be above 0 and stepSizeDown not below, got ${stepSizeUp} and ${stepSizeDown}`,
      );
    finite(gamma, name, 'gamma');
    if (scaleFn !== undefined && typeof scaleFn !== 'function') wrongType(name, 'scaleFn', 'a function', scaleFn);
    if (!['triangular', 'triangular2', 'exp_range'].includes(mode) && scaleFn === undefined)
      throw new TypeError(
        `${name}: mode must be 'triangular', 'triangular2' or 'exp_range' where there is no scaleFn, got ${describe(mode)}`,
      );
    if (scaleMode !== 'cycle' && scaleMode !== 'iterations')
      throw new TypeError(`${name}: scaleMode must be 'cycle' or 'iterations', got ${describe(scaleMode)}`);
    const cycleMomentum = flag(options.cycleMomentum, name, 'cycleMomentum', true);
    const useBeta1 = cycleMomentum && usesBeta1(optimizer, name);
    const base = forGroups(baseMomentum, optimizer, name, 'baseMomentum').map((m) => finite(m, name, 'baseMomentum'));
    const max = forGroups(maxMomentum, optimizer, name, 'maxMomentum').map((m) => finite(m, name, 'maxMomentum'));
    if (lastEpoch === -1) {
      groupsOf(optimizer).forEach((group, i) => {
        group.lr = baseLrs[i]!;
      });
      if (cycleMomentum) startMomentum(optimizer, base, max, useBeta1);
    }
    super(optimizer, options);
    this.maxLrs = maxLrs;
    this.totalSize = stepSizeUp + stepSizeDown;
    this.stepRatio = stepSizeUp / this.totalSize;
    this.mode = mode;
    this.gamma = gamma;
    this.scaleFn = scaleFn;
    this.scaleMode = scaleFn !== undefined ? scaleMode : mode === 'exp_range' ? 'iterations' : 'cycle';
    this.cycleMomentum = cycleMomentum;
    if (cycleMomentum) Object.assign(this, { useBeta1, baseMomentums: base, maxMomentums: max });
    this.start();
    this.baseLrs = baseLrs;
  }

  protected override unsaved(): readonly string[] {
    return ['optimizer', 'scaleFn'];
  }

  protected override checked(fields: SchedulerStateDict, name: string): SchedulerStateDict {
    checkMomentum(this, fields, name);
    const pairs = [
      ['baseLrs', 'maxLrs'],
      ['baseMomentums', 'maxMomentums'],
    ].map((keys) => keys.map((key) => (fields[key] as number[] | undefined)?.length));
    for (const [base, max] of pairs)
      if (base !== max)
        throw new CressetError(`${name}: there are ${base} values to start from but ${max} to go up to`);
    return fields;
  }

  /** A function is not saved, as in PyTorch. */
  protected override foreign(): SchedulerStateDict {
    return { ...super.foreign(), _scale_fn_custom: null };
  }

  /** The height of a cycle. */
  #scale(x: number): number {
    if (this.scaleFn !== undefined) return this.scaleFn(x);
    if (this.mode === 'triangular') return 1;
    return this.mode === 'triangular2' ? 1 / 2 ** (x - 1) : this.gamma ** x;
  }

  override getLr(): number[] {
    const { lastEpoch, totalSize, stepRatio } = this;
    const cycle = Math.floor(1 + lastEpoch / totalSize);
    const x = 1 + lastEpoch / totalSize - cycle;
    const height = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const scale = this.#scale(this.scaleMode === 'cycle' ? cycle : lastEpoch);
    if (this.cycleMomentum)
      groupsOf(this.optimizer)
        .slice(0, this.maxMomentums!.length)
        .forEach((group, i) => {
          const max = this.maxMomentums![i]!;
          setMomentum(group, max - (max - this.baseMomentums![i]!) * height * scale, this.useBeta1!);
        });
    return this.baseLrs.map((lr, i) => lr + (this.maxLrs[i]! - lr) * height * scale);
  }
}
