// The saved form of an optimizer: PyTorch's snake_case keys, counts as tensors, so that files cross the border both ways.
import { withoutGrad } from '../autograd.js';
import { CressetError } from '../errors.js';
import { float } from '../print.js';
import { Tensor, tensor } from '../tensor.js';

/** What is saved of one parameter, by PyTorch's keys: `step`, `exp_avg`, `momentum_buffer` and the like. */
export type SavedState = Record<string, unknown>;

/** The options of a group by PyTorch's keys, and the numbers of its parameters. */
export type SavedGroup = Record<string, unknown> & { params: number[] };

/** The Python name of `key`. */
export const snakeCase = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelCase = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The text of an option as Python prints it; arrays are tuples there. */
export function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (Array.isArray(value)) return `(${value.map(pythonText).join(', ')})`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' && !Number.isInteger(value) ? float(value) : String(value);
}

// Entries of dicts that `load` made are Maps where a key is no string.
const entriesOf = (dict: object): [string, unknown][] =>
  dict instanceof Map ? [...dict].map(([key, value]) => [String(key), value]) : Object.entries(dict);

const numberIn = (value: unknown): unknown => (value instanceof Tensor && value.numel() === 1 ? value.item() : value);

/** `values` under PyTorch's keys; a count of steps becomes the float32 tensor that it is there. */
export function packState(values: object): SavedState {
  const packed: SavedState = {};
  for (const [key, value] of Object.entries(values))
    packed[snakeCase(key)] = key === 'step' ? tensor(value as number) : Array.isArray(value) ? [...value] : value;
  return packed;
}

/** The options of a saved group under our names; those that PyTorch lets be absent, all of them booleans, take their default. */
export function unpackGroup<O extends object>(
  name: string,
  index: number,
  group: SavedGroup,
  defaults: O,
): { options: O; numbers: number[] } {
  const { params, ...saved } = Object.fromEntries(entriesOf(group ?? {}));
  if (!Array.isArray(params)) throw new CressetError(`${name}: group ${index} has no list params`);
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(saved)) options[camelCase(key)] = numberIn(value);
  for (const [key, value] of Object.entries(defaults)) {
    if (key in options) continue;
    if (typeof value !== 'boolean') throw new CressetError(`${name}: group ${index} has no ${snakeCase(key)}`);
    options[key] = value;
  }
  return { options: options as O, numbers: params.map(Number) };
}

/**
 * A saved entry in the form of `template`, its tensors copied in the dtype of `param`; null for an entry that holds nothing.
 * @throws CressetError where something is missing or a shape is not the parameter's.
 */
export function unpackState<S extends object>(name: string, saved: SavedState, template: S, param: Tensor): S | null {
  const entries = entriesOf(saved ?? {});
  if (entries.every(([, value]) => value === null)) return null;
  const state = { ...template } as Record<string, unknown>;
  const given = new Set<string>();
  for (const [key, value] of entries) {
    const own = camelCase(key);
    given.add(own);
    if (own === 'step') state[own] = numberIn(value);
    else if (value instanceof Tensor) {
      if (value.shape.join() !== param.shape.join())
        throw new CressetError(
          `${name}: ${key} has shape [${value.shape.join(', ')}] but its parameter has shape [${param.shape.join(', ')}]`,
        );
      state[own] = withoutGrad(() => value.detach().to(param.dtype).contiguous().clone());
    } else state[own] = value;
  }
  for (const [key, value] of Object.entries(template)) {
    if (value !== null && !given.has(key)) throw new CressetError(`${name} has no ${snakeCase(key)}`);
    const kind = key === 'step' ? 'number' : 'object';
    if (value !== null && (typeof state[key] !== kind || state[key] === null))
      throw new CressetError(`${name}: ${snakeCase(key)} must be a ${kind === 'number' ? 'number' : 'tensor'}`);
  }
  return state as S;
}
