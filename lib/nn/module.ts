// The base class of layers and models.
import { inspect } from 'node:util';
import { withoutGrad } from '../autograd.js';
import { type DType, isFloatingPoint } from '../dtype.js';
import { CressetError, DTypeError } from '../errors.js';
import { flag, optionsOf } from '../functional/check.js';
import type { Tensor } from '../tensor.js';
import { Callable } from './callable.js';
import { type Hook, type Hooks, hooksFor, hooksOf, type PreHook, register } from './hooks.js';
import { Buffer, Parameter } from './parameter.js';
import { type LoadResult, loadState, type StateDict, stateDictOf } from './state-dict.js';

export type { LoadResult, StateDict };

// JavaScript puts properties that are numbers first; this is the order of children where that is not the order of definition.
const orders = new WeakMap<object, string[]>();

const isIndex = (name: string) => /^(0|[1-9]\d*)$/.test(name);

/** @internal All children by name in the order of definition, also one that stands there twice. */
export function childrenOf(module: object): [string, AnyModule][] {
  const found = Object.entries(module).filter((entry): entry is [string, AnyModule] => entry[1] instanceof Module);
  const order = orders.get(module);
  if (order === undefined) return found;
  const places = new Map(order.map((name, i) => [name, i]));
  const place = (name: string) => places.get(name) ?? order.length;
  return found.sort(([a], [b]) => place(a) - place(b));
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
    for (const { hook } of [...hooks.before]) input = hook(this, input) ?? input;
    let output = this.forward(...input);
    for (const { hook } of [...hooks.after]) output = (hook(this, input, output) as R | undefined) ?? output;
    return output;
  }

  /** Calls `hook(module, args, output)` after each forward; what it returns replaces the output. */
  registerForwardHook(hook: Hook<A, R>): { remove(): void } {
    return register('registerForwardHook', hooksFor<A, R>(this).after, hook);
  }

  /** Calls `hook(module, args)` before each forward; what it returns replaces the arguments. */
  registerForwardPreHook(hook: PreHook<A, R>): { remove(): void } {
    return register('registerForwardPreHook', hooksFor<A, R>(this).before, hook);
  }

  /** The layers directly inside by name, each once. */
  *namedChildren(): Generator<[string, AnyModule]> {
    const seen = new Set<AnyModule>();
    for (const [name, child] of childrenOf(this)) {
      if (seen.has(child)) continue;
      seen.add(child);
      yield [name, child];
    }
  }

  /** The layers directly inside, each once. */
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

  /** This module and all inside it, each once. */
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

  /** All parameters, shared ones once. */
  *parameters(): Generator<Parameter> {
    for (const [, parameter] of this.namedParameters()) yield parameter;
  }

  /** All buffers by dotted name, shared ones once. */
  namedBuffers(): Generator<[string, Buffer]> {
    return this.#namedTensors(Buffer, true);
  }

  /** All buffers, shared ones once. */
  *buffers(): Generator<Buffer> {
    for (const [, buffer] of this.namedBuffers()) yield buffer;
  }

  /** Sets the mode of this module and all inside it. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Sets the mode in which dropout and the like do nothing. */
  eval(): this {
    return this.train(false);
  }

  /** Sets whether the parameters are learned. (`torch.nn.Module.requires_grad_`) */
  requiresGrad_(value = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(value);
    return this;
  }

  /** Drops all gradients, or fills them with zeros where `setToNone` is false. (`torch.nn.Module.zero_grad`) */
  zeroGrad(options: { setToNone?: boolean } = {}): void {
    const clear = flag(optionsOf(options, 'zeroGrad', ['setToNone']).setToNone, 'zeroGrad', 'setToNone', true);
    for (const parameter of this.parameters())
      if (!clear) withoutGrad(() => parameter.grad?.detach().zero_());
      else parameter.grad = null;
  }

  /**
   * Converts all floating parameters, their gradients and buffers in place; optimizers keep them. (`torch.nn.Module.to`)
   * @throws DTypeError for a dtype that is not floating.
   * @example
   * import { nn } from 'cresset';
   * new nn.Linear(2, 2).to('float64').weight.dtype; // 'float64'
   */
  to(dtype: DType): this {
    if (!isFloatingPoint(dtype)) throw new DTypeError(`Module.to: expected a floating dtype, got ${String(dtype)}`);
    for (const tensors of [this.parameters(), this.buffers()])
      for (const tensor of tensors) {
        if (!tensor.isFloatingPoint() || tensor.dtype === dtype) continue;
        const { grad, requiresGrad } = tensor;
        withoutGrad(() => tensor.replaceWith(tensor.detach().to(dtype)));
        if (requiresGrad) tensor.requiresGrad_();
        if (grad !== null) tensor.grad = withoutGrad(() => grad.detach().to(dtype));
      }
    return this;
  }

  /** Converts to float32, in place. (`torch.nn.Module.float`) */
  float(): this {
    return this.to('float32');
  }

  /** Converts to float64, in place. (`torch.nn.Module.double`) */
  double(): this {
    return this.to('float64');
  }

  /**
   * The module of a dotted name; '' is this one. (`torch.nn.Module.get_submodule`)
   * @throws CressetError where there is none.
   * @example
   * import { nn } from 'cresset';
   * String(new nn.Sequential(new nn.Sequential(new nn.ReLU())).getSubmodule('0.0')); // 'ReLU()'
   */
  getSubmodule(target: string): AnyModule {
    let module = this as unknown as AnyModule;
    for (const name of target === '' ? [] : target.split('.')) {
      const child = own(module, name, target);
      if (!(child instanceof Module)) throw new CressetError(`getSubmodule: ${target}: ${name} is not a Module`);
      module = child as AnyModule;
    }
    return module;
  }

  /**
   * The parameter of a dotted name. (`torch.nn.Module.get_parameter`)
   * @throws CressetError where there is none.
   * @example
   * import { nn } from 'cresset';
   * new nn.Sequential(new nn.Linear(3, 2)).getParameter('0.weight').shape; // [2, 3]
   */
  getParameter(target: string): Parameter {
    const dot = target.lastIndexOf('.');
    const value = own(this.getSubmodule(target.slice(0, Math.max(dot, 0))), target.slice(dot + 1), target);
    if (!(value instanceof Parameter)) throw new CressetError(`getParameter: ${target} is not a Parameter`);
    return value;
  }

  /** The buffer of a dotted name; throws CressetError where there is none. (`torch.nn.Module.get_buffer`) */
  getBuffer(target: string): Buffer {
    const dot = target.lastIndexOf('.');
    const value = own(this.getSubmodule(target.slice(0, Math.max(dot, 0))), target.slice(dot + 1), target);
    if (!(value instanceof Buffer)) throw new CressetError(`getBuffer: ${target} is not a Buffer`);
    return value;
  }

  /** Calls `fn` on every module inside, then on this one. */
  apply(fn: (module: AnyModule) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this as unknown as AnyModule);
    return this;
  }

  /**
   * Adds a layer under a name, after all others. (`torch.nn.Module.add_module`)
   * @throws TypeError for what is no module, CressetError for a name that is empty, has a dot or is a method's or property's.
   */
  addModule(name: string, module: AnyModule): void {
    if (!(module instanceof Module)) throw new TypeError(`addModule: ${name} must be a Module`);
    if (name === '' || name.includes('.'))
      throw new CressetError(`addModule: the name ${JSON.stringify(name)} must not be empty or contain a dot`);
    // A module is a function: with this name, `await` would take its parent for a promise and call it.
    if (name === 'then') throw new CressetError(`addModule: the name "then" would make a promise of the module`);
    const present = (this as unknown as Record<string, unknown>)[name] ?? null;
    if (present !== null && !(Object.hasOwn(this, name) && present instanceof Module))
      throw new CressetError(`addModule: ${JSON.stringify(name)} is already taken by a method or property`);
    if (!Object.hasOwn(this, name)) {
      const names = childrenOf(this).map(([other]) => other);
      if (orders.has(this) || (isIndex(name) && names.some((other) => !isIndex(other) || Number(other) > Number(name))))
        orders.set(this, [...names, name]);
    }
    Object.defineProperty(this, name, { value: module, configurable: true, enumerable: true, writable: true });
  }

  /** Parameters and persistent buffers by PyTorch's keys; the tensors share memory with the module. */
  stateDict(): StateDict {
    return stateDictOf(this as unknown as AnyModule);
  }

  /** @internal The version of the layer's state dict, by which PyTorch tells older files; most layers have one only. */
  get stateVersion(): number {
    return 1;
  }

  /** @internal The tensors of the layer that state dicts of earlier versions lack, and the version that has them. */
  get laterKeys(): Readonly<Record<string, number>> {
    return {};
  }

  /**
   * Copies tensors into the parameters and buffers of the same keys; nothing is changed unless all fit. `num_batches_tracked` may be
   * missing where layers of the file's version did not have it yet.
   * @throws CressetError that lists missing and unexpected keys (unless `strict: false`) and sizes that do not fit.
   */
  loadStateDict(state: StateDict | ReadonlyMap<string, Tensor>, options: { strict?: boolean } = {}): LoadResult {
    const strict = flag(optionsOf(options, 'loadStateDict', ['strict']).strict, 'loadStateDict', 'strict', true);
    return loadState(this, state, strict);
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
    const children = childrenOf(this).map(([name, child]) => `(${name}): ${indent(String(child))}`);
    const lines = [...(extra === '' ? [] : extra.split('\n')), ...children];
    if (children.length === 0 && lines.length < 2) return `${this.typeName}(${extra})`;
    return `${this.typeName}(\n  ${lines.join('\n  ')}\n)`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  toJSON(): string {
    return this.toString();
  }
}

// What runs where a class has no `forward`, as JavaScript knows no abstract methods.
Module.prototype.forward = function (this: AnyModule) {
  throw new CressetError(`Module [${this.typeName}] is missing the required "forward" function`);
};

// biome-ignore lint/suspicious/noExplicitAny: a module of any signature.
export type AnyModule = Module<any[], any>;

/** @internal The lines of a child's text, moved in. */
export const indent = (text: string): string => text.replaceAll('\n', '\n  ');

function own(module: AnyModule, name: string, target: string): unknown {
  if (!Object.hasOwn(module, name))
    throw new CressetError(`${module.typeName} has nothing named ${JSON.stringify(name)} (looking for ${target})`);
  return (module as unknown as Record<string, unknown>)[name];
}
