// What the tests of nn share: PyTorch's values (golden/nn.py) and the inputs that it had too.
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { Tensor } from '../../lib/index.js';
import * as cresset from '../../lib/index.js';

export interface LayerRow {
  js: string;
  shape: number[];
  text: string;
  result: number[];
  value: number[];
  grads: number[][];
}

export interface InitRow {
  js: string;
  float32: number[];
  float64: number[];
}

export const goldens: {
  layers: LayerRow[];
  texts: { js: string; text: string }[];
  shapes: number[][];
  inits: InitRow[];
  gains: { arguments: [cresset.nn.init.Nonlinearity, number?]; gain: number }[];
  clips: { maxNorm: number; normType: string; total: number; grads: number[][] }[];
  running: { momentum: number | null; keys: string[]; mean: number[]; var: number[]; batches: number }[];
  norms: { p: string; data: number[][]; value: number[]; grad: number[] }[];
} = JSON.parse(readFileSync(`${__dirname}/../golden/nn.json`, 'utf8'));

/** A number as Python writes it. */
export const fromPython = (text: string) => Number(text.replace('inf', 'Infinity'));

/** Multiples of 2^-32 in (-1, 1), the same as in golden/nn.py. */
export function values(shape: readonly number[], seed: number): Float64Array {
  const n = shape.reduce((a, b) => a * b, 1);
  return Float64Array.from({ length: n }, (_, i) => {
    const word = Number((BigInt(i + 1) * 2654435761n + BigInt(seed) * 40503n) % 2n ** 32n);
    return (word / 2 ** 32) * 2 - 1;
  });
}

/** What a golden's JavaScript gives, with `nn` and `x`. */
export function evaluate<T>(js: string, x?: Tensor): T {
  return new Function('nn', 'x', `return ${js}`)(cresset.nn, x) as T;
}

export const numbers = (x: Tensor) => Array.from(x.detach().to('float64').toTypedArray() as Float64Array);

/** Fails unless all numbers are equal within a tolerance relative to 1 + |expected|. */
export function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const worst = actual.map((v, i) => Math.abs(v - expected[i]!) / (1 + Math.abs(expected[i]!)));
  for (const [i, w] of worst.entries())
    if (!(w <= tolerance)) expect({ at: i, value: actual[i] }).toEqual({ at: i, value: expected[i] });
}
