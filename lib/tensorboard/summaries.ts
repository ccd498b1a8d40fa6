// Summaries of what is no histogram and no picture: scalars, texts, sounds, tensors, curves, meshes and charts.
import type { DType } from '../dtype.js';
import { CressetError } from '../errors.js';
import { wrongType } from '../functional/check.js';
import { objectOf } from './check.js';
import { dataType, layout, meshData, prCurveData, type TensorValue, type Value } from './messages.js';
import { encode, type Init } from './protobuf.js';
import type { Elements, Snapshot } from './snapshot.js';

const utf8 = new TextEncoder();
const shapeOf = (sizes: readonly number[]) => ({ dim: sizes.map((size) => ({ size })) });
const plugin = (name: string, content?: Uint8Array) => ({ plugin: { name, content } });

/** How `addScalar` stores its number. */
export interface ScalarStyle {
  newStyle: boolean;
  doublePrecision: boolean;
}

/** A number. */
export function scalarValue(tag: string, value: number, style?: ScalarStyle): Value {
  if (!style?.newStyle) return { tag, simple: value };
  const tensor = style.doublePrecision
    ? { dtype: dataType.double, doubles: [value] }
    : { dtype: dataType.float, floats: [value] };
  return { tag, tensor, metadata: plugin('scalars') };
}

/** A text. */
export function textValue(tag: string, text: string): Value {
  const tensor = { dtype: dataType.string, shape: shapeOf([1]), strings: [utf8.encode(text)] };
  return { tag: `${tag}/text_summary`, metadata: plugin('text'), tensor };
}

// A product of `value`, which is of `values`, in their precision.
const times = (values: Elements, value: number, factor: number): number =>
  values instanceof Float32Array ? Math.fround(value * factor) : value * factor;

/** Sound between -1 and 1, of one channel, as 16-bit WAV. */
export function audioValue(tag: string, samples: Elements, sampleRate: number): Value {
  const wav = new Uint8Array(44 + 2 * samples.length);
  const view = new DataView(wav.buffer);
  const text = (at: number, value: string) => wav.set(utf8.encode(value), at);
  text(0, 'RIFF');
  view.setUint32(4, wav.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true); // the size of the format
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true); // bytes per frame
  view.setUint16(34, 16, true); // bits
  text(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  for (let i = 0; i < samples.length; i++)
    view.setInt16(44 + 2 * i, Math.trunc(times(samples, Math.min(Math.max(samples[i]!, -1), 1), 32767)), true);
  return { tag, audio: { sampleRate, channels: 1, frames: samples.length, wav, contentType: 'audio/wav' } };
}

const bitsOf = (values: Elements): number[] => [...new Int32Array(Float32Array.from(values).buffer)];

// The type of a tensor's elements and the field that holds them, as PyTorch has it: 16-bit floats as the bits of 32-bit ones.
const tensorFields: Record<DType, (values: Elements) => TensorValue> = {
  float32: (floats) => ({ dtype: dataType.float, floats }),
  float64: (doubles) => ({ dtype: dataType.double, doubles }),
  int64: (longs) => ({ dtype: dataType.int64, longs }),
  int32: (ints) => ({ dtype: dataType.int32, ints }),
  uint8: (ints) => ({ dtype: dataType.uint8, ints }),
  bool: (bools) => ({ dtype: dataType.bool, bools }),
  float16: (values) => ({ dtype: dataType.half, halves: bitsOf(values) }),
  bfloat16: (values) => ({ dtype: dataType.bfloat16, halves: bitsOf(values) }),
};

/** A whole tensor. */
export function tensorValue(tag: string, x: Snapshot): Value {
  return { tag, metadata: plugin('tensor'), tensor: { ...tensorFields[x.dtype](x.read()), shape: shapeOf(x.shape) } };
}

/** The six rows of a precision-recall curve: true and false positives, true and false negatives, precision, recall at each threshold. */
export type CurveRows = readonly ArrayLike<number>[];

/** The rows at `thresholds` thresholds from 0 to 1, of labels that are 0 or 1 and predictions between 0 and 1. */
export function curveOf(
  labels: Elements,
  predictions: Elements,
  weights: Elements | null,
  thresholds: number,
): CurveRows {
  const positive = new Float64Array(thresholds);
  const negative = new Float64Array(thresholds);
  for (let i = 0; i < labels.length; i++) {
    const bin = Math.floor(times(predictions, predictions[i]!, thresholds - 1));
    if (!(bin >= 0 && bin < thresholds)) continue;
    const weight = weights === null ? 1 : weights[weights.length === 1 ? 0 : i]!;
    positive[bin]! += labels[i]! * weight;
    negative[bin]! += (1 - labels[i]!) * weight;
  }
  // Those at a threshold or above it count as predicted.
  for (let bin = thresholds - 2; bin >= 0; bin--) {
    positive[bin]! += positive[bin + 1]!;
    negative[bin]! += negative[bin + 1]!;
  }
  const least = 1e-7;
  return [
    positive,
    negative,
    negative.map((count) => negative[0]! - count),
    positive.map((count) => positive[0]! - count),
    positive.map((count, i) => count / Math.max(least, count + negative[i]!)),
    positive.map((count) => count / Math.max(least, positive[0]!)),
  ];
}

/** The rows of a precision-recall curve. */
export function curveValue(tag: string, rows: CurveRows, thresholds: number): Value {
  const floats = rows.flatMap((row) => Array.from(row));
  return {
    tag,
    metadata: plugin('pr_curves', encode(prCurveData, { version: 0, thresholds })),
    tensor: { dtype: dataType.float, shape: shapeOf([rows.length, rows[0]!.length]), floats },
  };
}

/** The parts of a mesh, in the order and with the numbers of TensorBoard's plugin. */
export interface MeshParts {
  vertices: Snapshot;
  faces: Snapshot | null;
  colors: Snapshot | null;
}

/** The parts of a mesh; `config` is JSON for three.js. */
export function meshValues(tag: string, { vertices, faces, colors }: MeshParts, config: string): Value[] {
  const parts = [
    { name: 'VERTEX', contentType: 1, part: vertices },
    { name: 'FACE', contentType: 2, part: faces },
    { name: 'COLOR', contentType: 3, part: colors },
  ].flatMap(({ part, ...kind }) => (part === null ? [] : [{ ...kind, part }]));
  const components = parts.reduce((bits, { contentType }) => bits | (1 << contentType), 0);
  return parts.map(({ name, contentType, part }) => {
    const data = { version: 0, name: tag, contentType, components, shape: part.shape, config };
    return {
      tag: `${tag}_${name}`,
      tensor: { dtype: dataType.float, shape: shapeOf(part.shape), floats: part.read() },
      metadata: plugin('mesh', encode(meshData, data)),
    };
  });
}

/** Charts by category and title: their kind, and the tags of the scalars that they show. A margin's are its value, lower and upper edge. */
export type ChartLayout = Readonly<
  Record<string, Readonly<Record<string, readonly ['Multiline' | 'Margin', readonly string[]]>>>
>;

/** An arrangement of curves in charts. Throws for a kind of chart that is none and for margins of other than three curves. */
export function chartsValue(charts: ChartLayout, op: string): Value {
  const chart = (title: string, spec: readonly [string, readonly string[]]) => {
    if (!Array.isArray(spec)) wrongType(op, `chart '${title}'`, 'an array of its kind and tags', spec);
    const [kind, tags] = spec;
    if (kind !== 'Multiline' && kind !== 'Margin')
      throw new CressetError(`${op}: the kind of chart '${title}' must be 'Multiline' or 'Margin', got '${kind}'`);
    if (!Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string'))
      throw new TypeError(`${op}: chart '${title}' needs an array of tags`);
    if (kind === 'Multiline') return { title, multiline: { tags } };
    if (tags.length !== 3)
      throw new CressetError(`${op}: a margin chart shows 3 tags (value, lower, upper), '${title}' has ${tags.length}`);
    return { title, margin: { series: [{ value: tags[0], lower: tags[1], upper: tags[2] }] } };
  };
  const content: Init<typeof layout> = {
    category: Object.entries(charts).map(([title, inside]) => ({
      title,
      chart: Object.entries(objectOf(inside, op, `category '${title}'`)).map(([name, spec]) => chart(name, spec)),
    })),
  };
  return {
    tag: 'custom_scalars__config__',
    tensor: { dtype: dataType.string, shape: {}, strings: [encode(layout, content)] },
    metadata: plugin('custom_scalars'),
  };
}
