// What all optimizers share: groups of parameters with their own options.
import { CressetError } from '../errors.js';
import { Tensor } from '../tensor.js';

/** Parameters that share options; missing options take the optimizer's. */
export type ParamGroup<O> = { params: Iterable<Tensor> } & Partial<O>;

/** Updates parameters by their gradients. (`torch.optim.Optimizer`) */
export abstract class Optimizer<O extends object> {
  /** The groups, whose options may be changed between steps. */
  readonly paramGroups: ({ params: Tensor[] } & O)[] = [];

  constructor(
    params: Iterable<Tensor> | Iterable<ParamGroup<O>>,
    readonly defaults: O,
  ) {
    const entries = [...(params as Iterable<Tensor | ParamGroup<O>>)];
    if (entries.length === 0) throw new CressetError(`${this.constructor.name}: got no parameters`);
    if (entries[0] instanceof Tensor) this.addParamGroup({ params: entries as Tensor[] } as unknown as ParamGroup<O>);
    else for (const group of entries as ParamGroup<O>[]) this.addParamGroup(group);
  }

  addParamGroup(group: ParamGroup<O>): void {
    const params = [...group.params];
    const name = this.constructor.name;
    for (const param of params) {
      if (!(param instanceof Tensor)) throw new TypeError(`${name}: parameters must be Tensors`);
      if (!param.isLeaf) throw new CressetError(`${name}: only leaf tensors can be optimized`);
      if (this.paramGroups.some((other) => other.params.includes(param)))
        throw new CressetError(`${name}: a parameter appears in more than one group`);
    }
    const merged = { ...this.defaults, ...group, params };
    this.check(merged);
    this.paramGroups.push(merged);
  }

  /** Throws for options out of range. */
  protected abstract check(options: O): void;

  /** One update of all parameters that have a gradient. */
  abstract step(): void;

  /** Drops the gradients of all parameters. */
  zeroGrad(): void {
    for (const group of this.paramGroups) for (const param of group.params) param.grad = null;
  }
}

/** Throws unless `value` is at least `least` (and below `below`). */
export function checkRange(name: string, value: number, least: number, below = Number.POSITIVE_INFINITY): void {
  if (!(value >= least && (value < below || below === Number.POSITIVE_INFINITY)))
    throw new RangeError(`${name} is out of range: ${value}`);
}
