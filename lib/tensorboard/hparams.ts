// Hyperparameters and metrics as TensorBoard's plugin takes them.
import { describe, wrongType } from '../functional/check.js';
import { Tensor } from '../tensor.js';
import { type AnyValue, type HParam, hparamsData, hparamType, sessionSucceeded, type Value } from './messages.js';
import { encode, type Init } from './protobuf.js';
import type { Snapshot } from './snapshot.js';
import { scalarSnapshot } from './snapshot.js';

/** What a hyperparameter may be; null and undefined leave it out. */
export type HParamValue = number | string | boolean | Tensor | null | undefined;

/** A hyperparameter and what it is now. */
export interface NamedValue {
  name: string;
  value: string | Snapshot;
  domain: readonly (number | string | boolean)[] | null;
}

/** The hyperparameters of `values` that are there, checked. */
export function namedValues(
  values: Readonly<Record<string, HParamValue>>,
  domains: Readonly<Record<string, readonly (number | string | boolean)[]>>,
): NamedValue[] {
  const op = 'addHparams';
  for (const [name, domain] of Object.entries(domains)) {
    const fits = Array.isArray(domain) && domain.every((value) => typeof value === typeof values[name]);
    if (!fits)
      wrongType(op, `hparamDomainDiscrete.${name}`, `an array of what ${name} is, ${describe(values[name])}`, domain);
  }
  return Object.entries(values).flatMap(([name, value]): NamedValue[] => {
    if (value === null || value === undefined) return [];
    const domain = Object.hasOwn(domains, name) ? domains[name]! : null;
    if (typeof value === 'string') return [{ name, value, domain }];
    if (typeof value !== 'number' && typeof value !== 'boolean' && !(value instanceof Tensor))
      wrongType(op, `hparamDict.${name}`, 'a number, string, boolean or Tensor of one element', value);
    // PyTorch writes booleans as numbers.
    const number = typeof value === 'boolean' ? Number(value) : value;
    return [{ name, value: scalarSnapshot(number, op, `hparamDict.${name}`), domain }];
  });
}

const anyValue = (value: number | string | boolean): AnyValue =>
  typeof value === 'string' ? { text: value } : { number: Number(value) };

function pluginValue(tag: string, data: Init<typeof hparamsData>): Value {
  const content = encode(hparamsData, { version: 0, ...data });
  return { tag: `_hparams_/${tag}`, metadata: { plugin: { name: 'hparams', content } } };
}

/** The summaries of an experiment, of the start and of the end of a session with these hyperparameters. */
export function hparamsValues(values: readonly NamedValue[], metrics: readonly string[]): Value[] {
  const infos = values.map(
    ({ name, value, domain }): HParam => ({
      name,
      type: typeof value === 'string' ? hparamType.string : hparamType.float64,
      domain: domain === null ? undefined : { values: domain.map(anyValue) },
    }),
  );
  const start = Object.fromEntries(
    values.map(({ name, value }) => [name, anyValue(typeof value === 'string' ? value : value.read()[0]!)]),
  );
  return [
    pluginValue('experiment', { experiment: { hparams: infos, metrics: metrics.map((tag) => ({ name: { tag } })) } }),
    pluginValue('session_start_info', { start: { hparams: start } }),
    pluginValue('session_end_info', { end: { status: sessionSucceeded } }),
  ];
}
