// EMNIST: digits and letters, in six splits that share an archive.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { flag } from '../../functional/check.js';
import { extractZip } from '../extract.js';
import type { Image } from '../image.js';
import { type ArchiveOptions, archiveOptions, fetchArchives } from './archive.js';
import { unpackIdx } from './idx.js';
import { dimensionsOf, findFiles, rawFolder, readFamily } from './idx-files.js';
import { type Loaded, oneOf, type Pictures, type RootOptions, rootOf, TrainTestDataset } from './vision-dataset.js';

const official = {
  url: 'https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip',
  md5: '58c8d27c78d21e728a6bc7b3cc06412e',
};

const digits = [...'0123456789'];
const capitals = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const smalls = capitals.map((letter) => letter.toLowerCase());
// Small letters that look like their capitals are the capitals' class.
const merged = [...digits, ...capitals, ...'abdefghnqrt'];
const classesOf = {
  byclass: [...digits, ...capitals, ...smalls],
  bymerge: merged,
  balanced: merged,
  letters: ['N/A', ...smalls],
  digits,
  mnist: digits,
} as const;

/** The splits of EMNIST. */
export type EMNISTSplit = keyof typeof classesOf;
const splits = Object.keys(classesOf) as EMNISTSplit[];

/** What to load of EMNIST. */
export interface EMNISTOptions<X, Y> extends RootOptions<X, Y>, ArchiveOptions {
  /** 'byclass', 'bymerge', 'balanced', 'letters', 'digits' or 'mnist'. */
  split: EMNISTSplit;
  /** The training or the test pictures; default true. */
  train?: boolean;
}

/** Unpacks the gzipped files `names` of the archive, each to its end; tells where they are then. */
async function unpack(archive: string, names: readonly string[], into: string, signal?: AbortSignal): Promise<string> {
  await extractZip(archive, into, (path) => names.some((name) => path === `gzip/${name}.gz`), signal);
  const folder = join(into, 'files');
  await mkdir(folder);
  for (const name of names) {
    const packed = await findFiles([join(into, 'gzip')], [name]);
    if (packed !== null) await unpackIdx(packed[0]!, dimensionsOf(name), join(folder, name), 'EMNIST', signal);
  }
  return folder;
}

async function download<X, Y>(root: string, options: EMNISTOptions<X, Y>): Promise<void> {
  const { split, url = official.url, md5 = official.md5, signal } = options;
  const folder = rawFolder(root, 'EMNIST');
  const names = ['train', 'test'].flatMap((part) =>
    ['images-idx3', 'labels-idx1'].map((kind) => `emnist-${split}-${part}-${kind}-ubyte`),
  );
  const path = join(folder, 'gzip.zip');
  const archive = {
    urls: [url],
    md5,
    path,
    folder,
    files: names,
    unpack: (into: string, stop?: AbortSignal) => unpack(path, names, into, stop),
  };
  const present = async () => (await findFiles([folder, join(folder, 'gzip')], names)) !== null;
  await fetchArchives(root, [archive], 'EMNIST', { signal, present });
}

/**
 * Handwritten digits and letters, 28x28 pixels of one channel, as the authors store them: columns for rows. In the split 'letters' the
 * classes begin with 1. (`torchvision.datasets.EMNIST`)
 * @example
 * import { datasets } from 'cresset/vision';
 * const dataset = await datasets.EMNIST.load({ root: 'dataset', split: 'letters', download: true });
 */
export class EMNIST<X = Image, Y = number> extends TrainTestDataset<X, Y> {
  readonly split: EMNISTSplit;

  /** @internal `load` makes it. */
  constructor(pictures: Pictures, options: Loaded<X, Y> & { split: EMNISTSplit }) {
    super(pictures, classesOf[options?.split], options);
    this.split = options.split;
  }

  /**
   * Reads `emnist-SPLIT-train-*` or `emnist-SPLIT-test-*`, gzipped or not, in `root/EMNIST/raw`, its folder `gzip`, or in `root` itself; with
   * `download` fetches the archive of all splits (560 MB) first where files are missing, and unpacks this split.
   * @throws RangeError for an unknown split; else as `MNIST.load`.
   * @example
   * import { datasets } from 'cresset/vision';
   * (await datasets.EMNIST.load({ root: 'dataset', split: 'balanced', train: false })).classes.length; // 47
   */
  static async load<X = Image, Y = number>(options: EMNISTOptions<X, Y>): Promise<EMNIST<X, Y>> {
    const op = 'EMNIST.load';
    const root = rootOf(options, op, ['root', 'split', 'train', ...archiveOptions]);
    const split = oneOf(options.split, splits, op, 'split');
    const train = flag(options.train, op, 'train', true);
    if (flag(options.download, op, 'download')) await download(root, options);
    const { transform, targetTransform } = options;
    const prefix = `emnist-${split}-${train ? 'train' : 'test'}`;
    const pictures = await readFamily(root, 'EMNIST', prefix, classesOf[split].length);
    return new EMNIST(pictures, { root, split, train, transform, targetTransform });
  }
}
