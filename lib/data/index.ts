// `cresset/data`: datasets and their batches.

export { Progress, type ProgressOptions, type ProgressStream, type ProgressValues, progress } from '../progress.js';
export { type Collated, defaultCollate } from './collate.js';
export { type Dataset, Subset, TensorDataset } from './dataset.js';
export { DataLoader, type DataLoaderOptions } from './loader.js';
export { exported, type Recipe, type Remakable, recipe } from './recipe.js';
