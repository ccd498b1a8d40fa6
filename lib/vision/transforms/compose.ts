// Transforms made of other functions.
import { describe, optionsOf, wrongType } from '../../functional/check.js';
import { rand, randperm } from '../../random.js';
import type { Tensor } from '../../tensor.js';
import { probabilityOf } from './draw.js';
import type { Picture } from './picture.js';
import { lines, python } from './text.js';
import { PictureTransform, Transform } from './transform.js';

// biome-ignore lint/suspicious/noExplicitAny: what one makes the next takes, which types cannot follow through a list.
export type AnyTransform = (picture: any) => any;

/** Checks a list of functions and copies it. */
function functionsOf(transforms: readonly AnyTransform[], op: string): readonly AnyTransform[] {
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

/**
 * Any function, as a transform. (`torchvision.transforms.Lambda`)
 * @throws TypeError for anything but a function.
 * @example
 * import { ones, type Tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.Lambda((x: Tensor) => x.mul(2))(ones([1])).toArray(); // [2]
 */
export class Lambda<In = Picture, Out = In> extends Transform {
  /** @internal */
  readonly lambd_: (picture: In) => Out;

  constructor(lambd: (picture: In) => Out) {
    super();
    if (typeof lambd !== 'function') wrongType('Lambda', 'lambd', 'a function', lambd);
    this.lambd_ = lambd;
  }

  forward(picture: In): Out {
    return this.lambd_(picture);
  }
}

export interface Lambda<In = Picture, Out = In> {
  (picture: In): Out;
}

/**
 * All of the transforms, one after the other, or none, with probability `p`. (`torchvision.transforms.RandomApply`)
 * @throws TypeError for anything but an array of functions; RangeError unless p lies between 0 and 1.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomApply([new transforms.Resize(4)], { p: 1 })(ones([3, 8, 8])).shape; // [3, 4, 4]
 */
export class RandomApply extends PictureTransform {
  readonly transforms: readonly AnyTransform[];
  readonly p: number;

  constructor(transforms: readonly AnyTransform[], options: { p?: number } = {}) {
    super();
    this.transforms = functionsOf(transforms, 'RandomApply');
    this.p = probabilityOf(optionsOf(options, 'RandomApply', ['p']).p ?? 0.5, 'RandomApply');
  }

  forward<P extends Picture>(picture: P): P {
    // Where the number is p itself, they are applied.
    if (this.p < rand([1]).item()) return picture;
    return this.transforms.reduce((value, transform) => transform(value), picture);
  }

  override toString(): string {
    return `RandomApply(\n    p=${python(this.p)}${lines(this.transforms)}\n)`;
  }
}

/**
 * All of the transforms in a random order, which is drawn from the generator that `manualSeed` seeds; torchvision's comes from Python's.
 * (`torchvision.transforms.RandomOrder`)
 * @throws TypeError for anything but an array of functions.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomOrder([new transforms.Pad(1), new transforms.Pad(2)])(ones([3, 2, 2])).shape; // [3, 8, 8]
 */
export class RandomOrder extends PictureTransform {
  readonly transforms: readonly AnyTransform[];

  constructor(transforms: readonly AnyTransform[]) {
    super();
    this.transforms = functionsOf(transforms, 'RandomOrder');
  }

  forward<P extends Picture>(picture: P): P {
    const order = randperm(this.transforms.length).toArray() as number[];
    return order.reduce((value, i) => this.transforms[i]!(value), picture);
  }

  override toString(): string {
    return `RandomOrder(${lines(this.transforms)}\n)`;
  }
}

/**
 * One of the transforms, all alike or by the weights `p`, drawn from the generator that `manualSeed` seeds; torchvision's comes from
 * Python's. (`torchvision.transforms.RandomChoice`)
 * @throws TypeError for anything but an array of functions; RangeError for weights that do not fit.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomChoice([new transforms.Pad(1), new transforms.Pad(2)], { p: [0, 1] })(ones([3, 2, 2])).shape; // [3, 6, 6]
 */
export class RandomChoice extends PictureTransform {
  readonly transforms: readonly AnyTransform[];
  readonly p: readonly number[] | null;

  constructor(transforms: readonly AnyTransform[], options: { p?: readonly number[] | null } = {}) {
    super();
    this.transforms = functionsOf(transforms, 'RandomChoice');
    const n = this.transforms.length;
    this.p = optionsOf(options, 'RandomChoice', ['p']).p ?? null;
    const weights = this.p ?? new Array<number>(n).fill(1);
    const valid =
      Array.isArray(weights) &&
      weights.length === n &&
      weights.every((w) => w >= 0 && w < Number.POSITIVE_INFINITY) &&
      weights.some((w) => w > 0);
    if (!valid)
      throw new RangeError(`RandomChoice: p must have a weight for each of ${n} transforms, got ${describe(weights)}`);
  }

  forward<P extends Picture>(picture: P): P {
    const weights = this.p ?? this.transforms.map(() => 1);
    let left = rand([1]).item() * weights.reduce((a, b) => a + b, 0);
    const chosen = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    return this.transforms[chosen < 0 ? weights.findLastIndex((weight) => weight > 0) : chosen]!(picture);
  }

  override toString(): string {
    return `RandomChoice(${lines(this.transforms)}\n)(p=${python(this.p)})`;
  }
}
