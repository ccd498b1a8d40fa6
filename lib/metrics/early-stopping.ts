// When to stop a training, by a value that should get better.
import { withoutGrad } from '../autograd.js';
import { ShapeError } from '../errors.js';
import { describe, idOf, integerOf, numberOf, optionsOf, wrongType } from '../functional/check.js';
import { outsideTidy } from '../memory.js';
import { Tensor } from '../tensor.js';

/** What can go back to an earlier state: a module. */
export interface Restorable {
  stateDict(): Record<string, Tensor>;
  loadStateDict(state: Record<string, Tensor>): unknown;
}

/** Options of EarlyStopping. */
export interface EarlyStoppingOptions {
  /** After how many values in a row without improvement to stop. Default 3. */
  patience?: number;
  /** By how much more than this a value must be better than the best to count as an improvement. Default 0. */
  minDelta?: number;
  /** Whether smaller (`min`, as of losses) or larger (`max`, as of accuracies) is better. Default 'min'. */
  mode?: 'min' | 'max';
  /** A module that gets back, when it is time to stop, the state that it had at the best value; a copy of it is kept. Default none. */
  restoreBest?: Restorable;
}

/** What `EarlyStopping.stateDict` gives. */
export interface EarlyStoppingState {
  best: number;
  num_bad_epochs: number;
  /** A copy of the module's state at the best value, where it is to be restored. */
  best_state: Record<string, Tensor> | null;
}

/**
 * Tells when a value, such as the loss on data not trained on, has stopped getting better. NaN is never better. (Lightning's and Keras'
 * `EarlyStopping`; PyTorch has none)
 * @throws RangeError for options out of range.
 * @example
 * import { metrics } from 'cresset';
 * const stopping = new metrics.EarlyStopping({ patience: 2 });
 * [0.9, 0.7, 0.8, Number.NaN].map((loss) => stopping.step(loss)); // [false, false, false, true]
 * stopping.best; // 0.7
 */
export class EarlyStopping {
  readonly patience: number;
  readonly minDelta: number;
  readonly mode: 'min' | 'max';
  /** The best value so far; before the first one the worst there is, `Infinity` or `-Infinity`. */
  best: number;
  /** How many values have come since the best one. */
  numBadEpochs = 0;
  readonly #module: Restorable | undefined;
  #bestState: Record<string, Tensor> | null = null;

  constructor(options: EarlyStoppingOptions = {}) {
    const {
      patience = 3,
      minDelta = 0,
      mode = 'min',
      restoreBest,
    } = optionsOf(options, 'EarlyStopping', ['patience', 'minDelta', 'mode', 'restoreBest']);
    if (integerOf(patience, 'EarlyStopping', 'patience') < 1)
      throw new RangeError(`EarlyStopping: patience must be at least 1, got ${patience}`);
    if (!(numberOf(minDelta, 'EarlyStopping', 'minDelta') >= 0))
      throw new RangeError(`EarlyStopping: minDelta must be at least 0, got ${minDelta}`);
    if (mode !== 'min' && mode !== 'max')
      throw new TypeError(`EarlyStopping: mode must be 'min' or 'max', got ${describe(mode)}`);
    if (restoreBest !== undefined && !isRestorable(restoreBest))
      wrongType('EarlyStopping', 'restoreBest', 'a module', restoreBest);
    this.patience = patience;
    this.minDelta = minDelta;
    this.mode = mode;
    this.best = mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.#module = restoreBest;
  }

  /** Whether `step` would have training stopped. */
  get stopped(): boolean {
    return this.numBadEpochs >= this.patience;
  }

  /** Takes the next value, a number or a tensor of one element; true when it is time to stop, and the module then has its best state again. */
  step(metric: number | Tensor): boolean {
    const value = metric instanceof Tensor ? metric.item() : metric;
    if (typeof value !== 'number') wrongType('EarlyStopping.step', 'value', 'a number or a Tensor', value);
    if (this.mode === 'min' ? value < this.best - this.minDelta : value > this.best + this.minDelta) {
      this.best = value;
      this.numBadEpochs = 0;
      this.#keep();
    } else this.numBadEpochs++;
    if (this.stopped) this.restore();
    return this.stopped;
  }

  /** Gives the module of `restoreBest` the state that it had at the best value, as for a training that ran to its end. */
  restore(): void {
    if (this.#bestState !== null) this.#module?.loadStateDict(this.#bestState);
  }

  /** Copies the module's state into the memory of the copy before. */
  #keep(): void {
    if (this.#module !== undefined) this.#bestState = copyInto(this.#bestState ?? {}, this.#module.stateDict());
  }

  /** What there is to save, so that a training that is resumed goes on counting. */
  stateDict(): EarlyStoppingState {
    return { best: this.best, num_bad_epochs: this.numBadEpochs, best_state: this.#bestState };
  }

  /**
   * Goes on where `stateDict` left off.
   * @throws TypeError for what is no such state, RangeError for numbers out of range, ShapeError for the state of another module; nothing has
   * changed then.
   */
  loadStateDict(state: EarlyStoppingState): void {
    const op = 'EarlyStopping.loadStateDict';
    const { best, num_bad_epochs, best_state } = optionsOf(state, op);
    if (Number.isNaN(numberOf(best, op, 'best'))) throw new RangeError(`${op}: best must not be NaN`);
    if (integerOf(num_bad_epochs, op, 'num_bad_epochs') < 0)
      throw new RangeError(`${op}: num_bad_epochs must not be negative, got ${num_bad_epochs}`);
    if (best_state !== null && best_state !== undefined) checkState(best_state, this.#module, op);
    this.best = best;
    this.numBadEpochs = num_bad_epochs;
    this.#bestState = best_state === null || best_state === undefined ? null : copyInto({}, best_state);
  }
}

const isRestorable = (module: Restorable | null): boolean =>
  typeof module?.stateDict === 'function' && typeof module.loadStateDict === 'function';

/** Throws unless `state` holds tensors, those of `module` where there is one. */
function checkState(state: Record<string, Tensor>, module: Restorable | undefined, op: string): void {
  if (typeof state !== 'object' || state instanceof Map)
    wrongType(op, 'best_state', 'null or an object of tensors', state);
  for (const [key, tensor] of Object.entries(state)) idOf(tensor, op, `best_state.${key}`);
  if (module === undefined) return;
  const own = module.stateDict();
  for (const key of new Set([...Object.keys(own), ...Object.keys(state)]))
    if (own[key]?.shape.join() !== state[key]?.shape.join())
      throw new ShapeError(`${op}: best_state.${key} is ${shapeOf(state[key])} but ${shapeOf(own[key])} in the module`);
}

const shapeOf = (tensor: Tensor | undefined): string =>
  tensor === undefined ? 'missing' : `of shape [${tensor.shape.join(', ')}]`;

function copyInto(copy: Record<string, Tensor>, state: Record<string, Tensor>): Record<string, Tensor> {
  const copied = (known: Tensor | undefined, tensor: Tensor): Tensor =>
    known?.dtype === tensor.dtype && known.shape.join() === tensor.shape.join()
      ? known.copy_(tensor)
      : tensor.detach().clone();
  return outsideTidy(() =>
    withoutGrad(() =>
      Object.fromEntries(Object.entries(state).map(([key, tensor]) => [key, copied(copy[key], tensor)])),
    ),
  );
}
