// Rotations, affine maps and perspectives.
import { describe, flag, integerOf, optionsOf } from '../../../functional/check.js';
import type { Tensor } from '../../../tensor.js';
import { Image } from '../../image.js';
import { InterpolationMode, interpolationOf } from '../interpolation.js';
import { dimensionsOf, fillsOf, type Picture, pointOf } from '../picture.js';
import { solve } from './solve.js';
import { affineGrid, perspectiveGrid, sample } from './warp.js';
import { affinePlace, transformImage, type WarpMode } from './warp-image.js';

/** Options of `affine` and `perspective`. */
export interface WarpOptions {
  /** 'nearest' or 'bilinear', of Images also 'bicubic'. Default: 'nearest', of `perspective` 'bilinear'. */
  interpolation?: InterpolationMode;
  /** What lies outside of the picture: a number, or one for each channel. Default 0. */
  fill?: number | readonly number[] | null;
}

/** Options of `affine`. */
export interface AffineOptions extends WarpOptions {
  /** The point [x, y] that stays where it is; default the middle. */
  center?: readonly number[] | null;
}

/** Options of `rotate`. */
export interface RotateOptions extends AffineOptions {
  /** Makes the picture as large as what is turned; default false. */
  expand?: boolean;
}

type Matrix = [number, number, number, number, number, number];

/** The interpolation of the options, checked to be one that the kind of picture has. */
export function modeOf(picture: Picture, options: WarpOptions, op: string, fallback: InterpolationMode): WarpMode {
  const modes: WarpMode[] =
    picture instanceof Image ? ['nearest', 'nearest-exact', 'bilinear', 'bicubic'] : ['nearest', 'bilinear'];
  const of = picture instanceof Image ? 'an Image' : 'a Tensor';
  return interpolationOf((options.interpolation ?? fallback) as WarpMode, `${op} of ${of}`, modes);
}

/** A number for each channel, or null. */
export function fillOf(
  fill: number | readonly number[] | null,
  channels: number,
  op: string,
): readonly number[] | null {
  if (fill === null) return null;
  const values = fillsOf(fill, op, channels);
  return values.length === 1 ? new Array<number>(channels).fill(values[0]!) : values;
}

function finite(value: number, op: string, name: string): number {
  if (!Number.isFinite(value)) throw new RangeError(`${op}: ${name} must be a finite number, got ${describe(value)}`);
  return value;
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** From places of the result to the old picture: the inverse of a turn, shear and scale about `center` and a shift. */
function inverseMatrix(
  [cx, cy]: readonly [number, number],
  angle: number,
  [tx, ty]: readonly [number, number],
  scale: number,
  shear: readonly [number, number],
): Matrix {
  const turn = radians(angle);
  const [sx, sy] = [radians(shear[0]), radians(shear[1])];
  const a = Math.cos(turn - sy) / Math.cos(sy);
  const b = (-Math.cos(turn - sy) * Math.tan(sx)) / Math.cos(sy) - Math.sin(turn);
  const c = Math.sin(turn - sy) / Math.cos(sy);
  const d = (-Math.sin(turn - sy) * Math.tan(sx)) / Math.cos(sy) + Math.cos(turn);
  const [p, q, r, s] = [d / scale, -b / scale, -c / scale, a / scale];
  return [p, q, p * (-cx - tx) + q * (-cy - ty) + cx, r, s, r * (-cx - tx) + s * (-cy - ty) + cy];
}

// The height and width that hold a picture of h by w after it was turned, to a ten thousandth of a pixel.
function expandedSize([a, b, c, d, e, f]: Matrix, h: number, w: number): [number, number] {
  const corners = [
    [-0.5 * w, -0.5 * h],
    [-0.5 * w, 0.5 * h],
    [0.5 * w, 0.5 * h],
    [0.5 * w, -0.5 * h],
  ] as const;
  const span = (values: number[], side: number): number => {
    const cut = (v: number) => Math.fround(Math.fround(Math.trunc(Math.fround((v + side * 0.5) / 1e-4))) * 1e-4);
    return Math.ceil(cut(Math.max(...values))) - Math.floor(cut(Math.min(...values)));
  };
  const width = span(
    corners.map(([x, y]) => a * x + b * y + c),
    w,
  );
  return [
    span(
      corners.map(([x, y]) => d * x + e * y + f),
      h,
    ),
    width,
  ];
}

/** The picture turned against the clock by quarters of a circle, pixel by pixel. */
function quarterTurned(image: Image, quarters: number): Image {
  if (quarters === 0) return image;
  const { data, width: w, height: h, channels } = image;
  const [height, width] = quarters === 2 ? [h, w] : [w, h];
  const out = new Uint8Array(data.length);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [row, column] = quarters === 1 ? [x, w - 1 - y] : quarters === 2 ? [h - 1 - y, w - 1 - x] : [h - 1 - x, y];
      const from = (row * w + column) * channels;
      for (let c = 0; c < channels; c++) out[to++] = data[from + c]!;
    }
  return new Image(out, width, height, channels);
}

function rotateImage(
  image: Image,
  angle: number,
  mode: WarpMode,
  expand: boolean,
  center: [number, number] | null,
  fill: readonly number[],
): Image {
  const { width: w, height: h } = image;
  const degrees = ((angle % 360) + 360) % 360;
  const quarters = degrees / 90;
  // Right angles lose nothing, where what is turned fills the result.
  if (Number.isInteger(quarters) && center === null && (quarters % 2 === 0 || expand || w === h))
    return quarterTurned(image, quarters);
  const turn = -radians(degrees);
  const near = (v: number) => Number(v.toFixed(15));
  const [cos, sin, minus] = [near(Math.cos(turn)), near(Math.sin(turn)), near(-Math.sin(turn))];
  const [cx, cy] = center ?? [w / 2, h / 2];
  const map = (x: number, y: number, c: number, f: number) => [cos * x + sin * y + c, minus * x + cos * y + f] as const;
  let [c, f] = map(-cx, -cy, 0, 0);
  [c, f] = [c + cx, f + cy];
  let size: [number, number] = [h, w];
  if (expand) {
    const corners = (
      [
        [0, 0],
        [w, 0],
        [w, h],
        [0, h],
      ] as const
    ).map(([x, y]) => map(x, y, c, f));
    const span = (values: number[]) => Math.ceil(Math.max(...values)) - Math.floor(Math.min(...values));
    size = [span(corners.map(([, y]) => y)), span(corners.map(([x]) => x))];
    [c, f] = map(-(size[1] - w) / 2, -(size[0] - h) / 2, c, f);
  }
  return transformImage(image, size, affinePlace([cos, sin, c, minus, cos, f], mode), mode, fill);
}

/** `center` as it lies from the middle of the picture. */
const fromMiddle = (center: readonly [number, number] | null, h: number, w: number): [number, number] =>
  center === null ? [0, 0] : [center[0] - w * 0.5, center[1] - h * 0.5];

/**
 * The picture turned by `angle` degrees against the clock. (`torchvision.transforms.functional.rotate`)
 * @throws RangeError for an interpolation that the kind of picture has not, and for a fill or a center that does not fit.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.rotate(tensor([[[1, 2], [3, 4]]]), 90).toArray(); // [[[2, 4], [1, 3]]]
 */
export function rotate<P extends Picture>(picture: P, angle: number, options: RotateOptions = {}): P {
  const expand = flag(
    optionsOf(options, 'rotate', ['interpolation', 'expand', 'center', 'fill']).expand,
    'rotate',
    'expand',
  );
  const [channels, h, w] = dimensionsOf(picture, 'rotate');
  const mode = modeOf(picture, options, 'rotate', 'nearest');
  const fill = fillOf(options.fill ?? null, channels, 'rotate');
  const center = options.center == null ? null : pointOf(options.center, 'rotate', 'center');
  finite(angle, 'rotate', 'angle');
  if (picture instanceof Image)
    return rotateImage(picture, angle, mode, expand, center, fill ?? new Array(channels).fill(0)) as P;
  const matrix = inverseMatrix(fromMiddle(center, h, w), -angle, [0, 0], 1, [0, 0]);
  const [height, width] = expand ? expandedSize(matrix, h, w) : [h, w];
  return sample(picture, affineGrid(picture, matrix, height, width), mode === 'bilinear', fill) as P;
}

/**
 * The picture turned by `angle` degrees with the clock, moved by `translate` pixels [x, y], scaled and sheared by `shear` degrees, of x or
 * of [x, y]. (`torchvision.transforms.functional.affine`)
 * @throws RangeError for a scale that is not positive, and for lists that do not fit.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.affine(tensor([[[1, 2, 3]]]), 0, [1, 0], 1, 0).toArray(); // [[[0, 1, 2]]]
 */
export function affine<P extends Picture>(
  picture: P,
  angle: number,
  translate: readonly number[],
  scale: number,
  shear: number | readonly number[],
  options: AffineOptions = {},
): P {
  const [channels, h, w] = dimensionsOf(picture, 'affine');
  const mode = modeOf(picture, optionsOf(options, 'affine', ['interpolation', 'fill', 'center']), 'affine', 'nearest');
  const fill = fillOf(options.fill ?? null, channels, 'affine');
  const center = options.center == null ? null : pointOf(options.center, 'affine', 'center');
  const shift = pointOf(translate, 'affine', 'translate');
  const slant = typeof shear === 'number' ? [shear, 0] : shear?.length === 1 ? [shear[0]!, shear[0]!] : shear;
  const slants = pointOf(slant, 'affine', 'shear');
  finite(angle, 'affine', 'angle');
  if (!(scale > 0 && scale < Number.POSITIVE_INFINITY))
    throw new RangeError(`affine: scale must be positive, got ${describe(scale)}`);
  if (picture instanceof Image) {
    const matrix = inverseMatrix(center ?? [w * 0.5, h * 0.5], angle, shift, scale, slants);
    return transformImage(picture, [h, w], affinePlace(matrix, mode), mode, fill ?? new Array(channels).fill(0)) as P;
  }
  const matrix = inverseMatrix(fromMiddle(center, h, w), angle, shift, scale, slants);
  return sample(picture, affineGrid(picture, matrix, h, w), mode === 'bilinear', fill) as P;
}

/** Four corners as [x, y]: top left, top right, bottom right, bottom left. */
export type Corners = readonly (readonly number[])[];

// The coefficients of the map from `to` back to `from`.
function perspectiveCoefficients(from: Corners, to: Corners): number[] {
  const rows: number[][] = [];
  to.forEach(([x, y], i) => {
    const [u, v] = from[i] as [number, number];
    rows.push([x!, y!, 1, 0, 0, 0, -u * x!, -u * y!, u], [0, 0, 0, x!, y!, 1, -v * x!, -v * y!, v]);
  });
  const found = solve(rows);
  if (found === null) throw new RangeError(`perspective: three of the endPoints lie on a line: ${describe(to)}`);
  return found.map(Math.fround);
}

/**
 * The picture with the corners `startPoints` moved to `endPoints`. (`torchvision.transforms.functional.perspective`)
 * @throws RangeError for anything but four corners each of two integers, or corners on a line.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * const corners = [[0, 0], [7, 0], [7, 7], [0, 7]];
 * transforms.functional.perspective(ones([3, 8, 8]), corners, [[1, 1], [7, 0], [6, 6], [0, 7]]).shape; // [3, 8, 8]
 */
export function perspective<P extends Picture>(
  picture: P,
  startPoints: Corners,
  endPoints: Corners,
  options: WarpOptions = {},
): P {
  const [channels, h, w] = dimensionsOf(picture, 'perspective');
  const mode = modeOf(
    picture,
    optionsOf(options, 'perspective', ['interpolation', 'fill']),
    'perspective',
    InterpolationMode.BILINEAR,
  );
  const fill = fillOf(options.fill ?? null, channels, 'perspective');
  for (const [name, corners] of Object.entries({ startPoints, endPoints })) {
    if (!Array.isArray(corners) || corners.length !== 4)
      throw new RangeError(`perspective: ${name} must be four corners, got ${describe(corners)}`);
    corners.forEach((corner, i) => {
      for (const side of pointOf(corner, 'perspective', `${name}[${i}]`))
        integerOf(side, 'perspective', `${name}[${i}]`);
    });
  }
  const c = perspectiveCoefficients(startPoints, endPoints) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (picture instanceof Image) {
    const place = (x: number, y: number) => {
      const [px, py] = [x + 0.5, y + 0.5];
      const below = c[6] * px + c[7] * py + 1;
      return [(c[0] * px + c[1] * py + c[2]) / below, (c[3] * px + c[4] * py + c[5]) / below] as const;
    };
    return transformImage(picture, [h, w], place, mode, fill ?? new Array(channels).fill(0)) as P;
  }
  return sample(picture as Tensor, perspectiveGrid(picture, c), mode === 'bilinear', fill) as P;
}
