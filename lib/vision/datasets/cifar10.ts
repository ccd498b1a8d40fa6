// CIFAR-10, as torchvision has it.
import { join } from 'node:path';
import type { Dataset } from '../../data/dataset.js';
import { type Download, download, extractArchive } from '../../download.js';
import { Image } from '../image.js';
import { hasRecords, pictureBytes, readRecords } from './cifar10-files.js';

const classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'] as const;
const pixels = 1024;
const trainFiles = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}`);
const testFiles = ['test_batch'];

const archive: Download = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz',
  hash: { algorithm: 'md5', hex: 'c58f30108f718f92721af3b95e74349a' },
};

/** What to load of CIFAR-10. */
export interface CIFAR10Options<X, Y> {
  /** The folder that holds `cifar-10-batches-py` or `cifar-10-batches-bin`, or one of these itself. */
  root: string;
  /** The training files or the test file; default true. */
  train?: boolean;
  /** Applied to each picture when it is asked for. */
  transform?: (image: Image) => X;
  /** Applied to each class index. */
  targetTransform?: (target: number) => Y;
  /** Fetch the archive (163 MB) into `root` and unpack it there, unless the files are there; `{ url, hash }` names a mirror. Default false. */
  download?: boolean | Download;
  /** Breaks the download off. */
  signal?: AbortSignal;
}

/**
 * The 60,000 pictures of 32x32 pixels in ten classes, or any part of them in the same files. (`torchvision.datasets.CIFAR10`)
 * @example
 * import { datasets, transforms } from 'cresset/vision';
 * const dataset = await datasets.CIFAR10.load({ root: 'dataset', train: false, transform: transforms.toTensor() });
 */
export class CIFAR10<X = Image, Y = number> implements Dataset<[X, Y]> {
  /** The names of the classes, by index. */
  readonly classes: readonly string[] = classes;
  /** The class of each picture. */
  readonly targets: readonly number[];
  readonly length: number;
  readonly #data: Uint8Array;
  readonly #transform: ((image: Image) => X) | undefined;
  readonly #targetTransform: ((target: number) => Y) | undefined;

  private constructor(data: Uint8Array, targets: number[], options: CIFAR10Options<X, Y>) {
    this.#data = data;
    this.targets = targets;
    this.length = targets.length;
    this.#transform = options.transform;
    this.#targetTransform = options.targetTransform;
  }

  /**
   * Reads the files, pickled as for torchvision or binary, with any number of records each, into memory.
   * @throws CressetError that names the file which is missing, truncated or no CIFAR-10 file, or what became of the download.
   */
  static async load<X = Image, Y = number>(options: CIFAR10Options<X, Y>): Promise<CIFAR10<X, Y>> {
    const { root } = options;
    const names = (options.train ?? true) ? trainFiles : testFiles;
    if (options.download)
      await fetchMissing(root, options.download === true ? archive : options.download, options.signal);
    const parts = [];
    for (const name of names) parts.push(await readRecords(root, name, classes.length));
    const targets = parts.flatMap((part) => part.labels);
    return new CIFAR10(Buffer.concat(parts.map((part) => part.pixels)), targets, options);
  }

  get(index: number): [X, Y] {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`CIFAR10: index ${index} is out of range for ${this.length} pictures`);
    const start = index * pictureBytes;
    const data = new Uint8Array(pictureBytes);
    for (let i = 0; i < pixels; i++) for (let c = 0; c < 3; c++) data[i * 3 + c] = this.#data[start + c * pixels + i]!;
    const image = new Image(data, 32, 32, 3);
    const target = this.targets[index]!;
    return [
      this.#transform ? this.#transform(image) : (image as X),
      this.#targetTransform ? this.#targetTransform(target) : (target as Y),
    ];
  }
}

async function fetchMissing(root: string, from: Download, signal: AbortSignal | undefined): Promise<void> {
  const present = await Promise.all([...trainFiles, ...testFiles].map((name) => hasRecords(root, name)));
  if (present.every(Boolean)) return;
  const file = join(root, 'cifar-10-python.tar.gz');
  await download(from, file, { description: 'CIFAR-10', ...(signal && { signal }) });
  await extractArchive(file, root, /^cifar-10-batches-py\/(data_batch_[1-5]|test_batch|batches\.meta)$/);
}
