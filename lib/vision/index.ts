// `cresset/vision`: pictures, data sets of them, and transforms.
import './transforms/remake.js'; // so that workers can make the transforms

export * as datasets from './datasets/index.js';
export { Image } from './image.js';
export * as models from './models/index.js';
export * as ops from './ops/index.js';
export { imageLoader, readImage } from './read-image.js';
export * as transforms from './transforms/index.js';
