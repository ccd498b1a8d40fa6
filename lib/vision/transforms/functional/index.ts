// `transforms.functional`: the functions under the transforms, without anything random.
export {
  type AffineOptions,
  affine,
  type Corners,
  perspective,
  type RotateOptions,
  rotate,
  type WarpOptions,
} from './affine.js';
export { erase, gaussianBlur, type KernelSize } from './blur.js';
export {
  adjustBrightness,
  adjustContrast,
  adjustGamma,
  adjustHue,
  adjustSaturation,
  rgbToGrayscale,
} from './color.js';
export {
  convertImageDtype,
  getDimensions,
  normalize,
  pilToTensor,
  toPilImage,
  toTensor,
} from './convert.js';
export { type FiveCrops, fiveCrop, resizedCrop, tenCrop } from './crops.js';
export { elasticTransform } from './elastic.js';
export {
  centerCrop,
  crop,
  hflip,
  type Padding,
  type PaddingMode,
  type PadOptions,
  pad,
  vflip,
} from './geometry.js';
export { type ResizeOptions, resize } from './resize.js';
export { adjustSharpness, autocontrast, equalize, invert, posterize, solarize } from './tone.js';
