// What the tests of optimizers share: parameters and gradients that PyTorch had too (golden/optim.py).
import { readFileSync } from 'node:fs';
import { type DType, nn, optim, Tensor, tensor } from '../../lib/index.js';
import type { OptimizerStateDict } from '../../lib/optim/index.js';

export interface Case {
  kind: 'SGD' | 'Adam' | 'AdamW' | 'Adadelta';
  options: Record<string, unknown>;
}

export interface StepsCase extends Case {
  float32: string[];
  float64: string[];
}

export const goldens: { steps: StepsCase[]; states: Case[] } = JSON.parse(
  readFileSync(`${__dirname}/../golden/optim.json`, 'utf8'),
);

/** One of `states` in optimizers.pt, after three steps: its state, the parameters, the next gradients and where they lead. */
export interface StateCase extends Case {
  state: OptimizerStateDict;
  before: Tensor[];
  grads: Tensor[];
  after: Tensor[];
}

export const shapes = [[], [1], [3, 5], [17, 33], [4]];

export const nameOf = ({ kind, options }: Case) => `${kind} ${JSON.stringify(options)}`;

/** Multiples of 2^-32 in (-1, 1), the same as in golden/optim.py. */
export function values(shape: readonly number[], seed: number): Float64Array {
  const n = shape.reduce((a, b) => a * b, 1);
  return Float64Array.from({ length: n }, (_, i) => {
    const word = Number((BigInt(i + 1) * 2654435761n + BigInt(seed) * 40503n) % 2n ** 32n);
    return (word / 2 ** 32) * 2 - 1;
  });
}

export function parameters(sizes: readonly number[][], dtype: DType): nn.Parameter[] {
  return sizes.map((shape, i) => new nn.Parameter(tensor(values(shape, i + 1), { shape, dtype })));
}

const camelCase = (key: string) => key.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());

/** Two groups: parameters 0, 1 and 4 with the case's options, 2 and 3 with another lr. */
export function optimizer(row: Case, params: Tensor[]): optim.Optimizer<{ lr: number }> {
  const options = Object.fromEntries(Object.entries(row.options).map(([key, value]) => [camelCase(key), value]));
  const groups = [{ params: [...params.slice(0, 2), ...params.slice(4)] }, { params: params.slice(2, 4), lr: 0.03 }];
  return new (optim[row.kind] as unknown as new (g: unknown, o: unknown) => optim.Optimizer<{ lr: number }>)(
    groups,
    options,
  );
}

/** Steps with gradients of four sizes, of which every eighth is zero; the last parameter has none. */
export function run(opt: { step(): void }, params: nn.Parameter[], first: number, last: number): void {
  for (let step = first; step < last; step++) {
    params.slice(0, 4).forEach((p, i) => {
      const data = values(p.shape, 100 * step + i).map((v, at) => (at % 8 === step % 8 ? 0 : v * 4 ** -(step % 4)));
      p.grad = tensor(data, { shape: p.shape, dtype: p.dtype });
    });
    opt.step();
  }
}

/** The numbers in base64, as golden/optim.py writes them. */
export function decode(text: string, dtype: string): number[] {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return Array.from(dtype === 'float64' ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer));
}

/** The elements that `encode` of golden/optim.py keeps. */
export function sample(x: Tensor): number[] {
  const all = Array.from(x.detach().toTypedArray() as Float32Array);
  return all.length > 100 ? all.filter((_, i) => i % 7 === 0) : all;
}

/** A state dict as plain data, to be compared. */
export function plain(value: unknown): unknown {
  if (value instanceof Tensor) return { dtype: value.dtype, shape: value.shape, data: value.toArray() };
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [String(k), plain(v)]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
}
