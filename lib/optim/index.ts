// `optim`: optimizers, and the schedules of their learning rates.
export { Adadelta, type AdadeltaOptions } from './adadelta.js';
export { Adam, type AdamOptions, AdamW } from './adam.js';
export * as lrScheduler from './lr-scheduler/index.js';
export { Optimizer, type OptimizerStateDict, type ParamGroup } from './optimizer.js';
export { SGD, type SGDOptions } from './sgd.js';
