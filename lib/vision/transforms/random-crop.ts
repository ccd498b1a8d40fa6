// Crops at random places.
import { flag, optionsOf } from '../../functional/check.js';
import { float } from '../../nn/layers/text.js';
import { integer, rangeOf, ratioBetween, uniform } from './draw.js';
import { resizedCrop } from './functional/crops.js';
import { crop, type Padding, type PaddingMode, pad, paddingModeOf, paddingOf } from './functional/geometry.js';
import type { ResizeOptions } from './functional/resize.js';
import { InterpolationMode, interpolationOf } from './interpolation.js';
import { dimensionsOf, fillsOf, type Picture, pythonRound, sizeOf } from './picture.js';
import { givenSize, python, pythonTuple } from './text.js';
import { PictureTransform } from './transform.js';

/** A part of a picture. */
export type Box = [top: number, left: number, height: number, width: number];

const noPadding = [0, 0, 0, 0] as const;

/** Options of `RandomCrop`. */
export interface RandomCropOptions {
  /** A border around the picture before. */
  padding?: Padding | null;
  /** A border where the picture is smaller than the crop; default false. */
  padIfNeeded?: boolean;
  /** What the border is made of; default 0. */
  fill?: number | readonly number[];
  /** Default: 'constant'. */
  paddingMode?: PaddingMode;
}

/**
 * A part of the picture at a random place. (`torchvision.transforms.RandomCrop`)
 * @throws RangeError for sizes that are not positive integers; on the call for a picture that is smaller than the crop.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomCrop(32, { padding: 4 })(ones([3, 32, 32])).shape; // [3, 32, 32]
 */
export class RandomCrop extends PictureTransform {
  readonly size: readonly [height: number, width: number];
  readonly padding: Padding | null;
  readonly padIfNeeded: boolean;
  readonly fill: number | readonly number[];
  readonly paddingMode: PaddingMode;

  constructor(size: number | readonly number[], options: RandomCropOptions = {}) {
    super();
    const {
      padding = null,
      padIfNeeded,
      fill = 0,
      paddingMode = 'constant',
    } = optionsOf(options, 'RandomCrop', ['padding', 'padIfNeeded', 'fill', 'paddingMode']);
    this.size = sizeOf(size, 'RandomCrop');
    if (padding !== null) paddingOf(padding, 'RandomCrop');
    this.padding = padding;
    this.padIfNeeded = flag(padIfNeeded, 'RandomCrop', 'padIfNeeded');
    fillsOf(fill, 'RandomCrop');
    this.fill = fill;
    this.paddingMode = paddingModeOf(paddingMode, 'RandomCrop');
  }

  /** Draws the place of a crop of this size. */
  static getParams(picture: Picture, size: readonly [number, number]): Box {
    const [, h, w] = dimensionsOf(picture, 'RandomCrop');
    return RandomCrop.#place(h, w, size);
  }

  static #place(h: number, w: number, [height, width]: readonly [number, number]): Box {
    if (h < height || w < width)
      throw new RangeError(`RandomCrop: crops of ${height}x${width} do not fit into a picture of ${h}x${w}`);
    if (h === height && w === width) return [0, 0, h, w];
    const top = integer(0, h - height + 1);
    return [top, integer(0, w - width + 1), height, width];
  }

  forward<P extends Picture>(picture: P): P {
    const [height, width] = this.size;
    const sides = this.padding === null ? noPadding : paddingOf(this.padding, 'RandomCrop');
    const [, h, w] = dimensionsOf(picture, 'RandomCrop');
    if (!this.padIfNeeded && this.paddingMode === 'constant' && this.fill === 0 && Math.min(...sides) >= 0) {
      // What lies outside of a picture is cropped as zeros, so that the border need not be made.
      const [left, top, right, bottom] = sides;
      const [y, x] = RandomCrop.#place(h + top + bottom, w + left + right, this.size);
      return crop(picture, y - top, x - left, height, width);
    }
    let padded = this.padding === null ? picture : pad(picture, this.padding, this);
    const [, paddedHeight, paddedWidth] = dimensionsOf(padded, 'RandomCrop');
    if (this.padIfNeeded && paddedWidth < width) padded = pad(padded, [width - paddedWidth, 0], this);
    if (this.padIfNeeded && paddedHeight < height) padded = pad(padded, [0, height - paddedHeight], this);
    return crop(padded, ...RandomCrop.getParams(padded, this.size));
  }

  override extraRepr(): string {
    return `size=${pythonTuple(this.size)}, padding=${python(this.padding)}`;
  }
}

/** Options of `RandomResizedCrop`. */
export interface RandomResizedCropOptions extends Omit<ResizeOptions, 'maxSize'> {
  /** The share of the picture's area; default [0.08, 1]. */
  scale?: readonly number[];
  /** Width by height; default [3 / 4, 4 / 3]. */
  ratio?: readonly number[];
}

/**
 * A part of random place, area and shape, resized to one size. (`torchvision.transforms.RandomResizedCrop`)
 * @throws RangeError for sizes, scales and ratios that are not positive, and for an unknown interpolation.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomResizedCrop(24)(ones([3, 32, 40])).shape; // [3, 24, 24]
 */
export class RandomResizedCrop extends PictureTransform {
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly interpolation: InterpolationMode;
  readonly antialias: boolean;

  constructor(
    readonly size: number | readonly number[],
    options: RandomResizedCropOptions = {},
  ) {
    super();
    const {
      scale,
      ratio,
      interpolation = InterpolationMode.BILINEAR,
    } = optionsOf(options, 'RandomResizedCrop', ['scale', 'ratio', 'interpolation', 'antialias']);
    sizeOf(size, 'RandomResizedCrop');
    this.scale = rangeOf(scale ?? [0.08, 1], 'RandomResizedCrop', 'scale', 0);
    this.ratio = rangeOf(ratio ?? [3 / 4, 4 / 3], 'RandomResizedCrop', 'ratio', Number.MIN_VALUE);
    this.interpolation = interpolationOf(interpolation, 'RandomResizedCrop');
    this.antialias = flag(options.antialias, 'RandomResizedCrop', 'antialias', true);
  }

  /** Draws a part; after ten that do not fit, it is the middle with the nearest ratio that is allowed. */
  static getParams(picture: Picture, scale: readonly [number, number], ratio: readonly [number, number]): Box {
    const [, height, width] = dimensionsOf(picture, 'RandomResizedCrop');
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = height * width * uniform(...scale);
      const aspect = ratioBetween(ratio);
      const w = pythonRound(Math.sqrt(area * aspect));
      const h = pythonRound(Math.sqrt(area / aspect));
      if (w < 1 || w > width || h < 1 || h > height) continue;
      const top = integer(0, height - h + 1);
      return [top, integer(0, width - w + 1), h, w];
    }
    const [low, high] = ratio;
    const h = width / height < low ? pythonRound(width / low) : height;
    const w = width / height > high ? pythonRound(height * high) : width;
    return [Math.floor((height - h) / 2), Math.floor((width - w) / 2), h, w];
  }

  forward<P extends Picture>(picture: P): P {
    const box = RandomResizedCrop.getParams(picture, this.scale, this.ratio);
    const { interpolation, antialias } = this;
    // One number is both sides here, not the shorter one.
    return resizedCrop(picture, ...box, sizeOf(this.size, 'RandomResizedCrop'), { interpolation, antialias });
  }

  override extraRepr(): string {
    const rounded = (values: readonly number[]) => pythonTuple(values, (v) => float(Number(v.toFixed(4))));
    return `size=${givenSize(this.size)}, scale=${rounded(this.scale)}, ratio=${rounded(this.ratio)}, interpolation=${this.interpolation}, antialias=${python(this.antialias)}`;
  }
}
