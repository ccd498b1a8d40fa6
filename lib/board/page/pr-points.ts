// Where the points of precision-recall curves are drawn, and which of them is near.
import type { PrCurve } from '../api.js';

/** The height of a drawing, and the room around the curves, in pixels. */
export const [height, left, right, top, bottom] = [270, 46, 14, 10, 40];
const [precision, recall] = [4, 5];

/** A point of a curve: which of its thresholds it is, and where it is drawn. */
export interface Point {
  curve: PrCurve;
  at: number;
  x: number;
  y: number;
}

/** Where the points of `curves` are drawn in so many pixels; those without precision or recall are nowhere. */
export function placed(curves: readonly PrCurve[], width: number): Point[][] {
  const within = (value: number): number => Math.min(1, Math.max(0, value));
  return curves.map((curve) =>
    curve.thresholds.flatMap((_, at) => {
      const [up, across] = [curve.rows[precision]![at], curve.rows[recall]![at]];
      if (typeof up !== 'number' || typeof across !== 'number') return [];
      const x = left + within(across) * Math.max(1, width - left - right);
      return [{ curve, at, x, y: height - bottom - within(up) * (height - top - bottom) }];
    }),
  );
}

/** The point nearest to a place on the screen. */
export const nearestPoint = (points: readonly Point[], x: number, y: number): Point | undefined =>
  points.reduce<Point | undefined>((best, point) => {
    const far = ({ x: px, y: py }: Point): number => (px - x) ** 2 + (py - y) ** 2;
    return best === undefined || far(point) < far(best) ? point : best;
  }, undefined);

/** Of each curve, the point at the threshold nearest to `threshold`. */
export function atThreshold(points: readonly Point[][], threshold: number): Point[] {
  const far = ({ curve, at }: Point): number => Math.abs(curve.thresholds[at]! - threshold);
  return points.flatMap((all) =>
    all.length === 0 ? [] : [all.reduce((best, point) => (far(point) < far(best) ? point : best))],
  );
}
