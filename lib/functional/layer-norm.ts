// Normalisation of each sample by itself.
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { idOf, integersOf, numberOf, optionalId, optionsOf } from './check.js';

/** Options of `layerNorm`. */
export interface LayerNormOptions {
  /** A factor for each element of the last dimensions, of shape `normalizedShape`. */
  weight?: Tensor | null;
  /** A summand for each, likewise. */
  bias?: Tensor | null;
  /** Added to the variance; default 1e-5. */
  eps?: number;
}

/**
 * (x - mean) / sqrt(var + eps) * weight + bias, with the mean and the (biased) variance over the last dimensions, which
 * `normalizedShape` names: x: [..., ...normalizedShape]. (`torch.nn.functional.layer_norm`)
 * @throws ShapeError where the last dimensions of x, weight or bias are others.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.layerNorm(tensor([[1, 3], [5, 9]]), [2], { eps: 0 }).toArray(); // [[-1, 1], [-1, 1]]
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | readonly number[],
  options: LayerNormOptions = {},
): Tensor {
  const shape = integersOf(normalizedShape, 'layerNorm', 'normalizedShape');
  const eps = numberOf(optionsOf(options, 'layerNorm', ['weight', 'bias', 'eps']).eps ?? 1e-5, 'layerNorm', 'eps');
  return wrap(
    native.layerNorm(
      idOf(x, 'layerNorm', 'input'),
      [...shape],
      optionalId(options.weight, 'layerNorm', 'weight'),
      optionalId(options.bias, 'layerNorm', 'bias'),
      eps,
    ),
  );
}
