// Modules by name.
import { CressetError } from '../errors.js';
import { describe } from '../functional/check.js';
import { type AnyModule, childrenOf, Module } from './module.js';

/** What a ModuleDict is made of: an object, a Map, another ModuleDict or pairs. */
export type NamedModules = Record<string, AnyModule> | Iterable<readonly [string, AnyModule]> | ModuleDict;

/**
 * Modules by name, to be used one by one, in the order of their addition. (`torch.nn.ModuleDict`)
 * @throws TypeError for what is no module, CressetError for names with a dot or of methods.
 * @example
 * import { nn, tensor } from 'cresset';
 * const choices = new nn.ModuleDict({ relu: new nn.ReLU(), tanh: new nn.Tanh() });
 * choices.get('relu')(tensor([-1, 2])).toArray(); // [0, 2]
 */
export class ModuleDict extends Module<never[], never> implements Iterable<string> {
  constructor(modules: NamedModules = {}) {
    super();
    this.update(modules);
  }

  forward(): never {
    throw new TypeError('ModuleDict: has no forward; call its modules');
  }

  /** The number of modules. */
  get length(): number {
    return childrenOf(this).length;
  }

  /** The module of that name. Throws CressetError where there is none. */
  get(name: string): AnyModule {
    const entry = childrenOf(this).find(([other]) => other === name);
    if (entry === undefined)
      throw new CressetError(
        `ModuleDict: has no module ${JSON.stringify(name)}, only ${this.keys().join(', ') || 'none'}`,
      );
    return entry[1];
  }

  /** Puts a module under a name: in the place of the one that has it, or at the end. */
  set(name: string, module: AnyModule): this {
    this.addModule(name, module);
    return this;
  }

  /** Whether there is a module of that name. */
  has(name: string): boolean {
    return childrenOf(this).some(([other]) => other === name);
  }

  /** Takes the module of that name out; false where there is none. */
  delete(name: string): boolean {
    return this.has(name) && delete (this as unknown as Record<string, unknown>)[name];
  }

  /** Takes out and returns the module of that name. Throws CressetError where there is none. */
  pop(name: string): AnyModule {
    const module = this.get(name);
    this.delete(name);
    return module;
  }

  /** Takes all modules out. */
  clear(): void {
    for (const name of this.keys()) this.delete(name);
  }

  /** Adds modules, in the place of those that have their names. */
  update(modules: NamedModules): void {
    if ((typeof modules !== 'object' && typeof modules !== 'function') || modules === null)
      throw new TypeError(`ModuleDict.update: modules must be an object or pairs, got ${describe(modules)}`);
    if (modules instanceof ModuleDict) for (const [name, module] of modules.items()) this.addModule(name, module);
    else if (Symbol.iterator in modules)
      for (const [name, module] of modules as Iterable<readonly [string, AnyModule]>) this.addModule(name, module);
    else for (const [name, module] of Object.entries(modules)) this.addModule(name, module);
  }

  /** The names in order. */
  keys(): string[] {
    return childrenOf(this).map(([name]) => name);
  }

  /** The modules in order. */
  values(): AnyModule[] {
    return childrenOf(this).map(([, module]) => module);
  }

  /** Names and modules in order. */
  items(): [string, AnyModule][] {
    return childrenOf(this);
  }

  /** The names in order. */
  [Symbol.iterator](): Iterator<string> {
    return this.keys().values();
  }
}
