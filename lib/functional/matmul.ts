// Products of vectors, matrices and batches of them.
import { ShapeError } from '../errors.js';
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { idOf, optionalId } from './check.js';

function checkDims(op: string, name: string, x: Tensor, dims: number): void {
  idOf(x, op, name);
  if (x.ndim !== dims)
    throw new ShapeError(`${op}: ${name} must have ${dims} dimensions, got shape [${x.shape.join(', ')}]`);
}

/**
 * The product of matrices, vectors or batches of matrices, which broadcast. (`torch.matmul`)
 * @throws ShapeError where the inner sizes differ.
 * @example
 * import { matmul, tensor } from 'cresset';
 * matmul(tensor([[1, 2], [3, 4]]), tensor([1, 1])).toArray(); // [3, 7]
 */
export function matmul(x: Tensor, y: Tensor): Tensor {
  return wrap(native.matmul(idOf(x, 'matmul'), idOf(y, 'matmul', 'y')));
}

/** The product of two matrices. (`torch.mm`) */
export function mm(x: Tensor, y: Tensor): Tensor {
  checkDims('mm', 'x', x, 2);
  checkDims('mm', 'y', y, 2);
  return matmul(x, y);
}

/** The products of two batches of matrices. (`torch.bmm`) */
export function bmm(x: Tensor, y: Tensor): Tensor {
  checkDims('bmm', 'x', x, 3);
  checkDims('bmm', 'y', y, 3);
  if (x.shape[0] !== y.shape[0]) throw new ShapeError(`bmm: the batches have ${x.shape[0]} and ${y.shape[0]} matrices`);
  return matmul(x, y);
}

/** The product of a matrix and a vector. (`torch.mv`) */
export function mv(x: Tensor, y: Tensor): Tensor {
  checkDims('mv', 'x', x, 2);
  checkDims('mv', 'y', y, 1);
  return matmul(x, y);
}

/** The inner product of two vectors. (`torch.dot`) */
export function dot(x: Tensor, y: Tensor): Tensor {
  checkDims('dot', 'x', x, 1);
  checkDims('dot', 'y', y, 1);
  return matmul(x, y);
}

/**
 * y = x weightᵀ + bias, with x: [..., in], weight: [out, in], bias: [out]. (`torch.nn.functional.linear`)
 * @throws ShapeError where the sizes do not fit.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.linear(tensor([[1, 2]]), tensor([[3, 4]]), tensor([1])).toArray(); // [[12]]
 */
export function linear(x: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  return wrap(
    native.linear(idOf(x, 'linear', 'input'), idOf(weight, 'linear', 'weight'), optionalId(bias, 'linear', 'bias')),
  );
}
