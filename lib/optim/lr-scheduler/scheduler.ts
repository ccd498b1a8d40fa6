// What all schedulers share: the learning rates they start from, how many steps they have taken, and their saved form.
import { CressetError } from '../../errors.js';
import { describe, integerOf, numberOf } from '../../functional/check.js';
import { Optimizer } from '../optimizer.js';
import { snakeCase } from '../state.js';

/** What schedulers read and write of a group of parameters. */
export interface ScheduledGroup {
  lr: number;
  momentum?: number;
  betas?: readonly [number, number];
  /** The learning rate that schedules start from; saved with the optimizer. */
  initialLr?: number;
  maxLr?: number;
  minLr?: number;
  maxMomentum?: number;
  baseMomentum?: number;
}

/** An optimizer with a learning rate. */
export type Scheduled = Optimizer<{ lr: number }>;

/** The state of a scheduler as PyTorch saves it, by its keys. */
export type SchedulerStateDict = Record<string, unknown>;

/** Options of every scheduler. */
export interface SchedulerOptions {
  /** How many steps a training that is resumed had taken, less one; the groups need `initialLr` then. Default -1: a new one. */
  lastEpoch?: number;
}

export const groupsOf = (optimizer: Scheduled): ScheduledGroup[] => optimizer.paramGroups as ScheduledGroup[];

/** Throws unless `optimizer` is one. */
export function checkOptimizer(optimizer: Scheduled, name: string): void {
  if (!(optimizer instanceof Optimizer)) throw new TypeError(`${name}: ${describe(optimizer)} is not an Optimizer`);
}

/** `value` for each group: a list of one for each, or the same for all. */
export function forGroups<T>(value: T | readonly T[], optimizer: Scheduled, name: string, option: string): T[] {
  const count = optimizer.paramGroups.length;
  if (!Array.isArray(value)) return new Array<T>(count).fill(value as T);
  if (value.length !== count)
    throw new RangeError(
      `${name}: ${option} must have the same length as optimizer.paramGroups: it has ${value.length} values, paramGroups has ${count}`,
    );
  return [...value];
}

/** Throws unless `value` is a number that is neither NaN nor infinite. */
export function finite(value: number, name: string, option: string): number {
  if (!Number.isFinite(numberOf(value, name, option)))
    throw new RangeError(`${name}: ${option} must be finite, got ${value}`);
  return value;
}

// What PyTorch calls an attribute where that is not its snake case.
const names: Record<string, string> = {
  tMax: 'T_max',
  t0: 'T_0',
  tMult: 'T_mult',
  tI: 'T_i',
  tCur: 'T_cur',
  stepCount: '_step_count',
  lastLr: '_last_lr',
  sequence: '_milestones',
  schedulePhases: '_schedule_phases',
  annealFuncType: '_anneal_func_type',
};
const pythonName = (key: string): string => names[key] ?? snakeCase(key);

const copied = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(copied) : value?.constructor === Object ? { ...value } : value;

function kindOf(value: unknown): string {
  if (value === null || Number.isNaN(value)) return String(value);
  if (!Array.isArray(value)) return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
  return value.every((item) => kindOf(item) === 'a number') ? 'an array of numbers' : 'an array';
}

// A number, or null where each group has its own.
const nullable = 'default_min_lr';

/**
 * Something that sets the learning rates of an optimizer's groups step by step. Its fields, but for the optimizer and functions, are its
 * state. (`torch.optim.lr_scheduler.LRScheduler`)
 */
export abstract class Scheduler {
  /** The learning rates that were set last. */
  protected lastLr: number[] = [];

  constructor(readonly optimizer: Scheduled) {}

  /** The learning rates that the last step set, one for each group. (`get_last_lr`) */
  getLastLr(): number[] {
    return [...this.lastLr];
  }

  /** Fields that are not part of the state. */
  protected unsaved(): readonly string[] {
    return ['optimizer'];
  }

  /** What PyTorch saves beside the fields that are used here. */
  protected foreign(): SchedulerStateDict {
    return {};
  }

  /** The values of fields by PyTorch's names. (`state_dict`) */
  stateDict(): SchedulerStateDict {
    const kept = Object.entries(this).filter(([key]) => !this.unsaved().includes(key));
    return { ...Object.fromEntries(kept.map(([key, value]) => [pythonName(key), copied(value)])), ...this.foreign() };
  }

  /**
   * Goes on where `stateDict`, here or in Python, left off; the optimizer's own state must be loaded too. (`load_state_dict`)
   * @throws CressetError where something is missing or of another kind; nothing has changed then.
   */
  loadStateDict(state: SchedulerStateDict): void {
    this.prepare(state)();
  }

  /** Checks a whole state, and gives what takes it over. @internal */
  prepare(state: SchedulerStateDict): () => void {
    const name = `${this.constructor.name}.loadStateDict`;
    if (typeof state !== 'object' || state === null)
      throw new TypeError(`${name}: expected the state of a scheduler, got ${describe(state)}`);
    const given = new Map(state instanceof Map ? state : Object.entries(state));
    const values: [string, unknown][] = [];
    for (const [key, own] of Object.entries(this)) {
      if (this.unsaved().includes(key)) continue;
      const python = pythonName(key);
      if (!given.has(python)) throw new CressetError(`${name}: the state has no ${python}`);
      const value = given.get(python);
      if (kindOf(own) !== kindOf(value) && python !== nullable)
        throw new CressetError(`${name}: ${python} must be ${kindOf(own)}, got ${describe(value)}`);
      values.push([key, copied(value)]);
    }
    const fields = this.checked(Object.fromEntries(values), name);
    return () => Object.assign(this, fields);
  }

  /** The fields of a state, in the kinds they are used in; throws where they do not fit this scheduler. */
  protected checked(fields: SchedulerStateDict, _name: string): SchedulerStateDict {
    return fields;
  }

  /** Sets the learning rates of all groups; NaN would spoil the parameters at the next step. */
  protected setRates(rates: readonly number[]): void {
    rates.forEach((rate, i) => {
      if (!Number.isFinite(rate))
        throw new CressetError(`${this.constructor.name}: the learning rate of paramGroups[${i}] would become ${rate}`);
    });
    groupsOf(this.optimizer).forEach((group, i) => {
      if (i < rates.length) group.lr = rates[i]!;
    });
    this.noteRates();
  }

  /** Notes what the rates are. */
  protected noteRates(): void {
    this.lastLr = groupsOf(this.optimizer).map((group) => group.lr);
  }
}

/**
 * A schedule over the number of steps. Subclasses say in `getLr` what the rates become at step `lastEpoch`; call `start` at the end of their
 * constructor. (`torch.optim.lr_scheduler.LRScheduler`)
 * @throws TypeError for what is no optimizer, CressetError where a training is resumed and a group has no `initialLr`.
 * @example
 * import { optim, zeros } from 'cresset';
 * class Halving extends optim.lrScheduler.LRScheduler {
 *   constructor(optimizer) {
 *     super(optimizer);
 *     this.start();
 *   }
 *   getLr() {
 *     return this.baseLrs.map((lr) => lr / 2 ** this.lastEpoch);
 *   }
 * }
 * const optimizer = new optim.SGD([zeros([1])], { lr: 0.1 });
 * const scheduler = new Halving(optimizer);
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.05]
 */
export abstract class LRScheduler extends Scheduler {
  /** The learning rates that the schedule starts from. */
  baseLrs: number[];

  /** The number of the step whose rates are set: 0 from the beginning. */
  lastEpoch: number;

  protected stepCount = 0;

  constructor(optimizer: Scheduled, options: SchedulerOptions = {}) {
    super(optimizer);
    const name = this.constructor.name;
    checkOptimizer(optimizer, name);
    this.lastEpoch = integerOf(options.lastEpoch ?? -1, name, 'lastEpoch');
    this.baseLrs = groupsOf(optimizer).map((group, i) => {
      if (this.lastEpoch === -1) group.initialLr ??= group.lr;
      if (group.initialLr === undefined)
        throw new CressetError(
          `${name}: param 'initialLr' is not specified in paramGroups[${i}] when resuming an optimizer`,
        );
      return group.initialLr;
    });
  }

  protected override foreign(): SchedulerStateDict {
    return { verbose: false, _get_lr_called_within_step: false };
  }

  /** Sets the first rates: the last thing that a constructor does. */
  start(): void {
    this.stepCount = 0;
    this.step();
  }

  /** The rates at step `lastEpoch`, one for each group, from those before. (`get_lr`) */
  abstract getLr(): number[];

  /** The rates at step `lastEpoch`, whatever they were before. */
  protected closedForm(): number[] {
    return this.getLr();
  }

  /**
   * Sets the rates of the next step, after the optimizer's; with `epoch` those of that one. (`step`)
   * @throws TypeError for an epoch that is no number.
   */
  step(epoch?: number): void {
    if (this.stepCount === 1 && !this.optimizer.stepped)
      process.emitWarning(
        `${this.constructor.name}: step() was called before the optimizer's step(): the first learning rate of the schedule is skipped`,
      );
    this.stepCount++;
    if (epoch === undefined) this.lastEpoch++;
    else this.lastEpoch = integerOf(epoch, this.constructor.name, 'epoch');
    this.setRates(epoch === undefined ? this.getLr() : this.closedForm());
  }

  /** The rates as they are. */
  protected rates(): number[] {
    return groupsOf(this.optimizer).map((group) => group.lr);
  }

  /** The rates as they are, times `factor`. */
  protected scaled(factor: number): number[] {
    return this.rates().map((lr) => lr * factor);
  }
}
