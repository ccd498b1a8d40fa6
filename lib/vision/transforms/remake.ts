// How transforms come to exist in worker threads.
import * as transforms from './index.js';
import { ownTransforms, Transform } from './transform.js';

for (const [name, made] of Object.entries({ ...transforms, ...transforms.presets }))
  if (typeof made === 'function' && made.prototype instanceof Transform) ownTransforms.set(name, made);

/** @internal The transform of class `name` with the fields of another one. */
export function remake(name: string, fields: object): Transform {
  return Object.assign(Reflect.construct(Transform, [], ownTransforms.get(name) as typeof Transform), fields);
}
