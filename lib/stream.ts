// Waiting for the stream, and how many threads work on it.
import { integerOf } from './functional/check.js';
import { native } from './native.js';

/**
 * Resolves when everything asked for so far has been computed, without blocking the event loop. (`torch.cuda.synchronize`)
 * @throws As a rejection, the error of what went wrong before it and was not reported yet.
 * @example
 * import { ones, synchronize } from 'cresset';
 * const y = ones([2]).add(1);
 * await synchronize();
 * y.toArray(); // [2, 2]
 */
export function synchronize(): Promise<void> {
  return computed(null);
}

/** As `synchronize`; what kept `tensor` from being computed goes before what else went wrong. */
export function computed(tensor: { id: number } | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const sequence = native.whenDone(() => {
      try {
        native.throwFailures(tensor?.id ?? 0, sequence);
        resolve();
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Resolves when everything asked for so far has run; what went wrong stays for who asks for the results. */
export function drained(): Promise<void> {
  return new Promise((resolve) => {
    native.whenDone(resolve);
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
