// Precision-recall curves, from the event files: six numbers at each of many thresholds.
import { dataType, type TensorValue } from '../tensorboard/messages.js';
import type { PrCurve, PrCurves } from './api.js';
import { spread } from './contents.js';
import { finite } from './reduce.js';
import type { Run } from './run.js';
import type { Series } from './series.js';

const rowCount = 6;
const mostThresholds = 1000;

/** The elements of a tensor of floats, whichever way they are written. */
function floatsOf({ dtype, content, floats, doubles }: TensorValue): ArrayLike<number> {
  if (content === undefined || content.length === 0) return [...(floats ?? doubles ?? [])].map(Number);
  const bytes = content.slice().buffer;
  return dtype === dataType.double
    ? new Float64Array(bytes, 0, bytes.byteLength >>> 3)
    : new Float32Array(bytes, 0, bytes.byteLength >>> 2);
}

/** The points of a curve up to the last threshold that something reaches: behind it no precision is defined. Throws RangeError for other tensors. */
export function pointsOf(tensor: TensorValue): Pick<PrCurve, 'thresholds' | 'rows' | 'total'> {
  const data = floatsOf(tensor);
  const shape = (tensor.shape?.dim ?? []).map(({ size = 0 }) => Number(size));
  const total = data.length / rowCount;
  if (shape.length !== 2 || shape[0] !== rowCount || shape[1] !== total || total < 2)
    throw new RangeError(
      `a precision-recall curve has ${rowCount} rows of 2 or more numbers, got the shape [${shape.join(', ')}] and ${data.length} numbers`,
    );
  let end = total;
  while (end > 1 && data[end - 1] === 0 && data[total + end - 1] === 0) end--;
  const columns = spread(end, mostThresholds);
  return {
    total: end,
    thresholds: columns.map((column) => column / (total - 1)),
    rows: Array.from({ length: rowCount }, (_, row) => columns.map((column) => finite(data[row * total + column]!))),
  };
}

async function curveAt(run: Run, series: Series, step: number): Promise<PrCurve | null> {
  const row = series.lastUpTo(step);
  if (row < 0) return null;
  const about = { run: run.id, step: series.at(row, 'step'), wall: series.at(row, 'wall') };
  try {
    const { tensor = {} } = await run.valueAt(series, row);
    return { ...about, ...pointsOf(tensor), problem: null };
  } catch (error) {
    // The other runs' curves are shown all the same.
    return { ...about, total: 0, thresholds: [], rows: [], problem: (error as Error).message };
  }
}

/** Each run's curve as it was at `step`; those that begin later have none. */
export async function prCurvesAt(chosen: readonly { run: Run; series: Series }[], step: number): Promise<PrCurves> {
  const curves: PrCurves = [];
  for (const { run, series } of chosen) {
    const curve = await curveAt(run, series, step);
    if (curve !== null) curves.push(curve);
  }
  return curves;
}
