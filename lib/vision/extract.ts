// Unpacks archives whose every entry stays inside the folder they are unpacked into.
import { CressetError } from '../errors.js';

const plainTypes = ['File', 'OldFile', 'ContiguousFile', 'Directory'];

function entryProblem(path: string, type: string): string | null {
  const name = JSON.stringify(path.slice(0, 200));
  if (/^([/\\]|[a-z]:)/i.test(path) || path.split(/[/\\]/).includes('..'))
    return `the entry ${name} leads outside the folder that it is unpacked into`;
  if (!plainTypes.includes(type)) return `the entry ${name} is a ${type}, where only files and folders are allowed`;
  return null;
}

/**
 * Unpacks a tar archive, gzipped or not, into the existing folder `into`; what it holds of a refused archive is the caller's to remove.
 * @throws CressetError for entries that are links or lead outside, and for damaged archives; the signal's reason when it aborts.
 */
export async function extractTar(archive: string, into: string, signal?: AbortSignal): Promise<void> {
  const { extract } = await import('tar');
  let problem: string | null = null;
  try {
    await extract({
      file: archive,
      cwd: into,
      strict: true,
      preserveOwner: false,
      filter: (path, entry) => {
        problem ??= entryProblem(path, 'type' in entry ? entry.type : 'File');
        return problem === null && !signal?.aborted;
      },
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (problem === null && !/^(TAR_|Z_)/.test(code)) throw error;
    problem ??= `it is no sound tar archive: ${message}`;
  }
  signal?.throwIfAborted();
  if (problem !== null) throw new CressetError(`${archive}: ${problem}`);
}
