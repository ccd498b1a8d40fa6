// The tensor of values that the caller gives.
import { type DType, dtypeCode } from '../dtype.js';
import { native, type TensorId } from '../native.js';
import { Tensor, wrap } from '../tensor.js';
import { optionsOf } from './check.js';
import { fromData, type TensorData } from './data.js';

/** Options of the functions that make tensors. */
export interface CreationOptions {
  /** The dtype of the elements. */
  dtype?: DType;
  /** Record what becomes of the tensor for gradients. Default false. */
  requiresGrad?: boolean;
}

/** Options of `tensor`. */
export interface TensorOptions extends CreationOptions {
  /** The shape of flat data. Default: that of the nested arrays, or the length of a typed array. */
  shape?: readonly number[];
}

/** The native code of the dtype in `options`. */
export function dtypeIn(options: CreationOptions, op: string, fallback: DType = 'float32'): number {
  return dtypeCode(optionsOf(options, op, ['dtype', 'requiresGrad']).dtype ?? fallback, op);
}

/** The new tensor, recording where `options` ask for it. */
export function finish(result: TensorId | object, options: CreationOptions): Tensor {
  const made = wrap(result);
  return options.requiresGrad === true ? made.requiresGrad_() : made;
}

/**
 * A tensor that holds a copy of `data`: nested arrays, a number or a typed array. Numbers become float32, BigInts int64,
 * booleans bool, and typed arrays keep their type, unless `dtype` says otherwise. (`torch.tensor`)
 * @throws TypeError for ragged arrays, mixed kinds and detached buffers, ShapeError where `shape` does not fit, RangeError for a number or BigInt
 * that the dtype does not have; typed arrays are converted as they are.
 * @example
 * import { tensor } from 'cresset';
 * tensor(new Int32Array([1, 2, 3, 4]), { shape: [2, 2] }).toArray(); // [[1, 2], [3, 4]]
 */
export function tensor(data: TensorData | Tensor, options: TensorOptions = {}): Tensor {
  optionsOf(options, 'tensor', ['dtype', 'requiresGrad', 'shape']);
  if (data instanceof Tensor) {
    const copy = data.detach().clone();
    const shaped = options.shape === undefined ? copy : copy.reshape(options.shape);
    const typed = options.dtype === undefined ? shaped : shaped.to(options.dtype);
    return options.requiresGrad === true ? typed.requiresGrad_() : typed;
  }
  const { array, source, shape } = fromData(data, options.dtype, options.shape);
  const target = options.dtype ?? source;
  const id = native.fromTypedArray(array, dtypeCode(source, 'tensor'), shape, dtypeCode(target, 'tensor'));
  return finish(id, options);
}

/**
 * True for tensors.
 * @example
 * import { isTensor, ones } from 'cresset';
 * isTensor(ones([1])); // true
 */
export function isTensor(x: unknown): x is Tensor {
  return x instanceof Tensor;
}
