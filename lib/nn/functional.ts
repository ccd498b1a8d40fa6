// `nn.functional`: the functions under the layers.
export * from '../functional/layers.js';
export * from '../functional/loss.js';
export { linear } from '../functional/matmul.js';
export { logSoftmax, softmax } from '../functional/softmax.js';
export { elu, gelu, leakyRelu, relu, sigmoid, silu, softplus, tanh } from '../functional/unary.js';
