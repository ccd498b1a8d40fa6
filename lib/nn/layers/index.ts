// Layers: modules around the functions of the same name.
export * from './activation.js';
export {
  type AttentionCallOptions,
  MultiheadAttention,
  type MultiheadAttentionOptions,
} from './attention.js';
export { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormLayerOptions } from './batch-norm.js';
export { Conv2d, type Conv2dLayerOptions } from './conv.js';
export { Dropout } from './dropout.js';
export * from './hard.js';
export { LayerNorm, type LayerNormLayerOptions } from './layer-norm.js';
export { Identity, Linear } from './linear.js';
export { AdaptiveAvgPool2d, AvgPool2d, MaxPool2d } from './pooling.js';
export { Flatten, Unflatten } from './shape.js';
export { Upsample, type UpsampleOptions } from './upsample.js';
