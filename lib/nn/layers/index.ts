// Layers: modules around the functions of the same name.
export * from './activation.js';
export { Conv2d, type Conv2dLayerOptions } from './conv.js';
export { Dropout } from './dropout.js';
export { Identity, Linear } from './linear.js';
export { AvgPool2d, MaxPool2d } from './pooling.js';
export { Flatten, Unflatten } from './shape.js';
