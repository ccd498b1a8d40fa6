// Noise with random classes: data that are always there.
import { type Recipe, recipe, recipeOf } from '../../data/recipe.js';
import { integerOf, optionsOf } from '../../functional/check.js';
import { OwnGenerator } from '../../generator.js';
import { randint, randn } from '../../random.js';
import type { Image } from '../image.js';
import { toPilImage } from '../transforms/functional/convert.js';
import { type TransformOptions, VisionDataset } from './vision-dataset.js';

/** How many pictures, of which size and how many classes, and what to make of each. */
export interface FakeDataOptions<X, Y> extends TransformOptions<X, Y> {
  /** The number of pictures; default 1000. */
  size?: number;
  /** Channels, height and width; default [3, 224, 224]. */
  imageSize?: readonly [channels: number, height: number, width: number];
  /** Default 10. */
  numClasses?: number;
  /** Added to the index, which is each picture's seed; default 0. */
  randomOffset?: number;
}

/**
 * Pictures of normal noise with random classes. Picture `i` depends on `i` and `randomOffset` alone: it is torchvision's, number by
 * number, and the global generator stays as it was. (`torchvision.datasets.FakeData`)
 * @throws RangeError for sizes that are no positive integers.
 * @example
 * import { datasets } from 'cresset/vision';
 * const [image, target] = new datasets.FakeData({ imageSize: [1, 2, 2] }).get(0);
 * image.data; // Uint8Array.of(136, 182, 213, 144)
 */
export class FakeData<X = Image, Y = number> extends VisionDataset<X, Y> {
  readonly length: number;
  readonly size: number;
  readonly imageSize: readonly [channels: number, height: number, width: number];
  readonly numClasses: number;
  readonly randomOffset: number;

  constructor(options: FakeDataOptions<X, Y> = {}) {
    super(
      optionsOf(options, 'FakeData', [
        'size',
        'imageSize',
        'numClasses',
        'transform',
        'targetTransform',
        'randomOffset',
      ]),
    );
    const { size = 1000, imageSize = [3, 224, 224], numClasses = 10, randomOffset = 0 } = options;
    for (const [name, value] of Object.entries({ size, imageSize, numClasses }))
      for (const n of [value].flat() as number[])
        if (!Number.isSafeInteger(n) || n < (name === 'size' ? 0 : 1))
          throw new RangeError(`FakeData: ${name} must be positive integers, got ${value}`);
    if (imageSize.length !== 3 || imageSize[0] > 4)
      throw new RangeError(
        `FakeData: imageSize must be [channels up to 4, height, width], got [${imageSize.join(', ')}]`,
      );
    this.length = this.size = size;
    this.imageSize = imageSize;
    this.numClasses = numClasses;
    this.randomOffset = integerOf(randomOffset, 'FakeData', 'randomOffset');
  }

  /**
   * Picture `index` and its class, transformed.
   * @throws RangeError for an index that is out of range.
   */
  get(index: number): [X, Y] {
    this.checkIndex(index);
    return this.transformed(...this.#draw(index + this.randomOffset));
  }

  #draw(seed: number): [Image, number] {
    return new OwnGenerator(seed).run((): [Image, number] => {
      const noise = randn(this.imageSize);
      const target = randint(0, this.numClasses, [1]);
      return [toPilImage(noise), Number(target.item())];
    });
  }

  [recipe](): Recipe {
    const { size, imageSize, numClasses, randomOffset, transform, targetTransform } = this;
    const options = { size, imageSize, numClasses, randomOffset, transform, targetTransform };
    return recipeOf(this, this.constructor === FakeData, import.meta.url, [options]);
  }
}
