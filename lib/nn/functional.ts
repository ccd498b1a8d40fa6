// `nn.functional`: the functions under the layers.
export {
  type ScaledDotProductAttentionOptions,
  scaledDotProductAttention,
} from '../functional/attention.js';
export * from '../functional/hard.js';
export { type InterpolateMode, type InterpolateOptions, interpolate } from '../functional/interpolate.js';
export * from '../functional/layer-norm.js';
export * from '../functional/layers.js';
export * from '../functional/loss.js';
export { linear } from '../functional/matmul.js';
export { logSoftmax, softmax } from '../functional/softmax.js';
export { elu, gelu, leakyRelu, relu, sigmoid, silu, softplus, tanh } from '../functional/unary.js';
