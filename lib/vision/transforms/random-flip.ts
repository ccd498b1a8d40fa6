// Transforms that are applied with a probability.
import { happens, probabilityOf } from './draw.js';
import { hflip, vflip } from './functional/geometry.js';
import type { Picture } from './picture.js';
import { python } from './text.js';
import { PictureTransform } from './transform.js';

/** A transform that happens with probability `p`. Subclasses write `apply`. */
export abstract class RandomTransform extends PictureTransform {
  constructor(readonly p = 0.5) {
    super();
    probabilityOf(p, new.target.name);
  }

  /** What is done where it happens. */
  protected abstract apply<P extends Picture>(picture: P): P;

  forward<P extends Picture>(picture: P): P {
    return happens(this.p) ? this.apply(picture) : picture;
  }

  override extraRepr(): string {
    return `p=${python(this.p)}`;
  }
}

/**
 * Exchanges left and right with probability `p`. (`torchvision.transforms.RandomHorizontalFlip`)
 * @throws RangeError unless p lies between 0 and 1.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomHorizontalFlip(1)(tensor([[[1, 2]]])).toArray(); // [[[2, 1]]]
 */
export class RandomHorizontalFlip extends RandomTransform {
  protected apply<P extends Picture>(picture: P): P {
    return hflip(picture);
  }
}

/**
 * Exchanges top and bottom with probability `p`. (`torchvision.transforms.RandomVerticalFlip`)
 * @throws RangeError unless p lies between 0 and 1.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomVerticalFlip(1)(tensor([[[1], [2]]])).toArray(); // [[[2], [1]]]
 */
export class RandomVerticalFlip extends RandomTransform {
  protected apply<P extends Picture>(picture: P): P {
    return vflip(picture);
  }
}
