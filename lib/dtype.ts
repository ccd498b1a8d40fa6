// The element types of tensors as users name them, and the typed arrays that carry them.
import { describe } from './functional/check.js';

/** The type of a tensor's elements. Gradients exist for the floating ones; `float16` and `bfloat16` only store and convert. */
export type DType = 'float32' | 'float64' | 'int64' | 'int32' | 'uint8' | 'bool' | 'float16' | 'bfloat16';

/** The typed arrays that `tensor` takes and `toTypedArray` gives; `Uint16Array` holds the bits of the 16-bit floats. */
export type TypedArray = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array;

// In the order of the codes in cpp/core/dtype.h.
const names: readonly DType[] = ['float32', 'float64', 'int64', 'int32', 'uint8', 'bool', 'float16', 'bfloat16'];

/** The native core's code of `dtype`; throws a TypeError that names `op` for anything that is no dtype. */
export function dtypeCode(dtype: DType, op: string): number {
  const code = names.indexOf(dtype);
  if (code < 0) throw new TypeError(`${op}: dtype must be one of ${names.join(', ')}, got ${describe(dtype)}`);
  return code;
}

/** The name of the native core's dtype `code`. */
export function dtypeName(code: number): DType {
  return names[code]!;
}

/** True for the dtypes that can have gradients. */
export function isFloatingPoint(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
}

/** A new typed array of `length` elements that holds `dtype`. */
export function typedArray(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length);
    case 'float64':
      return new Float64Array(length);
    case 'int64':
      return new BigInt64Array(length);
    case 'int32':
      return new Int32Array(length);
    case 'uint8':
    case 'bool':
      return new Uint8Array(length);
    default:
      return new Uint16Array(length);
  }
}
