// Attention with several heads.
import { ShapeError } from '../../errors.js';
import { additiveMask, attend, shapeText } from '../../functional/attention.js';
import { flag, idOf, numberOf, optionsOf } from '../../functional/check.js';
import { empty } from '../../functional/creation.js';
import { linear } from '../../functional/matmul.js';
import type { Tensor } from '../../tensor.js';
import { xavierUniform_, zeros_ } from '../init.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { type Linear, NonDynamicallyQuantizableLinear } from './linear.js';
import { checkSizes } from './text.js';

/** Options of `MultiheadAttention`. */
export interface MultiheadAttentionOptions {
  /** The probability with which weights are dropped in training; default 0. */
  dropout?: number;
  /** Add learned numbers in all projections; default true. */
  bias?: boolean;
  /** The features of the keys; default embedDim. */
  kdim?: number;
  /** The features of the values; default embedDim. */
  vdim?: number;
  /** Inputs are [n, l, e] instead of [l, n, e]; default false. */
  batchFirst?: boolean;
}

/** Options of a call of `MultiheadAttention`. */
export interface AttentionCallOptions {
  /** [n, s], or [s] without a batch: of dtype bool, true where a key is left out; of the query's dtype, added to the logits. */
  keyPaddingMask?: Tensor | null;
  /** Give the weights too; default true. */
  needWeights?: boolean;
  /** [l, s] or [n · heads, l, s]: of dtype bool, true where a query may not look at a key; of the query's dtype, added to the logits. */
  attnMask?: Tensor | null;
  /** Give the mean of the weights over all heads; default true. */
  averageAttnWeights?: boolean;
}

/**
 * Projects queries, keys and values for each head, lets the queries attend to the keys and projects what comes out. Called with query:
 * [l, n, e], key: [s, n, kdim] and value: [s, n, vdim], or all of them with the batch first or without one, it gives the
 * output, of the query's shape, and the weights, [n, l, s] or [n, heads, l, s], or null. (`torch.nn.MultiheadAttention`)
 * @throws RangeError for sizes out of range and heads that do not divide embedDim; on the call ShapeError for shapes that do not fit.
 * @example
 * import { nn, ones } from 'cresset';
 * const attention = new nn.MultiheadAttention(4, 2, { batchFirst: true });
 * const x = ones([1, 3, 4]);
 * const [output, weights] = attention(x, x, x);
 * [output.shape, weights.shape]; // [[1, 3, 4], [1, 3, 3]]
 */
export class MultiheadAttention extends Module<
  [query: Tensor, key: Tensor, value: Tensor, options?: AttentionCallOptions],
  [output: Tensor, weights: Tensor | null]
> {
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  in_proj_weight: Parameter | null;
  q_proj_weight: Parameter | null;
  k_proj_weight: Parameter | null;
  v_proj_weight: Parameter | null;
  in_proj_bias: Parameter | null;
  out_proj: Linear;

  constructor(
    readonly embedDim: number,
    readonly numHeads: number,
    options: MultiheadAttentionOptions = {},
  ) {
    super();
    const name = 'MultiheadAttention';
    const {
      kdim = embedDim,
      vdim = embedDim,
      dropout = 0,
    } = optionsOf(options, name, ['dropout', 'bias', 'kdim', 'vdim', 'batchFirst']);
    checkSizes(name, { embedDim, numHeads, kdim, vdim });
    if (embedDim % numHeads !== 0)
      throw new RangeError(`${name}: embedDim ${embedDim} must be divisible by numHeads ${numHeads}`);
    this.kdim = kdim;
    this.vdim = vdim;
    this.dropout = numberOf(dropout, name, 'dropout');
    if (!(dropout >= 0 && dropout <= 1))
      throw new RangeError(`${name}: dropout must be between 0 and 1, got ${dropout}`);
    this.batchFirst = flag(options.batchFirst, name, 'batchFirst');
    const bias = flag(options.bias, name, 'bias', true);
    const same = kdim === embedDim && vdim === embedDim;
    const weight = (rows: number, columns: number) => new Parameter(empty([rows, columns]));
    this.in_proj_weight = same ? weight(3 * embedDim, embedDim) : null;
    this.q_proj_weight = same ? null : weight(embedDim, embedDim);
    this.k_proj_weight = same ? null : weight(embedDim, kdim);
    this.v_proj_weight = same ? null : weight(embedDim, vdim);
    this.in_proj_bias = bias ? new Parameter(zeros_(empty([3 * embedDim]))) : null;
    this.out_proj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias });
    for (const drawn of [this.in_proj_weight, this.q_proj_weight, this.k_proj_weight, this.v_proj_weight])
      if (drawn !== null) xavierUniform_(drawn);
    if (this.out_proj.bias !== null) zeros_(this.out_proj.bias);
  }

  forward(query: Tensor, key: Tensor, value: Tensor, options: AttentionCallOptions = {}): [Tensor, Tensor | null] {
    const name = 'MultiheadAttention';
    const needWeights = flag(
      optionsOf(options, name, ['keyPaddingMask', 'needWeights', 'attnMask', 'averageAttnWeights']).needWeights,
      name,
      'needWeights',
      true,
    );
    const average = flag(options.averageAttnWeights, name, 'averageAttnWeights', true);
    this.#check(query, key, value);
    const batched = query.ndim === 3;
    const toBatch = (x: Tensor) => (!batched ? x.unsqueeze(0) : this.batchFirst ? x : x.transpose(0, 1));
    const same = query === key && key === value && this.in_proj_weight !== null;
    const [q, k, v] = (
      same
        ? linear(toBatch(query), this.in_proj_weight!, this.in_proj_bias).chunk(3, -1)
        : this.#project(query, key, value).map(toBatch)
    ).map((x) => x.unflatten(-1, [this.numHeads, this.embedDim / this.numHeads]).transpose(1, 2)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    const mask = this.#mask(q, k, options);
    const scale = 1 / Math.sqrt(this.embedDim / this.numHeads);
    const [heads, weights] = attend(q, k, v, mask, scale, this.training ? this.dropout : 0);
    // In training the memory is that of [l, n, e], as in PyTorch: what follows draws its dropout in that order.
    const output =
      this.batchFirst && !this.training
        ? this.out_proj(heads.transpose(1, 2).flatten(2))
        : this.out_proj(heads.permute(2, 0, 1, 3).flatten(2)).transpose(0, 1);
    const shown = !needWeights ? null : average ? weights.mean(1) : weights;
    if (!batched) return [output.squeeze(0), shown?.squeeze(0) ?? null];
    return [this.batchFirst ? output : output.transpose(0, 1), shown];
  }

  #check(query: Tensor, key: Tensor, value: Tensor): void {
    const name = 'MultiheadAttention';
    const features = { query: this.embedDim, key: this.kdim, value: this.vdim };
    const inputs = { query, key, value };
    for (const role of ['query', 'key', 'value'] as const) {
      const x = inputs[role];
      idOf(x, name, role);
      if ((x.ndim !== 2 && x.ndim !== 3) || x.ndim !== query.ndim)
        throw new ShapeError(
          `${name}: query, key and value must all have 2 or all 3 dimensions, got ${role} of shape ${shapeText(x)}`,
        );
      if (x.shape.at(-1) !== features[role])
        throw new ShapeError(`${name}: ${role} has ${x.shape.at(-1)} features but ${features[role]} are expected`);
    }
    if (key.shape.slice(0, -1).join() !== value.shape.slice(0, -1).join())
      throw new ShapeError(
        `${name}: key of shape ${shapeText(key)} and value of shape ${shapeText(value)} differ in length or batch`,
      );
    const batch = this.batchFirst ? 0 : 1;
    if (query.ndim === 3 && query.shape[batch] !== key.shape[batch])
      throw new ShapeError(`${name}: query has a batch of ${query.shape[batch]} but key one of ${key.shape[batch]}`);
  }

  // What each head gets of three inputs, by weights of their own.
  #project(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    const weights = this.in_proj_weight?.chunk(3) ?? [this.q_proj_weight!, this.k_proj_weight!, this.v_proj_weight!];
    const biases = this.in_proj_bias?.chunk(3) ?? [null, null, null];
    return [query, key, value].map((x, i) => linear(x, weights[i]!, biases[i]!));
  }

  // Both masks as one summand of the logits [n, heads, l, s].
  #mask(q: Tensor, k: Tensor, options: AttentionCallOptions): Tensor | null {
    const name = 'MultiheadAttention';
    const { attnMask = null, keyPaddingMask = null } = options;
    const [n, heads, l] = q.shape as [number, number, number];
    const s = k.shape[2]!;
    let mask: Tensor | null = null;
    if (attnMask !== null) {
      mask = additiveMask(attnMask, true, q.dtype, name, 'attnMask');
      const shape = mask.shape.join();
      if (shape !== `${l},${s}` && shape !== `${n * heads},${l},${s}`)
        throw new ShapeError(
          `${name}: attnMask must have shape [${l}, ${s}] or [${n * heads}, ${l}, ${s}], got ${shapeText(mask)}`,
        );
      if (mask.ndim === 3) mask = mask.unflatten(0, [n, heads]);
    }
    if (keyPaddingMask === null) return mask;
    const padding = additiveMask(keyPaddingMask, true, q.dtype, name, 'keyPaddingMask');
    if (padding.shape.join() !== `${n},${s}` && !(n === 1 && padding.shape.join() === `${s}`))
      throw new ShapeError(`${name}: keyPaddingMask must have shape [${n}, ${s}], got ${shapeText(padding)}`);
    const spread = padding.reshape([n, 1, 1, s]);
    return mask === null ? spread : mask.add(spread);
  }
}
