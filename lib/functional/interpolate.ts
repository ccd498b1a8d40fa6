// Resizing pictures and sequences.
import { ShapeError } from '../errors.js';
import { native } from '../native.js';
import { type Tensor, wrap } from '../tensor.js';
import { flag, idOf, integersOf, numberOf, optionsOf, wrongType } from './check.js';
import { adaptiveAvgPool2d } from './layers.js';

/** How `interpolate` finds the values between pixels: 'linear' of [n, c, l], 'bilinear' and 'bicubic' of [n, c, h, w]. */
export type InterpolateMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'area';

/** Options of `interpolate`, of which `size` or `scaleFactor` must be given. */
export interface InterpolateOptions {
  /** The sides of the result: one number for all, or one each. */
  size?: number | readonly number[] | null;
  /** Outputs per input; sides are rounded down. */
  scaleFactor?: number | readonly number[] | null;
  /** Default: 'nearest'. */
  mode?: InterpolateMode;
  /** The centres of the pixels in the corners stay where they are, instead of the corners of the picture; for the linear and cubic modes. */
  alignCorners?: boolean | null;
  /** Steps are as sizes say after rounding, not as `scaleFactor` says; default false. */
  recomputeScaleFactor?: boolean | null;
  /** Where the result is smaller, average over all that falls on a pixel; for 'bilinear' and 'bicubic' alone. Default false. */
  antialias?: boolean;
}

// The native ops' codes.
const codes = { nearest: 0, 'nearest-exact': 1, bilinear: 2, bicubic: 3 };
const filters = { bilinear: 2, bicubic: 3, lanczos: 4, box: 5, hamming: 6 };

const smooth: readonly string[] = ['linear', 'bilinear', 'bicubic'];
const all: readonly string[] = ['nearest', 'nearest-exact', ...smooth, 'area'];

// One number for each of `dims` sides.
function sides(value: number | readonly number[], dims: number, name: string): readonly number[] {
  if (typeof value === 'number') return new Array<number>(dims).fill(value);
  if (!Array.isArray(value)) wrongType('interpolate', name, 'a number or an array of numbers', value);
  if (value.length !== dims)
    throw new ShapeError(
      `interpolate: ${name} must have ${dims} numbers for the input's sides, got [${value.join(', ')}]`,
    );
  return value;
}

// The sides of the result, and the scales where they are not what the sizes say.
function target(
  shape: readonly number[],
  options: InterpolateOptions,
): { size: readonly number[]; scales: readonly number[] } {
  const { scaleFactor = null, mode } = options;
  const wanted = options.size ?? null;
  const dims = shape.length - 2;
  if ((wanted === null) === (scaleFactor === null))
    throw new RangeError(`interpolate: give either size or scaleFactor, got ${wanted === null ? 'neither' : 'both'}`);
  const recompute = flag(options.recomputeScaleFactor ?? undefined, 'interpolate', 'recomputeScaleFactor');
  if (wanted !== null) {
    if (recompute) throw new RangeError('interpolate: recomputeScaleFactor needs scaleFactor, got size');
    return { size: integersOf(sides(wanted, dims, 'size'), 'interpolate', 'size'), scales: [] };
  }
  const scales = sides(scaleFactor!, dims, 'scaleFactor');
  for (const scale of scales)
    if (!(numberOf(scale, 'interpolate', 'scaleFactor') > 0 && scale < Number.POSITIVE_INFINITY))
      throw new RangeError(`interpolate: scaleFactor must be positive and finite, got ${scale}`);
  const size = scales.map((scale, i) => Math.trunc(shape[i + 2]! * scale));
  return { size, scales: recompute || mode === 'area' ? [] : scales };
}

function checkMode(x: Tensor, mode: InterpolateMode, options: InterpolateOptions): void {
  if (!all.includes(mode))
    throw new RangeError(`interpolate: mode must be one of ${all.map((m) => `'${m}'`).join(', ')}, got '${mode}'`);
  if (x.ndim !== 3 && x.ndim !== 4)
    throw new ShapeError(`interpolate: input must have shape [n, c, l] or [n, c, h, w], got [${x.shape.join(', ')}]`);
  const needed = mode === 'linear' ? 3 : smooth.includes(mode) ? 4 : x.ndim;
  if (x.ndim !== needed)
    throw new ShapeError(`interpolate: mode '${mode}' needs ${needed} dimensions, got shape [${x.shape.join(', ')}]`);
  if ((options.alignCorners ?? null) !== null && !smooth.includes(mode))
    throw new RangeError(`interpolate: alignCorners is for 'linear', 'bilinear' and 'bicubic', got mode '${mode}'`);
  if (options.antialias && mode !== 'bilinear' && mode !== 'bicubic')
    throw new RangeError(`interpolate: antialias is for 'bilinear' and 'bicubic', got mode '${mode}'`);
}

/** The filters of pictures of bytes. */
export type ByteFilter = keyof typeof filters;

/** Not public: x: [h, w, c] of bytes at another size, to the byte as PIL resizes it. */
export function resizeBytes(x: Tensor, size: readonly [number, number], filter: ByteFilter): Tensor {
  return wrap(native.resizeBytes(idOf(x, 'resizeBytes', 'input'), size, filters[filter]));
}

/**
 * x: [n, c, h, w] or [n, c, l] at another size: each pixel of the result is a weighted sum of those of x around its place.
 * (`torch.nn.functional.interpolate`)
 * @throws ShapeError where the mode, size or scaleFactor does not fit x's dimensions or a side is 0; RangeError for options that exclude
 *   each other; DTypeError unless x is float32 or float64.
 * @example
 * import { nn, tensor } from 'cresset';
 * nn.functional.interpolate(tensor([[[[1, 3]]]]), { size: [1, 4], mode: 'bilinear' }).toArray(); // [[[[1, 1.5, 2.5, 3]]]]
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const mode =
    optionsOf(options, 'interpolate', [
      'size',
      'scaleFactor',
      'mode',
      'alignCorners',
      'recomputeScaleFactor',
      'antialias',
    ]).mode ?? 'nearest';
  idOf(x, 'interpolate', 'input');
  checkMode(x, mode, options);
  const { size, scales } = target(x.shape, options);
  if (x.ndim === 3) {
    const flat = interpolate(x.unsqueeze(2), {
      alignCorners: options.alignCorners ?? null,
      size: scales.length === 0 ? [1, size[0]!] : null,
      scaleFactor: scales.length === 0 ? null : [1, scales[0]!],
      recomputeScaleFactor: false,
      mode: mode === 'linear' ? 'bilinear' : mode,
    });
    return flat.squeeze(2);
  }
  const [height, width] = size as [number, number];
  if (mode === 'area') return adaptiveAvgPool2d(x, [height, width]);
  const alignCorners = flag(options.alignCorners ?? undefined, 'interpolate', 'alignCorners');
  const antialias = flag(options.antialias, 'interpolate', 'antialias');
  return wrap(
    native.interpolate(
      idOf(x, 'interpolate', 'input'),
      [height, width],
      codes[mode as 'nearest'],
      alignCorners,
      antialias,
      scales[0] ?? 0,
      scales[1] ?? 0,
    ),
  );
}
