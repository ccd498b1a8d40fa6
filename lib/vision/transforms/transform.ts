// What all transforms are: functions that print as torchvision's classes.
import { inspect } from 'node:util';
import { checkOwn, type Recipe, recipe } from '../../data/recipe.js';
import { Callable } from '../../nn/callable.js';
import type { Picture } from './picture.js';

/** The library's own transforms by name; `remake.ts` fills it. @internal */
export const ownTransforms = new Map<string, object>();

/** The root of all transforms: an object that is a function. Subclasses write `forward`, and `extraRepr` for their text. */
export abstract class Transform extends Callable {
  abstract forward(...args: never[]): unknown;

  /** @internal What a call does. */
  call_(args: never[]): unknown {
    return this.forward(...args);
  }

  /** What stands between the parentheses of the text. */
  extraRepr(): string {
    return '';
  }

  /** torchvision's text of the transform. */
  toString(): string {
    return `${this.constructor.name}(${this.extraRepr()})`;
  }

  /** Worker threads make a transform of the library anew by its class and its fields; other classes write their own. */
  [recipe](): Recipe {
    const { name } = this.constructor;
    checkOwn(this, ownTransforms.get(name) === this.constructor, 'transform');
    return { module: new URL('./remake.js', import.meta.url), export: 'remake', args: [name, { ...this }] };
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** A transform that makes an Image of an Image and a tensor of a tensor. */
export abstract class PictureTransform extends Transform {
  abstract override forward<P extends Picture>(picture: P): P;
}

export interface PictureTransform {
  <P extends Picture>(picture: P): P;
}
