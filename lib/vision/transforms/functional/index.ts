// `transforms.functional`: the functions under the transforms, without anything random.
export {
  adjustBrightness,
  adjustContrast,
  adjustGamma,
  adjustHue,
  adjustSaturation,
  invert,
  rgbToGrayscale,
  solarize,
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
