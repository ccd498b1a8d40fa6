// What enumerations of published weights are made of.
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { type DownloadOptions, loadStateDictFromUrl } from '../../../hub.js';
import type { StateDict } from '../../../nn/index.js';
import { ImageClassification, type ImageClassificationOptions } from '../../transforms/presets.js';

const server = 'https://download.pytorch.org/models/';
const repository = 'https://github.com/pytorch/vision/';
const training = `${repository}tree/main/references/classification`;
const swagLicense = 'https://github.com/facebookresearch/SWAG/blob/main/LICENSE';

/** One entry of a table. */
export type Row = [
  /** The name on the server, without `.pth`. */
  file: string,
  numParams: number,
  minSize: number,
  /** In percent, on ImageNet. */
  accuracy1: number,
  accuracy5: number,
  gigaflops: number,
  megabytes: number,
  /** Where the training is described: a heading of torchvision's page on it, a page of its repository, or a URL. */
  recipe: string | null,
  /** Default `{ cropSize: 224 }`. */
  transforms?: ImageClassificationOptions,
];

/** What is known of published weights. */
export interface WeightsMeta {
  /** The names of the classes by index, as English words; null where the weights cannot classify. */
  readonly categories: readonly string[] | null;
  /** The number of elements of all parameters. */
  readonly numParams: number;
  /** The smallest height and width of pictures. */
  readonly minSize: readonly [number, number];
  /** Where the training is described. */
  readonly recipe: string | null;
  /** The licence, where it is another than torchvision's. */
  readonly license?: string;
  /** The share of ImageNet's validation pictures, in percent, whose class is the first, or among the first five, of the answer. */
  readonly metrics: { readonly 'ImageNet-1K': { readonly 'acc@1': number; readonly 'acc@5': number } };
  /** Multiplications and additions for a picture of the transforms' size, in 10^9. */
  readonly ops: number;
  /** The size of the file in MB, of 2^20 bytes. */
  readonly fileSize: number;
}

let imageNet: readonly string[] | undefined;
const imageNetCategories = (): readonly string[] =>
  (imageNet ??= Object.freeze(createRequire(import.meta.url)('./imagenet.json') as string[]));

function metaOf(name: string, [, numParams, side, acc1, acc5, ops, fileSize, recipe]: Row): WeightsMeta {
  const short = recipe === null || recipe.startsWith('https:') ? '' : recipe.startsWith('#') ? training : repository;
  const classifies = name !== 'IMAGENET1K_FEATURES';
  return {
    get categories() {
      return classifies ? imageNetCategories() : null;
    },
    numParams,
    minSize: [side, side],
    recipe: recipe && short + recipe,
    ...(name.includes('SWAG') && { license: swagLicense }),
    metrics: { 'ImageNet-1K': { 'acc@1': acc1, 'acc@5': acc5 } },
    ops,
    fileSize,
  };
}

/** How a state dict is fetched. */
export interface FetchOptions extends DownloadOptions {
  /** Check the SHA-256 of what is fetched, of which the URL holds the first digits. */
  checkHash?: boolean;
}

/**
 * Published weights of one network: an entry of an enumeration such as `models.VGG16Weights`. (`torchvision.models.WeightsEnum`)
 * @example
 * import { models } from 'cresset/vision';
 * const weights = models.ResNet50Weights.DEFAULT;
 * String(weights); // 'ResNet50_Weights.IMAGENET1K_V2'
 * weights.meta.metrics['ImageNet-1K']['acc@1']; // 80.858
 * weights.meta.categories?.[1]; // 'goldfish'
 */
export class Weights<T extends string = string> {
  readonly url: string;
  readonly meta: WeightsMeta;
  readonly #transforms: ImageClassificationOptions;

  /** @internal `type`: the enumeration's name in Python. */
  constructor(
    readonly type: T,
    readonly name: string,
    row: Row,
  ) {
    this.url = `${server}${row[0]}.pth`;
    this.meta = metaOf(name, row);
    this.#transforms = row[8] ?? { cropSize: 224 };
  }

  /** What pictures go through before the network: resized, cropped, and normalised as in its training. */
  transforms(): ImageClassification {
    return new ImageClassification(this.#transforms);
  }

  /**
   * The state dict, fetched unless it is in PyTorch's cache; the hash is checked with `checkHash: true` only.
   * @throws CressetError that names the URL, why it cannot be fetched, and the path where the file can be put by hand; the signal's reason
   * when it aborts.
   */
  getStateDict(options: FetchOptions = {}): Promise<StateDict> {
    return loadStateDictFromUrl(this.url, options);
  }

  /** The name as Python prints it. */
  toString(): string {
    return `${this.type}.${this.name}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** The published weights of a network by name; `DEFAULT` is another name of the best ones. */
export type WeightsEnum<T extends string = string, N extends string = string> = Members<T> & {
  readonly [K in N]: Weights<T>;
};

/** What all enumerations have. */
export interface Members<T extends string = string> extends Iterable<Weights<T>> {
  readonly DEFAULT: Weights<T>;
}

/** @internal Makes an enumeration; loops and listings meet each entry once, as in Python. */
export function weightsEnum<T extends string, N extends string>(
  type: T,
  standard: NoInfer<N>,
  rows: Readonly<Record<N, Row>>,
): WeightsEnum<T, N> {
  const entries = Object.entries<Row>(rows).map(([name, row]) => [name, new Weights(type, name, row)] as const);
  const members = Object.fromEntries(entries) as Record<string, Weights<T>>;
  Object.defineProperty(members, 'DEFAULT', { value: members[standard] });
  Object.defineProperty(members, Symbol.iterator, { value: () => Object.values(members)[Symbol.iterator]() });
  return Object.freeze(members) as unknown as WeightsEnum<T, N>;
}
