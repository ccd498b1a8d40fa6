// `transforms`: what is done to pictures before a network sees them, as in torchvision's first set. They take Images, which stand for PIL's,
// and tensors [..., c, h, w].
export { type Erasure, GaussianBlur, RandomErasing, type RandomErasingOptions } from './blur.js';
export {
  ColorJitter,
  type ColorJitterOptions,
  Grayscale,
  type Jitter,
  type JitterParams,
  RandomGrayscale,
} from './color.js';
export { Compose, Lambda, RandomApply, RandomChoice, RandomOrder } from './compose.js';
export { ConvertImageDtype, Normalize, PILToTensor, ToPILImage, ToTensor, toTensor } from './convert.js';
export { FiveCrop, TenCrop } from './crops.js';
export { ElasticTransform, type ElasticTransformOptions, LinearTransformation } from './elastic.js';
export * as functional from './functional/index.js';
export { InterpolationMode } from './interpolation.js';
export type { Picture } from './picture.js';
export * as presets from './presets.js';
export {
  type Box,
  RandomCrop,
  type RandomCropOptions,
  RandomResizedCrop,
  type RandomResizedCropOptions,
} from './random-crop.js';
export { RandomHorizontalFlip, RandomTransform, RandomVerticalFlip } from './random-flip.js';
export {
  type Degrees,
  RandomAffine,
  type RandomAffineOptions,
  RandomPerspective,
  type RandomPerspectiveOptions,
  RandomRotation,
} from './random-warp.js';
export { CenterCrop, Pad, Resize } from './resize.js';
export {
  type ProbabilityOptions,
  RandomAdjustSharpness,
  RandomAutocontrast,
  RandomEqualize,
  RandomInvert,
  RandomPosterize,
  RandomSolarize,
} from './tone.js';
export { PictureTransform, Transform } from './transform.js';
