// Errors between threads: kind, message, cause and stack stay.
import * as errors from '../../errors.js';

/** An error as data. */
export type ErrorData =
  | { name: string; message: string; stack: string; cause?: ErrorData; properties: Record<string, unknown> }
  | { thrown: unknown };

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean', 'bigint'].includes(typeof value);

/** What was thrown as data; of an error's own properties those that are strings, numbers or booleans. */
export function errorData(thrown: unknown): ErrorData {
  try {
    return read(thrown, new Set());
  } catch {
    // Its getters, or its toString, throw themselves.
    return { thrown: 'what was thrown cannot be read' };
  }
}

function read(thrown: unknown, within: Set<unknown>): ErrorData {
  if (!(thrown instanceof Error)) return { thrown: isPlain(thrown) || thrown === null ? thrown : String(thrown) };
  within.add(thrown);
  const { name, message, stack, cause, ...others } = thrown;
  return {
    name: String(name),
    message: String(message),
    stack: typeof stack === 'string' ? stack : '',
    ...(cause === undefined || within.has(cause) ? {} : { cause: read(cause, within) }),
    properties: Object.fromEntries(Object.entries(others).filter(([, value]) => isPlain(value))),
  };
}

type Kind = new (message: string, options?: ErrorOptions) => Error;
const kinds = new Map<string, Kind>([
  ...[EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map(
    (kind) => [kind.name, kind] as const,
  ),
  ...Object.entries(errors as unknown as Record<string, Kind>),
]);

/** The error again, of its own class where that is JavaScript's or this library's. */
function errorOf(data: ErrorData): unknown {
  if ('thrown' in data) return data.thrown;
  const { name, message, stack, cause, properties } = data;
  const Kind = kinds.get(name) ?? Error;
  const error = new Kind(message, cause === undefined ? {} : { cause: errorOf(cause) });
  if (error.name !== name) error.name = name;
  error.stack = stack;
  return Object.assign(error, properties);
}

/**
 * The error of a worker for the loop over its batches: of the same kind, its message led by `where` it happened, its stack the worker's; the
 * original one is its cause.
 */
export function workerError(data: ErrorData, where: string): Error {
  const cause = errorOf(data);
  if (!(cause instanceof Error)) return new Error(`${where}: ${String(cause)}`, { cause });
  const error = errorOf({ ...data, message: `${where}: ${cause.message}` } as ErrorData) as Error;
  error.cause = cause;
  const frames = cause.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  error.stack = `${error.name}: ${error.message}\n    in the worker:\n${frames.join('\n')}\n${stackHere()}`;
  return error;
}

const stackHere = (): string => {
  const frames = new Error().stack?.split('\n').slice(3) ?? [];
  return ['    in the loop:', ...frames].join('\n');
};
