// Fetches and unpacks the archive of CIFAR-10.
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { downloadFile } from '../../download/index.js';
import { CressetError } from '../../errors.js';
import { extractTar } from '../extract.js';
import { isComplete, missingFiles, pickledFiles, pickledFolder } from './cifar10-files.js';

const archiveName = 'cifar-10-python.tar.gz';
const officialUrl = `https://www.cs.toronto.edu/~kriz/${archiveName}`;
const officialMd5 = 'c58f30108f718f92721af3b95e74349a';

/** Where the archive comes from. */
export interface ArchiveSource {
  url?: string | undefined;
  md5?: string | undefined;
  signal?: AbortSignal | undefined;
}

// Training and test files are often loaded side by side, and both want the one archive.
const running = new Map<string, Promise<void>>();

/** Puts the pickled layout below `root`, unless all files of a layout are there. */
export async function downloadCifar10(root: string, source: ArchiveSource): Promise<void> {
  const key = resolve(root);
  for (let other = running.get(key); other !== undefined; other = running.get(key)) await other.catch(() => {});
  const work = fetchAndUnpack(key, source);
  running.set(key, work);
  try {
    await work;
  } finally {
    running.delete(key);
  }
}

async function fetchAndUnpack(root: string, source: ArchiveSource): Promise<void> {
  const { url = officialUrl, md5 = officialMd5, signal } = source;
  signal?.throwIfAborted();
  if (await isComplete(root)) return;
  const archive = join(root, archiveName);
  await downloadFile({ url, path: archive, hash: { algorithm: 'md5', digits: md5 }, signal });
  const temporary = await mkdtemp(join(root, '.unpack-'));
  try {
    await extractTar(archive, temporary, signal);
    const unpacked = join(temporary, pickledFolder);
    const missing = await missingFiles(unpacked, pickledFiles);
    if (missing.length > 0) throw new CressetError(`CIFAR10: ${archive} holds no ${pickledFolder}/${missing[0]}`);
    const folder = join(root, pickledFolder);
    await mkdir(folder, { recursive: true });
    for (const name of pickledFiles) await rename(join(unpacked, name), join(folder, name));
  } finally {
    // What was unpacked of a refused archive may still be on its way to the disk: a folder that fills meanwhile is tried again.
    await rm(temporary, { recursive: true, force: true, maxRetries: 10 });
  }
}
