// Curves by uPlot, in the page's looks.
import uPlot from 'uplot';
import type { Curves, XAxis } from '../api.js';
import type { CurveData } from './client.js';
import { clocks, span, tick } from './format.js';

/** The height of a plot in pixels. */
export const height = 240;

/** What all charts share. */
export interface ChartSettings {
  axis: XAxis;
  smoothing: number;
  logarithmic: boolean;
}

/** What a plot asks and tells its chart. */
interface Chart extends ChartSettings {
  paint(run: number): string;
  xRange(): [number, number];
  zoom(range: [number, number]): void;
  moved(plot: uPlot): void;
}

/** Values for uPlot, which joins points over undefined and breaks a curve at null. */
export const forPlot = (values: Float64Array, logarithmic: boolean): (number | null | undefined)[] =>
  Array.from(values, (value) =>
    Number.isNaN(value) ? undefined : Number.isFinite(value) && !(logarithmic && value <= 0) ? value : null,
  );

/** Whether two numbers are so near that an axis between them would run out of digits. */
export const isNarrow = (low: number, high: number): boolean =>
  high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high));

// A little room above and below, also around a curve that does not move.
function yRange(low: number, high: number): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const room = isNarrow(low, high) ? Math.abs(low) * 0.1 || 1 : (high - low) * 0.06;
  return [low - room, high + room];
}

const between = (ticks: readonly number[]): number => Math.abs(ticks[1]! - ticks[0]!);

function axesOf(style: CSSStyleDeclaration, { axis, logarithmic }: ChartSettings): uPlot.Axis[] {
  const common: uPlot.Axis = {
    stroke: style.getPropertyValue('--ink-2'),
    grid: { stroke: style.getPropertyValue('--grid'), width: 1 },
    ticks: { show: false },
    font: `11px ${style.fontFamily}`,
  };
  const x = (ticks: number[]): string[] =>
    axis === 'wall'
      ? clocks(ticks)
      : ticks.map((value) => (axis === 'relative' ? span(value) : tick(value, between(ticks))));
  const y = (ticks: (number | null)[]): string[] =>
    ticks.map((value) => (value === null ? '' : tick(value, logarithmic ? 1 : between(ticks as number[]))));
  return [
    { ...common, size: 32, space: 72, values: (_, ticks) => x(ticks) },
    { ...common, size: 56, values: (_, ticks) => y(ticks) },
  ];
}

/** A plot within `target`, still without points; the values as they are, if there are any, stand faint behind the smoothed ones. */
export function makePlot(target: HTMLElement, data: Curves & CurveData, chart: Chart): uPlot {
  const curve = (i: number, faint: boolean): uPlot.Series => {
    const stroke = chart.paint(data.curves[i]!.run);
    const points = { show: !faint && data.x.length < 60, size: 4, fill: stroke };
    return { stroke, width: faint ? 1 : 1.75, alpha: faint ? 0.3 : 1, spanGaps: true, points };
  };
  const select = (plot: uPlot): void => {
    const { left, width } = plot.select;
    if (width < 3) return;
    chart.zoom([plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]);
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  };
  return new uPlot(
    {
      width: target.clientWidth || 300,
      height,
      padding: [10, 12, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 }, y: false },
      scales: {
        x: { time: chart.axis === 'wall', range: () => chart.xRange() },
        y: chart.logarithmic ? { distr: 3 } : { range: (_, low, high) => yRange(low, high) },
      },
      axes: axesOf(getComputedStyle(target), chart),
      series: [{}, ...data.raws.map((_, i) => curve(i, true)), ...data.smoothed.map((_, i) => curve(i, false))],
      hooks: { setSelect: [select], setCursor: [(plot) => chart.moved(plot)] },
    },
    [[]],
    target,
  );
}
