// Transforms of a picture's size, without anything random.
import { flag, integerOf, optionsOf } from '../../functional/check.js';
import {
  centerCrop,
  type Padding,
  type PaddingMode,
  type PadOptions,
  pad,
  paddingModeOf,
  paddingOf,
} from './functional/geometry.js';
import { type ResizeOptions, resize } from './functional/resize.js';
import { InterpolationMode, interpolationOf } from './interpolation.js';
import { fillsOf, type Picture, sizeOf } from './picture.js';
import { givenSize, python } from './text.js';
import { PictureTransform } from './transform.js';

/**
 * Resizes to [h, w], or the shorter side to a number. (`torchvision.transforms.Resize`)
 * @throws RangeError for sizes that are not positive integers and for an unknown interpolation.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.Resize(20)(ones([3, 40, 60])).shape; // [3, 20, 30]
 */
export class Resize extends PictureTransform {
  readonly interpolation: InterpolationMode;
  readonly maxSize: number | null;
  readonly antialias: boolean;

  constructor(
    readonly size: number | readonly number[],
    options: ResizeOptions = {},
  ) {
    super();
    sizeOf(size, 'Resize');
    const {
      interpolation = InterpolationMode.BILINEAR,
      maxSize = null,
      antialias,
    } = optionsOf(options, 'Resize', ['interpolation', 'maxSize', 'antialias']);
    this.interpolation = interpolationOf(interpolation, 'Resize');
    this.maxSize = maxSize === null ? null : integerOf(maxSize, 'Resize', 'maxSize');
    this.antialias = flag(antialias, 'Resize', 'antialias', true);
  }

  forward<P extends Picture>(picture: P): P {
    return resize(picture, this.size, this);
  }

  override extraRepr(): string {
    const { size, interpolation, maxSize, antialias } = this;
    return `size=${python(size)}, interpolation=${interpolation}, max_size=${python(maxSize)}, antialias=${python(antialias)}`;
  }
}

/**
 * The middle of the picture, with a border of 0 where it is smaller. (`torchvision.transforms.CenterCrop`)
 * @throws RangeError for sizes that are not positive integers.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.CenterCrop([20, 30])(ones([3, 40, 60])).shape; // [3, 20, 30]
 */
export class CenterCrop extends PictureTransform {
  constructor(readonly size: number | readonly number[]) {
    super();
    sizeOf(size, 'CenterCrop');
  }

  forward<P extends Picture>(picture: P): P {
    return centerCrop(picture, this.size);
  }

  override extraRepr(): string {
    return `size=${givenSize(this.size)}`;
  }
}

/**
 * A border around the picture. (`torchvision.transforms.Pad`)
 * @throws RangeError for a padding of other than 1, 2 or 4 numbers and for an unknown mode.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.Pad([1, 2])(ones([3, 4, 6])).shape; // [3, 8, 8]
 */
export class Pad extends PictureTransform {
  readonly fill: number | readonly number[];
  readonly paddingMode: PaddingMode;

  constructor(
    readonly padding: Padding,
    options: PadOptions = {},
  ) {
    super();
    paddingOf(padding, 'Pad');
    this.fill = optionsOf(options, 'Pad', ['fill', 'paddingMode']).fill ?? 0;
    fillsOf(this.fill, 'Pad');
    this.paddingMode = paddingModeOf(options.paddingMode ?? 'constant', 'Pad');
  }

  forward<P extends Picture>(picture: P): P {
    return pad(picture, this.padding, this);
  }

  override extraRepr(): string {
    return `padding=${python(this.padding)}, fill=${python(this.fill)}, padding_mode=${this.paddingMode}`;
  }
}
