// Pictures, or any files, in a folder for each class.
// biome-ignore-all lint/complexity/noThisInStatic: subclasses choose their classes, and are what `load` makes.
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Recipe, recipe, recipeOf } from '../../data/recipe.js';
import { CressetError } from '../../errors.js';
import { flag, optionsOf, wrongType } from '../../functional/check.js';
import type { Image } from '../image.js';
import { imageLoader } from '../read-image.js';
import { type RootOptions, rootOf, VisionDataset } from './vision-dataset.js';

/** The extensions of picture files. (`torchvision.datasets.folder.IMG_EXTENSIONS`) */
export const imgExtensions: readonly string[] = [
  '.jpg',
  '.jpeg',
  '.png',
  '.ppm',
  '.bmp',
  '.pgm',
  '.tif',
  '.tiff',
  '.webp',
];

/** The names of classes in order, and the index of each. */
export interface Classes {
  classes: string[];
  classToIdx: Record<string, number>;
}

/** The path of a file and the index of its class. */
export type Sample = readonly [path: string, target: number];

// Python sorts by code points, as the bytes of UTF-8 do; JavaScript by halves of them.
const inOrder = (names: readonly string[]): string[] =>
  [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Whether there is a folder at `path`, or a link to one. */
const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** The names in a folder, folders and links to them apart from all else. */
async function listing(folder: string): Promise<{ folders: string[]; files: string[] }> {
  const [folders, files]: [string[], string[]] = [[], []];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const inside = entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(join(folder, entry.name))));
    (inside ? folders : files).push(entry.name);
  }
  return { folders, files };
}

/**
 * The classes of a folder: the names of the folders in it, as Python sorts them. (`torchvision.datasets.folder.find_classes`)
 * @throws CressetError where it has none, or is no folder.
 * @example
 * import { mkdirSync } from 'node:fs';
 * import { datasets } from 'cresset/vision';
 * for (const name of ['cat', 'ant']) mkdirSync(`animals/${name}`, { recursive: true });
 * await datasets.findClasses('animals'); // { classes: ['ant', 'cat'], classToIdx: { ant: 0, cat: 1 } }
 */
export async function findClasses(directory: string): Promise<Classes> {
  if (!(await isFolder(directory))) throw new CressetError(`findClasses: ${directory} is no folder`);
  const classes = inOrder((await listing(directory)).folders);
  if (classes.length === 0) throw new CressetError(`findClasses: Couldn't find any class folder in ${directory}.`);
  return { classes, classToIdx: Object.fromEntries(classes.map((name, i) => [name, i])) };
}

/** A folder and all folders below it, with the names of their files; links to folders are followed. */
async function walk(folder: string, above: readonly string[] = []): Promise<[folder: string, files: string[]][]> {
  const real = await realpath(folder);
  if (above.includes(real)) throw new CressetError(`makeDataset: ${folder} leads back to ${real}, in which it lies`);
  const { folders, files } = await listing(folder);
  const below = await Promise.all(folders.map((name) => walk(join(folder, name), [...above, real])));
  return [[folder, files], ...below.flat()];
}

/** Which files are samples. */
export interface FileOptions {
  /** The ends of their names, in small letters; either these or `isValidFile`. */
  extensions?: string | readonly string[] | undefined;
  /** Tells by its path whether a file is a sample. */
  isValidFile?: ((path: string) => boolean) | undefined;
  /** Take classes without samples too; default false. */
  allowEmpty?: boolean | undefined;
}

/**
 * The samples in the folders of the classes and all folders below them, class by class as Python sorts them.
 * (`torchvision.datasets.folder.make_dataset`)
 * @throws CressetError for classes without samples unless `allowEmpty`, for no classes at all, for both or none of `extensions` and
 * `isValidFile`, and for links that lead back to a folder in which they lie.
 * @example
 * import { mkdirSync, writeFileSync } from 'node:fs';
 * import { datasets } from 'cresset/vision';
 * mkdirSync('notes/a', { recursive: true });
 * writeFileSync('notes/a/1.txt', '');
 * await datasets.makeDataset('notes', { a: 0 }, { extensions: '.txt' }); // [['notes/a/1.txt', 0]]
 */
export async function makeDataset(
  directory: string,
  classToIdx: Readonly<Record<string, number>>,
  options: FileOptions,
): Promise<Sample[]> {
  const { extensions, isValidFile, allowEmpty } = optionsOf(options, 'makeDataset', [
    'extensions',
    'isValidFile',
    'allowEmpty',
  ]);
  const names = inOrder(Object.keys(classToIdx));
  if (names.length === 0)
    throw new CressetError("makeDataset: 'classToIdx' must have at least one entry to collect any samples.");
  if ((extensions === undefined) === (isValidFile === undefined))
    throw new CressetError(
      'makeDataset: Both extensions and isValidFile cannot be undefined or not undefined at the same time',
    );
  const ends = [extensions ?? []].flat();
  const isValid = isValidFile ?? ((path) => ends.some((end) => path.toLowerCase().endsWith(end)));
  const samples: Sample[] = [];
  const empty: string[] = [];
  for (const name of names) {
    const before = samples.length;
    const folder = join(directory, name);
    const files = new Map((await isFolder(folder)) ? await walk(folder) : []);
    for (const inside of inOrder([...files.keys()]))
      for (const file of inOrder(files.get(inside)!)) {
        const path = join(inside, file);
        if (isValid(path)) samples.push([path, classToIdx[name]!]);
      }
    if (samples.length === before) empty.push(name);
  }
  if (empty.length > 0 && !flag(allowEmpty, 'makeDataset', 'allowEmpty')) {
    const supported = extensions === undefined ? '' : `Supported extensions are: ${ends.join(', ')}`;
    throw new CressetError(`makeDataset: Found no valid file for the classes ${empty.join(', ')}. ${supported}`);
  }
  return samples;
}

/** What to load, and how. */
export interface DatasetFolderOptions<S, X, Y> extends RootOptions<X, Y, S>, FileOptions {
  /** Makes a sample of the file at a path. */
  loader: (path: string) => S | Promise<S>;
}

/** What `load` has found. */
export interface Found extends Classes {
  samples: readonly Sample[];
}

/** What both kinds of folders have in common. */
export abstract class Folder<S, X, Y> extends VisionDataset<X, Y, S> {
  readonly length: number;
  /** The names of the classes, by index. */
  readonly classes: readonly string[];
  /** The index of each class, by name. */
  readonly classToIdx: Readonly<Record<string, number>>;
  /** The path and the class index of each sample. */
  readonly samples: readonly Sample[];
  /** The class index of each sample. */
  readonly targets: readonly number[];
  readonly loader: (path: string) => S | Promise<S>;

  /** @internal `load` makes it. */
  constructor(found: Found, options: RootOptions<X, Y, S> & { loader: (path: string) => S | Promise<S> }) {
    super(options);
    if (typeof options.loader !== 'function') wrongType(this.constructor.name, 'loader', 'a function', options.loader);
    this.length = found.samples.length;
    this.classes = found.classes;
    this.classToIdx = found.classToIdx;
    this.samples = found.samples;
    this.targets = found.samples.map(([, target]) => target);
    this.loader = options.loader;
  }

  /** The classes in a folder; subclasses may choose others. */
  static findClasses(directory: string): Promise<Classes> {
    return findClasses(directory);
  }

  /** @internal What there is below the root. */
  static async find(root: string, { extensions, isValidFile, allowEmpty }: FileOptions): Promise<Found> {
    const found = await this.findClasses(root);
    return { ...found, samples: await makeDataset(root, found.classToIdx, { extensions, isValidFile, allowEmpty }) };
  }

  /**
   * Sample `index`, read and transformed, and its class.
   * @throws RangeError for an index that is out of range; what the loader throws.
   */
  async get(index: number): Promise<[X, Y]> {
    this.checkIndex(index);
    const [path, target] = this.samples[index]!;
    return this.transformed(await this.loader(path), target);
  }

  /** How a worker makes the data set: from the paths. */
  [recipe](): Recipe {
    const { root, loader, transform, targetTransform, classes, classToIdx, samples } = this;
    const options = { root, loader, transform, targetTransform };
    const own = [DatasetFolder, ImageFolder].includes(this.constructor as never);
    return recipeOf(this, own, import.meta.url, [{ classes, classToIdx, samples }, options]);
  }
}

/**
 * Files in a folder for each class: `root/CLASS/FILE`, also in folders further below. Subclasses may choose their classes by a
 * static `findClasses` of their own. (`torchvision.datasets.DatasetFolder`)
 * @example
 * import { mkdirSync, writeFileSync } from 'node:fs';
 * import { readFile } from 'node:fs/promises';
 * import { datasets } from 'cresset/vision';
 * mkdirSync('texts/greeting', { recursive: true });
 * writeFileSync('texts/greeting/1.txt', 'hello');
 * const loader = (path: string) => readFile(path, 'utf8');
 * const dataset = await datasets.DatasetFolder.load({ root: 'texts', loader, extensions: ['.txt'] });
 * await dataset.get(0); // ['hello', 0]
 */
export class DatasetFolder<S, X = S, Y = number> extends Folder<S, X, Y> {
  /**
   * Looks for the files below `root`; they are read when they are asked for.
   * @throws CressetError for a root without folders, and as `makeDataset`; TypeError for options of another type.
   * @example
   * import { datasets } from 'cresset/vision';
   * const loading = datasets.DatasetFolder.load({ root: 'nowhere', loader: String, extensions: '.txt' });
   * await loading.catch(({ message }) => message); // 'findClasses: nowhere is no folder'
   */
  static async load<S, X = S, Y = number>(options: DatasetFolderOptions<S, X, Y>): Promise<DatasetFolder<S, X, Y>> {
    const root = rootOf(options, `${this.name}.load`, [
      'root',
      'loader',
      'extensions',
      'transform',
      'targetTransform',
      'isValidFile',
      'allowEmpty',
    ]);
    return new this(await this.find(root, options), { ...options, root });
  }
}

/** What to load, and how: by default the files with `imgExtensions`, as RGB pictures. */
export interface ImageFolderOptions<X, Y> extends RootOptions<X, Y>, Omit<FileOptions, 'extensions'> {
  /** Makes a picture of the file at a path; default `imageLoader`. */
  loader?: ((path: string) => Image | Promise<Image>) | undefined;
}

/**
 * Pictures in a folder for each class: `root/dog/1.png`, `root/cat/2.jpg`. They are read by `imageLoader`, which needs the package sharp.
 * (`torchvision.datasets.ImageFolder`)
 * @example
 * import { mkdirSync, writeFileSync } from 'node:fs';
 * import { datasets } from 'cresset/vision';
 * for (const name of ['cat', 'dog']) {
 *   mkdirSync(`pets/${name}`, { recursive: true });
 *   writeFileSync(`pets/${name}/1.png`, '');
 * }
 * (await datasets.ImageFolder.load({ root: 'pets' })).samples; // [['pets/cat/1.png', 0], ['pets/dog/1.png', 1]]
 */
export class ImageFolder<X = Image, Y = number> extends Folder<Image, X, Y> {
  /** What torchvision calls the samples, too. */
  get imgs(): readonly Sample[] {
    return this.samples;
  }

  /**
   * Looks for the pictures below `root`; they are read when they are asked for.
   * @throws as `DatasetFolder.load`.
   * @example
   * import { datasets } from 'cresset/vision';
   * const loading = datasets.ImageFolder.load({ root: 'nowhere' });
   * await loading.catch(({ message }) => message); // 'findClasses: nowhere is no folder'
   */
  static async load<X = Image, Y = number>(options: ImageFolderOptions<X, Y>): Promise<ImageFolder<X, Y>> {
    const root = rootOf(options, `${this.name}.load`, [
      'root',
      'transform',
      'targetTransform',
      'loader',
      'isValidFile',
      'allowEmpty',
    ]);
    const extensions = options.isValidFile === undefined ? imgExtensions : undefined;
    const found = await this.find(root, { ...options, extensions });
    return new this(found, { ...options, root, loader: options.loader ?? imageLoader });
  }
}
