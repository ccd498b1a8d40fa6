// Colours: brightness, contrast, saturation, hue and gamma. Of tensors as torchvision computes them, of Images as PIL does.
import { isFloatingPoint } from '../../../dtype.js';
import { describe } from '../../../functional/check.js';
import type { Tensor } from '../../../tensor.js';
import { Image } from '../../image.js';
import type { Picture } from '../picture.js';
import { asFloat, blend, channelsOf, checkFactor, computable } from './blend.js';
import { blendImages, gammaOfImage, grayImage, hueOfImage, meanGray } from './color-image.js';
import { convertImageDtype } from './convert.js';
import { hsvToRgb, rgbToHsv } from './hsv.js';

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
  const channels = channelsOf(picture, 'rgbToGrayscale', true);
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
  channelsOf(picture, 'adjustBrightness', true);
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
  const channels = channelsOf(picture, 'adjustContrast', true);
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
  const channels = channelsOf(picture, 'adjustSaturation', true);
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
  if (channelsOf(picture, 'adjustHue', true) === 1) return picture;
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
  channelsOf(picture, 'adjustGamma', true);
  if (picture instanceof Image) return gammaOfImage(picture, gamma, gain) as P;
  const x: Tensor = isFloatingPoint(picture.dtype) ? computable(picture) : convertImageDtype(picture);
  return convertImageDtype(x.pow(gamma).mul(gain).clamp(0, 1), picture.dtype) as P;
}
