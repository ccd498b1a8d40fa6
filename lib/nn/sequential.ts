// Modules that hold other modules in order.
import { CressetError } from '../errors.js';
import { describe, integerOf } from '../functional/check.js';
import type { Tensor } from '../tensor.js';
import { runInOrder } from './layers/fused.js';
import { type AnyModule, childrenOf, indent, Module } from './module.js';

/** Modules under the names 0, 1, ...: the base of Sequential and ModuleList. */
abstract class ModuleSequence<A extends unknown[], R> extends Module<A, R> implements Iterable<AnyModule> {
  [index: number]: AnyModule;

  /** The number of modules. */
  get length(): number {
    return childrenOf(this).length;
  }

  /** The module at `index`, counted from the end if negative; undefined where there is none. */
  at(index: number): AnyModule | undefined {
    return childrenOf(this).at(index)?.[1];
  }

  /** @internal The name at `index`; throws where there is none. */
  protected nameAt(index: number, op: string): string {
    const entry = childrenOf(this).at(integerOf(index, op, 'index'));
    if (entry === undefined) throw new RangeError(`${op}: index ${index} is out of range for ${this.length} modules`);
    return entry[0];
  }

  /** @internal Takes `modules` in place of all that are here, as 0, 1, ... */
  protected renumber(modules: readonly AnyModule[]): this {
    for (const [name] of childrenOf(this)) delete (this as unknown as Record<string, unknown>)[name];
    modules.forEach((module, i) => {
      this.addModule(String(i), module);
    });
    return this;
  }

  /** Puts `module` in the place of the one at `index`, counted from the end if negative. Throws RangeError where there is none. */
  set(index: number, module: AnyModule): this {
    this.addModule(this.nameAt(index, `${this.typeName}.set`), module);
    return this;
  }

  /** Adds a module at the end. */
  append(module: AnyModule): this {
    let number = this.length;
    while (Object.hasOwn(this, number)) number++;
    this.addModule(String(number), module);
    return this;
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<AnyModule>): this {
    if (typeof modules?.[Symbol.iterator] !== 'function')
      throw new TypeError(`${this.typeName}.extend: modules must be iterable, got ${describe(modules)}`);
    for (const module of [...modules]) this.append(module);
    return this;
  }

  /**
   * Adds a module before the one at `index`; the numbers of those behind grow by one.
   * @throws RangeError for an index out of range, CressetError where modules have names of their own.
   */
  insert(index: number, module: AnyModule): this {
    const op = `${this.typeName}.insert`;
    const children = childrenOf(this);
    const n = children.length;
    if (integerOf(index, op, 'index') < -n || index > n)
      throw new RangeError(`${op}: index ${index} is out of range for ${n} modules`);
    if (!(module instanceof Module)) throw new TypeError(`${op}: module must be a Module, got ${describe(module)}`);
    const named = children.find(([name], i) => name !== String(i));
    if (named !== undefined) throw new CressetError(`${op}: modules must be numbered, but one is named ${named[0]}`);
    const modules = children.map(([, child]) => child);
    modules.splice(index < 0 ? index + n : index, 0, module);
    return this.renumber(modules);
  }

  /** Takes out and returns the module at `index`, the last by default; all others are numbered anew. Throws RangeError where there is none. */
  pop(index = -1): AnyModule {
    const name = this.nameAt(index, `${this.typeName}.pop`);
    const children = childrenOf(this);
    const [, module] = children.find(([other]) => other === name)!;
    this.renumber(children.filter(([other]) => other !== name).map(([, child]) => child));
    return module;
  }

  /** The modules in order, also one that stands there twice. */
  [Symbol.iterator](): Iterator<AnyModule> {
    return childrenOf(this)
      .map(([, child]) => child)
      .values();
  }
}

/**
 * Runs modules one after the other. They are named 0, 1, ..., or by the keys of one object; `model[0]` is the first, and can be
 * assigned. (`torch.nn.Sequential`)
 * @throws TypeError for what is no module.
 * @example
 * import { nn, ones } from 'cresset';
 * const model = new nn.Sequential(new nn.Linear(4, 2), new nn.ReLU());
 * model[1] = new nn.Linear(2, 3);
 * model(ones([1, 4])).shape; // [1, 3]
 */
export class Sequential extends ModuleSequence<[x: Tensor], Tensor> {
  constructor(...modules: AnyModule[] | [Record<string, AnyModule>]) {
    super();
    const first = modules[0];
    if (modules.length === 1 && typeof first === 'object' && first !== null)
      for (const [name, module] of Object.entries(first as Record<string, AnyModule>)) this.addModule(name, module);
    else
      modules.forEach((module, i) => {
        this.addModule(String(i), module as AnyModule);
      });
  }

  forward(x: Tensor): Tensor {
    return runInOrder(
      childrenOf(this).map(([, module]) => module),
      x,
    );
  }

  /** A Sequential of the modules from `start` to before `end`, under their names; they are shared. */
  slice(start?: number, end?: number): Sequential {
    const part = new Sequential();
    for (const [name, module] of childrenOf(this).slice(start, end)) part.addModule(name, module);
    return part;
  }
}

/**
 * Modules in a list, to be used one by one. (`torch.nn.ModuleList`)
 * @throws TypeError for what is no module.
 * @example
 * import { nn, ones } from 'cresset';
 * const layers = new nn.ModuleList([new nn.Linear(4, 2), new nn.Linear(4, 3)]);
 * [...layers].map((layer) => layer(ones([1, 4])).shape[1]); // [2, 3]
 */
export class ModuleList extends ModuleSequence<never[], never> {
  constructor(modules: Iterable<AnyModule> = []) {
    super();
    this.extend(modules);
  }

  forward(): never {
    throw new TypeError('ModuleList: has no forward; call its modules');
  }

  /** A ModuleList of the modules from `start` to before `end`; they are shared. */
  slice(start?: number, end?: number): ModuleList {
    return new ModuleList([...this].slice(start, end));
  }

  /** PyTorch's text, in which equal neighbours stand once. */
  override toString(): string {
    const blocks: { first: number; last: number; text: string }[] = [];
    [...this].forEach((module, i) => {
      const text = String(module);
      const block = blocks.at(-1);
      if (block?.text === text) block.last = i;
      else blocks.push({ first: i, last: i, text });
    });
    if (blocks.length === 0) return `${this.typeName}()`;
    const lines = blocks.map(({ first, last, text }) =>
      indent(first === last ? `(${first}): ${text}` : `(${first}-${last}): ${last - first + 1} x ${text}`),
    );
    return `${this.typeName}(\n  ${lines.join('\n  ')}\n)`;
  }
}
