// The part of NumPy's pickles that data sets need: arrays of bytes.
import { type AllowedGlobal, type CallContext, encode, GlobalRef } from './globals.js';
import { Buildable } from './unpickle.js';

class NumpyDType extends Buildable {
  constructor(readonly name: string) {
    super();
  }

  // Byte order and field names, which bytes do not have.
  override build(): void {}
}

/** An array of uint8, in row-major order. */
export class NumpyArray extends Buildable {
  shape: number[] = [0];
  bytes: Uint8Array = new Uint8Array(0);

  /** Takes numpy's state of an array: (version, shape, dtype, whether in Fortran order, data). */
  override build(state: unknown, context: CallContext): void {
    if (!Array.isArray(state) || state.length !== 5) context.fail('the state of an array is no tuple of 5');
    const [, shape, dtype, fortran, data] = state as unknown[];
    if (fortran !== false && fortran !== 0) context.fail('an array in Fortran order is not supported');
    this.fill(shape, dtype, data, context);
  }

  /** Sets the elements after checking that they fit. */
  fill(shape: unknown, dtype: unknown, data: unknown, context: CallContext): this {
    if (!(dtype instanceof NumpyDType) || dtype.name !== 'u1')
      context.fail(`an array of ${dtype instanceof NumpyDType ? dtype.name : 'no dtype'}, expected u1 (uint8)`);
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
    if (!(bytes instanceof Uint8Array)) context.fail('the data of an array are no bytes');
    if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0))
      context.fail('the shape of an array is no tuple of sizes');
    const elements = shape.reduce((a, b) => a * b, 1);
    if (elements !== bytes.length)
      context.fail(`an array of shape (${shape.join(', ')}) needs ${elements} bytes, got ${bytes.length}`);
    this.shape = shape;
    this.bytes = bytes;
    return this;
  }
}

const array: AllowedGlobal = { name: 'numpy.ndarray' };

const allowed: AllowedGlobal[] = [
  array,
  {
    name: 'numpy.dtype',
    call: ([name], context) => new NumpyDType(typeof name === 'string' ? name : context.fail('a dtype has no name')),
  },
  {
    name: 'numpy.core.multiarray._reconstruct',
    call: ([type], context) =>
      type instanceof GlobalRef && type.global === array ? new NumpyArray() : context.fail('it makes no numpy.ndarray'),
  },
  {
    name: 'numpy.core.numeric._frombuffer',
    call: ([data, dtype, shape, order], context) =>
      order === 'C'
        ? new NumpyArray().fill(shape, dtype, data, context)
        : context.fail('an array in Fortran order is not supported'),
  },
  { name: '_codecs.encode', call: encode },
];

/** The allow-list of pickles that hold dicts, lists, numbers, strings and arrays of bytes. */
export function findNumpyGlobal(module: string, name: string, context: CallContext): GlobalRef {
  const full = `${module.replace(/^numpy\._core\./, 'numpy.core.')}.${name}`;
  const found = allowed.find((global) => global.name === full);
  return found === undefined
    ? context.fail(`${full} is not among the names that a data set may use, and no code of a file is ever run`)
    : new GlobalRef(found);
}
