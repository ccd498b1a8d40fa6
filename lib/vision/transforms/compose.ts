// Transforms made of other functions.
import { describe } from '../../functional/check.js';
import type { Tensor } from '../../tensor.js';
import type { Picture } from './picture.js';
import { lines } from './text.js';
import { Transform } from './transform.js';

// biome-ignore lint/suspicious/noExplicitAny: what one makes the next takes, which types cannot follow through a list.
export type AnyTransform = (picture: any) => any;

/** Checks a list of functions and copies it. */
export function functionsOf(transforms: readonly AnyTransform[], op: string): readonly AnyTransform[] {
  if (!Array.isArray(transforms))
    throw new TypeError(`${op}: transforms must be an array, got ${describe(transforms)}`);
  transforms.forEach((transform, i) => {
    if (typeof transform !== 'function')
      throw new TypeError(`${op}: transforms[${i}] must be a function, got ${describe(transform)}`);
  });
  return [...transforms];
}

/**
 * One transform after the other. `In` and `Out` are what goes in and comes out, by default a picture and a tensor.
 * (`torchvision.transforms.Compose`)
 * @throws TypeError for anything but an array of functions.
 * @example
 * import { Image, transforms } from 'cresset/vision';
 * const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.5], [0.5])]);
 * transform(new Image(Uint8Array.of(0, 255), 2, 1, 1)).toArray(); // [[[-1, 1]]]
 */
export class Compose<In = Picture, Out = Tensor> extends Transform {
  readonly transforms: readonly AnyTransform[];

  constructor(transforms: readonly AnyTransform[]) {
    super();
    this.transforms = functionsOf(transforms, 'Compose');
  }

  forward(picture: In): Out {
    let value: unknown = picture;
    for (const transform of this.transforms) value = transform(value);
    return value as Out;
  }

  override toString(): string {
    return `Compose(${lines(this.transforms)}\n)`;
  }
}

export interface Compose<In = Picture, Out = Tensor> {
  (picture: In): Out;
}
