// Transforms of colours.
import { describe, optionsOf } from '../../functional/check.js';
import { float } from '../../nn/layers/text.js';
import { randperm } from '../../random.js';
import { uniform } from './draw.js';
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, rgbToGrayscale } from './functional/color.js';
import { dimensionsOf, type Picture } from './picture.js';
import { RandomTransform } from './random-flip.js';
import { python, pythonTuple } from './text.js';
import { PictureTransform } from './transform.js';

/** How far a factor may lie from 1 (of the hue, from 0), or its bounds. */
export type Jitter = number | readonly number[];

/** Options of `ColorJitter`, all 0 by default. */
export interface ColorJitterOptions {
  brightness?: Jitter;
  contrast?: Jitter;
  saturation?: Jitter;
  /** At most 0.5. */
  hue?: Jitter;
}

type Range = readonly [low: number, high: number] | null;

/** The order of the four adjustments, by number, and their factors. */
export interface JitterParams {
  order: readonly number[];
  brightness: number | null;
  contrast: number | null;
  saturation: number | null;
  hue: number | null;
}

// The bounds of a factor, or null where it can only be `center`.
function boundsOf(value: Jitter, name: string, center: number, [least, most]: readonly [number, number]): Range {
  const [low, high] =
    typeof value === 'number'
      ? [center === 1 ? Math.max(center - value, 0) : center - value, center + value]
      : Array.isArray(value) && value.length === 2
        ? (value as [number, number])
        : [Number.NaN, Number.NaN];
  if (!(least <= low && low <= high && high <= most && Number.isFinite(high)) || (value as number) < 0)
    throw new RangeError(
      `ColorJitter: ${name} must be a number of at least 0 or bounds between ${least} and ${most}, got ${describe(value)}`,
    );
  return low === center && high === center ? null : [low, high];
}

/**
 * Brightness, contrast, saturation and hue changed at random, in random order. (`torchvision.transforms.ColorJitter`)
 * @throws RangeError for what is neither a number of at least 0 nor bounds.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.ColorJitter({ brightness: 0.2, hue: 0.1 })(ones([3, 8, 8])).shape; // [3, 8, 8]
 */
export class ColorJitter extends PictureTransform {
  readonly brightness: Range;
  readonly contrast: Range;
  readonly saturation: Range;
  readonly hue: Range;

  constructor(options: ColorJitterOptions = {}) {
    super();
    const {
      brightness = 0,
      contrast = 0,
      saturation = 0,
      hue = 0,
    } = optionsOf(options, 'ColorJitter', ['brightness', 'contrast', 'saturation', 'hue']);
    this.brightness = boundsOf(brightness, 'brightness', 1, [0, Number.POSITIVE_INFINITY]);
    this.contrast = boundsOf(contrast, 'contrast', 1, [0, Number.POSITIVE_INFINITY]);
    this.saturation = boundsOf(saturation, 'saturation', 1, [0, Number.POSITIVE_INFINITY]);
    this.hue = boundsOf(hue, 'hue', 0, [-0.5, 0.5]);
  }

  /** Draws an order and the factors that have bounds. */
  static getParams(brightness: Range, contrast: Range, saturation: Range, hue: Range): JitterParams {
    const order = randperm(4).toArray() as number[];
    const draw = (range: Range) => (range === null ? null : uniform(...range));
    return {
      order,
      brightness: draw(brightness),
      contrast: draw(contrast),
      saturation: draw(saturation),
      hue: draw(hue),
    };
  }

  forward<P extends Picture>(picture: P): P {
    const drawn = ColorJitter.getParams(this.brightness, this.contrast, this.saturation, this.hue);
    const steps = [
      [adjustBrightness<P>, drawn.brightness],
      [adjustContrast<P>, drawn.contrast],
      [adjustSaturation<P>, drawn.saturation],
      [adjustHue<P>, drawn.hue],
    ] as const;
    return drawn.order.reduce((value, i) => {
      const [adjust, factor] = steps[i]!;
      return factor === null ? value : adjust(value, factor);
    }, picture);
  }

  override extraRepr(): string {
    const text = (range: Range) => (range === null ? 'None' : pythonTuple(range, float));
    return `brightness=${text(this.brightness)}, contrast=${text(this.contrast)}, saturation=${text(this.saturation)}, hue=${text(this.hue)}`;
  }
}

/**
 * The picture without colour, in 1 or 3 channels. (`torchvision.transforms.Grayscale`)
 * @throws RangeError for another number of channels.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.Grayscale()(ones([3, 8, 8])).shape; // [1, 8, 8]
 */
export class Grayscale extends PictureTransform {
  constructor(readonly numOutputChannels = 1) {
    super();
    if (numOutputChannels !== 1 && numOutputChannels !== 3)
      throw new RangeError(`Grayscale: numOutputChannels must be 1 or 3, got ${describe(numOutputChannels)}`);
  }

  forward<P extends Picture>(picture: P): P {
    return rgbToGrayscale(picture, this.numOutputChannels);
  }

  override extraRepr(): string {
    return `num_output_channels=${python(this.numOutputChannels)}`;
  }
}

/**
 * Takes the colour away with probability `p`; the channels stay. (`torchvision.transforms.RandomGrayscale`)
 * @throws RangeError unless p lies between 0 and 1.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomGrayscale(0.5)(ones([3, 8, 8])).shape; // [3, 8, 8]
 */
export class RandomGrayscale extends RandomTransform {
  constructor(p = 0.1) {
    super(p);
  }

  protected apply<P extends Picture>(picture: P): P {
    return rgbToGrayscale(picture, dimensionsOf(picture, 'RandomGrayscale')[0]);
  }
}
