// Values of JavaScript as one flat typed array and a shape, and back.
import type { DType, TypedArray } from '../dtype.js';
import { ShapeError } from '../errors.js';
import { describe, shapeOf, wrongType } from './check.js';

/** A number, BigInt or boolean, or arrays of them, of arrays of them, and so on. */
export type NestedData = number | bigint | boolean | readonly NestedData[];

/** What `tensor` takes. */
export type TensorData = NestedData | Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array;

/** What `toArray` gives: a number or boolean, or nested arrays of them. */
export type NestedArray = number | boolean | NestedArray[];

const sourceDTypes: Record<string, DType> = {
  Float32Array: 'float32',
  Float64Array: 'float64',
  BigInt64Array: 'int64',
  Int32Array: 'int32',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
};

interface Flat {
  array: TypedArray;
  source: DType;
  shape: readonly number[];
}

function checkShape(shape: readonly number[], count: number): readonly number[] {
  const needed = shapeOf(shape, 'tensor').reduce((a, b) => a * b, 1);
  if (needed !== count)
    throw new ShapeError(`tensor: shape [${shape.join(', ')}] needs ${needed} elements but data has ${count}`);
  return shape;
}

function fromTyped(data: TypedArray, shape: readonly number[] | undefined): Flat {
  const kind = data[Symbol.toStringTag] as string;
  const source = sourceDTypes[kind];
  if (source === undefined)
    throw new TypeError(
      `tensor: data must be one of ${Object.keys(sourceDTypes).join(', ')} or nested arrays, got a ${kind}`,
    );
  if (data.length === 0) {
    try {
      new Uint8Array(data.buffer as ArrayBuffer, 0, 0);
    } catch {
      throw new TypeError(`tensor: the buffer of this ${kind} is detached (it was transferred elsewhere)`);
    }
  }
  return { array: data, source, shape: shape === undefined ? [data.length] : checkShape(shape, data.length) };
}

// As in cpp/core/dims.h.
const maxDims = 8;

/** The lengths of the first array of each level; an array that contains itself has no end of levels. */
function shapeOfNested(data: NestedData): number[] {
  const shape: number[] = [];
  for (let level: NestedData | undefined = data; Array.isArray(level); level = level[0]) {
    if (shape.length === maxDims)
      throw new ShapeError(`tensor: data is nested deeper than the ${maxDims} dimensions that a tensor may have`);
    shape.push(level.length);
  }
  return shape;
}

// The least and the greatest number of a dtype; of int64, the greatest that JavaScript's numbers have.
const ranges: Partial<Record<DType, readonly [number, number]>> = {
  int64: [-(2 ** 63), 2 ** 63 - 1024],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
};

/** Throws a RangeError where `dtype` has no such number. Whole negative numbers wrap around in uint8, as in PyTorch. */
export function checkFits(value: number | bigint, dtype: DType, op: string): void {
  const range = ranges[dtype];
  if (range === undefined || (value >= range[0] && value <= range[1])) return;
  if (dtype === 'uint8' && value < 0 && value >= -range[1] && Number.isInteger(Number(value))) return;
  if (dtype === 'int64' && typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return;
  throw new RangeError(`${op}: ${value} is out of the range of ${dtype}`);
}

/** Writes the leaves of `data` to `out` in order; `kind` is what typeof says of each. */
function flatten(
  data: readonly NestedData[],
  shape: readonly number[],
  kind: string,
  out: TypedArray,
  check: ((value: NestedData) => void) | undefined,
): void {
  let at = 0;
  const last = shape.length - 1;
  const walk = (level: readonly NestedData[], depth: number): void => {
    if (level.length !== shape[depth])
      throw new TypeError(`tensor: rows differ in length at dimension ${depth}: ${shape[depth]} and ${level.length}`);
    for (let i = 0; i < level.length; i++) {
      const value = level[i]!;
      if (depth < last) {
        if (!Array.isArray(value))
          throw new TypeError(`tensor: expected an array at dimension ${depth + 1}, got ${describe(value)}`);
        walk(value, depth + 1);
      } else {
        if (typeof value !== kind)
          throw new TypeError(
            Array.isArray(value)
              ? `tensor: an element at dimension ${depth} is an array while the first is a ${kind}`
              : `tensor: elements must all be of one kind, got ${describe(value)} beside a ${kind}`,
          );
        check?.(value);
        (out as unknown as NestedData[])[at++] = value;
      }
    }
  };
  walk(data, 0);
}

/** `data` as a flat typed array; numbers go through float64 where `dtype` asks for more than float32 holds. */
export function fromData(data: TensorData, dtype: DType | undefined, shape: readonly number[] | undefined): Flat {
  if (ArrayBuffer.isView(data)) return fromTyped(data as TypedArray, shape);
  const found = shapeOfNested(data as NestedData);
  let first: unknown = data;
  while (Array.isArray(first)) first = first[0];
  if (first === undefined && found.length > 0 && found.at(-1) === 0) first = 0;
  const kind = typeof first;
  if (kind !== 'number' && kind !== 'bigint' && kind !== 'boolean')
    wrongType('tensor', 'data', 'numbers, BigInts or booleans, arrays of them, or a typed array', first);
  const count = found.reduce((a, b) => a * b, 1);
  const wide = dtype !== undefined && dtype !== 'float32';
  const source: DType = kind === 'bigint' ? 'int64' : kind === 'boolean' ? 'bool' : wide ? 'float64' : 'float32';
  const array =
    kind === 'bigint'
      ? new BigInt64Array(count)
      : kind === 'boolean'
        ? new Uint8Array(count)
        : wide
          ? new Float64Array(count)
          : new Float32Array(count);
  // BigInts are read as int64, whatever they become.
  const dtypes = [...new Set([source, dtype ?? source])].filter(
    (name) => kind !== 'boolean' && ranges[name] !== undefined,
  );
  const check =
    dtypes.length === 0
      ? undefined
      : (value: NestedData) => {
          for (const name of dtypes) checkFits(value as number | bigint, name, 'tensor');
        };
  if (Array.isArray(data)) flatten(data, found, kind, array, check);
  else {
    check?.(data as NestedData);
    (array as unknown as unknown[])[0] = data;
  }
  return { array, source, shape: shape === undefined ? found : checkShape(shape, count) };
}

/** The flat `values` as nested arrays of `shape`; int64 becomes numbers. */
export function toNested(values: TypedArray, shape: readonly number[], dtype: DType): NestedArray {
  let at = 0;
  const leaf = (): number | boolean => {
    const value = values[at++]!;
    if (typeof value === 'bigint') {
      const n = Number(value);
      if (!Number.isSafeInteger(n))
        throw new RangeError(`toArray: ${value} does not fit a JavaScript number; use toTypedArray()`);
      return n;
    }
    return dtype === 'bool' ? value !== 0 : value;
  };
  const level = (depth: number): NestedArray => {
    if (depth === shape.length) return leaf();
    const out = new Array<NestedArray>(shape[depth]!);
    for (let i = 0; i < out.length; i++) out[i] = level(depth + 1);
    return out;
  };
  return level(0);
}
