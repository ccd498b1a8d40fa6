// Random changes of tones.
import { describe, optionsOf } from '../../functional/check.js';
import { checkFactor } from './functional/blend.js';
import { adjustSharpness, autocontrast, bitsOf, equalize, invert, posterize, solarize } from './functional/tone.js';
import type { Picture } from './picture.js';
import { RandomTransform } from './random-flip.js';
import { python } from './text.js';

/** Options of random transforms that have other arguments too. */
export interface ProbabilityOptions {
  /** The probability that anything is done; default 0.5. */
  p?: number;
}

/**
 * Inverts brightness with probability `p`. (`torchvision.transforms.RandomInvert`)
 * @throws RangeError unless p lies between 0 and 1.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomInvert(1)(tensor([[[0.25, 1]]])).toArray(); // [[[0.75, 0]]]
 */
export class RandomInvert extends RandomTransform {
  protected apply<P extends Picture>(picture: P): P {
    return invert(picture);
  }
}

/**
 * Keeps the first `bits` bits of each byte with probability `p`. (`torchvision.transforms.RandomPosterize`)
 * @throws RangeError unless bits is between 0 and 8 and p between 0 and 1.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomPosterize(1, { p: 1 })(tensor([[[100, 200]]], { dtype: 'uint8' })).toArray(); // [[[0, 128]]]
 */
export class RandomPosterize extends RandomTransform {
  constructor(
    readonly bits: number,
    options: ProbabilityOptions = {},
  ) {
    super(optionsOf(options, 'RandomPosterize', ['p']).p);
    bitsOf(bits, 'RandomPosterize');
  }

  protected apply<P extends Picture>(picture: P): P {
    return posterize(picture, this.bits);
  }

  override extraRepr(): string {
    return `bits=${python(this.bits)},p=${python(this.p)}`;
  }
}

/**
 * Inverts what is at least as bright as `threshold` with probability `p`. (`torchvision.transforms.RandomSolarize`)
 * @throws RangeError for a threshold that is no number, and unless p lies between 0 and 1.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomSolarize(0.5, { p: 1 })(tensor([[[0.25, 0.75]]])).toArray(); // [[[0.25, 0.25]]]
 */
export class RandomSolarize extends RandomTransform {
  constructor(
    readonly threshold: number,
    options: ProbabilityOptions = {},
  ) {
    super(optionsOf(options, 'RandomSolarize', ['p']).p);
    if (!Number.isFinite(threshold))
      throw new RangeError(`RandomSolarize: threshold must be a finite number, got ${describe(threshold)}`);
  }

  protected apply<P extends Picture>(picture: P): P {
    return solarize(picture, this.threshold);
  }

  override extraRepr(): string {
    return `threshold=${python(this.threshold)},p=${python(this.p)}`;
  }
}

/**
 * Blurs or sharpens with probability `p`: a factor of 0 blurs, 1 changes nothing, 2 sharpens.
 * (`torchvision.transforms.RandomAdjustSharpness`)
 * @throws RangeError for a negative factor, and unless p lies between 0 and 1.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomAdjustSharpness(2)(ones([3, 8, 8])).shape; // [3, 8, 8]
 */
export class RandomAdjustSharpness extends RandomTransform {
  constructor(
    readonly sharpnessFactor: number,
    options: ProbabilityOptions = {},
  ) {
    super(optionsOf(options, 'RandomAdjustSharpness', ['p']).p);
    checkFactor(sharpnessFactor, 'RandomAdjustSharpness', 'sharpnessFactor');
  }

  protected apply<P extends Picture>(picture: P): P {
    return adjustSharpness(picture, this.sharpnessFactor);
  }

  override extraRepr(): string {
    return `sharpness_factor=${python(this.sharpnessFactor)},p=${python(this.p)}`;
  }
}

/**
 * Stretches each channel to full contrast with probability `p`. (`torchvision.transforms.RandomAutocontrast`)
 * @throws RangeError unless p lies between 0 and 1.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomAutocontrast(1)(tensor([[[0.25, 0.5, 0.75]]])).toArray(); // [[[0, 0.5, 1]]]
 */
export class RandomAutocontrast extends RandomTransform {
  protected apply<P extends Picture>(picture: P): P {
    return autocontrast(picture);
  }
}

/**
 * Makes all bytes about equally frequent with probability `p`. (`torchvision.transforms.RandomEqualize`)
 * @throws RangeError unless p lies between 0 and 1.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomEqualize(0.5)(ones([3, 8, 8], { dtype: 'uint8' })).shape; // [3, 8, 8]
 */
export class RandomEqualize extends RandomTransform {
  protected apply<P extends Picture>(picture: P): P {
    return equalize(picture);
  }
}
