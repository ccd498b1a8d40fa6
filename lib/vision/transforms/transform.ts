// What all transforms are: functions that print as torchvision's classes.
import { inspect } from 'node:util';
import { Callable } from '../../nn/callable.js';
import type { Picture } from './picture.js';

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
