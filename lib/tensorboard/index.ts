// `cresset/tensorboard`: event files that TensorBoard shows.
export type { Bins } from './bins.js';
export type { HParamValue } from './hparams.js';
export type * from './options.js';
export type { Numbers } from './snapshot.js';
export type { ChartLayout } from './summaries.js';
export * from './writer.js';
