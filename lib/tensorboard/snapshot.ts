// What tensors and arrays hold at a call, read once it is computed.
import { withoutGrad } from '../autograd.js';
import type { DType, TypedArray } from '../dtype.js';
import { describe, idOf, wrongType } from '../functional/check.js';
import { outsideTidy } from '../memory.js';
import { Tensor } from '../tensor.js';

/** Numbers: a tensor, or an array or typed array of them. */
export type Numbers = Tensor | ArrayLike<number>;

/** The elements as JavaScript's numbers. */
export type Elements = Exclude<TypedArray, BigInt64Array>;

/** Numbers as they were at a call. */
export interface Snapshot {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The memory that it holds while it waits to be computed; 0 where it is here already. */
  readonly bytes: number;
  /** The elements in order; waits for them. Throws what kept them from being computed. */
  read(): Elements;
}

const halves: readonly DType[] = ['float16', 'bfloat16'];

function ofTensor(x: Tensor): Snapshot {
  // A copy, as training goes on to change its weights; the stream makes it when it comes to it.
  const copy = withoutGrad(() =>
    outsideTidy(() => (halves.includes(x.dtype) ? x.detach().to('float32') : x.detach().clone())),
  );
  return {
    shape: x.shape,
    dtype: x.dtype,
    bytes: copy.numel() * 8 + 1,
    read() {
      const data = copy.toTypedArray();
      copy.dispose();
      return data instanceof BigInt64Array ? Float64Array.from(data, Number) : data;
    },
  };
}

/** What `x` holds now; `op` and `name` say in errors which argument it is. */
export function snapshot(x: Numbers, op: string, name: string): Snapshot {
  if (x instanceof Tensor) {
    idOf(x, op, name);
    return ofTensor(x);
  }
  if (!Array.isArray(x) && !ArrayBuffer.isView(x)) wrongType(op, name, 'a Tensor or an array of numbers', x);
  const data = Float64Array.from(x as ArrayLike<number>, (value, i) => {
    if (typeof value !== 'number') throw new TypeError(`${op}: ${name}[${i}] must be a number, got ${describe(value)}`);
    return value;
  });
  const dtype = x instanceof Uint8Array ? 'uint8' : 'float64';
  return { shape: [data.length], dtype, bytes: 0, read: () => data };
}

/** A number, or a tensor of one element as it is now. */
export function scalarSnapshot(x: Tensor | number, op: string, name: string): Snapshot {
  if (typeof x === 'number') return snapshot([x], op, name);
  if (!(x instanceof Tensor)) wrongType(op, name, 'a number or a Tensor of one element', x);
  idOf(x, op, name);
  if (x.numel() !== 1) wrongType(op, name, 'a number or a Tensor of one element', x);
  return snapshot(x, op, name);
}
