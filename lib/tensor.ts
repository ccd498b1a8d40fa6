// The Tensor that users hold: a handle to the native tensor, and every function of one tensor as a method.
import { inspect } from 'node:util';
import { withoutGrad } from './autograd.js';
import { type DType, dtypeName, isFloatingPoint, type TypedArray, typedArray } from './dtype.js';
import { AutogradError, CressetError } from './errors.js';
import { flag, idOf, integerOf, optionalId, optionsOf, wrongType } from './functional/check.js';
import * as comparisons from './functional/compare.js';
import { type NestedArray, toNested } from './functional/data.js';
import * as elementwise from './functional/elementwise.js';
import * as inplace from './functional/inplace.js';
import * as joining from './functional/join.js';
import { bmm, dot, matmul, mm, mv } from './functional/matmul.js';
import * as reductions from './functional/reduce.js';
import { logSoftmax, softmax } from './functional/softmax.js';
import * as selections from './functional/topk.js';
import * as unary from './functional/unary.js';
import * as views from './functional/view.js';
import { noteCreation } from './memory.js';
import { native, type TensorId } from './native.js';
import { formatTensor } from './print.js';
import { computed } from './stream.js';

const products = { matmul, mm, bmm, mv, dot, softmax, logSoftmax };

type Method<F> = F extends (x: never, ...args: infer A) => infer R ? (...args: A) => R : never;
type Methods<Family> = { [K in keyof Family]: Method<Family[K]> };
type ElementwiseMethods = Methods<typeof elementwise>;
type UnaryMethods = Methods<typeof unary>;
type ReduceMethods = Methods<typeof reductions>;
type SelectionMethods = Methods<typeof selections>;
type ViewMethods = Methods<typeof views>;
type ProductMethods = Methods<typeof products>;
type InplaceMethods = Methods<typeof inplace>;

export { isTensor, type TensorOptions, tensor } from './functional/create.js';

/** Options of `backward`. */
export interface BackwardOptions {
  /** Keep the graph for another pass. Default false. */
  retainGraph?: boolean;
}

/** A hook, which `remove` takes away. */
export interface HookHandle {
  remove(): void;
}

/** What the constructor asks for, as a number of the caller's own would make it another tensor's. @internal */
export const handleKey = Symbol('handle');

// What the graph calls for a hook. Made outside `registerHook`, whose scope holds the tensor: the graph would keep it alive.
function nativeHook(hook: (grad: Tensor) => unknown): (gradient: TensorId | object) => TensorId {
  return (gradient) =>
    withoutGrad(() => {
      const result = hook(wrap(gradient));
      return result instanceof Tensor ? idOf(result, 'registerHook', 'result') : 0;
    });
}

// Jest's realm on Node 20 lacks Symbol.dispose.
const disposeSymbol: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');

export interface Tensor
  extends ElementwiseMethods,
    UnaryMethods,
    ReduceMethods,
    SelectionMethods,
    ViewMethods,
    ProductMethods,
    InplaceMethods {}

/**
 * An array of numbers of one dtype with any number of dimensions, which can record what becomes of it for gradients. Made by
 * `tensor`, `zeros`, `rand` and the like. (`torch.Tensor`)
 * @example
 * import { tensor } from 'cresset';
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * x.square().sum().backward();
 * x.grad?.toArray(); // [2, 4, 6]
 */
export class Tensor {
  /** The native handle; 0 after `dispose`. @internal */
  id: TensorId;
  #shape: readonly number[] | null = null;

  /** @internal */
  constructor(id: TensorId, key: typeof handleKey) {
    if (key !== handleKey) throw new TypeError('Tensor: has no public constructor; use tensor(data) to make a tensor');
    this.id = id;
    native.track(id, this);
    noteCreation(this);
  }

  /** The sizes of the dimensions. */
  get shape(): readonly number[] {
    this.#shape ??= Object.freeze(native.shape(idOf(this, 'shape')));
    return this.#shape;
  }

  /** The type of the elements. */
  get dtype(): DType {
    return dtypeName(native.dtype(idOf(this, 'dtype')));
  }

  /** The number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** The number of dimensions. */
  dim(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  numel(): number {
    return this.shape.reduce((a, b) => a * b, 1);
  }

  /** The sizes of all dimensions, or the size of `dim`. */
  size(): readonly number[];
  size(dim: number): number;
  size(dim?: number): number | readonly number[] {
    return dim === undefined ? this.shape : this.#at(this.shape, dim, 'size');
  }

  /** The distances in memory of neighbours along each dimension, or along `dim`, in elements. */
  stride(): readonly number[];
  stride(dim: number): number;
  stride(dim?: number): number | readonly number[] {
    const strides = native.stride(idOf(this, 'stride'));
    return dim === undefined ? strides : this.#at(strides, dim, 'stride');
  }

  #at(values: readonly number[], dim: number, op: string): number {
    integerOf(dim, op, 'dim');
    const value = values.at(dim);
    if (value === undefined)
      throw new RangeError(`${op}: dim ${dim} is out of range for a tensor of ${values.length} dimensions`);
    return value;
  }

  /** True where the elements lie in order in memory. */
  isContiguous(): boolean {
    const { shape } = this;
    const strides = native.stride(idOf(this, 'isContiguous'));
    let expected = 1;
    for (let i = shape.length - 1; i >= 0; i--) {
      if (shape[i] === 0) return true;
      if (shape[i] !== 1 && strides[i] !== expected) return false;
      expected *= shape[i]!;
    }
    return true;
  }

  /** True where the dtype is a floating one. */
  isFloatingPoint(): boolean {
    return isFloatingPoint(this.dtype);
  }

  /** True where ops on this tensor are recorded for gradients. */
  get requiresGrad(): boolean {
    return native.requiresGrad(idOf(this, 'requiresGrad'));
  }
  set requiresGrad(value: boolean) {
    this.requiresGrad_(value);
  }

  /** Sets whether ops on this tensor are recorded for gradients; only floating dtypes can be. */
  requiresGrad_(value = true): this {
    const id = idOf(this, 'requiresGrad_');
    if (value && !this.isFloatingPoint())
      throw new AutogradError(`requiresGrad_: only floating dtypes have gradients, this is ${this.dtype}`);
    native.setRequiresGrad(id, value);
    return this;
  }

  /** True for tensors that no recorded op made: the ones whose `grad` backward fills. */
  get isLeaf(): boolean {
    return native.isLeaf(idOf(this, 'isLeaf'));
  }

  /** The name of the recorded op that made this tensor, or null. */
  get gradFn(): string | null {
    return native.gradFn(idOf(this, 'gradFn'));
  }

  /** The gradient that backward accumulated, or null. Can be set, also to null. */
  get grad(): Tensor | null {
    const grad = native.grad(idOf(this, 'grad'));
    return grad === null || grad === 0 ? null : wrap(grad);
  }
  set grad(value: Tensor | null) {
    native.setGrad(idOf(this, 'grad'), optionalId(value, 'grad', 'value'));
  }

  /** How often in-place ops wrote here. @internal */
  get version(): number {
    return native.version(idOf(this, 'version'));
  }

  /** The dimensions in reverse order. */
  get T(): Tensor {
    return this.permute(this.shape.map((_, i) => this.ndim - 1 - i));
  }

  /**
   * Computes the gradients of this tensor and adds them to the `grad` of the leaves it depends on. (`torch.Tensor.backward`)
   * @param gradient The gradient of this tensor itself; needed where it has more than one element.
   * @throws AutogradError where nothing was recorded, or the graph was freed by an earlier pass.
   */
  backward(gradient: Tensor | null = null, options: BackwardOptions = {}): void {
    idOf(this, 'backward');
    if (gradient === null && this.numel() !== 1)
      throw new AutogradError(`backward: a tensor of shape [${this.shape.join(', ')}] needs the argument gradient`);
    const retainGraph = flag(optionsOf(options, 'backward', ['retainGraph']).retainGraph, 'backward', 'retainGraph');
    const seed = optionalId(gradient, 'backward', 'gradient');
    native.backward([this.id], [seed], retainGraph);
  }

  /**
   * Calls `hook` with this tensor's gradient in each backward pass; a tensor that it returns takes the gradient's place. On a
   * computed tensor it ends with the graph, when backward frees it. (`torch.Tensor.register_hook`)
   */
  registerHook(hook: (grad: Tensor) => unknown): HookHandle {
    if (typeof hook !== 'function') wrongType('registerHook', 'hook', 'a function', hook);
    const number = native.addHook(idOf(this, 'registerHook'), nativeHook(hook));
    return { remove: () => native.removeHook(number) };
  }

  /** Lets backward fill `grad` here too though this is no leaf. */
  retainGrad(): void {
    native.retainGrad(idOf(this, 'retainGrad'));
  }

  /** Cuts this very tensor off from the graph. */
  detach_(): this {
    this.replaceWith(this.detach());
    return this;
  }

  /** Takes over the elements, dtype and shape of `other`, which is used up. @internal */
  replaceWith(other: Tensor): void {
    native.exchange(idOf(this, 'replaceWith'), idOf(other, 'replaceWith', 'other'));
    this.#shape = null;
    other.dispose();
  }

  /**
   * The only element as a number; waits for it to be computed. Booleans are 0 or 1. (`torch.Tensor.item`)
   * @throws CressetError where there is not exactly one element, RangeError for integers beyond 2^53.
   */
  item(): number {
    const id = idOf(this, 'item');
    if (this.numel() !== 1)
      throw new CressetError(`item: the tensor must have one element, but its shape is [${this.shape.join(', ')}]`);
    const value = native.item(id);
    const result = Number(value);
    if (typeof value === 'bigint' && !Number.isSafeInteger(result))
      throw new RangeError(`item: ${value} does not fit a JavaScript number; use toTypedArray()`);
    return result;
  }

  /** The elements in order, in a typed array of the dtype's kind (the bits for 16-bit floats); waits for them. */
  toTypedArray(): TypedArray {
    const id = idOf(this, 'toTypedArray');
    const out = typedArray(this.dtype, this.numel());
    native.toTypedArray(id, out);
    return out;
  }

  /** The elements as nested arrays of numbers (booleans for bool), or one number for a tensor of no dimension; waits for them. */
  toArray(): NestedArray {
    const { dtype } = this;
    const readable = dtype === 'float16' || dtype === 'bfloat16' ? this.detach().to('float32') : this;
    return toNested(readable.toTypedArray(), this.shape, dtype);
  }

  /** Resolves with this tensor once it is computed, without blocking the event loop. */
  async ready(): Promise<this> {
    idOf(this, 'ready');
    await computed(this);
    return this;
  }

  /** Releases the memory now, unless views or the graph hold it. Never needed; every later use of this object throws. */
  dispose(): void {
    if (this.id === 0) return;
    native.release(this.id);
    this.id = 0;
    this.#shape = null;
  }

  [disposeSymbol](): void {
    this.dispose();
  }

  /** The parts along dimension 0. */
  *[Symbol.iterator](): IterableIterator<Tensor> {
    if (this.ndim === 0) throw new TypeError('iteration over a tensor of no dimension');
    for (let i = 0; i < this.shape[0]!; i++) yield this.select(0, i);
  }

  /** As float32. */
  float(): Tensor {
    return this.to('float32');
  }

  /** As float64. */
  double(): Tensor {
    return this.to('float64');
  }

  /** As int64. */
  long(): Tensor {
    return this.to('int64');
  }

  /** As int32. */
  int(): Tensor {
    return this.to('int32');
  }

  /** As bool: true where the element is not 0. */
  bool(): Tensor {
    return this.to('bool');
  }

  /** See the function `max`. */
  max(): Tensor;
  max(y: Tensor): Tensor;
  max(dim: number, options?: reductions.ReduceOptions): joining.Extrema;
  max(...args: unknown[]): Tensor | joining.Extrema {
    return joining.max(this, ...(args as [number]));
  }

  /** See the function `min`. */
  min(): Tensor;
  min(y: Tensor): Tensor;
  min(dim: number, options?: reductions.ReduceOptions): joining.Extrema;
  min(...args: unknown[]): Tensor | joining.Extrema {
    return joining.min(this, ...(args as [number]));
  }

  /** See the function `equal`. */
  equal(y: Tensor): boolean {
    return comparisons.equal(this, y);
  }

  /** See the function `allclose`. */
  allclose(y: Tensor, options: comparisons.AllcloseOptions = {}): boolean {
    return comparisons.allclose(this, y, options);
  }

  /** The text that PyTorch prints. */
  toString(): string {
    if (this.id === 0) return 'tensor(<disposed>)';
    return formatTensor(printable(this));
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /**
   * The only element where a number is meant, as in `+loss`, `running += loss` and `loss < best`; the text in template strings. Several elements
   * have no number. (Python's `float(tensor)`)
   */
  [Symbol.toPrimitive](hint: 'number' | 'string' | 'default'): number | string {
    if (hint === 'string') return this.toString();
    if (this.id !== 0 && this.numel() !== 1)
      throw new TypeError(
        `a tensor of shape [${this.shape.join(', ')}] is no number: the operators of JavaScript take one element; write a.add(b) and the like, or String(x) for its text`,
      );
    return this.item();
  }

  /** What `JSON.stringify` writes of it: `toArray`. */
  toJSON(): NestedArray {
    return this.toArray();
  }
}

/** What `formatTensor` reads of a tensor. */
export function printable(x: Tensor) {
  const { dtype, shape, requiresGrad, gradFn } = x;
  const readable = dtype === 'float16' || dtype === 'bfloat16' ? x.detach().to('float32') : x;
  return { data: readable.toTypedArray(), shape, dtype, requiresGrad, gradFn };
}

/** The tensor of what a native op returned: a new handle, or a tensor that has its object already. */
export function wrap(result: TensorId | object): Tensor {
  return typeof result === 'object' ? (result as Tensor) : new Tensor(result, handleKey);
}

for (const family of [elementwise, unary, reductions, selections, views, products, inplace]) {
  for (const [name, f] of Object.entries(family) as [string, (x: Tensor, ...args: unknown[]) => unknown][]) {
    if (typeof f !== 'function') continue;
    const method = function (this: Tensor, ...args: unknown[]) {
      return f(this, ...args);
    };
    Object.defineProperty(Tensor.prototype, name, { value: method, writable: true, configurable: true });
  }
}
