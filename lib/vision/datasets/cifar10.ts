// CIFAR-10 as a data set of pictures with their classes.
import type { Dataset } from '../../data/dataset.js';
import { Image } from '../image.js';
import { downloadCifar10 } from './cifar10-download.js';
import { classes, pictureBytes, type Records, readRecords } from './cifar10-files.js';

const pixels = pictureBytes / 3;

/** What to load of CIFAR-10. */
export interface CIFAR10Options<X, Y> {
  /** The folder that holds `cifar-10-batches-py` or `cifar-10-batches-bin`, or one of these folders itself. */
  root: string;
  /** The training files or the test file; default true. */
  train?: boolean;
  /** Applied to each picture when it is asked for. */
  transform?: (image: Image) => X;
  /** Applied to each class index. */
  targetTransform?: (target: number) => Y;
  /** Fetch the archive (170 MB) into `root` where files are missing; default false. */
  download?: boolean;
  /** Another place of the archive, such as a mirror; default the authors'. */
  url?: string;
  /** The MD5 of the archive at `url`, for mirrors that have packed it anew; default that of the authors' archive. */
  md5?: string;
  /** Aborts the download; what has arrived is used by the next one. */
  signal?: AbortSignal;
}

/**
 * The 60,000 pictures of 32x32 pixels in ten classes, or any part of them in the same files. (`torchvision.datasets.CIFAR10`)
 * @example
 * import { datasets, transforms } from 'cresset/vision';
 * const dataset = await datasets.CIFAR10.load({ root: 'dataset', train: false, download: true, transform: transforms.toTensor() });
 */
export class CIFAR10<X = Image, Y = number> implements Dataset<[X, Y]> {
  /** The names of the classes, by index. */
  readonly classes: readonly string[] = classes;
  /** The class of each picture. */
  readonly targets: readonly number[];
  readonly length: number;
  readonly #pictures: Uint8Array;
  readonly #transform: ((image: Image) => X) | undefined;
  readonly #targetTransform: ((target: number) => Y) | undefined;

  private constructor({ pictures, labels }: Records, options: CIFAR10Options<X, Y>) {
    this.#pictures = pictures;
    this.length = labels.length;
    this.targets = labels;
    this.#transform = options.transform;
    this.#targetTransform = options.targetTransform;
  }

  /**
   * Reads the files into memory, the authors' pickled or binary ones; with `download` fetches them first, unless all files of a layout are
   * there. A broken download goes on where it broke off.
   * @throws CressetError that names the file which is missing, truncated or no CIFAR-10 file, or the URL and what went wrong with it; the
   * signal's reason when it aborts.
   * @example
   * import { datasets } from 'cresset/vision';
   * const dataset = await datasets.CIFAR10.load({ root: 'dataset', download: true, signal: AbortSignal.timeout(600_000) });
   */
  static async load<X = Image, Y = number>(options: CIFAR10Options<X, Y>): Promise<CIFAR10<X, Y>> {
    const { root, train = true, download = false, url, md5, signal } = options;
    if (download) await downloadCifar10(root, { url, md5, signal });
    return new CIFAR10(await readRecords(root, train), options);
  }

  /**
   * Picture `index` and its class, transformed.
   * @throws RangeError for an index that is out of range.
   */
  get(index: number): [X, Y] {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`CIFAR10: index ${index} is out of range for ${this.length} pictures`);
    const start = index * pictureBytes;
    const data = new Uint8Array(pictureBytes);
    for (let i = 0; i < pixels; i++)
      for (let c = 0; c < 3; c++) data[i * 3 + c] = this.#pictures[start + c * pixels + i]!;
    const image = new Image(data, 32, 32, 3);
    const target = this.targets[index]!;
    return [
      this.#transform ? this.#transform(image) : (image as X),
      this.#targetTransform ? this.#targetTransform(target) : (target as Y),
    ];
  }
}
