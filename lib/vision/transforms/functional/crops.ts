// Several crops of a picture, and crops at another size.
import { flag, optionsOf } from '../../../functional/check.js';
import { dimensionsOf, type Picture, sizeOf } from '../picture.js';
import { centerCrop, crop, hflip, vflip } from './geometry.js';
import { type ResizeOptions, resize } from './resize.js';

/** The four corners and the centre: top left, top right, bottom left, bottom right, centre. */
export type FiveCrops<P extends Picture> = [P, P, P, P, P];

/**
 * A part of the picture at another size. (`torchvision.transforms.functional.resized_crop`)
 * @throws RangeError for sizes that are not positive integers.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.resizedCrop(ones([3, 8, 8]), 1, 2, 4, 6, [5, 5]).shape; // [3, 5, 5]
 */
export function resizedCrop<P extends Picture>(
  picture: P,
  top: number,
  left: number,
  height: number,
  width: number,
  size: number | readonly number[],
  options: Omit<ResizeOptions, 'maxSize'> = {},
): P {
  return resize(crop(picture, top, left, height, width), size, options);
}

function corners<P extends Picture>(picture: P, size: number | readonly number[], op: string): FiveCrops<P> {
  const [height, width] = sizeOf(size, op);
  const [, h, w] = dimensionsOf(picture, op);
  if (height > h || width > w)
    throw new RangeError(`${op}: crops of ${height}x${width} do not fit into a picture of ${h}x${w}`);
  return [
    crop(picture, 0, 0, height, width),
    crop(picture, 0, w - width, height, width),
    crop(picture, h - height, 0, height, width),
    crop(picture, h - height, w - width, height, width),
    centerCrop(picture, [height, width]),
  ];
}

/**
 * The four corners and the centre. (`torchvision.transforms.functional.five_crop`)
 * @throws RangeError for a size that is larger than the picture.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.fiveCrop(tensor([[[1, 2, 3]]]), 1).map((x) => x.item()); // [1, 3, 1, 3, 2]
 */
export function fiveCrop<P extends Picture>(picture: P, size: number | readonly number[]): FiveCrops<P> {
  return corners(picture, size, 'fiveCrop');
}

/**
 * The four corners and the centre, then those of the flipped picture. (`torchvision.transforms.functional.ten_crop`)
 * @throws RangeError for a size that is larger than the picture.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.tenCrop(ones([3, 8, 8]), 4).length; // 10
 */
export function tenCrop<P extends Picture>(
  picture: P,
  size: number | readonly number[],
  options: { verticalFlip?: boolean } = {},
): [...FiveCrops<P>, ...FiveCrops<P>] {
  const vertical = flag(optionsOf(options, 'tenCrop', ['verticalFlip']).verticalFlip, 'tenCrop', 'verticalFlip');
  const first = corners(picture, size, 'tenCrop');
  return [...first, ...corners(vertical ? vflip(picture) : hflip(picture), size, 'tenCrop')];
}
