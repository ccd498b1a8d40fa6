// Transforms that make several pictures of one.
import { flag, optionsOf } from '../../functional/check.js';
import { type FiveCrops, fiveCrop, tenCrop } from './functional/crops.js';
import { type Picture, sizeOf } from './picture.js';
import { givenSize, python } from './text.js';
import { Transform } from './transform.js';

/**
 * The four corners and the centre. (`torchvision.transforms.FiveCrop`)
 * @throws RangeError for sizes that are not positive integers; on the call for a picture that is smaller.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.FiveCrop(24)(ones([3, 32, 32])).length; // 5
 */
export class FiveCrop extends Transform {
  constructor(readonly size: number | readonly number[]) {
    super();
    sizeOf(size, 'FiveCrop');
  }

  forward<P extends Picture>(picture: P): FiveCrops<P> {
    return fiveCrop(picture, this.size);
  }

  override extraRepr(): string {
    return `size=${givenSize(this.size)}`;
  }
}

export interface FiveCrop {
  <P extends Picture>(picture: P): FiveCrops<P>;
}

/**
 * The four corners and the centre, then those of the flipped picture. (`torchvision.transforms.TenCrop`)
 * @throws RangeError for sizes that are not positive integers; on the call for a picture that is smaller.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.TenCrop(24)(ones([3, 32, 32])).length; // 10
 */
export class TenCrop extends Transform {
  readonly verticalFlip: boolean;

  constructor(
    readonly size: number | readonly number[],
    options: { verticalFlip?: boolean } = {},
  ) {
    super();
    sizeOf(size, 'TenCrop');
    this.verticalFlip = flag(optionsOf(options, 'TenCrop', ['verticalFlip']).verticalFlip, 'TenCrop', 'verticalFlip');
  }

  forward<P extends Picture>(picture: P): [...FiveCrops<P>, ...FiveCrops<P>] {
    return tenCrop(picture, this.size, { verticalFlip: this.verticalFlip });
  }

  override extraRepr(): string {
    return `size=${givenSize(this.size)}, vertical_flip=${python(this.verticalFlip)}`;
  }
}

export interface TenCrop {
  <P extends Picture>(picture: P): [...FiveCrops<P>, ...FiveCrops<P>];
}
