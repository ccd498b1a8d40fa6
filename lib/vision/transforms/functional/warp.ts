// Pictures seen through another grid: of tensors as torchvision's grid_sample does it.
import { isFloatingPoint } from '../../../dtype.js';
import { tensor } from '../../../functional.js';
import type { Tensor } from '../../../tensor.js';

/** Where each pixel of the result lies in the old picture, row by row: -1 to 1 from border to border. */
export interface Grid {
  x: Float64Array;
  y: Float64Array;
  height: number;
  width: number;
}

/** Rounds to what the tensor computes in. */
const precisionOf = (x: Tensor): ((value: number) => number) =>
  x.dtype === 'float64' ? (value) => value : Math.fround;

/**
 * px · a + py · b + c as PyTorch's products of matrices round it: step by step where there are few places, else with fused products. In
 * float32 a pixel whose sum ends on a half would else come out as its neighbour.
 */
function productOf(x: Tensor, places: number): (a: number, b: number, c: number, px: number, py: number) => number {
  const round = precisionOf(x);
  const fused = places * 6 >= 400;
  return (a, b, c, px, py) => round(round(round(px * a) + (fused ? py * b : round(py * b))) + c);
}

type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** The grid of an affine map about the centre of a picture of `height` by `width`. */
export function affineGrid(x: Tensor, matrix: Matrix, height: number, width: number): Grid {
  const round = precisionOf(x);
  const [h, w] = x.shape.slice(-2) as [number, number];
  const rows = [matrix.slice(0, 3), matrix.slice(3)].map((row, i) =>
    row.map((v) => round(round(v) / (0.5 * (i === 0 ? w : h)))),
  );
  const grid: Grid = { x: new Float64Array(height * width), y: new Float64Array(height * width), height, width };
  const [[a, b, c], [d, e, f]] = rows as [number[], number[]];
  const product = productOf(x, height * width);
  for (let i = 0, o = 0; i < height; i++)
    for (let j = 0; j < width; j++, o++) {
      const px = j + 0.5 - width / 2;
      const py = i + 0.5 - height / 2;
      grid.x[o] = product(a!, b!, c!, px, py);
      grid.y[o] = product(d!, e!, f!, px, py);
    }
  return grid;
}

/** The grid of a perspective: place (x, y) comes from ((ax + by + c) / (gx + hy + 1), (dx + ey + f) / (gx + hy + 1)). */
export function perspectiveGrid(x: Tensor, coefficients: readonly number[]): Grid {
  const round = precisionOf(x);
  const [height, width] = x.shape.slice(-2) as [number, number];
  const [a, b, c, d, e, f, g, h] = coefficients as [number, number, number, number, number, number, number, number];
  const grid: Grid = { x: new Float64Array(height * width), y: new Float64Array(height * width), height, width };
  const at = productOf(x, height * width);
  const scaled = (v: number, side: number) => round(round(v) / (0.5 * side));
  for (let i = 0, o = 0; i < height; i++)
    for (let j = 0; j < width; j++, o++) {
      const px = j + 0.5;
      const py = i + 0.5;
      const below = at(g, h, 1, px, py);
      grid.x[o] = round(round(at(scaled(a, width), scaled(b, width), scaled(c, width), px, py) / below) - 1);
      grid.y[o] = round(round(at(scaled(d, height), scaled(e, height), scaled(f, height), px, py) / below) - 1);
    }
  return grid;
}

interface Corner {
  place: Int32Array;
  weight: Float64Array;
}

// The pixels that each place of the grid is made of, one or four, with weight 0 outside of the picture.
function cornersOf(grid: Grid, h: number, w: number, smooth: boolean, round: (v: number) => number): Corner[] {
  const n = grid.x.length;
  const corners = Array.from({ length: smooth ? 4 : 1 }, () => ({
    place: new Int32Array(n),
    weight: new Float64Array(n),
  }));
  const put = (corner: Corner, o: number, x: number, y: number, value: number) => {
    if (!(x >= 0 && x < w && y >= 0 && y < h)) return;
    corner.place[o] = y * w + x;
    corner.weight[o] = value;
  };
  // Rounded as often as PyTorch's kernel does, which multiplies and subtracts in one step.
  const unnormalised = (v: number, side: number) => round((round(v + 1) * side - 1) / 2);
  // Halves go to the even pixel.
  const nearest = (v: number) => (Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v));
  for (let o = 0; o < n; o++) {
    const x = unnormalised(grid.x[o]!, w);
    const y = unnormalised(grid.y[o]!, h);
    if (!smooth) {
      put(corners[0]!, o, nearest(x), nearest(y), 1);
      continue;
    }
    const left = Math.floor(x);
    const top = Math.floor(y);
    const dx = round(x - left);
    const dy = round(y - top);
    const ex = round(1 - dx);
    const ey = round(1 - dy);
    put(corners[0]!, o, left, top, round(ex * ey));
    put(corners[1]!, o, left + 1, top, round(dx * ey));
    put(corners[2]!, o, left, top + 1, round(ex * dy));
    put(corners[3]!, o, left + 1, top + 1, round(dx * dy));
  }
  return corners;
}

/**
 * x: [..., h, w] at the places of the grid; what lies outside is `fill`, one number or one for each channel, or 0 where that is null. Bytes
 * and other integers are rounded.
 */
export function sample(x: Tensor, grid: Grid, smooth: boolean, fill: number | readonly number[] | null): Tensor {
  const shape = x.shape;
  const [h, w] = shape.slice(-2) as [number, number];
  const numeric = x.dtype === 'float32' || x.dtype === 'float64' ? x : x.to('float32');
  const flat = numeric.reshape([...shape.slice(0, -2), h * w]);
  const corners = cornersOf(grid, h, w, smooth, precisionOf(x));
  const weights = corners.map(({ weight }) => tensor(weight, { dtype: numeric.dtype }));
  const sum = (parts: Tensor[]) => parts.reduce((a, b) => a.add(b));
  let y = sum(corners.map(({ place }, i) => flat.indexSelect(-1, tensor(place)).mul(weights[i]!)));
  if (fill !== null) {
    const outside = sum(weights).mul(-1).add(1);
    const colour = tensor(typeof fill === 'number' ? [fill] : [...fill], { dtype: numeric.dtype }).reshape([-1, 1]);
    // A nearest pixel is there or not; four have weights already.
    y = (smooth ? y.mul(sum(weights)) : y).add(outside.mul(colour));
  }
  if (!isFloatingPoint(x.dtype) && x.dtype !== 'bool') y = y.round();
  return y.reshape([...shape.slice(0, -2), grid.height, grid.width]).to(x.dtype);
}
