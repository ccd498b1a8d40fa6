// State dicts of modules: what goes in, and how it comes back.
import { withoutGrad } from '../autograd.js';
import { CressetError } from '../errors.js';
import { describe, wrongType } from '../functional/check.js';
import { Tensor } from '../tensor.js';
import { type AnyModule, childrenOf } from './module.js';
import { Buffer, Parameter } from './parameter.js';

/** Tensors by their dotted names, in the order of definition. */
export type StateDict = Record<string, Tensor>;

/** What `loadStateDict` found amiss without `strict`. */
export interface LoadResult {
  missingKeys: string[];
  unexpectedKeys: string[];
}

/**
 * Parameters, then persistent buffers, then those of the children, by PyTorch's keys. A module that stands at two places has its keys at
 * both, as in PyTorch; one that contains itself ends there.
 */
export function* stateOf(module: object, prefix = '', path: readonly object[] = []): Generator<[string, Tensor]> {
  const entries: [string, unknown][] = Object.entries(module);
  for (const [name, value] of entries) if (value instanceof Parameter) yield [prefix + name, value];
  for (const [name, value] of entries) if (value instanceof Buffer && value.persistent) yield [prefix + name, value];
  for (const [name, child] of childrenOf(module))
    if (child !== module && !path.includes(child)) yield* stateOf(child, `${prefix}${name}.`, [...path, module]);
}

// Versions of the modules that a state dict came from: what PyTorch keeps as its `_metadata`.
const versions = new WeakMap<object, ReadonlyMap<string, number>>();

/** The versions of a state dict's modules by dotted name; undefined for any other object. */
export const versionsOf = (state: object): ReadonlyMap<string, number> | undefined => versions.get(state);

/** Notes the versions of the modules that `state` came from. */
export const setVersions = (state: object, of: ReadonlyMap<string, number>): void => void versions.set(state, of);

/** The tensors of `module` by key, as its state dict. */
export function stateDictOf(module: AnyModule): StateDict {
  const state: StateDict = {};
  for (const [key, tensor] of stateOf(module)) state[key] = tensor.detach();
  setVersions(state, new Map([...module.namedModules()].map(([name, { stateVersion }]) => [name, stateVersion])));
  return state;
}

/** Whether `state` may lack a tensor of `module`, as layers of its version did not have it yet. */
function isLater(module: AnyModule, key: string, state: object): boolean {
  const [path, name] = [key.slice(0, Math.max(0, key.lastIndexOf('.'))), key.slice(key.lastIndexOf('.') + 1)];
  return (versions.get(state)?.get(path) ?? 0) < (module.getSubmodule(path).laterKeys[name] ?? 0);
}

/** Copies `state` into the tensors of `module` of the same keys; throws before any is changed. */
export function loadState(
  module: AnyModule,
  state: StateDict | ReadonlyMap<string, Tensor>,
  strict: boolean,
): LoadResult {
  const { typeName } = module;
  if (typeof state !== 'object' || state === null)
    wrongType(`${typeName}.loadStateDict`, 'state', 'an object or Map of tensors', state);
  if (state instanceof Promise) throw new TypeError(`${typeName}.loadStateDict: state is a promise; await it first`);
  const given = new Map(state instanceof Map ? state : Object.entries(state)) as Map<string, Tensor>;
  const own = new Map(stateOf(module));
  const missingKeys = [...own.keys()].filter((key) => !given.has(key) && !isLater(module, key, state));
  const unexpectedKeys = [...given.keys()].filter((key) => !own.has(key));
  const quote = (keys: string[]) => keys.map((key) => `"${key}"`).join(', ');
  const errors: string[] = [];
  if (strict) {
    if (unexpectedKeys.length > 0) errors.push(`Unexpected key(s) in state_dict: ${quote(unexpectedKeys)}. `);
    if (missingKeys.length > 0) errors.unshift(`Missing key(s) in state_dict: ${quote(missingKeys)}. `);
  }
  for (const [key, target] of own) {
    if (!given.has(key)) continue;
    const source = given.get(key);
    if (!(source instanceof Tensor))
      errors.push(
        `While copying the parameter named "${key}", expected a Tensor from checkpoint but received ${describe(source)}.`,
      );
    else if (source.shape.join() !== target.shape.join())
      errors.push(
        `size mismatch for ${key}: copying a param with shape [${source.shape.join(', ')}] from checkpoint, the shape in current model is [${target.shape.join(', ')}].`,
      );
  }
  if (errors.length > 0)
    throw new CressetError(`Error(s) in loading state_dict for ${typeName}:\n\t${errors.join('\n\t')}`);
  withoutGrad(() => {
    for (const [key, target] of own) {
      const source = given.get(key);
      if (source !== undefined) target.copy_(source);
    }
  });
  return { missingKeys, unexpectedKeys };
}
