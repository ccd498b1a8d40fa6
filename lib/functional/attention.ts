// Attention: sums of values, weighted by how well their keys fit a query. (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762)
import { CressetError, DTypeError, ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { flag, idOf, numberOf, optionsOf } from './check.js';
import { arange, full } from './creation.js';
import { mul } from './elementwise.js';
import { where } from './join.js';
import { dropout } from './layers.js';
import { matmul } from './matmul.js';
import { softmax } from './softmax.js';

/** Options of `scaledDotProductAttention`. */
export interface ScaledDotProductAttentionOptions {
  /** Broadcasts to [..., l, s]: of dtype bool, true where a query may look at a key; of the query's dtype, added to the logits. */
  attnMask?: Tensor | null;
  /** The probability with which weights are dropped; default 0. */
  dropoutP?: number;
  /** Query i looks at keys 0 to i alone; default false. */
  isCausal?: boolean;
  /** The factor of the products; default 1 / √e. */
  scale?: number | null;
}

/** @internal The text of a shape. */
export const shapeText = (x: Tensor): string => `[${x.shape.join(', ')}]`;

/** @internal `mask` as a summand of logits: a bool mask is -∞ where it is `blocked`. */
export function additiveMask(mask: Tensor, blocked: boolean, dtype: Tensor['dtype'], op: string, name: string): Tensor {
  idOf(mask, op, name);
  if (mask.dtype === dtype) return mask;
  if (mask.dtype !== 'bool')
    throw new DTypeError(`${op}: ${name} must be bool or ${dtype} as the query is, got ${mask.dtype}`);
  const [none, all] = [full([], 0, { dtype }), full([], Number.NEGATIVE_INFINITY, { dtype })];
  return blocked ? where(mask, all, none) : where(mask, none, all);
}

/** @internal The attention of query: [..., l, e], key: [..., s, e] and value: [..., s, v] and its weights; a query that may look at nothing gets 0. */
export function attend(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | null,
  scale: number,
  dropoutP: number,
): [output: Tensor, weights: Tensor] {
  const products = matmul(mul(query, scale), key.transpose(-1, -2));
  let weights: Tensor;
  if (mask === null) weights = softmax(products, -1);
  else {
    const empty = mask.detach().eq(Number.NEGATIVE_INFINITY).all(-1, { keepdim: true });
    weights = where(empty, 0, softmax(where(empty, 0, products.add(mask)), -1));
  }
  if (dropoutP > 0) weights = dropout(weights, dropoutP);
  return [matmul(weights, value), weights];
}

/**
 * softmax(query keyᵀ · scale + mask) value, with query: [..., l, e], key: [..., s, e], value: [..., s, v], gives [..., l, v]. A query
 * that may look at no key gets 0. (`torch.nn.functional.scaled_dot_product_attention`)
 * @throws ShapeError where sizes differ, DTypeError for a mask of another dtype, CressetError for a mask beside `isCausal`.
 * @example
 * import { nn, ones, tensor } from 'cresset';
 * const value = tensor([[1, 2], [3, 6]]);
 * nn.functional.scaledDotProductAttention(ones([1, 2]), ones([2, 2]), value).toArray(); // [[2, 4]]
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: ScaledDotProductAttentionOptions = {},
): Tensor {
  const op = 'scaledDotProductAttention';
  const { attnMask = null, scale = null } = optionsOf(options, op, ['attnMask', 'dropoutP', 'isCausal', 'scale']);
  const p = numberOf(options.dropoutP ?? 0, op, 'dropoutP');
  if (!(p >= 0 && p <= 1)) throw new RangeError(`${op}: dropoutP must be between 0 and 1, got ${p}`);
  for (const [name, x] of Object.entries({ query, key, value })) {
    idOf(x, op, name);
    if (x.ndim < 2) throw new ShapeError(`${op}: ${name} must have at least 2 dimensions, got shape ${shapeText(x)}`);
    if (x.dtype !== query.dtype) throw new DTypeError(`${op}: query is ${query.dtype} but ${name} is ${x.dtype}`);
  }
  if (query.dtype !== 'float32' && query.dtype !== 'float64')
    throw new DTypeError(`${op}: expected float32 or float64, got ${query.dtype}`);
  const [[l, e], [s, keySize]] = [query.shape.slice(-2), key.shape.slice(-2)] as [[number, number], [number, number]];
  if (keySize !== e) throw new ShapeError(`${op}: query has ${e} features but key has ${keySize}`);
  if (value.shape.at(-2) !== s) throw new ShapeError(`${op}: there are ${s} keys but ${value.shape.at(-2)} values`);
  const batches = [query, key, value].map((x) => x.shape.slice(0, -2));
  const batch = batches.reduce((all, shape) => broadcast(all, shape) ?? refuse(batches));
  let mask = attnMask === null ? null : additiveMask(attnMask, false, query.dtype, op, 'attnMask');
  if (flag(options.isCausal, op, 'isCausal')) {
    if (mask !== null) throw new CressetError(`${op}: attnMask must not be given where isCausal is true`);
    mask = additiveMask(arange(l).unsqueeze(1).ge(arange(s)), false, query.dtype, op, 'attnMask');
  }
  const whole = [...batch, l, s];
  if (mask !== null && broadcast(mask.shape, whole)?.join() !== whole.join())
    throw new ShapeError(`${op}: attnMask of shape ${shapeText(mask)} does not broadcast to [${whole.join(', ')}]`);
  return attend(query, key, value, mask, scale === null ? 1 / Math.sqrt(e) : numberOf(scale, op, 'scale'), p)[0];
}

function refuse(batches: readonly (readonly number[])[]): never {
  const [query, key, value] = batches.map((shape) => `[${shape.join(', ')}]`);
  throw new ShapeError(
    `scaledDotProductAttention: the batches of query ${query}, key ${key} and value ${value} do not broadcast`,
  );
}

// The shape that both broadcast to, or null.
function broadcast(a: readonly number[], b: readonly number[]): number[] | null {
  const n = Math.max(a.length, b.length);
  const pairs = Array.from({ length: n }, (_, i) => [a[a.length - n + i] ?? 1, b[b.length - n + i] ?? 1] as const);
  return pairs.every(([x, y]) => x === y || x === 1 || y === 1) ? pairs.map(([x, y]) => (x === 1 ? y : x)) : null;
}
