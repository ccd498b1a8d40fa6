// SVHN: digits of house numbers, in MATLAB's files.
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CressetError } from '../../errors.js';
import { flag } from '../../functional/check.js';
import type { Tensor } from '../../tensor.js';
import type { Image } from '../image.js';
import { type ArchiveOptions, archiveOptions, fetchArchives, missingFiles } from './archive.js';
import { type MatArray, readMat } from './mat.js';
import { oneOf, PictureDataset, type Pictures, type RootOptions, rootOf } from './vision-dataset.js';

const host = 'http://ufldl.stanford.edu/housenumbers';
const md5s = {
  train: 'e26dedcc434d2e4c54c9b2d4a06d8373',
  test: 'eb5a983be6a315427106f1b164d9cef3',
  extra: 'a93ce644f1a588dc4d68dda5feec44a7',
};

/** The splits of SVHN; 'extra' are further training pictures, 531,131 of them. */
export type SVHNSplit = keyof typeof md5s;

/** What to load of SVHN. */
export interface SVHNOptions<X, Y> extends RootOptions<X, Y>, ArchiveOptions {
  /** 'train', 'test' or 'extra'; default 'train'. */
  split?: SVHNSplit;
}

type Loaded<X, Y> = RootOptions<X, Y> & { split: SVHNSplit };

const side = 32;
const pixels = side * side;
const channels = 3;

/** Lays MATLAB's [y, x, channel, picture], of which y changes fastest, out in rows with the channels innermost, in place. */
async function toRows(data: Uint8Array): Promise<void> {
  const bytes = pixels * channels;
  const scratch = new Uint8Array(bytes);
  for (let start = 0; start < data.length; start += bytes) {
    if (start % (512 * bytes) === 0) await setImmediate(); // The 531,131 pictures of 'extra' take seconds.
    scratch.set(data.subarray(start, start + bytes));
    for (let c = 0, from = 0; c < channels; c++)
      for (let x = 0; x < side; x++)
        for (let y = 0; y < side; y++) data[start + (y * side + x) * channels + c] = scratch[from++]!;
  }
}

/** The classes of the labels, which are 1 to 10: ten stands for the digit 0. */
function classesOf({ data }: MatArray, path: string): number[] {
  return Array.from(data, (label, i) => {
    if (!Number.isInteger(label) || label < 0 || label > 10)
      throw new CressetError(`SVHN: label ${i} of ${path} is ${label}, expected 1 to 10`);
    return label % 10;
  });
}

async function readPictures(path: string): Promise<Pictures> {
  const arrays = await readMat(path, ['X', 'y'], 'SVHN');
  const [pictures, labels] = [arrays.get('X')!, arrays.get('y')!];
  // MATLAB leaves a last dimension of 1 out.
  const [height, width, depth, count = 1, ...rest] = pictures.shape;
  if (
    !(pictures.data instanceof Uint8Array) ||
    height !== side ||
    width !== side ||
    depth !== channels ||
    rest.length > 0
  )
    throw new CressetError(
      `SVHN: X of ${path} is a ${pictures.data.constructor.name} of shape [${pictures.shape.join(', ')}], expected bytes in [32, 32, 3, n]`,
    );
  if (labels.data.length !== count)
    throw new CressetError(`SVHN: ${path} holds ${count} pictures, but ${labels.data.length} labels`);
  await toRows(pictures.data);
  return { data: pictures.data, width: side, height: side, channels, targets: classesOf(labels, path) };
}

/**
 * Digits of house numbers, 32x32 pixels of three channels: 73,257 for training, 26,032 for tests and 531,131 more. The class of a digit is
 * its number, also of 0, which the files call 10. (`torchvision.datasets.SVHN`)
 * @example
 * import { datasets } from 'cresset/vision';
 * const dataset = await datasets.SVHN.load({ root: 'dataset', split: 'test', download: true });
 */
export class SVHN<X = Image, Y = number> extends PictureDataset<X, Y> {
  readonly split: SVHNSplit;

  /** @internal `load` makes it. */
  constructor(pictures: Pictures, options: Loaded<X, Y>) {
    super(pictures, [...'0123456789'], options);
    this.split = options.split;
  }

  /**
   * Reads `root/SPLIT_32x32.mat`; with `download` fetches it first where it is missing. A broken download goes on where it broke off.
   * @throws RangeError for an unknown split; CressetError that names the file which is missing, truncated or no MATLAB file of pictures, or the
   * URL and what went wrong with it; the signal's reason when it aborts; TypeError for options of another type.
   * @example
   * import { datasets } from 'cresset/vision';
   * const dataset = await datasets.SVHN.load({ root: 'dataset', split: 'extra', download: true });
   */
  static async load<X = Image, Y = number>(options: SVHNOptions<X, Y>): Promise<SVHN<X, Y>> {
    const op = 'SVHN.load';
    const root = rootOf(options, op, ['root', 'split', ...archiveOptions]);
    const split = oneOf(options.split ?? 'train', Object.keys(md5s) as SVHNSplit[], op, 'split');
    const name = `${split}_32x32.mat`;
    const path = join(root, name);
    const { url = `${host}/${name}`, md5 = md5s[split], signal, transform, targetTransform } = options;
    if (flag(options.download, op, 'download'))
      await fetchArchives(root, [{ urls: [url], md5, path, folder: root, files: [name] }], 'SVHN', { signal });
    if ((await missingFiles(root, [name])).length > 0)
      throw new CressetError(`SVHN: ${path} was not found. download: true fetches it`);
    return new SVHN(await readPictures(path), { root, split, transform, targetTransform });
  }

  /** What torchvision calls the targets. */
  get labels(): readonly number[] {
    return this.targets;
  }

  /** All pictures as a uint8 tensor [n, 3, 32, 32]. */
  override get data(): Tensor {
    return super.data.permute([0, 3, 1, 2]);
  }

  override extraRepr(): string {
    return `Split: ${this.split}`;
  }
}
