// `nn`: modules, layers, losses, initialisation and utilities.
export * as functional from './functional.js';
export * as init from './init.js';
export * from './layers/index.js';
export * from './loss.js';
export { type AnyModule, type LoadResult, Module, type StateDict } from './module.js';
export { ModuleDict } from './module-dict.js';
export { Buffer, Parameter } from './parameter.js';
export { ModuleList, Sequential } from './sequential.js';
export * as utils from './utils.js';
