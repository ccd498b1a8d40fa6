// What all data sets of pictures are: samples with transforms, and torchvision's text.
import { inspect } from 'node:util';
import { checkIndex, type Dataset } from '../../data/dataset.js';
import { type Recipe, recipe, recipeOf } from '../../data/recipe.js';
import { withHome } from '../../folder.js';
import { type OptionNames, optionsOf, wrongType } from '../../functional/check.js';
import { tensor } from '../../functional.js';
import type { Tensor } from '../../tensor.js';
import { Image } from '../image.js';
import { textOf } from '../transforms/text.js';

/** What is made of each sample. */
export interface TransformOptions<X, Y, S = Image> {
  /** Applied to each picture when it is asked for. */
  transform?: ((image: S) => X) | undefined;
  /** Applied to each class index. */
  targetTransform?: ((target: number) => Y) | undefined;
}

/** Where the files are, and what is made of each sample. */
export interface RootOptions<X, Y, S = Image> extends TransformOptions<X, Y, S> {
  /** The folder of the data; `~` stands for the home folder. */
  root: string;
}

/** The folder that `root` of the options names, with the home folder for `~`; throws the TypeError of `op` for anything but a string. */
export function rootOf<O extends { root: string }, N extends keyof O>(
  options: O,
  op: string,
  names: OptionNames<O, N>,
): string {
  const { root } = optionsOf(options, op, names);
  if (typeof root !== 'string' || root === '') wrongType(op, 'root', 'the path of a folder', root);
  return withHome(root);
}

/** `value`, checked to be one of `names`. */
export function oneOf<N extends string>(value: N, names: readonly N[], op: string, name: string): N {
  if (names.includes(value)) return value;
  throw new RangeError(`${op}: ${name} must be one of ${names.join(', ')}, got ${JSON.stringify(value)}`);
}

/** The root of torchvision's data sets. (`torchvision.datasets.VisionDataset`) */
export abstract class VisionDataset<X = Image, Y = number, S = Image> implements Dataset<[X, Y]> {
  abstract readonly length: number;
  readonly root: string | undefined;
  readonly transform: ((image: S) => X) | undefined;
  readonly targetTransform: ((target: number) => Y) | undefined;

  constructor(options: TransformOptions<X, Y, S> & { root?: string }) {
    const op = this.constructor.name;
    // In place of torchvision's constructor, which reads files, stands a function that is awaited.
    if (options === undefined) throw new TypeError(`${op}: files are read by await ${op}.load(options)`);
    const { root, transform, targetTransform } = options;
    for (const [name, f] of Object.entries({ transform, targetTransform }))
      if (f !== undefined && typeof f !== 'function') wrongType(op, name, 'a function', f);
    this.root = root;
    this.transform = transform;
    this.targetTransform = targetTransform;
  }

  abstract get(index: number): [X, Y] | Promise<[X, Y]>;

  /** Throws the RangeError of an index that is no sample's. */
  protected checkIndex(index: number): void {
    checkIndex(this.constructor.name, index, this.length, 'pictures');
  }

  protected transformed(sample: S, target: number): [X, Y] {
    return [
      this.transform ? this.transform(sample) : (sample as unknown as X),
      this.targetTransform ? this.targetTransform(target) : (target as Y),
    ];
  }

  /** Lines that a data set has in its text besides the common ones. */
  extraRepr(): string {
    return '';
  }

  /** torchvision's text of the data set. */
  toString(): string {
    const indented = (head: string, text: string) => head + text.replaceAll('\n', `\n${' '.repeat(head.length)}`);
    const lines = [`Number of datapoints: ${this.length}`];
    if (this.root !== undefined) lines.push(`Root location: ${this.root}`);
    if (this.extraRepr() !== '') lines.push(...this.extraRepr().split('\n'));
    const transforms: string[] = [];
    if (this.transform) transforms.push(indented('Transform: ', textOf(this.transform)));
    if (this.targetTransform) transforms.push(indented('Target transform: ', textOf(this.targetTransform)));
    if (transforms.length > 0) lines.push('StandardTransform');
    // As in torchvision, only the first line of the transforms is indented.
    return [`Dataset ${this.constructor.name}`, ...lines.map((line) => `    ${line}`), ...transforms].join('\n');
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Pictures of one size, and their classes. */
export interface Pictures {
  /** Picture after picture, each in rows with its channels innermost; over a SharedArrayBuffer, so that threads need no copies. */
  data: Uint8Array;
  width: number;
  height: number;
  channels: number;
  targets: readonly number[];
}

// Where workers find all classes by their names.
const home = new URL('./index.js', import.meta.url).href;

/** The library's own data sets of pictures; `index.ts` names them. @internal */
export const ownPictureDatasets = new Set<unknown>();

/** A data set whose pictures are in memory. */
export abstract class PictureDataset<X = Image, Y = number> extends VisionDataset<X, Y> {
  readonly length: number;
  /** The class index of each picture. */
  readonly targets: readonly number[];
  /** The names of the classes, by index. */
  readonly classes: readonly string[];
  readonly #pictures: Pictures;
  readonly #options: RootOptions<X, Y>;

  constructor(pictures: Pictures, classes: readonly string[], options: RootOptions<X, Y>) {
    super(options);
    this.length = pictures.targets.length;
    this.targets = pictures.targets;
    this.classes = classes;
    this.#pictures = pictures;
    this.#options = options;
  }

  /** The index of each class, by name. */
  get classToIdx(): Record<string, number> {
    return Object.fromEntries(this.classes.map((name, i) => [name, i]));
  }

  /** All pictures as a uint8 tensor [n, h, w], or [n, h, w, c] where they have several channels. */
  get data(): Tensor {
    const { data, width, height, channels } = this.#pictures;
    const shape = [this.length, height, width];
    return tensor(data, { shape: channels === 1 ? shape : [...shape, channels] });
  }

  /**
   * Picture `index` and its class, transformed.
   * @throws RangeError for an index that is out of range.
   */
  get(index: number): [X, Y] {
    this.checkIndex(index);
    const { data, width, height, channels, targets } = this.#pictures;
    const bytes = width * height * channels;
    const image = new Image(data.slice(index * bytes, (index + 1) * bytes), width, height, channels);
    return this.transformed(image, targets[index]!);
  }

  /** How a worker makes the data set: from the pictures, which it shares. */
  [recipe](): Recipe {
    return recipeOf(this, ownPictureDatasets.has(this.constructor), home, [this.#pictures, this.#options]);
  }
}

/** What remains of the options once the files are read. */
export type Loaded<X, Y> = RootOptions<X, Y> & { train: boolean };

/** A data set of which one part is for training and one for tests. */
export abstract class TrainTestDataset<X, Y> extends PictureDataset<X, Y> {
  /** Whether these are the training pictures. */
  readonly train: boolean;

  /** @internal `load` makes it. */
  constructor(pictures: Pictures, classes: readonly string[], options: Loaded<X, Y>) {
    super(pictures, classes, options);
    this.train = options.train;
  }

  override extraRepr(): string {
    return `Split: ${this.train ? 'Train' : 'Test'}`;
  }
}
