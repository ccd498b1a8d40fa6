// Waiting for the stream, and how many threads work on it.
import { CressetError } from './errors.js';
import { integerOf } from './functional/check.js';
import { native } from './native.js';

/**
 * Resolves when everything asked for so far has been computed, without blocking the event loop. (`torch.cuda.synchronize`)
 * @throws CressetError, as a rejection, for what went wrong on the way.
 * @example
 * import { ones, synchronize } from 'cresset';
 * const y = ones([2]).add(1);
 * await synchronize();
 * y.toArray(); // [2, 2]
 */
export function synchronize(): Promise<void> {
  return new Promise((resolve, reject) => {
    native.whenDone((error) => (error === null ? resolve() : reject(new CressetError(error))));
  });
}

/** The number of threads that compute. (`torch.get_num_threads`) */
export function getNumThreads(): number {
  return native.numThreads();
}

/** Sets the number of threads that compute, in the whole process. (`torch.set_num_threads`) */
export function setNumThreads(n: number): void {
  native.setNumThreads(integerOf(n, 'setNumThreads', 'n'));
}
