// Pictures pulled about.

import { ShapeError } from '../../../errors.js';
import { optionsOf } from '../../../functional/check.js';
import { linspace } from '../../../functional.js';
import type { Tensor } from '../../../tensor.js';
import { checkTensor, dimensionsOf, type Picture, throughTensor } from '../picture.js';
import { fillOf, modeOf, type WarpOptions } from './affine.js';
import { sample } from './warp.js';

/**
 * Each pixel taken from as far beside as `displacement` says: [1, h, w, 2], across and down, in halves of the picture's sides.
 * (`torchvision.transforms.functional.elastic_transform`)
 * @throws ShapeError for a displacement of another shape; RangeError for an interpolation other than 'nearest' and 'bilinear', the default.
 * @example
 * import { tensor, zeros } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.elasticTransform(tensor([[[1, 2]]]), zeros([1, 1, 2, 2])).toArray(); // [[[1, 2]]]
 */
export function elasticTransform<P extends Picture>(picture: P, displacement: Tensor, options: WarpOptions = {}): P {
  const [channels, height, width] = dimensionsOf(picture, 'elasticTransform');
  checkTensor(displacement, 'elasticTransform');
  if (displacement.shape.join() !== [1, height, width, 2].join())
    throw new ShapeError(
      `elasticTransform: displacement must have shape [1, ${height}, ${width}, 2], got [${displacement.shape.join(', ')}]`,
    );
  const fill = fillOf(
    optionsOf(options, 'elasticTransform', ['interpolation', 'fill']).fill ?? null,
    channels,
    'elasticTransform',
  );
  const places = (side: number) => linspace((1 - side) / side, (side - 1) / side, side);
  const moved = (axis: number, own: Tensor) =>
    Float64Array.from(displacement.select(-1, axis).add(own).to('float64').toTypedArray() as Float64Array);
  const grid = { x: moved(0, places(width)), y: moved(1, places(height).unsqueeze(-1)), height, width };
  return throughTensor(picture, (x) => {
    const smooth = modeOf(x, options, 'elasticTransform', 'bilinear') === 'bilinear';
    // Of float64 too, the places are float32.
    return x.dtype === 'float64'
      ? sample(x.to('float32'), grid, smooth, fill).to('float64')
      : sample(x, grid, smooth, fill);
  });
}
