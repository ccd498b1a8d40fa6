// The parts of files on their way. Each download writes one of its own, so that processes that fetch the same file never meet in it, and goes
// on with what one before has left: under the plain name, or, where its process was ended, under the name of that process.
import { randomBytes } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

const host = hostname().replaceAll(/[^\w-]/g, '_');

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** The parts of `path` whose processes on this machine have ended. */
async function orphansOf(path: string): Promise<string[]> {
  const start = `${basename(path)}.${host}-`;
  const names = await readdir(dirname(path));
  const orphaned = (name: string) => {
    const pid = name.startsWith(start) ? /^(\d+)-[0-9a-f]{8}\.part$/.exec(name.slice(start.length))?.[1] : undefined;
    return pid !== undefined && !isRunning(Number(pid));
  };
  return names.filter(orphaned).map((name) => join(dirname(path), name));
}

const movedTo = (part: string, from: string): Promise<boolean> =>
  rename(from, part).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false; // Another download was faster.
      throw error;
    },
  );

/** The bytes of a file; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

/** A name for the part of `path` that no other download has; with `resume` what is left of one before is there under it. */
export async function claimPart(path: string, resume: boolean): Promise<string> {
  const part = `${path}.${host}-${process.pid}-${randomBytes(4).toString('hex')}.part`;
  const orphans = await orphansOf(path);
  if (resume) for (const left of [`${path}.part`, ...orphans]) if (await movedTo(part, left)) break;
  // One is enough, and what cannot be resumed is of no use to anyone.
  for (const orphan of orphans) await rm(orphan, { force: true });
  return part;
}

/** Leaves a claimed part to the next download, if anything of it has arrived. */
export async function leavePart(path: string, part: string): Promise<void> {
  if ((await sizeOf(part)) > 0) await movedTo(`${path}.part`, part);
  else await rm(part, { force: true });
}
