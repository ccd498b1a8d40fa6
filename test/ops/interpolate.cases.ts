// Resizing: rows for cpp/ops/interpolate.cpp and resize_bytes.cpp.
import type { NativeOps } from '../../build/native.js';
import type { InterpolateOptions } from '../../lib/functional/interpolate.js';
import { type OpCases, op, type Row, row } from './row.js';

const pictures = [[[1, 1, 1, 1]], [[2, 3, 5, 7]], [[1, 4, 9, 4]], [[2, 17, 3, 6]], [[0, 2, 4, 4]]];

// PyTorch's expression and ours of the same options.
function resized(shapes: number[][][], python: string, options: InterpolateOptions): Row {
  return row(shapes, `F.interpolate(x, ${python})`, ([x], c) => c.nn.functional.interpolate(x, options));
}

// PyTorch refuses batches of none in some modes.
const some = pictures.filter(([shape]) => shape![0] !== 0);
const few = [[[2, 3, 5, 7]]];
const large = [[[1, 3, 41, 37]], [[2, 33, 13, 15]]];

export const interpolate = {
  interpolate: op(
    [
      resized(pictures, 'size=(4, 9)', { size: [4, 9] }),
      resized(few, 'size=(11, 3), mode="nearest-exact"', { size: [11, 3], mode: 'nearest-exact' }),
      resized(some, 'scale_factor=2.3', { scaleFactor: 2.3 }),
      resized(pictures, 'size=(4, 9), mode="bilinear"', { size: [4, 9], mode: 'bilinear' }),
      resized(few, 'size=(8, 4), mode="bilinear", align_corners=True', {
        size: [8, 4],
        mode: 'bilinear',
        alignCorners: true,
      }),
      resized(some, 'scale_factor=(2.6, 1.7), mode="bilinear"', { scaleFactor: [2.6, 1.7], mode: 'bilinear' }),
      resized(few, 'scale_factor=2.6, mode="bilinear", recompute_scale_factor=True', {
        scaleFactor: 2.6,
        mode: 'bilinear',
        recomputeScaleFactor: true,
      }),
      resized(few, 'size=(1, 1), mode="bilinear", align_corners=True', {
        size: 1,
        mode: 'bilinear',
        alignCorners: true,
      }),
      resized(some, 'size=(4, 9), mode="bicubic"', { size: [4, 9], mode: 'bicubic' }),
      resized(few, 'size=(12, 5), mode="bicubic", align_corners=True', {
        size: [12, 5],
        mode: 'bicubic',
        alignCorners: true,
      }),
      resized(some, 'size=(3, 3), mode="bilinear", antialias=True', { size: 3, mode: 'bilinear', antialias: true }),
      resized(few, 'size=(3, 9), mode="bilinear", antialias=True, align_corners=True', {
        size: [3, 9],
        mode: 'bilinear',
        antialias: true,
        alignCorners: true,
      }),
      resized(some, 'size=(2, 10), mode="bicubic", antialias=True', {
        size: [2, 10],
        mode: 'bicubic',
        antialias: true,
      }),
      resized(large, 'size=(7, 50), mode="bilinear", antialias=True', {
        size: [7, 50],
        mode: 'bilinear',
        antialias: true,
      }),
      resized(large, 'scale_factor=0.3, mode="bicubic", antialias=True', {
        scaleFactor: 0.3,
        mode: 'bicubic',
        antialias: true,
      }),
      resized(large, 'size=(60, 20), mode="bicubic"', { size: [60, 20], mode: 'bicubic' }),
      resized(few, 'size=(2, 3), mode="area"', { size: [2, 3], mode: 'area' }),
      resized([[[2, 3, 7]]], 'size=5', { size: 5 }),
      resized([[[2, 3, 7]]], 'scale_factor=1.9, mode="linear"', { scaleFactor: 1.9, mode: 'linear' }),
      resized([[[2, 3, 7]]], 'size=4, mode="linear", align_corners=True', {
        size: [4],
        mode: 'linear',
        alignCorners: true,
      }),
      resized([[[2, 3, 7]]], 'size=4, mode="area"', { size: 4, mode: 'area' }),
    ],
    [([x], c) => c.nn.functional.interpolate(x, { size: 3 }), /interpolate: input must have shape .*got \[2, 3\]/],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4]), {}),
      /interpolate: give either size or scaleFactor, got neither/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4]), { size: 2, scaleFactor: 2 }),
      /interpolate: give either size or scaleFactor, got both/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4]), { size: [2, 2, 2] }),
      /interpolate: size must have 2 numbers for the input's sides, got \[2, 2, 2\]/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4]), { scaleFactor: 0.3, mode: 'bilinear' }),
      /interpolate: input and output sizes must be greater than 0, got 3x4 and 0x1/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4]), { scaleFactor: -1 }),
      /interpolate: scaleFactor must be positive and finite, got -1/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4]), { size: 2, alignCorners: false }),
      /interpolate: alignCorners is for .*got mode 'nearest'/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4]), { size: 2, antialias: true }),
      /interpolate: antialias is for .*got mode 'nearest'/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4]), { size: 2, recomputeScaleFactor: true }),
      /interpolate: recomputeScaleFactor needs scaleFactor/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4]), { size: 2, mode: 'linear' }),
      /interpolate: mode 'linear' needs 3 dimensions, got shape \[1, 2, 3, 4\]/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4]), { size: 2, mode: 'cubic' as 'bicubic' }),
      /interpolate: mode must be one of .*got 'cubic'/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 2, 3, 4], { dtype: 'uint8' }), { size: 2 }),
      /interpolate: expected float32 or float64, got uint8/,
    ],
    [
      (_, c) => c.nn.functional.interpolate(c.ones([1, 1, 2, 2]), { size: 2 ** 40, mode: 'bilinear' }),
      /out of memory|too large|bytes/,
    ],
  ),
  resizeBytes: op(
    (
      [
        ['bilinear', 2],
        ['bicubic', 3],
        ['lanczos', 4],
        ['box', 5],
        ['hamming', 6],
      ] as const
    ).map(([name, filter]) =>
      row(
        [[[7, 9, 3]], [[1, 1, 1]], [[40, 3, 4]], [[5, 60, 1]]],
        `pil_resize(x * 36, 4, 11, '${name}')`,
        ([x], c) => c.native.resizeBytes(x.mul(36).id, [4, 11], filter),
        { dtypes: ['uint8'], grad: false },
      ),
    ),
    [([x], c) => c.native.resizeBytes(x.id, [2, 2], 2), /resizeBytes: expected uint8, got float32/],
    [
      ([x], c) => c.native.resizeBytes(x.to('uint8').id, [2, 2], 2),
      /resizeBytes: input must have shape \[h, w, c\], got \[2, 3\]/,
    ],
    [
      (_, c) => c.native.resizeBytes(c.ones([1, 1, 1], { dtype: 'uint8' }).id, [0, 2], 2),
      /resizeBytes: .* greater than 0, got 1x1 and 0x2/,
    ],
    [
      (_, c) => c.native.resizeBytes(c.ones([1, 1, 1], { dtype: 'uint8' }).id, [2, 2], 1),
      /resizeBytes: there is no filter 1/,
    ],
  ),
} satisfies Partial<Record<keyof NativeOps, OpCases>>;
