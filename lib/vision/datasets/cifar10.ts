// CIFAR-10 in its binary layout: records of one label byte and 3072 pixel bytes, channel by channel.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dataset } from '../../data/dataset.js';
import { CressetError } from '../../errors.js';
import { Image } from '../image.js';

const classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'] as const;
const recordBytes = 3073;
const pixels = 1024;

/** What to load of CIFAR-10. */
export interface CIFAR10Options<X, Y> {
  /** The folder that holds `cifar-10-batches-bin`, or that folder itself. */
  root: string;
  /** The training files or the test file; default true. */
  train?: boolean;
  /** Applied to each picture when it is asked for. */
  transform?: (image: Image) => X;
  /** Applied to each class index. */
  targetTransform?: (target: number) => Y;
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
  readonly #records: Uint8Array;
  readonly #transform: ((image: Image) => X) | undefined;
  readonly #targetTransform: ((target: number) => Y) | undefined;

  private constructor(records: Uint8Array, options: CIFAR10Options<X, Y>) {
    this.#records = records;
    this.length = records.length / recordBytes;
    this.targets = Array.from({ length: this.length }, (_, i) => records[i * recordBytes]!);
    this.#transform = options.transform;
    this.#targetTransform = options.targetTransform;
  }

  /**
   * Reads the files into memory.
   * @throws CressetError that names the file which is missing, truncated or no CIFAR-10 file.
   */
  static async load<X = Image, Y = number>(options: CIFAR10Options<X, Y>): Promise<CIFAR10<X, Y>> {
    const names = (options.train ?? true) ? [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`) : ['test_batch.bin'];
    const files: Uint8Array[] = [];
    for (const name of names) files.push(await readRecords(options.root, name));
    return new CIFAR10(Buffer.concat(files), options);
  }

  get(index: number): [X, Y] {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw new RangeError(`CIFAR10: index ${index} is out of range for ${this.length} pictures`);
    const start = index * recordBytes + 1;
    const data = new Uint8Array(3 * pixels);
    for (let i = 0; i < pixels; i++)
      for (let c = 0; c < 3; c++) data[i * 3 + c] = this.#records[start + c * pixels + i]!;
    const image = new Image(data, 32, 32, 3);
    const target = this.targets[index]!;
    return [
      this.#transform ? this.#transform(image) : (image as X),
      this.#targetTransform ? this.#targetTransform(target) : (target as Y),
    ];
  }
}

async function readRecords(root: string, name: string): Promise<Uint8Array> {
  const paths = [join(root, 'cifar-10-batches-bin', name), join(root, name)];
  for (const path of paths) {
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    if (bytes.length === 0 || bytes.length % recordBytes !== 0)
      throw new CressetError(
        `CIFAR10: ${path} has ${bytes.length} bytes, which is no whole number of records of ${recordBytes} bytes; is it truncated?`,
      );
    for (let i = 0; i < bytes.length; i += recordBytes)
      if (bytes[i]! >= classes.length)
        throw new CressetError(
          `CIFAR10: record ${i / recordBytes} of ${path} has the label ${bytes[i]}, expected 0 to ${classes.length - 1}`,
        );
    return bytes;
  }
  throw new CressetError(`CIFAR10: ${name} was not found; looked for ${paths.join(' and ')}`);
}
