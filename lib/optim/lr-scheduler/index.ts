// `optim.lrScheduler`: schedules of learning rates.
export { ChainedScheduler, SequentialLR } from './combined.js';
export { CosineAnnealingLR, CosineAnnealingWarmRestarts, type WarmRestartsOptions } from './cosine.js';
export { CyclicLR, type CyclicLROptions } from './cyclic.js';
export { LambdaLR, MultiplicativeLR, type RateFunction } from './lambda.js';
export { OneCycleLR, type OneCycleLROptions } from './one-cycle.js';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './plateau.js';
export { LRScheduler, type Scheduled, Scheduler, type SchedulerOptions, type SchedulerStateDict } from './scheduler.js';
export { ConstantLR, ExponentialLR, LinearLR, MultiStepLR, PolynomialLR, StepLR } from './simple.js';
