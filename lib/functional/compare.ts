// Comparisons of whole tensors, which wait for the elements.
import type { Tensor } from '../tensor.js';
import { idOf, optionsOf } from './check.js';

/**
 * True where both have one shape and equal elements. (`torch.equal`)
 * @example
 * import { equal, tensor } from 'cresset';
 * equal(tensor([1, 2]), tensor([1, 2])); // true
 */
export function equal(x: Tensor, y: Tensor): boolean {
  idOf(x, 'equal');
  idOf(y, 'equal', 'y');
  if (x.shape.join() !== y.shape.join()) return false;
  return x.numel() === 0 || x.eq(y).all().item() === 1;
}

/** Options of `allclose`. */
export interface AllcloseOptions {
  /** Relative tolerance. Default 1e-5. */
  rtol?: number;
  /** Absolute tolerance. Default 1e-8. */
  atol?: number;
  /** Let NaN equal NaN. Default false. */
  equalNan?: boolean;
}

/**
 * True where `|x - y| <= atol + rtol · |y|` for all elements. (`torch.allclose`)
 * @throws ShapeError where the shapes do not broadcast.
 * @example
 * import { allclose, tensor } from 'cresset';
 * allclose(tensor([1]), tensor([1.000001])); // true
 */
export function allclose(x: Tensor, y: Tensor, options: AllcloseOptions = {}): boolean {
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = optionsOf(options, 'allclose', ['rtol', 'atol', 'equalNan']);
  idOf(x, 'allclose');
  idOf(y, 'allclose', 'y');
  const a = x.detach().to('float64');
  const b = y.detach().to('float64');
  // Joined, both have the shape that they broadcast to.
  const zero = a.eq(a).to('float64').mul(b.eq(b).to('float64')).mul(0);
  const left = a.add(zero).toTypedArray() as Float64Array;
  const right = b.add(zero).toTypedArray() as Float64Array;
  return left.every((value, i) => {
    const other = right[i]!;
    if (value === other) return true;
    if (Number.isNaN(value) || Number.isNaN(other)) return equalNan && Number.isNaN(value) && Number.isNaN(other);
    return Number.isFinite(other) && Math.abs(value - other) <= atol + rtol * Math.abs(other);
  });
}
