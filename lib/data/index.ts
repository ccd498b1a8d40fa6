// `cresset/data`: datasets and their batches.

export {
  Progress,
  type ProgressOptions,
  type ProgressStream,
  type ProgressValues,
  progress,
} from '../progress/index.js';
export { type Collated, defaultCollate } from './collate.js';
export {
  ChainDataset,
  ConcatDataset,
  type Parts,
  randomSplit,
  type Stackable,
  StackDataset,
  type Stacked,
} from './combine.js';
export { type Dataset, type IterableDataset, Subset, TensorDataset } from './dataset.js';
export { DataLoader } from './loader.js';
export type { DataLoaderOptions } from './options.js';
export { exported, type Recipe, type Remakable, recipe } from './recipe.js';
export {
  BatchSampler,
  type Counted,
  DistributedSampler,
  type DistributedSamplerOptions,
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from './samplers.js';
export { type WorkerInfo, workerInfo } from './workers/info.js';
