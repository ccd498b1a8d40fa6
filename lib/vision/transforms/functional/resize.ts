// Resizing: of tensors as torchvision does it, of Images as PIL does.
import { isFloatingPoint } from '../../../dtype.js';
import { flag, integerOf, optionsOf } from '../../../functional/check.js';
import { interpolate } from '../../../functional/interpolate.js';
import type { Tensor } from '../../../tensor.js';
import { Image } from '../../image.js';
import { InterpolationMode, interpolationOf } from '../interpolation.js';
import { dimensionsOf, type Picture, sizeOf } from '../picture.js';
import { resizeImage } from './resize-image.js';

/** Options of `resize`. */
export interface ResizeOptions {
  /** Default: 'bilinear'. */
  interpolation?: InterpolationMode;
  /** The longer side is at most this, where `size` is the shorter one's. */
  maxSize?: number | null;
  /** For 'bilinear' and 'bicubic' of tensors: average where the result is smaller; Images always are. Default true. */
  antialias?: boolean;
}

/** The height and width that `size` asks for: both, or the shorter side. */
function targetOf(
  height: number,
  width: number,
  size: number | readonly number[],
  maxSize: number | null,
): [number, number] {
  const [first, second] = sizeOf(size, 'resize');
  if (typeof size !== 'number' && size.length === 2) {
    if (maxSize !== null)
      throw new RangeError(`resize: maxSize needs a size of the shorter side, got [${size.join(', ')}]`);
    return [first, second];
  }
  const [short, long] = width <= height ? [width, height] : [height, width];
  let [newShort, newLong] = [first, Math.trunc((first * long) / short)];
  if (maxSize !== null) {
    if (integerOf(maxSize, 'resize', 'maxSize') <= first)
      throw new RangeError(`resize: maxSize must be greater than size ${first}, got ${maxSize}`);
    if (newLong > maxSize) [newShort, newLong] = [Math.trunc((maxSize * newShort) / newLong), maxSize];
  }
  return width <= height ? [newLong, newShort] : [newShort, newLong];
}

function resizeTensor(x: Tensor, size: [number, number], mode: InterpolationMode, antialias: boolean): Tensor {
  const tensorModes = ['nearest', 'nearest-exact', 'bilinear', 'bicubic'] as const;
  const known = interpolationOf(mode as (typeof tensorModes)[number], 'resize of a Tensor', tensorModes);
  const smooth = known === 'bilinear' || known === 'bicubic';
  const shape = x.shape;
  const numeric = x.dtype === 'float32' || x.dtype === 'float64' ? x : x.to('float32');
  // All leading dimensions are one batch.
  const batch = numeric.reshape([-1, shape.at(-3) ?? 1, ...shape.slice(-2)]);
  let y = interpolate(batch, { size, mode: known, antialias: antialias && smooth });
  if (known === 'bicubic' && x.dtype === 'uint8') y = y.clamp(0, 255);
  if (!isFloatingPoint(x.dtype) && x.dtype !== 'bool') y = y.round();
  return y.reshape([...shape.slice(0, -2), ...size]).to(x.dtype);
}

/**
 * The picture at another size: [h, w], or a shorter side to which the other keeps its ratio. Of a tensor of bytes the results are rounded.
 * (`torchvision.transforms.functional.resize`)
 * @throws RangeError for sizes that are not positive integers and for an interpolation that tensors have not; TypeError for anything but a picture.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.resize(ones([3, 40, 60]), 20).shape; // [3, 20, 30]
 */
export function resize<P extends Picture>(
  picture: P,
  size: number | readonly number[],
  options: ResizeOptions = {},
): P {
  const { interpolation = InterpolationMode.BILINEAR, maxSize = null } = optionsOf(options, 'resize', [
    'interpolation',
    'maxSize',
    'antialias',
  ]);
  const antialias = flag(options.antialias, 'resize', 'antialias', true);
  interpolationOf(interpolation, 'resize');
  const [, height, width] = dimensionsOf(picture, 'resize');
  if (height < 1 || width < 1) throw new RangeError(`resize: the picture has no pixels: ${height}x${width}`);
  const target = targetOf(height, width, size, maxSize);
  if (target[0] === height && target[1] === width) return picture;
  if (picture instanceof Image) return resizeImage(picture, target, interpolation) as P;
  return resizeTensor(picture, target, interpolation, antialias) as P;
}
