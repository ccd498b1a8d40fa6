// Modules that hold other modules in order.
import type { Tensor } from '../tensor.js';
import { type AnyModule, Module } from './module.js';

/** Modules under the names 0, 1, ...: the base of Sequential and ModuleList. */
abstract class ModuleSequence<A extends unknown[], R> extends Module<A, R> implements Iterable<AnyModule> {
  [index: number]: AnyModule;

  /** The number of modules. */
  get length(): number {
    return [...this.children()].length;
  }

  /** The module at `index`, counted from the end if negative. */
  at(index: number): AnyModule | undefined {
    return [...this.children()].at(index);
  }

  append(module: AnyModule): this {
    this.addModule(String(this.length), module);
    return this;
  }

  [Symbol.iterator](): Iterator<AnyModule> {
    return this.children();
  }
}

/**
 * Runs modules one after the other. (`torch.nn.Sequential`)
 * @example
 * import { nn, ones } from 'cresset';
 * const model = new nn.Sequential(new nn.Linear(4, 2), new nn.ReLU());
 * model(ones([1, 4])).shape; // [1, 2]
 */
export class Sequential extends ModuleSequence<[x: Tensor], Tensor> {
  constructor(...modules: AnyModule[] | [Record<string, AnyModule>]) {
    super();
    const first = modules[0];
    if (modules.length === 1 && first !== undefined && !(first instanceof Module))
      for (const [name, module] of Object.entries(first as Record<string, AnyModule>)) this.addModule(name, module);
    else
      modules.forEach((module, i) => {
        this.addModule(String(i), module as AnyModule);
      });
  }

  forward(x: Tensor): Tensor {
    let y = x;
    for (const module of this.children()) y = module(y) as Tensor;
    return y;
  }

  /** A Sequential of the modules from `start` to before `end`; they are shared. */
  slice(start?: number, end?: number): Sequential {
    return new Sequential(...[...this.children()].slice(start, end));
  }
}

/** Modules in a list, to be used one by one. (`torch.nn.ModuleList`) */
export class ModuleList extends ModuleSequence<never[], never> {
  constructor(modules: Iterable<AnyModule> = []) {
    super();
    for (const module of modules) this.append(module);
  }

  forward(): never {
    throw new TypeError('ModuleList: has no forward; call its modules');
  }
}
