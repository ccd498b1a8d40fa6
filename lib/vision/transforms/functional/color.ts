// Colours: brightness, contrast, saturation, hue and gamma. Of tensors as torchvision computes them, of Images as PIL does.
import { isFloatingPoint } from '../../../dtype.js';
import { describe } from '../../../functional/check.js';
import { where } from '../../../functional.js';
import type { Tensor } from '../../../tensor.js';
import { Image } from '../../image.js';
import { dimensionsOf, type Picture } from '../picture.js';
import { blendImages, gammaOfImage, grayImage, hueOfImage, meanGray } from './color-image.js';
import { convertImageDtype } from './convert.js';
import { hsvToRgb, rgbToHsv } from './hsv.js';

/** Full brightness of the dtype; of floats 1. */
const boundOf = (x: Tensor): number => (x.dtype === 'uint8' ? 255 : x.dtype === 'int32' ? 2 ** 31 - 1 : 1);

function checkChannels(picture: Picture, op: string): number {
  const [channels] = dimensionsOf(picture, op);
  const allowed = picture instanceof Image ? [1, 3, 4] : [1, 3];
  if (!allowed.includes(channels))
    throw new TypeError(`${op}: expected ${allowed.join(' or ')} channels, got ${channels}`);
  return channels;
}

function checkFactor(factor: number, op: string, name: string): void {
  if (!(typeof factor === 'number' && factor >= 0 && factor < Number.POSITIVE_INFINITY))
    throw new RangeError(`${op}: ${name} must be a number of at least 0, got ${describe(factor)}`);
}

const asFloat = (x: Tensor): Tensor => (isFloatingPoint(x.dtype) ? x : x.to('float32'));

/** ratio · x + (1 - ratio) · other, within what the dtype holds. */
function blend(x: Tensor, other: Tensor | null, ratio: number): Tensor {
  const scaled = asFloat(x).mul(ratio);
  const sum = other === null ? scaled : scaled.add(asFloat(other).mul(1 - ratio));
  return sum.clamp(0, boundOf(x)).to(x.dtype);
}

function gray(x: Tensor): Tensor {
  const [r, g, b] = asFloat(x).unbind(-3) as [Tensor, Tensor, Tensor];
  return r.mul(0.2989).add(g.mul(0.587)).add(b.mul(0.114)).to(x.dtype).unsqueeze(-3);
}

/**
 * The picture without colour, with 1 or 3 channels: 0.2989 r + 0.587 g + 0.114 b. (`torchvision.transforms.functional.rgb_to_grayscale`)
 * @throws RangeError for another number of channels; TypeError for a picture of other than 1 or 3 channels.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.rgbToGrayscale(tensor([[[0]], [[1]], [[0]]])).item().toFixed(3); // '0.587'
 */
export function rgbToGrayscale<P extends Picture>(picture: P, numOutputChannels = 1): P {
  if (numOutputChannels !== 1 && numOutputChannels !== 3)
    throw new RangeError(`rgbToGrayscale: numOutputChannels must be 1 or 3, got ${describe(numOutputChannels)}`);
  const channels = checkChannels(picture, 'rgbToGrayscale');
  if (picture instanceof Image) return grayImage(picture, numOutputChannels) as P;
  const one = channels === 3 ? gray(picture) : picture.clone();
  return (
    numOutputChannels === 3 ? one.expand([...picture.shape.slice(0, -3), 3, ...picture.shape.slice(-2)]) : one
  ) as P;
}

/**
 * The picture times `factor`: 0 is black, 1 as it is. (`torchvision.transforms.functional.adjust_brightness`)
 * @throws RangeError for a negative factor; TypeError for a picture of other than 1 or 3 channels.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.adjustBrightness(tensor([[[0.25, 0.75]]]), 2).toArray(); // [[[0.5, 1]]]
 */
export function adjustBrightness<P extends Picture>(picture: P, factor: number): P {
  checkFactor(factor, 'adjustBrightness', 'factor');
  checkChannels(picture, 'adjustBrightness');
  if (picture instanceof Image) return blendImages(picture, () => 0, factor) as P;
  return blend(picture, null, factor) as P;
}

/**
 * Differences from the mean grey times `factor`: 0 is one grey, 1 as it is. (`torchvision.transforms.functional.adjust_contrast`)
 * @throws RangeError for a negative factor; TypeError for a picture of other than 1 or 3 channels.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.adjustContrast(tensor([[[0.25, 0.75]]]), 0.5).toArray(); // [[[0.375, 0.625]]]
 */
export function adjustContrast<P extends Picture>(picture: P, factor: number): P {
  checkFactor(factor, 'adjustContrast', 'factor');
  const channels = checkChannels(picture, 'adjustContrast');
  if (picture instanceof Image) {
    const mean = meanGray(picture);
    return blendImages(picture, () => mean, factor) as P;
  }
  const mean = asFloat(channels === 3 ? gray(picture) : picture).mean([-3, -2, -1], { keepdim: true });
  return blend(picture, mean, factor) as P;
}

/**
 * Differences from the grey picture times `factor`: 0 is without colour, 1 as it is. (`torchvision.transforms.functional.adjust_saturation`)
 * @throws RangeError for a negative factor; TypeError for a picture of other than 1 or 3 channels.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.adjustSaturation(tensor([[[1]], [[0]], [[0]]]), 0).shape; // [3, 1, 1]
 */
export function adjustSaturation<P extends Picture>(picture: P, factor: number): P {
  checkFactor(factor, 'adjustSaturation', 'factor');
  const channels = checkChannels(picture, 'adjustSaturation');
  if (channels === 1) return picture;
  if (picture instanceof Image) {
    const { data } = grayImage(picture, 1);
    return blendImages(picture, (pixel) => data[pixel]!, factor) as P;
  }
  return blend(picture, gray(picture), factor) as P;
}

/**
 * Hues moved by `factor` of the circle, from -0.5 to 0.5. (`torchvision.transforms.functional.adjust_hue`)
 * @throws RangeError for a factor out of range; TypeError for a picture of other than 1 or 3 channels.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.adjustHue(tensor([[[1]], [[0]], [[0]]]), 0.5).toArray(); // [[[0]], [[1]], [[1]]]
 */
export function adjustHue<P extends Picture>(picture: P, factor: number): P {
  if (!(typeof factor === 'number' && Math.abs(factor) <= 0.5))
    throw new RangeError(`adjustHue: factor must be between -0.5 and 0.5, got ${describe(factor)}`);
  const [channels] = dimensionsOf(picture, 'adjustHue');
  if (channels !== 1 && channels !== 3) throw new TypeError(`adjustHue: expected 1 or 3 channels, got ${channels}`);
  if (channels === 1) return picture;
  if (picture instanceof Image) return hueOfImage(picture, factor) as P;
  const [h, s, v] = rgbToHsv(convertImageDtype(picture));
  return convertImageDtype(hsvToRgb(h.add(factor).remainder(1), s, v), picture.dtype) as P;
}

/**
 * gain · x ^ gamma, of brightness between 0 and 1. (`torchvision.transforms.functional.adjust_gamma`)
 * @throws RangeError for a negative gamma; TypeError for a picture of other than 1 or 3 channels.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.adjustGamma(tensor([[[0.5, 1]]]), 2).toArray(); // [[[0.25, 1]]]
 */
export function adjustGamma<P extends Picture>(picture: P, gamma: number, gain = 1): P {
  checkFactor(gamma, 'adjustGamma', 'gamma');
  checkChannels(picture, 'adjustGamma');
  if (picture instanceof Image) return gammaOfImage(picture, gamma, gain) as P;
  const x: Tensor = isFloatingPoint(picture.dtype) ? picture : convertImageDtype(picture);
  return convertImageDtype(x.pow(gamma).mul(gain).clamp(0, 1), picture.dtype) as P;
}

/**
 * Full brightness minus the picture. (`torchvision.transforms.functional.invert`)
 * @throws TypeError for a picture of other than 1 or 3 channels.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.invert(tensor([[[0.25, 1]]])).toArray(); // [[[0.75, 0]]]
 */
export function invert<P extends Picture>(picture: P): P {
  checkChannels(picture, 'invert');
  if (picture instanceof Image)
    return new Image(
      picture.data.map((value) => 255 - value),
      picture.width,
      picture.height,
      picture.channels,
    ) as P;
  return inverted(picture) as P;
}

const inverted = (x: Tensor): Tensor => x.mul(-1).add(boundOf(x)).to(x.dtype);

/**
 * What is at least as bright as `threshold`, inverted. (`torchvision.transforms.functional.solarize`)
 * @throws TypeError for a picture of other than 1 or 3 channels; RangeError for a threshold beyond full brightness.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.solarize(tensor([[[0.25, 0.75]]]), 0.5).toArray(); // [[[0.25, 0.25]]]
 */
export function solarize<P extends Picture>(picture: P, threshold: number): P {
  checkChannels(picture, 'solarize');
  const bound = picture instanceof Image ? 255 : boundOf(picture);
  if (!(typeof threshold === 'number' && threshold <= bound))
    throw new RangeError(`solarize: threshold must be at most ${bound}, got ${describe(threshold)}`);
  if (picture instanceof Image)
    return new Image(
      picture.data.map((value) => (value < threshold ? value : 255 - value)),
      picture.width,
      picture.height,
      picture.channels,
    ) as P;
  return where(picture.ge(threshold), inverted(picture), picture) as P;
}
