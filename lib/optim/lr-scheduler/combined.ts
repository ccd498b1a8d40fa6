// Several schedules of one optimizer: one after the other, or all at once.
import { CressetError } from '../../errors.js';
import { describe, integersOf, optionsOf, wrongType } from '../../functional/check.js';
import { ReduceLROnPlateau } from './plateau.js';
import {
  checkOptimizer,
  groupsOf,
  LRScheduler,
  type Scheduled,
  Scheduler,
  type SchedulerStateDict,
} from './scheduler.js';

type Part = LRScheduler | SequentialLR | ChainedScheduler;

abstract class Combined extends Scheduler {
  // In PyTorch only those that others have started again have it.
  declare protected stepCount?: number;

  constructor(
    optimizer: Scheduled,
    readonly schedulers: readonly Part[],
  ) {
    super(optimizer);
    const { name } = this.constructor;
    checkOptimizer(optimizer, name);
    schedulers.forEach((scheduler, i) => {
      if (!(scheduler instanceof Scheduler)) wrongType(name, `schedulers[${i}]`, 'a scheduler', scheduler);
      if ((scheduler as Scheduler) instanceof ReduceLROnPlateau)
        throw new CressetError(
          `${name}: ReduceLROnPlateau, at schedulers[${i}], cannot be combined: its step needs a value`,
        );
      if (scheduler.optimizer !== optimizer)
        throw new CressetError(
          `${name}: all schedulers must belong to the same optimizer, but ${scheduler.constructor.name} at schedulers[${i}] has another`,
        );
    });
  }

  /** Takes the next step. */
  abstract step(): void;

  /** Takes the first step again. */
  start(): void {
    this.stepCount = 0;
    this.step();
  }

  /** Takes back the first step that each schedule took when it was made. */
  undo(): void {
    for (const scheduler of this.schedulers)
      if (scheduler instanceof LRScheduler) scheduler.lastEpoch--;
      else scheduler.undo();
  }

  protected override unsaved(): readonly string[] {
    return ['optimizer', 'schedulers'];
  }

  protected override foreign(): SchedulerStateDict {
    return { _schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  /** @internal */
  override prepare(state: SchedulerStateDict): () => void {
    const parts = (state as SchedulerStateDict | null | undefined)?._schedulers;
    if (!Array.isArray(parts) || parts.length !== this.schedulers.length)
      throw new CressetError(
        `${this.constructor.name}.loadStateDict: the state must have _schedulers, ${this.schedulers.length} of them, got ${describe(parts)}`,
      );
    const all = [super.prepare(state), ...this.schedulers.map((scheduler, i) => scheduler.prepare(parts[i]))];
    return () => {
      for (const load of all) load();
    };
  }
}

function listOf(schedulers: readonly Part[], name: string): readonly Part[] {
  if (!Array.isArray(schedulers)) wrongType(name, 'schedulers', 'an array of schedulers', schedulers);
  if (schedulers.length < 1) throw new CressetError(`${name}: expects at least one scheduler, but got none`);
  return [...schedulers];
}

/**
 * The `schedulers` one after the other, each from its beginning at its step in `milestones`, of which there is one less.
 * (`torch.optim.lr_scheduler.SequentialLR`)
 * @throws CressetError for schedulers of another optimizer, or another number of milestones.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const warmUp = new optim.lrScheduler.ConstantLR(optimizer, { factor: 0.5, totalIters: 10 });
 * const decay = new optim.lrScheduler.ExponentialLR(optimizer, 0.5);
 * const scheduler = new optim.lrScheduler.SequentialLR(optimizer, [warmUp, decay], [2]);
 * const rates = [];
 * for (let epoch = 0; epoch < 4; epoch++) {
 *   rates.push(scheduler.getLastLr()[0]);
 *   optimizer.step();
 *   scheduler.step();
 * }
 * rates; // [0.5, 0.5, 1, 0.5]
 */
export class SequentialLR extends Combined {
  /** The steps at which the schedules from the second on begin. */
  sequence: readonly number[];
  lastEpoch = 0;

  constructor(optimizer: Scheduled, schedulers: readonly Part[], milestones: readonly number[]) {
    const name = 'SequentialLR';
    super(optimizer, listOf(schedulers, name));
    this.sequence = [...integersOf(milestones, name, 'milestones')];
    if (this.sequence.length !== schedulers.length - 1)
      throw new CressetError(
        `${name}: expects one scheduler more than milestones, but got ${schedulers.length} and ${this.sequence.length}`,
      );
    for (const [i, scheduler] of schedulers.entries())
      if (i > 0 && !(scheduler instanceof LRScheduler))
        throw new CressetError(
          `${name}: a ${(scheduler as Part).constructor.name} can only come first, not at schedulers[${i}]`,
        );
    for (const group of groupsOf(optimizer)) group.lr = group.initialLr!;
    this.undo();
    this.schedulers[0]!.start();
    this.lastLr = this.schedulers[0]!.getLastLr();
  }

  protected override checked(fields: SchedulerStateDict, name: string): SchedulerStateDict {
    if ((fields.sequence as number[]).length !== this.sequence.length)
      throw new CressetError(
        `${name}: _milestones must be ${this.sequence.length} numbers, got ${describe(fields.sequence)}`,
      );
    return fields;
  }

  /** Sets the rates of the next step, after the optimizer's. (`step`) */
  step(): void {
    this.lastEpoch++;
    const at = this.sequence.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.schedulers[at]!;
    if (at > 0 && this.sequence[at - 1] === this.lastEpoch) (scheduler as LRScheduler).step(0);
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }
}

/**
 * All `schedulers` at each step, every one on what the one before has set. (`torch.optim.lr_scheduler.ChainedScheduler`)
 * @throws CressetError for schedulers of different optimizers.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const warmUp = new optim.lrScheduler.ConstantLR(optimizer, { factor: 0.5, totalIters: 2 });
 * const decay = new optim.lrScheduler.ExponentialLR(optimizer, 0.5);
 * const scheduler = new optim.lrScheduler.ChainedScheduler([warmUp, decay]);
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr(); // [0.25]
 */
export class ChainedScheduler extends Combined {
  constructor(schedulers: readonly Part[], options: { optimizer?: Scheduled } = {}) {
    const list = listOf(schedulers, 'ChainedScheduler');
    super(optionsOf(options, 'ChainedScheduler', ['optimizer']).optimizer ?? list[0]!.optimizer, list);
    this.noteRates();
  }

  /** Sets the rates of the next step, after the optimizer's. (`step`) */
  step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.noteRates();
  }
}
