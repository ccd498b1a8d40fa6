// One cycle of the rates over a whole training.
import { CressetError } from '../../errors.js';
import { describe, flag, numberOf, optionsOf } from '../../functional/check.js';
import { checkMomentum, setMomentum, startMomentum, usesBeta1 } from './momentum.js';
import {
  checkOptimizer,
  finite,
  forGroups,
  groupsOf,
  LRScheduler,
  type Scheduled,
  type ScheduledGroup,
  type SchedulerOptions,
  type SchedulerStateDict,
} from './scheduler.js';
import { positive } from './simple.js';

/** Options of OneCycleLR. */
export interface OneCycleLROptions extends SchedulerOptions {
  /** Steps of the whole training; or `epochs` and `stepsPerEpoch`. */
  totalSteps?: number;
  epochs?: number;
  stepsPerEpoch?: number;
  /** The part of the steps that goes up. Default 0.3. */
  pctStart?: number;
  /** Along a cosine or a straight line. Default 'cos'. */
  annealStrategy?: 'cos' | 'linear';
  /** Move the momentum the other way. Default true. */
  cycleMomentum?: boolean;
  /** The momentum at the top, for all groups or each. Default 0.85. */
  baseMomentum?: number | readonly number[];
  /** The momentum at the start and the end, for all groups or each. Default 0.95. */
  maxMomentum?: number | readonly number[];
  /** By how much `maxLr` is divided at the start. Default 25. */
  divFactor?: number;
  /** By how much that is divided at the end. Default 10,000. */
  finalDivFactor?: number;
  /** Down to the rate of the start in as many steps as up, then on to that of the end. Default false. */
  threePhase?: boolean;
}

type Bound = 'initial_lr' | 'max_lr' | 'min_lr' | 'max_momentum' | 'base_momentum';
const bounds = {
  initial_lr: 'initialLr',
  max_lr: 'maxLr',
  min_lr: 'minLr',
  max_momentum: 'maxMomentum',
  base_momentum: 'baseMomentum',
} as const satisfies Record<Bound, keyof ScheduledGroup>;

// By PyTorch's keys, as they are saved.
interface Phase {
  end_step: number;
  start_lr: Bound;
  end_lr: Bound;
  start_momentum: Bound;
  end_momentum: Bound;
}

function phasesOf(total: number, pctStart: number, three: boolean): Phase[] {
  const [low, top] = ['max_momentum', 'base_momentum'] as const; // of the rates: momentum goes the other way
  const phase = (end_step: number, start_lr: Bound, end_lr: Bound, start_momentum: Bound, end_momentum: Bound) => ({
    ...{ end_step, start_lr, end_lr, start_momentum, end_momentum },
  });
  const up = phase(pctStart * total - 1, 'initial_lr', 'max_lr', low, top);
  if (!three) return [up, phase(total - 1, 'max_lr', 'min_lr', top, low)];
  const down = phase(2 * pctStart * total - 2, 'max_lr', 'initial_lr', top, low);
  return [up, down, phase(total - 1, 'initial_lr', 'min_lr', low, low)];
}

function checkPhase(phase: unknown, name: string): void {
  const { end_step, ...rest } = (phase ?? {}) as Partial<Phase>;
  const ends = [rest.start_lr, rest.end_lr, rest.start_momentum, rest.end_momentum];
  if (!Number.isFinite(end_step) || !ends.every((key) => Object.hasOwn(bounds, key as Bound)))
    throw new CressetError(`${name}: _schedule_phases holds what is no phase: ${JSON.stringify(phase)}`);
}

function totalStepsOf({ totalSteps, epochs, stepsPerEpoch }: OneCycleLROptions, name: string): number {
  if (totalSteps !== undefined) return positive(totalSteps, name, 'totalSteps');
  if (epochs === undefined || stepsPerEpoch === undefined)
    throw new CressetError(`${name}: you must define either totalSteps or epochs and stepsPerEpoch`);
  return positive(epochs, name, 'epochs') * positive(stepsPerEpoch, name, 'stepsPerEpoch');
}

/**
 * The rates from `maxLr / divFactor` up to `maxLr` and down to nearly nothing, once; `maxLr` is a number or one for each group. To be stepped
 * after every batch. (Smith & Topin 2017; `torch.optim.lr_scheduler.OneCycleLR`)
 * @throws CressetError without a number of steps, where the optimizer has no momentum to cycle, or past the last step; RangeError for options out
 * of range.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1, momentum: 0.9 });
 * const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, 1, { totalSteps: 10, divFactor: 4, annealStrategy: 'linear' });
 * scheduler.getLastLr(); // [0.25]
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.625]
 */
export class OneCycleLR extends LRScheduler {
  totalSteps: number;
  schedulePhases: Phase[];
  annealFuncType: string;
  cycleMomentum: boolean;
  declare useBeta1?: boolean;

  constructor(optimizer: Scheduled, maxLr: number | readonly number[], options: OneCycleLROptions = {}) {
    const name = 'OneCycleLR';
    checkOptimizer(optimizer, name);
    const {
      lastEpoch = -1,
      pctStart = 0.3,
      annealStrategy = 'cos',
      threePhase,
    } = optionsOf(options, name, [
      'totalSteps',
      'epochs',
      'stepsPerEpoch',
      'pctStart',
      'annealStrategy',
      'cycleMomentum',
      'baseMomentum',
      'maxMomentum',
      'divFactor',
      'finalDivFactor',
      'threePhase',
      'lastEpoch',
    ]);
    const { divFactor = 25, finalDivFactor = 1e4, baseMomentum = 0.85, maxMomentum = 0.95 } = options;
    const totalSteps = totalStepsOf(options, name);
    if (!(numberOf(pctStart, name, 'pctStart') >= 0 && pctStart <= 1))
      throw new RangeError(`${name}: pctStart must be between 0 and 1, got ${pctStart}`);
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear')
      throw new TypeError(`${name}: annealStrategy must be 'cos' or 'linear', got ${describe(annealStrategy)}`);
    const maxLrs = forGroups(maxLr, optimizer, name, 'maxLr').map((lr) => finite(lr, name, 'maxLr'));
    const cycleMomentum = flag(options.cycleMomentum, name, 'cycleMomentum', true);
    const useBeta1 = cycleMomentum && usesBeta1(optimizer, name);
    const base = forGroups(baseMomentum, optimizer, name, 'baseMomentum').map((m) => finite(m, name, 'baseMomentum'));
    const max = forGroups(maxMomentum, optimizer, name, 'maxMomentum').map((m) => finite(m, name, 'maxMomentum'));
    for (const [option, factor] of Object.entries({ divFactor, finalDivFactor }))
      if (!(finite(factor, name, option) > 0))
        throw new RangeError(`${name}: ${option} must be above 0, got ${factor}`);
    if (lastEpoch === -1) {
      groupsOf(optimizer).forEach((group, i) => {
        group.initialLr = maxLrs[i]! / divFactor;
        group.maxLr = maxLrs[i]!;
        group.minLr = group.initialLr / finalDivFactor;
      });
      if (cycleMomentum) startMomentum(optimizer, base, max, useBeta1);
    }
    super(optimizer, options);
    this.totalSteps = totalSteps;
    this.schedulePhases = phasesOf(totalSteps, pctStart, flag(threePhase, name, 'threePhase'));
    this.annealFuncType = annealStrategy;
    this.cycleMomentum = cycleMomentum;
    if (cycleMomentum) this.useBeta1 = useBeta1;
    this.start();
  }

  protected override checked(fields: SchedulerStateDict, name: string): SchedulerStateDict {
    checkMomentum(this, fields, name);
    for (const phase of fields.schedulePhases as unknown[]) checkPhase(phase, name);
    return fields;
  }

  #between(start: number, end: number, part: number): number {
    return this.annealFuncType === 'linear'
      ? (end - start) * part + start
      : end + ((start - end) / 2) * (Math.cos(Math.PI * part) + 1);
  }

  override getLr(): number[] {
    const step = this.lastEpoch;
    if (step > this.totalSteps)
      throw new CressetError(
        `OneCycleLR: tried to step ${step} times; the specified number of total steps is ${this.totalSteps}`,
      );
    const found = this.schedulePhases.findIndex(({ end_step }) => step <= end_step);
    const at = found < 0 ? this.schedulePhases.length - 1 : found;
    const phase = this.schedulePhases[at]!;
    const first = at === 0 ? 0 : this.schedulePhases[at - 1]!.end_step;
    const part = phase.end_step === first ? 1 : (step - first) / (phase.end_step - first);
    return groupsOf(this.optimizer).map((group, i) => {
      const bound = (key: Bound): number => {
        const value = group[bounds[key]];
        if (value === undefined)
          throw new CressetError(`OneCycleLR: param '${bounds[key]}' is not specified in paramGroups[${i}]`);
        return value;
      };
      const value = (start: Bound, end: Bound) => this.#between(bound(start), bound(end), part);
      if (this.cycleMomentum) setMomentum(group, value(phase.start_momentum, phase.end_momentum), this.useBeta1!);
      return value(phase.start_lr, phase.end_lr);
    });
  }
}
