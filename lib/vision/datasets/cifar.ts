// CIFAR-10 and CIFAR-100 as data sets of pictures with their classes.
import { join } from 'node:path';
import { flag } from '../../functional/check.js';
import { extractTar } from '../extract.js';
import type { Image } from '../image.js';
import { type ArchiveOptions, archiveOptions, fetchArchives } from './archive.js';
import { hundred, ten } from './cifar-classes.js';
import { type Family, isComplete, readPictures } from './cifar-files.js';
import { type Loaded, type Pictures, type RootOptions, rootOf, TrainTestDataset } from './vision-dataset.js';

/** What to load of CIFAR-10 or CIFAR-100; `root` may also be the folder of the files itself. */
export interface CIFAROptions<X, Y> extends RootOptions<X, Y>, ArchiveOptions {
  /** The training files or the test file; default true. */
  train?: boolean;
}

const numbers = [1, 2, 3, 4, 5];
const cifar10: Family = {
  name: 'CIFAR10',
  classes: ten,
  binary: {
    folder: 'cifar-10-batches-bin',
    train: numbers.map((i) => `data_batch_${i}.bin`),
    test: ['test_batch.bin'],
  },
  pickled: { folder: 'cifar-10-batches-py', train: numbers.map((i) => `data_batch_${i}`), test: ['test_batch'] },
  labelBytes: 1,
  labelKey: 'labels',
};
const cifar100: Family = {
  name: 'CIFAR100',
  classes: hundred,
  binary: { folder: 'cifar-100-binary', train: ['train.bin'], test: ['test.bin'] },
  pickled: { folder: 'cifar-100-python', train: ['train'], test: ['test'] },
  labelBytes: 2,
  labelKey: 'fine_labels',
};
const archives = {
  CIFAR10: ['cifar-10-python.tar.gz', 'c58f30108f718f92721af3b95e74349a'],
  CIFAR100: ['cifar-100-python.tar.gz', 'eb9058c3a382ffc7106e4002c42a8d85'],
} as const;

/** Puts the pickled layout below `root`, unless all files of a layout are there. */
async function download<X, Y>(root: string, family: Family, options: CIFAROptions<X, Y>): Promise<void> {
  const { name, pickled } = family;
  const [file, sum] = archives[name as keyof typeof archives];
  const { url = `https://www.cs.toronto.edu/~kriz/${file}`, md5 = sum, signal } = options;
  const path = join(root, file);
  const archive = {
    urls: [url],
    md5,
    path,
    folder: join(root, pickled.folder),
    files: [...pickled.train, ...pickled.test],
    unpack: async (into: string, stop?: AbortSignal) => {
      await extractTar(path, into, stop);
      return join(into, pickled.folder);
    },
  };
  await fetchArchives(root, [archive], name, { signal, present: () => isComplete(root, family) });
}

async function loadFamily<X, Y>(family: Family, options: CIFAROptions<X, Y>): Promise<[Pictures, Loaded<X, Y>]> {
  const op = `${family.name}.load`;
  const root = rootOf(options, op, ['root', 'train', ...archiveOptions]);
  const train = flag(options.train, op, 'train', true);
  if (flag(options.download, op, 'download')) await download(root, family, options);
  const { transform, targetTransform } = options;
  return [await readPictures(root, train, family), { root, train, transform, targetTransform }];
}

/**
 * The 60,000 pictures of 32x32 pixels in ten classes, or any part of them in the same files. (`torchvision.datasets.CIFAR10`)
 * @example
 * import { datasets, transforms } from 'cresset/vision';
 * const dataset = await datasets.CIFAR10.load({ root: 'dataset', train: false, download: true, transform: transforms.toTensor() });
 */
export class CIFAR10<X = Image, Y = number> extends TrainTestDataset<X, Y> {
  /** @internal `load` makes it. */
  constructor(pictures: Pictures, options: Loaded<X, Y>) {
    super(pictures, ten, options);
  }

  /**
   * Reads the files into memory, the authors' pickled or binary ones, in `root/cifar-10-batches-py`, `root/cifar-10-batches-bin` or `root`
   * itself; with `download` fetches the archive (170 MB) first, unless all files of a layout are there. A broken download goes on where it
   * broke off.
   * @throws CressetError that names the file which is missing, truncated or no CIFAR-10 file, or the URL and what went wrong with it; the
   * signal's reason when it aborts; TypeError for options of another type.
   * @example
   * import { datasets } from 'cresset/vision';
   * const dataset = await datasets.CIFAR10.load({ root: 'dataset', download: true, signal: AbortSignal.timeout(600_000) });
   */
  static async load<X = Image, Y = number>(options: CIFAROptions<X, Y>): Promise<CIFAR10<X, Y>> {
    return new CIFAR10(...(await loadFamily(cifar10, options)));
  }
}

/**
 * The 60,000 pictures of 32x32 pixels in a hundred classes, or any part of them in the same files. (`torchvision.datasets.CIFAR100`)
 * @example
 * import { datasets } from 'cresset/vision';
 * const dataset = await datasets.CIFAR100.load({ root: 'dataset', train: false, download: true });
 */
export class CIFAR100<X = Image, Y = number> extends TrainTestDataset<X, Y> {
  /** @internal `load` makes it. */
  constructor(pictures: Pictures, options: Loaded<X, Y>) {
    super(pictures, hundred, options);
  }

  /**
   * As `CIFAR10.load`, in `root/cifar-100-python`, `root/cifar-100-binary` or `root` itself; the targets are the fine labels.
   * @throws as `CIFAR10.load`.
   * @example
   * import { datasets } from 'cresset/vision';
   * (await datasets.CIFAR100.load({ root: 'dataset', download: true })).classes[99]; // 'worm'
   */
  static async load<X = Image, Y = number>(options: CIFAROptions<X, Y>): Promise<CIFAR100<X, Y>> {
    return new CIFAR100(...(await loadFamily(cifar100, options)));
  }
}
