// Files that are replaced as a whole or not at all.
import { randomBytes } from 'node:crypto';
import { type FileHandle, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes all of `data` at a place of the file. */
export async function writeAll(file: FileHandle, data: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < data.length; ) at += (await file.write(data, at, data.length - at, position + at)).bytesWritten;
}

async function syncFolder(folder: string): Promise<void> {
  // Not every system can open a folder; the file itself is on disk by then.
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/**
 * Has `write` fill a file of a temporary name in the folder of `path`, flushes it and renames it, so that after a crash `path` is the old
 * file or the new one.
 * @throws What `write` throws, or the system's error where the folder cannot be written; no temporary file is left behind.
 */
export async function replaceFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  // A link stays a link: the file it points to is replaced.
  const target = await realpath(path).catch(() => path);
  const folder = dirname(target);
  const present = await stat(target).catch(() => null);
  if (present !== null && !present.isFile() && !present.isDirectory())
    throw new Error(`${path} could not be written: it is no regular file`);
  const temporary = join(folder, `.cresset-${process.pid}-${randomBytes(6).toString('hex')}.tmp`);
  // Who may read the file stays as it was.
  const file = await open(temporary, 'wx', present === null ? 0o666 : present.mode & 0o777);
  try {
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (syscall !== 'write' && syscall !== 'fsync') throw error;
    // The system's error names no file.
    const what = `${path} could not be written, what was there before is unchanged: ${message}`;
    throw Object.assign(new Error(what, { cause: error }), { code, path });
  }
  await syncFolder(folder);
}
