// Schedules that follow half a wave of the cosine, once or again and again.
import { optionsOf } from '../../functional/check.js';
import { finite, LRScheduler, type Scheduled, type SchedulerOptions } from './scheduler.js';
import { positive } from './simple.js';

/**
 * The rates from where they start down to `etaMin` (default 0) over `tMax` steps, and up again over as many:
 * `etaMin + (base - etaMin) · (1 + cos(π · step / tMax)) / 2`. (`torch.optim.lr_scheduler.CosineAnnealingLR`)
 * @throws RangeError for a `tMax` that is not above 0.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const scheduler = new optim.lrScheduler.CosineAnnealingLR(optimizer, 4);
 * optimizer.step();
 * scheduler.step();
 * scheduler.getLastLr()[0].toFixed(4); // '0.8536'
 */
export class CosineAnnealingLR extends LRScheduler {
  tMax: number;
  etaMin: number;

  constructor(optimizer: Scheduled, tMax: number, options: SchedulerOptions & { etaMin?: number } = {}) {
    super(optimizer, optionsOf(options, 'CosineAnnealingLR', ['etaMin', 'lastEpoch']));
    this.tMax = finite(tMax, 'CosineAnnealingLR', 'tMax');
    if (!(tMax > 0)) throw new RangeError(`CosineAnnealingLR: tMax must be above 0, got ${tMax}`);
    this.etaMin = finite(options.etaMin ?? 0, 'CosineAnnealingLR', 'etaMin');
    this.start();
  }

  override getLr(): number[] {
    const { lastEpoch, tMax, etaMin } = this;
    if (lastEpoch === 0) return this.rates();
    if (this.stepCount === 1 && lastEpoch > 0) return this.closedForm();
    // At the bottom of the wave the quotient below would be 0 / 0.
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0)
      return this.rates()
        .slice(0, this.baseLrs.length)
        .map((lr, i) => lr + ((this.baseLrs[i]! - etaMin) * (1 - Math.cos(Math.PI / tMax))) / 2);
    const now = 1 + Math.cos((Math.PI * lastEpoch) / tMax);
    const before = 1 + Math.cos((Math.PI * (lastEpoch - 1)) / tMax);
    return this.rates().map((lr) => (now / before) * (lr - etaMin) + etaMin);
  }

  protected override closedForm(): number[] {
    const { lastEpoch, tMax, etaMin } = this;
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / tMax))) / 2);
  }
}

/** Options of CosineAnnealingWarmRestarts. */
export interface WarmRestartsOptions extends SchedulerOptions {
  /** How many times as long each wave is as the one before. Default 1. */
  tMult?: number;
  /** The smallest rate. Default 0. */
  etaMin?: number;
}

/**
 * The rates from where they start down to `etaMin` along a cosine over `t0` steps, then from the start again over `tMult` times as many. After
 * every batch, `step(epoch + batch / batches)`. (Loshchilov & Hutter 2016; `torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`)
 * @throws RangeError for a `t0` or `tMult` below 1.
 * @example
 * import { optim, zeros } from 'cresset';
 * const optimizer = new optim.SGD([zeros([1])], { lr: 1 });
 * const scheduler = new optim.lrScheduler.CosineAnnealingWarmRestarts(optimizer, 2);
 * scheduler.step(1.5);
 * scheduler.getLastLr()[0].toFixed(4); // '0.1464'
 * scheduler.step(2);
 * scheduler.getLastLr(); // [1]
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  t0: number;
  /** The length of the wave that the schedule is in. */
  tI: number;
  tMult: number;
  etaMin: number;
  /** How far in that wave it is. */
  tCur: number;

  constructor(optimizer: Scheduled, t0: number, options: WarmRestartsOptions = {}) {
    const name = 'CosineAnnealingWarmRestarts';
    super(optimizer, optionsOf(options, name, ['tMult', 'etaMin', 'lastEpoch']));
    this.t0 = this.tI = positive(t0, name, 't0');
    this.tMult = positive(options.tMult ?? 1, name, 'tMult');
    this.etaMin = finite(options.etaMin ?? 0, name, 'etaMin');
    this.tCur = this.lastEpoch;
    this.start();
  }

  override getLr(): number[] {
    const { tCur, tI, etaMin } = this;
    return this.baseLrs.map((lr) => etaMin + ((lr - etaMin) * (1 + Math.cos((Math.PI * tCur) / tI))) / 2);
  }

  /**
   * Sets the rates of the next step, or those at `epoch`, which may lie between steps. (`step`)
   * @throws RangeError for a negative epoch.
   */
  override step(epoch?: number): void {
    const name = 'CosineAnnealingWarmRestarts';
    if (epoch !== undefined && !(finite(epoch, name, 'epoch') >= 0))
      throw new RangeError(`${name}: epoch must not be negative, got ${epoch}`);
    const at = epoch ?? (this.lastEpoch < 0 ? 0 : undefined);
    if (at === undefined) this.#advance();
    else this.#moveTo(at);
    this.lastEpoch = Math.floor(at ?? this.lastEpoch + 1);
    this.setRates(this.getLr());
  }

  #advance(): void {
    this.tCur++;
    if (this.tCur < this.tI) return;
    this.tCur -= this.tI;
    this.tI *= this.tMult;
  }

  #moveTo(epoch: number): void {
    const { t0, tMult } = this;
    // PyTorch leaves the length as it is where all waves have the same.
    if (epoch >= t0 && tMult === 1) this.tCur = epoch % t0;
    else if (epoch >= t0) {
      const wave = Math.trunc(Math.log((epoch / t0) * (tMult - 1) + 1) / Math.log(tMult));
      this.tCur = epoch - (t0 * (tMult ** wave - 1)) / (tMult - 1);
      this.tI = t0 * tMult ** wave;
    } else {
      this.tI = t0;
      this.tCur = epoch;
    }
  }
}
