// Where the files of MNIST and its kin lie, how they are fetched, and what pictures they hold.
import { join } from 'node:path';
import { CressetError } from '../../errors.js';
import { wrongType } from '../../functional/check.js';
import { type Archive, type DownloadOptions, fetchArchives, missingFiles } from './archive.js';
import { readIdx, unpackIdx } from './idx.js';
import type { Pictures } from './vision-dataset.js';

/** A gzipped file as it is published, and its MD5. */
export type Resource = readonly [name: string, md5: string];

/** How a data set of this family is published. */
export interface Family {
  /** The name of its class and of its folder below `root`. */
  name: string;
  mirrors: readonly string[];
  resources: readonly Resource[];
}

/** Which places and contents of the published files to go by instead of those that are known. */
export interface MirrorOptions extends DownloadOptions {
  /** The addresses of folders that hold the files, tried in order; default the authors' and torchvision's. */
  mirrors?: readonly string[];
  /** The MD5s of files by their names, for mirrors that have packed them anew. */
  md5?: Readonly<Record<string, string>>;
}

/** The number of dimensions of a file of the family, by its name. */
export const dimensionsOf = (name: string): number => (name.includes('-idx3-') ? 3 : 1);

/** Where torchvision keeps the files of the data set `name`. */
export const rawFolder = (root: string, name: string) => join(root, name, 'raw');

/** The paths of all of `names`, gzipped or not, in the first folder that has them; null where none has. */
export async function findFiles(folders: readonly string[], names: readonly string[]): Promise<string[] | null> {
  for (const folder of folders) {
    const found: string[] = [];
    for (const name of names) {
      const forms = [name, `${name}.gz`];
      const missing = await missingFiles(folder, forms);
      const form = forms.find((each) => !missing.includes(each));
      if (form !== undefined) found.push(join(folder, form));
    }
    if (found.length === names.length) return found;
  }
  return null;
}

/** Fetches and unpacks those files of the family that its folder below `root` lacks. */
export async function downloadFamily(root: string, family: Family, options: MirrorOptions): Promise<void> {
  const { mirrors = family.mirrors, md5 = {}, signal } = options;
  if (!Array.isArray(mirrors) || mirrors.length === 0)
    wrongType(`${family.name}.load`, 'mirrors', 'an array of at least one URL', mirrors);
  const folder = rawFolder(root, family.name);
  const archives: Archive[] = [];
  for (const [name, sum] of family.resources) {
    const file = name.replace(/\.gz$/, '');
    // Gzipped files that were put there by hand are read as they are.
    if ((await findFiles([folder], [file])) !== null) continue;
    const path = join(folder, name);
    archives.push({
      urls: mirrors.map((mirror) => mirror.replace(/\/?$/, `/${name}`)),
      md5: md5[name] ?? sum,
      path,
      folder,
      files: [file],
      unpack: async (into, stop) => {
        await unpackIdx(path, dimensionsOf(name), join(into, file), family.name, stop);
        return into;
      },
    });
  }
  await fetchArchives(root, archives, family.name, { signal });
}

/** The pictures and classes in the two files `PREFIX-images-idx3-ubyte` and `PREFIX-labels-idx1-ubyte`. */
export async function readFamily(root: string, name: string, prefix: string, classes: number): Promise<Pictures> {
  const names = [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`];
  const raw = rawFolder(root, name);
  const folders = [raw, join(raw, 'gzip'), root];
  const found = await findFiles(folders, names);
  if (found === null)
    throw new CressetError(
      `${name}: the dataset was not found; looked for ${names.join(' and ')}, also gzipped, in ${folders.join(', ')}. download: true fetches it`,
    );
  const [imagesPath, labelsPath] = found as [string, string];
  const images = await readIdx(imagesPath, 3, name);
  const labels = await readIdx(labelsPath, 1, name);
  const [count, height, width] = images.shape as [number, number, number];
  if (count !== labels.data.length)
    throw new CressetError(
      `${name}: ${imagesPath} holds ${count} pictures, but ${labelsPath} ${labels.data.length} labels`,
    );
  const targets = Array.from(labels.data);
  const wrong = targets.findIndex((target) => target >= classes);
  if (wrong >= 0)
    throw new CressetError(
      `${name}: label ${wrong} of ${labelsPath} is ${targets[wrong]}, expected 0 to ${classes - 1}`,
    );
  return { data: images.data, width, height, channels: 1, targets };
}
