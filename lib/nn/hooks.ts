// What runs around the calls of a module.
import { wrongType } from '../functional/check.js';
import type { Module } from './module.js';

/** Called after a forward. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that changes nothing returns nothing.
export type Hook<A extends unknown[], R> = (module: Module<A, R>, args: A, output: R) => R | void;
/** Called before a forward. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that changes nothing returns nothing.
export type PreHook<A extends unknown[], R> = (module: Module<A, R>, args: A) => A | void;

/** The hooks of one module, each with an entry of its own, as one function may be registered twice. */
export interface Hooks<A extends unknown[], R> {
  before: Set<{ hook: PreHook<A, R> }>;
  after: Set<{ hook: Hook<A, R> }>;
}

// Kept outside the instance, whose own properties are children and parameters.
export const hooksOf = new WeakMap<object, Hooks<never, never>>();

/** The hooks of a module, from now on. */
export function hooksFor<A extends unknown[], R>(module: object): Hooks<A, R> {
  let hooks = hooksOf.get(module) as Hooks<A, R> | undefined;
  if (hooks === undefined) {
    hooks = { before: new Set(), after: new Set() };
    hooksOf.set(module, hooks as unknown as Hooks<never, never>);
  }
  return hooks;
}

/** Adds `hook` to `hooks`; the handle removes this registration alone. */
export function register<H>(op: string, hooks: Set<{ hook: H }>, hook: H): { remove(): void } {
  if (typeof hook !== 'function') wrongType(op, 'hook', 'a function', hook);
  const entry = { hook };
  hooks.add(entry);
  return { remove: () => hooks.delete(entry) };
}
