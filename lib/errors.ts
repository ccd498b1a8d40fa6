// The errors that the native core raises, made here so that they belong to the caller's realm and carry its stack.

/** Thrown when an op meets what it cannot work with; the message names the op, the rule and the values. */
export class CressetError extends Error {
  override name = 'CressetError';
}

/** Thrown when the shapes of an op's arguments do not fit together. */
export class ShapeError extends CressetError {
  override name = 'ShapeError';
}

/** Thrown when an op does not take an argument's dtype. */
export class DTypeError extends CressetError {
  override name = 'DTypeError';
}

/** Thrown when backward cannot compute a gradient. */
export class AutogradError extends CressetError {
  override name = 'AutogradError';
}

/** Thrown when memory for a tensor cannot be had. */
export class OutOfMemoryError extends CressetError {
  override name = 'OutOfMemoryError';
}

const kinds: Record<string, new (message: string) => Error> = {
  argument: CressetError,
  shape: ShapeError,
  dtype: DTypeError,
  autograd: AutogradError,
  memory: OutOfMemoryError,
  range: RangeError,
  type: TypeError,
};

/** Throws the error of `kind`, with a stack that begins at the op. Called by the native core. */
export function raise(kind: string, message: string): never {
  const error = new (kinds[kind] ?? CressetError)(message);
  Error.captureStackTrace?.(error, raise);
  throw error;
}
