// What a row of the op table is, and what the rows share.
import type { NativeOps } from '../../build/native.js';
import type * as cresset from '../../lib/index.js';
import type { DType, Tensor } from '../../lib/index.js';

export type Inputs = [x: Tensor, y: Tensor, z: Tensor];

/** What rows may use beside their inputs. */
export type Scope = typeof cresset & {
  /** The native functions, each giving a Tensor. */
  native: { [K in keyof NativeOps]: (...args: Parameters<NativeOps[K]>) => Tensor };
  int: (values: number[]) => Tensor;
  /** The parameter x after three steps with the gradients y, 2y and 3y. */
  steps: (name: 'SGD' | 'Adam' | 'AdamW' | 'Adadelta', inputs: Inputs, options: object) => Tensor;
};

export interface Row {
  /** The shapes of x, y, z; the row runs once for each list. */
  shapes: number[][][];
  /** PyTorch's expression of x, y and z. */
  torch: string;
  run: (inputs: Inputs, scope: Scope) => Tensor;
  /** Default: float64 and float32. Other than float, results are compared for equality. */
  dtypes?: DType[];
  /** Default: -1 to 1. */
  range?: 'positive';
  /** False where the op has no gradient, or its gradient is not a matter of numbers. */
  grad?: false;
  /** Random: float32 alone, after seeding. `shape` for results without defined values. */
  compare?: 'seeded' | 'shape';
}

export interface OpCases {
  rows: Row[];
  /** What the op refuses, with its words; called with x of shape [2, 3]. */
  throws: [misuse: (inputs: Inputs, scope: Scope) => unknown, message: RegExp][];
}

export const op = (rows: Row[], ...throws: OpCases['throws']): OpCases => ({ rows, throws });
export const row = (shapes: number[][][], torch: string, run: Row['run'], options: Partial<Row> = {}): Row => ({
  shapes,
  torch,
  run,
  ...options,
});

export const one = [[[]], [[1]], [[0]], [[2, 0, 3]], [[17]], [[3, 33]], [[70_001]]];
export const two = [
  [[], []],
  [[1], [1]],
  [[2, 3], [3]],
  [
    [5, 1],
    [1, 7],
  ],
  [
    [4, 1, 3],
    [2, 1],
  ],
  [[], [17]],
  [
    [0, 3],
    [1, 3],
  ],
  [
    [257, 129],
    [257, 129],
  ],
];
export const matrix = [[[3, 4]], [[1, 1]], [[5, 17]], [[130, 300]]];
export const nothing = undefined as unknown as Tensor;
export const integers: Partial<Row> = { dtypes: ['int64', 'int32', 'uint8'], grad: false };
export const positive: Partial<Row> = { range: 'positive' };
export const noGrad: Partial<Row> = { grad: false };
export const seeded: Partial<Row> = { compare: 'seeded', grad: false };
export const picture = { shapes: [[[2, 3, 6, 7]], [[1, 1, 5, 5]], [[3, 17, 8, 9]], [[0, 2, 4, 4]], [[4, 7, 7]]] };
