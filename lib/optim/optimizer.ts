// What all optimizers share: groups of parameters with their own options, and what is remembered of each parameter.
import { inspect } from 'node:util';
import { enableGrad, withoutGrad } from '../autograd.js';
import { CressetError } from '../errors.js';
import { describe, flag, meantBy, optionsOf, wrongName } from '../functional/check.js';
import { outsideTidy } from '../memory.js';
import { Tensor } from '../tensor.js';
import { packState, pythonText, type SavedGroup, type SavedState, unpackGroup, unpackState } from './state.js';

/** Parameters that share options; missing options take the optimizer's. */
export type ParamGroup<O> = { params: Tensor | Iterable<Tensor> } & Partial<O>;

/** The state of an optimizer as PyTorch saves it: its keys are PyTorch's, parameters are numbered through all groups. */
export interface OptimizerStateDict {
  /** What is remembered of each parameter that was updated, by its number. */
  state: Map<number, SavedState>;
  param_groups: SavedGroup[];
}

/**
 * Updates parameters by their gradients. Subclasses say how a group is updated and what they start to remember of a parameter.
 * (`torch.optim.Optimizer`)
 */
export abstract class Optimizer<O extends object, S extends object = object> {
  /** The groups; their options may be changed between steps. */
  readonly paramGroups: ({ params: Tensor[] } & O)[] = [];

  /** What is remembered of each parameter that was updated. */
  readonly state: Map<Tensor, S> = new Map();

  /** The options of groups that do not give their own. */
  readonly defaults: O;

  /** Whether `step` was ever called. @internal */
  stepped = false;

  /** @throws TypeError for options of another optimizer, RangeError for values out of range, CressetError where there are no parameters. */
  constructor(params: Iterable<Tensor> | Iterable<ParamGroup<O>>, defaults: O, options: Partial<O>) {
    const name = this.constructor.name;
    optionsOf(options, name, Object.keys(defaults) as (keyof O)[]);
    this.defaults = { ...defaults, ...options };
    this.check(this.defaults);
    if (params instanceof Tensor) throw new TypeError(`${name}: params must be an iterable of tensors, got one tensor`);
    if (typeof (params as Iterable<unknown> | undefined)?.[Symbol.iterator] !== 'function')
      throw new TypeError(`${name}: params must be an iterable of tensors or groups, got ${describe(params)}`);
    const entries = [...(params as Iterable<Tensor | ParamGroup<O>>)];
    if (entries.length === 0) throw new CressetError(`${name}: got no parameters`);
    if (entries[0] instanceof Tensor) this.addParamGroup({ params: entries as Tensor[] } as unknown as ParamGroup<O>);
    else for (const group of entries as ParamGroup<O>[]) this.addParamGroup(group);
  }

  /**
   * Adds parameters with options of their own. (`torch.optim.Optimizer.add_param_group`)
   * @throws CressetError for a parameter that is no leaf or appears twice, RangeError for options out of range.
   * @example
   * import { nn, optim } from 'cresset';
   * const [body, head] = [new nn.Linear(4, 4), new nn.Linear(4, 2)];
   * const optimizer = new optim.SGD(body.parameters(), { lr: 0.01 });
   * optimizer.addParamGroup({ params: head.parameters(), lr: 0.1 });
   * optimizer.paramGroups.map((group) => group.lr); // [0.01, 0.1]
   */
  addParamGroup(group: ParamGroup<O>): void {
    const name = this.constructor.name;
    const given = (group as ParamGroup<O> | undefined)?.params;
    if (typeof given?.[Symbol.iterator] !== 'function')
      throw new TypeError(`${name}: a group must be an object with params, got ${describe(group)}`);
    const params = given instanceof Tensor ? [given] : [...given];
    // A group may hold more, such as a name, but no option that is only written another way.
    const names = Object.keys(this.defaults);
    for (const key of Object.keys(group))
      if (!names.includes(key) && meantBy(key, names) !== undefined) wrongName(name, key, names);
    const seen = new Set(this.paramGroups.flatMap((other) => other.params));
    for (const param of params) {
      if (!(param instanceof Tensor))
        throw new TypeError(`${name}: parameters must be tensors, got ${describe(param)}`);
      if (!param.isLeaf) throw new CressetError(`${name}: only leaf tensors can be optimized`);
      if (seen.has(param)) throw new CressetError(`${name}: a parameter appears more than once`);
      seen.add(param);
    }
    const merged = { ...this.defaults, ...group, params };
    this.check(merged);
    this.paramGroups.push(merged);
  }

  /** Throws for options out of range. */
  protected abstract check(options: O): void;

  /** What is remembered of a parameter before its first update: counts, tensors of its shape, null for tensors that come later. */
  protected abstract initialState(param: Tensor, options: O): S;

  /** One update of parameters that all have a gradient. */
  protected abstract update(params: Tensor[], options: O): void;

  /** Options that PyTorch saves and this library has no use for. */
  protected abstract foreignOptions(): Record<string, unknown>;

  /** What is remembered of `param`, from now on. */
  protected stateOf(param: Tensor, options: O): S {
    let state = this.state.get(param);
    if (state === undefined) {
      state = this.initialState(param, options);
      this.state.set(param, state);
    }
    return state;
  }

  step(): void;
  step<R>(closure: () => R): R;
  /**
   * One update of all parameters that have a gradient; `closure`, called first, computes the loss anew and is what `step` returns.
   * (`torch.optim.Optimizer.step`)
   * @throws TypeError for an async closure.
   */
  step<R>(closure?: () => R): R | undefined {
    const loss = closure === undefined ? undefined : enableGrad(closure);
    if (typeof (loss as { then?: unknown } | undefined)?.then === 'function')
      throw new TypeError(`${this.constructor.name}: the closure of step must not be async`);
    this.stepped = true;
    for (const group of this.paramGroups) {
      const params = group.params.filter((p) => p.grad !== null);
      // What an update begins to remember outlives a training step inside tidy.
      if (params.length > 0) outsideTidy(() => this.update(params, group));
    }
    return loss;
  }

  /** Drops the gradients of all parameters, or fills them with zeros where `setToNone` is false. (`torch.optim.Optimizer.zero_grad`) */
  zeroGrad(options: { setToNone?: boolean } = {}): void {
    const zero = !flag(optionsOf(options, 'zeroGrad', ['setToNone']).setToNone, 'zeroGrad', 'setToNone', true);
    for (const { params } of this.paramGroups)
      for (const param of params)
        if (!zero) param.grad = null;
        else if (param.grad !== null) param.grad = withoutGrad(() => param.grad!.detach().zero_());
  }

  /**
   * The state and the options, to be saved and loaded here or in Python; the tensors are the optimizer's own. (`torch.optim.Optimizer.state_dict`)
   * @example
   * import { optim, zeros } from 'cresset';
   * const optimizer = new optim.SGD([zeros([2])], { lr: 0.1 });
   * optimizer.stateDict().param_groups[0]?.lr; // 0.1
   */
  stateDict(): OptimizerStateDict {
    const numbers = new Map<Tensor, number>();
    for (const { params } of this.paramGroups) for (const param of params) numbers.set(param, numbers.size);
    const state = new Map<number, SavedState>();
    for (const [param, entry] of this.state) state.set(numbers.get(param)!, packState(entry));
    const param_groups = this.paramGroups.map((group) => ({
      ...this.#packedOptions(group),
      params: group.params.map((param) => numbers.get(param)!),
    }));
    return { state, param_groups };
  }

  /** The options of a group by PyTorch's keys. */
  #packedOptions({ params: _, ...options }: { params: Tensor[] } & O): Record<string, unknown> {
    return packState({ ...options, ...this.foreignOptions(), ...options });
  }

  /**
   * Goes on where `stateDict`, here or in Python, left off; nothing is changed unless all fits. (`torch.optim.Optimizer.load_state_dict`)
   * @throws CressetError where groups, their sizes, or shapes differ or something is missing.
   */
  loadStateDict(dict: OptimizerStateDict): void {
    const name = `${this.constructor.name}.loadStateDict`;
    const { param_groups: saved, state: entries } = (dict ?? {}) as Partial<OptimizerStateDict>;
    if (!Array.isArray(saved) || typeof entries !== 'object' || entries === null)
      throw new TypeError(`${name}: expected an object with state and param_groups, got ${describe(dict)}`);
    if (saved.length !== this.paramGroups.length)
      throw new CressetError(
        `${name}: loaded state dict has a different number of parameter groups: ${saved.length}, the optimizer has ${this.paramGroups.length}`,
      );
    const owners = new Map<number, { param: Tensor; options: O }>();
    const groups = this.paramGroups.map((group, i) => {
      const { options, numbers } = unpackGroup<O>(name, i, saved[i]!, this.defaults);
      if (numbers.length !== group.params.length)
        throw new CressetError(
          `${name}: loaded state dict contains a parameter group that doesn't match the size of optimizer's group: group ${i} has ${numbers.length} parameters, the optimizer's ${group.params.length}`,
        );
      this.check(options);
      numbers.forEach((number, at) => {
        owners.set(number, { param: group.params[at]!, options });
      });
      return { ...options, params: group.params };
    });
    const state = new Map<Tensor, S>();
    for (const [key, entry] of entries instanceof Map ? entries : Object.entries(entries as object)) {
      const owner = owners.get(Number(key));
      if (owner === undefined) throw new CressetError(`${name}: state ${key} belongs to no parameter of the groups`);
      const restored = outsideTidy(() => {
        const template = this.initialState(owner.param, owner.options);
        return unpackState(`${name}: state ${key}`, entry as SavedState, template, owner.param);
      });
      if (restored !== null) state.set(owner.param, restored);
    }
    this.paramGroups.splice(0, groups.length, ...groups);
    this.state.clear();
    for (const [param, entry] of state) this.state.set(param, entry);
  }

  /** PyTorch's text: the options of each group by PyTorch's keys, whole numbers without a point. */
  toString(): string {
    const groups = this.paramGroups.map((group, i) => {
      const options = Object.entries(this.#packedOptions(group)).sort(([a], [b]) => (a < b ? -1 : 1));
      return `Parameter Group ${i}\n${options.map(([key, value]) => `    ${key}: ${pythonText(value)}\n`).join('')}`;
    });
    return `${this.constructor.name} (\n${groups.join('\n')})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Throws unless `value` is at least `least` (and below `below`). */
export function checkRange(name: string, value: number, least: number, below = Number.POSITIVE_INFINITY): void {
  const fits = typeof value === 'number' && value >= least;
  if (!(fits && (value < below || below === Number.POSITIVE_INFINITY)))
    throw new RangeError(
      `${name} is out of range: ${describe(value)}; it must be at least ${least}${below === Number.POSITIVE_INFINITY ? '' : ` and below ${below}`}`,
    );
}
