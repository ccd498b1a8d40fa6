// The drawing of precision-recall curves.
import { s } from './dom.js';
import { tick } from './format.js';
import { bottom, height, left, type Point, right, top } from './pr-points.js';

const values = [0, 0.2, 0.4, 0.6, 0.8, 1];
const mostDots = 40;

/** The curves over their axes, with marks on the points `marked`. */
export function drawing(
  points: readonly Point[][],
  marked: readonly Point[],
  width: number,
  color: (run: number) => string,
): SVGSVGElement {
  const [low, high] = [left, width - right];
  const axes = values.map((value) => {
    const x = left + value * (high - low);
    const y = height - bottom - value * (height - top - bottom);
    return s(
      'g',
      { class: 'axis' },
      s('line', { x1: x, x2: x, y1: top, y2: height - bottom }),
      s('line', { x1: low, x2: high, y1: y, y2: y }),
      s('text', { x, y: height - bottom + 15, 'text-anchor': 'middle' }, tick(value, 0.2)),
      s('text', { x: low - 7, y: y + 3.5, 'text-anchor': 'end' }, tick(value, 0.2)),
    );
  });
  const middle = top + (height - top - bottom) / 2;
  const names = [
    s('text', { class: 'label', x: (low + high) / 2, y: height - 6, 'text-anchor': 'middle' }, 'Recall'),
    s(
      'text',
      { class: 'label', transform: `translate(11 ${middle}) rotate(-90)`, 'text-anchor': 'middle' },
      'Precision',
    ),
  ];
  const circle = ({ curve, x, y }: Point, r: number, name: string): SVGElement => {
    const dot = s('circle', { class: name, cx: x.toFixed(1), cy: y.toFixed(1), r });
    dot.style.fill = color(curve.run);
    return dot;
  };
  const curves = points.flatMap((all) => {
    if (all.length === 0) return [];
    const line = all.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L');
    const path = s('path', { class: 'pr-curve', d: `M${line}` });
    path.style.stroke = color(all[0]!.curve.run);
    return [path, ...(all.length < mostDots ? all.map((point) => circle(point, 2.2, 'pr-dot')) : [])];
  });
  return s(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, height, 'aria-hidden': 'true' },
    ...axes,
    ...names,
    ...curves,
    ...marked.map((point) => circle(point, 4.5, 'pr-mark')),
  );
}
