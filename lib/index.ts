// `cresset`: tensors, autograd, `nn`, `optim` and `metrics`.
export { enableGrad, type GradOptions, grad, inferenceMode, isGradEnabled, noGrad } from './autograd.js';
export type { DType, TypedArray } from './dtype.js';
export { AutogradError, CressetError, DTypeError, OutOfMemoryError, ShapeError } from './errors.js';
export * from './functional.js';
export * as hub from './hub.js';
export * as memory from './memory.js';
export { tidy } from './memory.js';
export * as metrics from './metrics/index.js';
export * as nn from './nn/index.js';
export * as optim from './optim/index.js';
export { type PrintOptions, setPrintOptions } from './print.js';
export * from './random.js';
export { CheckpointError } from './serialization/errors.js';
export {
  type Classes,
  type LoadOptions,
  load,
  type SaveOptions,
  safetensorsMetadata,
  save,
} from './serialization/index.js';
export { getNumThreads, setNumThreads, synchronize } from './stream.js';
export { type BackwardOptions, type HookHandle, Tensor } from './tensor.js';
