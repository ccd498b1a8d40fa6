// Random rotations, affine maps and perspectives.
import { describe, flag, optionsOf } from '../../functional/check.js';
import { happens, integer, probabilityOf, rangeOf, uniform } from './draw.js';
import {
  type AffineOptions,
  affine,
  type Corners,
  perspective,
  type RotateOptions,
  rotate,
  type WarpOptions,
} from './functional/affine.js';
import { InterpolationMode, interpolationOf } from './interpolation.js';
import { dimensionsOf, fillsOf, type Picture, pointOf, pythonRound } from './picture.js';
import { floats, python } from './text.js';
import { PictureTransform } from './transform.js';

/** Bounds in degrees, or how far to both sides of 0. */
export type Degrees = number | readonly number[];

function degreesOf(value: Degrees, op: string, name: string, lengths: readonly number[] = [2]): readonly number[] {
  const bounds: readonly number[] = typeof value === 'number' ? (value >= 0 ? [0 - value, value] : []) : value;
  const ordered = (low: number, i: number) => Number.isFinite(low) && (i % 2 === 1 || low <= bounds[i + 1]!);
  if (!Array.isArray(bounds) || !lengths.includes(bounds.length) || !bounds.every(ordered))
    throw new RangeError(
      `${op}: ${name} must be a number of at least 0 or ${lengths.join(' or ')} numbers, the smaller first, got ${describe(value)}`,
    );
  return bounds;
}

/**
 * Turns the picture by a random angle. (`torchvision.transforms.RandomRotation`)
 * @throws RangeError for anything but degrees, and for an unknown interpolation.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomRotation(30)(ones([3, 8, 8])).shape; // [3, 8, 8]
 */
export class RandomRotation extends PictureTransform {
  readonly degrees: readonly number[];
  readonly interpolation: InterpolationMode;
  readonly expand: boolean;
  readonly center: readonly number[] | null;
  readonly fill: number | readonly number[];

  constructor(degrees: Degrees, options: RotateOptions = {}) {
    super();
    const {
      interpolation = InterpolationMode.NEAREST,
      expand,
      center,
      fill,
    } = optionsOf(options, 'RandomRotation', ['interpolation', 'expand', 'center', 'fill']);
    this.degrees = degreesOf(degrees, 'RandomRotation', 'degrees');
    this.interpolation = interpolationOf(interpolation, 'RandomRotation');
    this.expand = flag(expand, 'RandomRotation', 'expand');
    this.center = center == null ? null : pointOf(center, 'RandomRotation', 'center');
    this.fill = fill ?? 0;
    fillsOf(this.fill, 'RandomRotation');
  }

  /** Draws an angle. */
  static getParams(degrees: readonly number[]): number {
    return uniform(degrees[0]!, degrees[1]!);
  }

  forward<P extends Picture>(picture: P): P {
    return rotate(picture, RandomRotation.getParams(this.degrees), this);
  }

  override extraRepr(): string {
    const center = this.center === null ? '' : `, center=${python(this.center)}`;
    return `degrees=${floats(this.degrees)}, interpolation=${this.interpolation}, expand=${python(this.expand)}${center}, fill=${python(this.fill)}`;
  }
}

/** Options of `RandomAffine`. */
export interface RandomAffineOptions extends AffineOptions {
  /** The largest shift across and down, as parts of the picture; default none. */
  translate?: readonly number[] | null;
  /** Bounds of the scale; default 1. */
  scale?: readonly number[] | null;
  /** Bounds of the shear across in degrees, or four, of across and down; default none. */
  shear?: Degrees | null;
}

/**
 * Turns, moves, scales and shears the picture at random. (`torchvision.transforms.RandomAffine`)
 * @throws RangeError for bounds that do not fit, and for an unknown interpolation.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomAffine(10, { translate: [0.1, 0.1], scale: [0.9, 1.1] })(ones([3, 8, 8])).shape; // [3, 8, 8]
 */
export class RandomAffine extends PictureTransform {
  readonly degrees: readonly number[];
  readonly translate: readonly number[] | null;
  readonly scale: readonly number[] | null;
  readonly shear: readonly number[] | null;
  readonly interpolation: InterpolationMode;
  readonly fill: number | readonly number[];
  readonly center: readonly number[] | null;

  constructor(degrees: Degrees, options: RandomAffineOptions = {}) {
    super();
    const {
      translate = null,
      scale = null,
      shear = null,
      interpolation,
      fill,
      center,
    } = optionsOf(options, 'RandomAffine', ['translate', 'scale', 'shear', 'interpolation', 'fill', 'center']);
    this.degrees = degreesOf(degrees, 'RandomAffine', 'degrees');
    if (
      translate !== null &&
      !(Array.isArray(translate) && translate.length === 2 && translate.every((t) => t >= 0 && t <= 1))
    )
      throw new RangeError(`RandomAffine: translate must be two numbers between 0 and 1, got ${describe(translate)}`);
    this.translate = translate;
    this.scale = scale === null ? null : rangeOf(scale, 'RandomAffine', 'scale', Number.MIN_VALUE);
    this.shear = shear === null ? null : degreesOf(shear, 'RandomAffine', 'shear', [2, 4]);
    this.interpolation = interpolationOf(interpolation ?? InterpolationMode.NEAREST, 'RandomAffine');
    this.fill = fill ?? 0;
    fillsOf(this.fill, 'RandomAffine');
    this.center = center == null ? null : pointOf(center, 'RandomAffine', 'center');
  }

  /** Draws an angle, a shift in pixels, a scale and a shear, of a picture of this size. */
  static getParams(
    degrees: readonly number[],
    translate: readonly number[] | null,
    scale: readonly number[] | null,
    shear: readonly number[] | null,
    [width, height]: readonly [number, number],
  ): [angle: number, translate: [number, number], scale: number, shear: [number, number]] {
    const draw = (bounds: readonly number[], at = 0) => uniform(bounds[at]!, bounds[at + 1]!);
    const angle = draw(degrees);
    const shift = (part: number, side: number) => pythonRound(uniform(-part * side, part * side));
    const moved: [number, number] =
      translate === null ? [0, 0] : [shift(translate[0]!, width), shift(translate[1]!, height)];
    const factor = scale === null ? 1 : draw(scale);
    const across = shear === null ? 0 : draw(shear);
    return [angle, moved, factor, [across, shear?.length === 4 ? draw(shear, 2) : 0]];
  }

  forward<P extends Picture>(picture: P): P {
    const [, height, width] = dimensionsOf(picture, 'RandomAffine');
    const drawn = RandomAffine.getParams(this.degrees, this.translate, this.scale, this.shear, [width, height]);
    const { interpolation, fill, center } = this;
    return affine(picture, ...drawn, { interpolation, fill, center });
  }

  override extraRepr(): string {
    const { translate, scale, shear, interpolation, fill, center } = this;
    const parts = [
      `degrees=${floats(this.degrees)}`,
      ...(translate === null ? [] : [`translate=${python(translate)}`]),
      ...(scale === null ? [] : [`scale=${python(scale)}`]),
      ...(shear === null ? [] : [`shear=${floats(shear)}`]),
      ...(interpolation === 'nearest' ? [] : [`interpolation=${interpolation}`]),
      ...(fill === 0 ? [] : [`fill=${python(fill)}`]),
      ...(center === null ? [] : [`center=${python(center)}`]),
    ];
    return parts.join(', ');
  }
}

/** Options of `RandomPerspective`. */
export interface RandomPerspectiveOptions extends WarpOptions {
  /** How far the corners move: at 1 up to the middle. Default 0.5. */
  distortionScale?: number;
  /** The probability that anything is done; default 0.5. */
  p?: number;
}

/**
 * Moves the four corners inwards at random, with probability `p`. (`torchvision.transforms.RandomPerspective`)
 * @throws RangeError unless distortionScale and p lie between 0 and 1, and for an unknown interpolation.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomPerspective({ p: 1 })(ones([3, 8, 8])).shape; // [3, 8, 8]
 */
export class RandomPerspective extends PictureTransform {
  readonly distortionScale: number;
  readonly p: number;
  readonly interpolation: InterpolationMode;
  readonly fill: number | readonly number[];

  constructor(options: RandomPerspectiveOptions = {}) {
    super();
    const {
      distortionScale = 0.5,
      p = 0.5,
      interpolation,
      fill,
    } = optionsOf(options, 'RandomPerspective', ['distortionScale', 'p', 'interpolation', 'fill']);
    if (!(distortionScale >= 0 && distortionScale <= 1))
      throw new RangeError(
        `RandomPerspective: distortionScale must be between 0 and 1, got ${describe(distortionScale)}`,
      );
    this.distortionScale = distortionScale;
    this.p = probabilityOf(p, 'RandomPerspective');
    this.interpolation = interpolationOf(interpolation ?? InterpolationMode.BILINEAR, 'RandomPerspective');
    this.fill = fill ?? 0;
    fillsOf(this.fill, 'RandomPerspective');
  }

  /** The corners of a picture of this size, and where they go. */
  static getParams(width: number, height: number, distortionScale: number): [startPoints: Corners, endPoints: Corners] {
    const [dx, dy] = [width, height].map((side) => Math.trunc(distortionScale * Math.floor(side / 2))) as [
      number,
      number,
    ];
    const [left, top] = [() => integer(0, dx + 1), () => integer(0, dy + 1)];
    const [right, bottom] = [() => integer(width - dx - 1, width), () => integer(height - dy - 1, height)];
    const ends = [
      [left(), top()],
      [right(), top()],
      [right(), bottom()],
      [left(), bottom()],
    ];
    return [
      [
        [0, 0],
        [width - 1, 0],
        [width - 1, height - 1],
        [0, height - 1],
      ],
      ends,
    ];
  }

  forward<P extends Picture>(picture: P): P {
    const [, height, width] = dimensionsOf(picture, 'RandomPerspective');
    if (!happens(this.p)) return picture;
    const { interpolation, fill } = this;
    return perspective(picture, ...RandomPerspective.getParams(width, height, this.distortionScale), {
      interpolation,
      fill,
    });
  }

  override extraRepr(): string {
    return `p=${python(this.p)}`;
  }
}
