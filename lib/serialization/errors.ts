// The error that everything wrong with a checkpoint file becomes.
import { CressetError } from '../errors.js';

/**
 * Thrown when a file cannot be read as a checkpoint; the message names the file, the place in it and what is wrong.
 * @example
 * import { CheckpointError, load } from 'cresset';
 * await load('broken.pth').catch((error) => error instanceof CheckpointError); // true
 */
export class CheckpointError extends CressetError {
  override name = 'CheckpointError';

  /**
   * @param path The file.
   * @param where The place in it, such as `data.pkl at byte 17`.
   * @param what What is wrong there.
   */
  constructor(
    readonly path: string,
    readonly where: string,
    what: string,
  ) {
    super(`${path}: ${where}: ${what}`);
  }
}
