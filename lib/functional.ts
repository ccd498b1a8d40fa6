// All functions of tensors under one name each; those whose first argument is the tensor are its methods too.
export type { Operand, Sizes } from './functional/check.js';
export * from './functional/compare.js';
export type { CreationOptions } from './functional/create.js';
export * from './functional/creation.js';
export type { NestedArray, NestedData, TensorData } from './functional/data.js';
export * from './functional/elementwise.js';
export * from './functional/join.js';
export { bmm, dot, matmul, mm, mv } from './functional/matmul.js';
export * from './functional/reduce.js';
export * from './functional/softmax.js';
export * from './functional/topk.js';
export * from './functional/unary.js';
export * from './functional/view.js';
export { isTensor, type TensorOptions, tensor } from './tensor.js';
