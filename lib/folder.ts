// Folders: the home folder in paths, and those for what is written.
import { mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CressetError } from './errors.js';

/** `path`, with the home folder for `~`. */
export const withHome = (path: string): string => (/^~(?=$|[/\\])/.test(path) ? join(homedir(), path.slice(1)) : path);

/**
 * Makes `folder` and those that it lies in, where they are missing. Throws the system's error where it cannot, and CressetError where the
 * file system knows no new folders, as /proc, in which `mkdirSync` with `recursive` never returns.
 */
export function makeFolder(op: string, folder: string, parentIsThere = false): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
    const parent = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    if (parentIsThere)
      throw new CressetError(
        `${op}: the folder '${folder}' cannot be made, as the file system of '${parent}' takes none`,
        { cause: error },
      );
    makeFolder(op, parent);
    makeFolder(op, folder, true);
  }
}
