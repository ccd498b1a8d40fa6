// Walking what a pickle describes.
import { PythonObject } from './python.js';
import { OrderedDict } from './stored.js';

/** What a value holds; undefined where it holds nothing by its kind. */
function partsOf(value: object): Iterable<unknown> | undefined {
  if (value instanceof PythonObject) return value.attributes.values();
  if (value instanceof OrderedDict) return [...value.keys(), ...value.values(), value._metadata];
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return Array.isArray(value) || value instanceof Set ? value : undefined;
}

/** Every object in `value`, itself first, with the one that holds it; what holds others is visited once, what does not at each of its places. */
export function* everyObject(value: unknown): Generator<[part: object, holder: object | undefined]> {
  const seen = new Set<object>();
  const open: [unknown, object | undefined][] = [[value, undefined]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [part, holder] = next;
    if (typeof part !== 'object' || part === null || seen.has(part)) continue;
    yield [part, holder];
    const parts = partsOf(part);
    if (parts === undefined) continue;
    seen.add(part);
    for (const inner of parts) if (typeof inner === 'object') open.push([inner, part]);
  }
}
