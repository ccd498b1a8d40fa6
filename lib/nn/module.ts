// The base class of layers and models.
import { inspect } from 'node:util';
import { withoutGrad } from '../autograd.js';
import { CressetError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { Callable } from './callable.js';
import { Buffer, Parameter } from './parameter.js';

/** Tensors by their dotted names, in the order of definition. */
export type StateDict = Record<string, Tensor>;

/** What `loadStateDict` found amiss without `strict`. */
export interface LoadResult {
  missingKeys: string[];
  unexpectedKeys: string[];
}

type Hook<A extends unknown[], R> = (module: Module<A, R>, args: A, output: R) => R | void;
type PreHook<A extends unknown[], R> = (module: Module<A, R>, args: A) => A | void;

interface Hooks<A extends unknown[], R> {
  before: Set<PreHook<A, R>>;
  after: Set<Hook<A, R>>;
}

// Kept outside the instance, whose own properties are children and parameters.
const hooksOf = new WeakMap<object, Hooks<never, never>>();

function hooksFor<A extends unknown[], R>(module: object): Hooks<A, R> {
  let hooks = hooksOf.get(module) as Hooks<A, R> | undefined;
  if (hooks === undefined) {
    hooks = { before: new Set(), after: new Set() };
    hooksOf.set(module, hooks as unknown as Hooks<never, never>);
  }
  return hooks;
}

export interface Module<A extends unknown[] = [Tensor], R = Tensor> {
  (...args: A): R;
}

/**
 * A function with parameters. Subclasses write `forward` and assign layers and parameters to properties; those are found by looking,
 * in the order of definition. (`torch.nn.Module`)
 * @example
 * import { nn, ones, type Tensor } from 'cresset';
 * class Twice extends nn.Module {
 *   layer = new nn.Linear(3, 3);
 *   forward(x: Tensor): Tensor { return this.layer(this.layer(x)); }
 * }
 * new Twice()(ones([1, 3])).shape; // [1, 3]
 */
export abstract class Module<A extends unknown[] = [Tensor], R = Tensor> extends Callable {
  /** Whether layers behave as in training; set by `train` and `eval`. */
  training = true;

  abstract forward(...args: A): R;

  /** @internal What a call does: hooks around `forward`. */
  call_(args: A): R {
    const hooks = hooksOf.get(this) as Hooks<A, R> | undefined;
    if (hooks === undefined) return this.forward(...args);
    let input = args;
    for (const hook of hooks.before) input = hook(this, input) ?? input;
    let output = this.forward(...input);
    for (const hook of hooks.after) output = (hook(this, input, output) as R | undefined) ?? output;
    return output;
  }

  /** Calls `hook(module, args, output)` after each forward; what it returns replaces the output. */
  registerForwardHook(hook: Hook<A, R>): { remove(): void } {
    const { after } = hooksFor<A, R>(this);
    after.add(hook);
    return { remove: () => after.delete(hook) };
  }

  /** Calls `hook(module, args)` before each forward; what it returns replaces the arguments. */
  registerForwardPreHook(hook: PreHook<A, R>): { remove(): void } {
    const { before } = hooksFor<A, R>(this);
    before.add(hook);
    return { remove: () => before.delete(hook) };
  }

  /** The layers directly inside, by name. */
  *namedChildren(): Generator<[string, AnyModule]> {
    for (const [name, value] of Object.entries(this)) if (value instanceof Module) yield [name, value as AnyModule];
  }

  *children(): Generator<AnyModule> {
    for (const [, child] of this.namedChildren()) yield child;
  }

  /** This module and all inside it, each once. */
  *namedModules(prefix = '', seen: Set<object> = new Set()): Generator<[string, AnyModule]> {
    if (seen.has(this)) return;
    seen.add(this);
    yield [prefix, this as unknown as AnyModule];
    for (const [name, child] of this.namedChildren())
      yield* child.namedModules(prefix ? `${prefix}.${name}` : name, seen);
  }

  *modules(): Generator<AnyModule> {
    for (const [, module] of this.namedModules()) yield module;
  }

  *#namedTensors<T extends Tensor>(
    kind: abstract new (...args: never[]) => T,
    unique: boolean,
  ): Generator<[string, T]> {
    const seen = new Set<T>();
    for (const [prefix, module] of this.namedModules())
      for (const [name, value] of Object.entries(module)) {
        if (!(value instanceof kind) || (unique && seen.has(value))) continue;
        seen.add(value);
        yield [prefix ? `${prefix}.${name}` : name, value];
      }
  }

  /** All parameters by dotted name, shared ones once. */
  namedParameters(): Generator<[string, Parameter]> {
    return this.#namedTensors(Parameter, true);
  }

  *parameters(): Generator<Parameter> {
    for (const [, parameter] of this.namedParameters()) yield parameter;
  }

  /** All buffers by dotted name, shared ones once. */
  namedBuffers(): Generator<[string, Buffer]> {
    return this.#namedTensors(Buffer, true);
  }

  *buffers(): Generator<Buffer> {
    for (const [, buffer] of this.namedBuffers()) yield buffer;
  }

  /** Sets the mode of this module and all inside it. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  eval(): this {
    return this.train(false);
  }

  requiresGrad_(value = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(value);
    return this;
  }

  /** Drops all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** Calls `fn` on every module inside, then on this one. */
  apply(fn: (module: AnyModule) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this as unknown as AnyModule);
    return this;
  }

  /** Adds a layer under a name. */
  addModule(name: string, module: AnyModule): void {
    if (!(module instanceof Module)) throw new TypeError(`addModule: ${name} must be a Module`);
    if (name === '' || name.includes('.'))
      throw new CressetError(`addModule: the name ${JSON.stringify(name)} must not be empty or contain a dot`);
    if (name in this && !Object.hasOwn(this, name))
      throw new CressetError(`addModule: ${JSON.stringify(name)} is already taken by a method`);
    Object.defineProperty(this, name, { value: module, configurable: true, enumerable: true, writable: true });
  }

  /** Parameters and persistent buffers by PyTorch's keys; the tensors share memory with the module. */
  stateDict(): StateDict {
    const state: StateDict = {};
    for (const [key, tensor] of this.#state()) state[key] = tensor.detach();
    return state;
  }

  *#state(): Generator<[string, Tensor]> {
    for (const [prefix, module] of this.namedModules())
      for (const [name, value] of Object.entries(module))
        if (value instanceof Parameter || (value instanceof Buffer && value.persistent))
          yield [prefix ? `${prefix}.${name}` : name, value];
  }

  /**
   * Copies tensors into the parameters and buffers of the same keys; nothing is changed unless all fit.
   * @throws CressetError that lists missing and unexpected keys (unless `strict: false`) and sizes that do not fit.
   */
  loadStateDict(state: StateDict | ReadonlyMap<string, Tensor>, options: { strict?: boolean } = {}): LoadResult {
    const given = new Map(state instanceof Map ? state : Object.entries(state)) as Map<string, Tensor>;
    const own = new Map(this.#state());
    const missingKeys = [...own.keys()].filter((key) => !given.has(key));
    const unexpectedKeys = [...given.keys()].filter((key) => !own.has(key));
    const quote = (keys: string[]) => keys.map((key) => `"${key}"`).join(', ');
    const errors: string[] = [];
    if (options.strict ?? true) {
      if (unexpectedKeys.length > 0) errors.push(`Unexpected key(s) in state_dict: ${quote(unexpectedKeys)}. `);
      if (missingKeys.length > 0) errors.unshift(`Missing key(s) in state_dict: ${quote(missingKeys)}. `);
    }
    for (const [key, target] of own) {
      const source = given.get(key);
      if (source !== undefined && source.shape.join() !== target.shape.join())
        errors.push(
          `size mismatch for ${key}: copying a param with shape [${source.shape.join(', ')}] from checkpoint, the shape in current model is [${target.shape.join(', ')}].`,
        );
    }
    if (errors.length > 0)
      throw new CressetError(`Error(s) in loading state_dict for ${this.typeName}:\n\t${errors.join('\n\t')}`);
    withoutGrad(() => {
      for (const [key, target] of own) {
        const source = given.get(key);
        if (source !== undefined) target.copy_(source);
      }
    });
    return { missingKeys, unexpectedKeys };
  }

  /** The name of the class, as it prints. */
  get typeName(): string {
    return this.constructor.name;
  }

  /** What stands between the parentheses of a layer's text. */
  extraRepr(): string {
    return '';
  }

  /** PyTorch's text of the module. */
  toString(): string {
    const extra = this.extraRepr();
    const children = [...this.namedChildren()].map(([name, child]) => `(${name}): ${indent(String(child))}`);
    if (children.length === 0) return `${this.typeName}(${extra})`;
    const lines = extra ? [extra, ...children] : children;
    return `${this.typeName}(\n  ${lines.join('\n  ')}\n)`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  toJSON(): string {
    return this.toString();
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a module of any signature.
export type AnyModule = Module<any[], any>;

const indent = (text: string): string => text.replaceAll('\n', '\n  ');
