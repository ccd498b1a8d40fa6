// `optim`: optimizers.
export { Adadelta, type AdadeltaOptions } from './adadelta.js';
export { Adam, type AdamOptions, AdamW } from './adam.js';
export { Optimizer, type OptimizerStateDict, type ParamGroup } from './optimizer.js';
export { SGD, type SGDOptions } from './sgd.js';
