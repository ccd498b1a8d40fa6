// One forward as the calls of ops that it was made of: what went in, what came out, and in which modules.
import { isTensor } from '../../functional.js';
import { native, type TensorId } from '../../native.js';
import type { AnyModule } from '../../nn/module.js';

/** Where a tensor comes from: a call, or what it is to the model. */
export type Source =
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'parameter'; readonly path: string }
  /** A number among tensors. */
  | { readonly kind: 'number'; readonly value: number }
  /** A tensor that the forward had from elsewhere. */
  | { readonly kind: 'constant' };

/** A tensor as it was between two calls. */
export class Value {
  constructor(
    readonly source: Source,
    readonly shape: readonly number[],
  ) {}
}

/** An argument of an op. */
export type Argument = Value | readonly Value[] | number | boolean | readonly number[] | null;

/** A call of an op. */
export interface Call {
  readonly op: string;
  readonly args: Readonly<Record<string, Argument>>;
  /** The modules that were running, the outermost first, without the model itself. */
  readonly scope: readonly AnyModule[];
  /** Of the result. */
  readonly shape: readonly number[];
}

/** What a forward gave: tensors, alone or in arrays and objects, and what is no tensor. */
export type Output = Value | readonly Output[] | { readonly [name: string]: Output } | null;

export interface Recording {
  /** In the order in which they ran. */
  readonly calls: readonly Call[];
  readonly output: Output;
}

type ParameterType = 'TensorId' | 'readonly TensorId[]' | string;

// The names and types of each op's parameters, from the declarations that the addon prints.
let signatures: Map<string, [name: string, type: ParameterType][]> | null = null;

function signatureOf(op: string): [string, ParameterType][] {
  signatures ??= new Map(
    [...native.declarations().matchAll(/^ {2}(\w+)\((.*)\): /gm)].map(([, name, params]) => [
      name!,
      [...params!.matchAll(/(\w+): (.+?)(?=, \w+: |$)/g)].map(([, param, type]) => [param!, type!]),
    ]),
  );
  return signatures.get(op)!;
}

/** The names of the parameters of the model's forward, as they stand in its source. */
function parameterNames(model: AnyModule): string[] {
  const source = Function.prototype.toString.call(model.forward);
  const [, only, list] = /^(?:async )?(?:([\w$]+) =>|[^(]*\(([^)]*)\))/.exec(source) ?? [];
  if (only !== undefined) return [only];
  return (list ?? '').split(',').map((part) => /^\s*(?:\.\.\.)?([\w$]+)/.exec(part)?.[1] ?? '');
}

/** Runs `model` on `args` and tells what it did. */
export function recordForward(model: AnyModule, args: readonly unknown[]): Recording {
  const calls: Call[] = [];
  // Of every tensor that has a handle now.
  const values = new Map<TensorId, Value>();
  const scope: AnyModule[] = [];

  const current = (id: TensorId): Value => {
    let value = values.get(id);
    if (value === undefined) {
      value = new Value({ kind: 'constant' }, native.shape(id));
      values.set(id, value);
    }
    return value;
  };
  const argumentOf = (given: unknown, type: ParameterType): Argument => {
    if (type === 'TensorId') return given === 0 ? null : current(given as TensorId);
    if (type === 'readonly TensorId[]') return (given as TensorId[]).map(current);
    return Array.isArray(given) ? [...given] : (given as number | boolean);
  };
  const listener = (op: string, given: unknown[], result: TensorId | object): void => {
    const id = typeof result === 'number' ? result : (result as { id: TensorId }).id;
    // Another tensor may have had the number before.
    if (op === '') return void values.delete(id);
    const entries = signatureOf(op).map(([name, type], i) => [name, argumentOf(given[i], type)] as const);
    const shape = native.shape(id);
    const call: Call = { op, args: Object.fromEntries(entries), scope: [...scope], shape };
    const source: Source =
      op === 'scalar' ? { kind: 'number', value: call.args.value as number } : { kind: 'call', call };
    calls.push(call);
    values.set(id, new Value(source, shape));
  };

  const tensors = [...model.namedParameters(), ...model.namedBuffers()];
  for (const [path, { id, shape }] of tensors) values.set(id, new Value({ kind: 'parameter', path }, shape));
  const names = parameterNames(model);
  const addInput = (x: unknown, name: string): void => {
    if (Array.isArray(x)) x.forEach((part, i) => void addInput(part, `${name}.${i}`));
    if (isTensor(x)) values.set(x.id, new Value({ kind: 'input', name }, x.shape));
  };
  args.forEach((x, i) => void addInput(x, names[i] || `argument.${i}`));

  const outputOf = (x: unknown): Output => {
    if (isTensor(x)) return current(x.id);
    if (Array.isArray(x)) return x.map(outputOf);
    if (typeof x !== 'object' || x === null || Object.getPrototypeOf(x) !== Object.prototype) return null;
    return Object.fromEntries(Object.entries(x).map(([name, part]) => [name, outputOf(part)]));
  };

  const hooks = [...model.namedModules()].slice(1).flatMap(([, module]) => [
    module.registerForwardPreHook(() => void scope.push(module)),
    // Whatever threw inside, and was caught, ends with it.
    module.registerForwardHook(() => void scope.splice(scope.lastIndexOf(module))),
  ]);
  native.listen(listener);
  try {
    const output = (model as (...args: unknown[]) => unknown)(...args);
    return { calls, output: outputOf(output) };
  } finally {
    native.listen(null);
    for (const hook of hooks) hook.remove();
  }
}
