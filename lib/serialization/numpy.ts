// The allow-list of Python names in pickled NumPy arrays of bytes, as Python 2 and 3 and NumPy 1 and 2 write them.
import {
  type AllowedGlobal,
  Buildable,
  type CallContext,
  encode,
  GlobalRef,
  integers,
  latin1Bytes,
} from './globals.js';

/** A pickled `numpy.ndarray` of dtype uint8, its elements in row-major order. */
export class NumpyArray extends Buildable {
  shape: number[] = [];
  bytes: Uint8Array = new Uint8Array(0);

  /** Takes (version, shape, dtype, is Fortran order, contents). */
  setState(state: unknown, context: CallContext): void {
    if (!Array.isArray(state) || state.length !== 5) context.fail('the state of an array is no tuple of 5');
    const [, shape, dtype, fortran, contents] = state as unknown[];
    if (typeof contents !== 'string' && !(contents instanceof Uint8Array))
      context.fail('the contents of an array are no bytes');
    this.fill(contents, shape, dtype, fortran === true || fortran === 1, context);
  }

  fill(contents: string | Uint8Array, shape: unknown, dtype: unknown, fortran: boolean, context: CallContext): void {
    if (!(dtype instanceof NumpyDType)) context.fail('the dtype of an array is none');
    const sizes = integers(shape, 'the shape of an array', context);
    const bytes = typeof contents === 'string' ? latin1Bytes(contents, context) : contents;
    const wanted = sizes.reduce((a, b) => a * b, 1);
    if (sizes.some((n) => n < 0) || wanted !== bytes.length)
      context.fail(`an array of shape [${sizes.join(', ')}] takes ${wanted} bytes, but ${bytes.length} are there`);
    this.shape = sizes;
    this.bytes = fortran ? rowMajor(bytes, sizes, context) : bytes;
  }
}

function rowMajor(bytes: Uint8Array, shape: readonly number[], context: CallContext): Uint8Array {
  if (shape.length < 2) return bytes;
  if (shape.length > 2) context.fail(`an array in Fortran order has ${shape.length} dimensions (1 or 2 are supported)`);
  context.spend(bytes.length);
  const [rows, columns] = shape as [number, number];
  const result = new Uint8Array(bytes.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) result[i * columns + j] = bytes[j * rows + i]!;
  return result;
}

/** `numpy.dtype('u1')`; its state is the byte order, which bytes do not have. */
class NumpyDType extends Buildable {
  setState(): void {}
}

function dtype(args: readonly unknown[], context: CallContext): NumpyDType {
  const [name] = args;
  if (name !== 'u1' && name !== '|u1' && name !== 'uint8')
    context.fail(
      `an array has the dtype ${typeof name === 'string' ? JSON.stringify(name.slice(0, 40)) : typeof name}, expected "u1"`,
    );
  return new NumpyDType();
}

function reconstruct(args: readonly unknown[], context: CallContext): NumpyArray {
  const [type] = args;
  if (!(type instanceof GlobalRef) || type.global.name !== 'numpy.ndarray')
    context.fail('an array is of another class than numpy.ndarray');
  return new NumpyArray();
}

function fromBuffer(args: readonly unknown[], context: CallContext): NumpyArray {
  const [contents, type, shape, order] = args;
  if (!(contents instanceof Uint8Array)) context.fail('the contents of an array are no bytes');
  const array = new NumpyArray();
  array.fill(contents, shape, type, order === 'F', context);
  return array;
}

const allowed = new Map<string, AllowedGlobal>();
function allow(name: string, call?: AllowedGlobal['call']): void {
  allowed.set(name, call === undefined ? { name } : { name, call });
}
allow('numpy.ndarray');
allow('numpy.dtype', dtype);
for (const core of ['numpy.core', 'numpy._core']) {
  allow(`${core}.multiarray._reconstruct`, reconstruct);
  allow(`${core}.numeric._frombuffer`, fromBuffer);
}
allow('_codecs.encode', encode);

/** What `module.name` stands for in a pickle of NumPy arrays of bytes; any other name fails, by its name. */
export function findNumpyGlobal(module: string, name: string, context: CallContext): GlobalRef {
  const full = `${module}.${name}`;
  const found = allowed.get(full);
  if (found !== undefined) return new GlobalRef(found);
  return context.fail(`${full} is not among the names that an array of bytes needs, and no code of a file is ever run`);
}
