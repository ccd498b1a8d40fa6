// `metrics`: how good predictions are, over a batch or over many, and when to stop.
export { Accuracy, type AccuracyOptions, accuracy } from './accuracy.js';
export {
  ConfusionMatrix,
  type ConfusionMatrixOptions,
  confusionMatrix,
  type Normalize,
} from './confusion-matrix.js';
export {
  EarlyStopping,
  type EarlyStoppingOptions,
  type EarlyStoppingState,
  type Restorable,
} from './early-stopping.js';
export { Mean } from './mean.js';
