// A user's module in TypeScript, which a loader of TypeScript compiles in the program and in its workers.
import type { Tensor } from 'cresset';
import { tensor } from 'cresset';
import { type Dataset, exported, recipe, workerInfo } from 'cresset/data';

export type Square = [root: number, square: number];

export class Squares implements Dataset<Square> {
  readonly length: number;
  readonly power: (root: number) => number;

  constructor(length: number, power: (root: number) => number) {
    this.length = length;
    this.power = power;
  }

  get(index: number): Square {
    return [index, this.power(index)];
  }

  [recipe]() {
    return { module: import.meta.url, export: 'Squares', args: [this.length, this.power] };
  }
}

export const power = exported(import.meta.url, 'power', (root: number): number => root ** 2);

export const collateFn = exported(
  import.meta.url,
  'collateFn',
  (samples: Square[]): { worker: number; squares: Tensor } => ({
    worker: workerInfo()?.id ?? -1,
    squares: tensor(samples.map(([, square]) => square)),
  }),
);
