// `nn`: modules, layers, losses and initialisation.
export * as functional from './functional.js';
export * as init from './init.js';
export * from './layers.js';
export * from './loss.js';
export { type AnyModule, type LoadResult, Module, type StateDict } from './module.js';
export { Buffer, Parameter } from './parameter.js';
export { ModuleList, Sequential } from './sequential.js';
