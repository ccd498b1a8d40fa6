// What the families of networks share.
import { wrongType } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import type { Tensor } from '../../tensor.js';

/** The multiple of 8 that is near `value`, at least 8 and not below it by more than a tenth. */
export function makeDivisible(value: number): number {
  const near = Math.max(8, Math.floor(Math.trunc(value + 4) / 8) * 8);
  return near < 0.9 * value ? near + 8 : near;
}

/** `value`, checked to be an array. */
export function arrayOf<T>(value: readonly T[], op: string, name: string): readonly T[] {
  if (!Array.isArray(value)) wrongType(op, name, 'an array', value);
  return value;
}

/** `value`, checked to be a finite number above 0. */
export function positive(value: number, op: string, name: string): number {
  if (!(Number.isFinite(value) && value > 0))
    throw new RangeError(`${op}: ${name} must be a positive number, got ${String(value)}`);
  return value;
}

/** A state dict under other names; whatever else it may be, as it is. */
export function renameKeys<S extends nn.StateDict | ReadonlyMap<string, Tensor>>(
  state: S,
  rename: (key: string) => string,
): S | Map<string, Tensor> {
  if (typeof state !== 'object' || state === null) return state;
  const entries: Iterable<[string, Tensor]> = state instanceof Map ? state : Object.entries(state);
  return new Map(Array.from(entries, ([key, value]) => [rename(key), value]));
}

/** Draws the weights of all convolutions by their fan out and of all linear layers by `drawLinear`; their biases become 0. */
export function initialise(model: nn.AnyModule, drawLinear: (layer: nn.Linear) => void): void {
  for (const module of model.modules()) {
    if (module instanceof nn.Conv2d) nn.init.kaimingNormal_(module.weight, { mode: 'fan_out' });
    else if (module instanceof nn.Linear) drawLinear(module);
    else continue;
    if (module.bias !== null) nn.init.zeros_(module.bias);
  }
}
