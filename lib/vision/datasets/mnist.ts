// MNIST, and what took its place: FashionMNIST and KMNIST.
import { flag } from '../../functional/check.js';
import type { Image } from '../image.js';
import { downloadFamily, type Family, type MirrorOptions, readFamily } from './idx-files.js';
import { type Loaded, type Pictures, type RootOptions, rootOf, TrainTestDataset } from './vision-dataset.js';

/** What to load of MNIST, FashionMNIST or KMNIST. */
export interface MNISTOptions<X, Y> extends RootOptions<X, Y>, MirrorOptions {
  /** The training or the test pictures; default true. */
  train?: boolean;
}

const files = (md5s: readonly [string, string, string, string]) =>
  [
    ['train-images-idx3-ubyte.gz', md5s[0]],
    ['train-labels-idx1-ubyte.gz', md5s[1]],
    ['t10k-images-idx3-ubyte.gz', md5s[2]],
    ['t10k-labels-idx1-ubyte.gz', md5s[3]],
  ] as const;

const mnist: Family = {
  name: 'MNIST',
  mirrors: ['http://yann.lecun.com/exdb/mnist/', 'https://ossci-datasets.s3.amazonaws.com/mnist/'],
  resources: files([
    'f68b3c2dcbeaaa9fbdd348bbdeb94873',
    'd53e105ee54ea40749a09fcbcd1e9432',
    '9fb629c4189551a2d022fa330f9573f3',
    'ec29112dd5afa0611ce80d1b7f02629c',
  ]),
};
const fashion: Family = {
  name: 'FashionMNIST',
  mirrors: ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'],
  resources: files([
    '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
    '25c81989df183df01b3e8a0aad5dffbe',
    'bef4ecab320f06d8554ea6380940ec79',
    'bb300cfdad3c16e7a12a480ee83cd310',
  ]),
};
const kuzushiji: Family = {
  name: 'KMNIST',
  mirrors: ['http://codh.rois.ac.jp/kmnist/dataset/kmnist/'],
  resources: files([
    'bdb82020997e1d708af4cf47b453dcf7',
    'e144d726b3acfaa3e44228e80efcd344',
    '5c965bf0a639b31b8f53240b1b52f4d7',
    '7320c461ea6c1c855c0b718fb2a4b134',
  ]),
};

const numerals = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const garments = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
];
const syllables = ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'];

/** The pictures of a family, and the options that remain. */
async function loadFamily<X, Y>(family: Family, options: MNISTOptions<X, Y>): Promise<[Pictures, Loaded<X, Y>]> {
  const op = `${family.name}.load`;
  const root = rootOf(options, op, [
    'root',
    'train',
    'transform',
    'targetTransform',
    'download',
    'signal',
    'mirrors',
    'md5',
  ]);
  const train = flag(options.train, op, 'train', true);
  if (flag(options.download, op, 'download')) await downloadFamily(root, family, options);
  const { transform, targetTransform } = options;
  const pictures = await readFamily(root, family.name, train ? 'train' : 't10k', 10);
  return [pictures, { root, train, transform, targetTransform }];
}

/**
 * Handwritten digits, 28x28 pixels of one channel: 60,000 for training and 10,000 for tests, or any part of them in the same files.
 * (`torchvision.datasets.MNIST`)
 * @example
 * import { datasets, transforms } from 'cresset/vision';
 * const dataset = await datasets.MNIST.load({ root: 'dataset', train: false, download: true, transform: transforms.toTensor() });
 */
export class MNIST<X = Image, Y = number> extends TrainTestDataset<X, Y> {
  /** @internal `load` makes it. */
  constructor(pictures: Pictures, options: Loaded<X, Y>) {
    super(
      pictures,
      numerals.map((name, i) => `${i} - ${name}`),
      options,
    );
  }

  /**
   * Reads `train-*` or `t10k-*`, gzipped or not, in `root/MNIST/raw` or in `root` itself; with `download` fetches and unpacks first what
   * `root/MNIST/raw` lacks. A broken download goes on where it broke off.
   * @throws CressetError that names the file which is missing, truncated or no IDX file of pictures or labels, or the URLs and what went
   * wrong with them; the signal's reason when it aborts; TypeError for options of another type.
   * @example
   * import { datasets } from 'cresset/vision';
   * const dataset = await datasets.MNIST.load({ root: 'dataset', download: true });
   */
  static async load<X = Image, Y = number>(options: MNISTOptions<X, Y>): Promise<MNIST<X, Y>> {
    return new MNIST(...(await loadFamily(mnist, options)));
  }
}

/**
 * Pictures of clothes in ten classes, in MNIST's sizes and numbers. (`torchvision.datasets.FashionMNIST`)
 * @example
 * import { datasets } from 'cresset/vision';
 * const dataset = await datasets.FashionMNIST.load({ root: 'dataset', download: true });
 */
export class FashionMNIST<X = Image, Y = number> extends TrainTestDataset<X, Y> {
  /** @internal `load` makes it. */
  constructor(pictures: Pictures, options: Loaded<X, Y>) {
    super(pictures, garments, options);
  }

  /**
   * As `MNIST.load`, in `root/FashionMNIST/raw` or `root`.
   * @throws as `MNIST.load`.
   * @example
   * import { datasets } from 'cresset/vision';
   * (await datasets.FashionMNIST.load({ root: 'dataset' })).classes[9]; // 'Ankle boot'
   */
  static async load<X = Image, Y = number>(options: MNISTOptions<X, Y>): Promise<FashionMNIST<X, Y>> {
    return new FashionMNIST(...(await loadFamily(fashion, options)));
  }
}

/**
 * Handwritten Japanese syllables in ten classes, in MNIST's sizes and numbers. (`torchvision.datasets.KMNIST`)
 * @example
 * import { datasets } from 'cresset/vision';
 * const dataset = await datasets.KMNIST.load({ root: 'dataset', download: true });
 */
export class KMNIST<X = Image, Y = number> extends TrainTestDataset<X, Y> {
  /** @internal `load` makes it. */
  constructor(pictures: Pictures, options: Loaded<X, Y>) {
    super(pictures, syllables, options);
  }

  /**
   * As `MNIST.load`, in `root/KMNIST/raw` or `root`.
   * @throws as `MNIST.load`.
   * @example
   * import { datasets } from 'cresset/vision';
   * (await datasets.KMNIST.load({ root: 'dataset' })).classes[9]; // 'wo'
   */
  static async load<X = Image, Y = number>(options: MNISTOptions<X, Y>): Promise<KMNIST<X, Y>> {
    return new KMNIST(...(await loadFamily(kuzushiji, options)));
  }
}
