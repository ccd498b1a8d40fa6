// The error that everything wrong with a checkpoint file becomes.
import { CressetError } from '../errors.js';

/** A file's own text as it may go to a terminal or a log: without control characters. */
export const quiet = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);

// Names in a file can be as long as the file.
const short = (text: string, most: number): string => {
  const start = quiet(text.slice(0, most + 1));
  return start.length > most ? `${start.slice(0, most)}... (${text.length} characters)` : start;
};

/**
 * Thrown when a file cannot be read as a checkpoint; the message names the file, the place in it and what is wrong.
 * @example
 * import { CheckpointError, load } from 'cresset';
 * await load('broken.pth').catch((error) => error instanceof CheckpointError); // true
 */
export class CheckpointError extends CressetError {
  override name = 'CheckpointError';
  /** The place in the file, such as `data.pkl at byte 17`. */
  readonly where: string;

  /**
   * @param path The file.
   * @param where The place in it.
   * @param what What is wrong there.
   */
  constructor(
    readonly path: string,
    where: string,
    what: string,
  ) {
    const place = short(where, 200);
    super(`${path}: ${place}: ${short(what, 2000)}`);
    this.where = place;
  }
}
