// The messages of event files, in the fields that are written or shown here. The numbers are those of TensorBoard's .proto files.
import {
  bytes,
  double,
  doubles,
  float,
  floats,
  type Init,
  int,
  ints,
  many,
  map,
  message,
  one,
  string,
} from './protobuf.js';

const shape = message({ dim: many(one(2, message({ size: int(1) }))) });

/** Types of the elements of a tensor. */
export const dataType = {
  float: 1,
  double: 2,
  int32: 3,
  uint8: 4,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  half: 19,
};

export const tensor = message({
  dtype: int(1),
  shape: one(2, shape),
  // All elements as they lie in memory, which others write instead of the fields below.
  content: bytes(4),
  floats: floats(5),
  doubles: doubles(6),
  ints: ints(7),
  strings: many(bytes(8)),
  longs: ints(10),
  bools: ints(11),
  halves: ints(13),
});

const metadata = message({
  plugin: one(1, message({ name: string(1), content: bytes(2) })),
});

const image = message({ height: int(1), width: int(2), colorspace: int(3), png: bytes(4) });
const audio = message({
  sampleRate: float(1),
  channels: int(2),
  frames: int(3),
  wav: bytes(4),
  contentType: string(5),
});
const histogram = message({
  min: double(1),
  max: double(2),
  num: double(3),
  sum: double(4),
  sumSquares: double(5),
  limits: doubles(6),
  counts: doubles(7),
});

export const value = message({
  tag: string(1),
  simple: float(2),
  image: one(4, image),
  histogram: one(5, histogram),
  audio: one(6, audio),
  tensor: one(8, tensor),
  metadata: one(9, metadata),
});

/** The status of a session log that makes TensorBoard hide the events from its step on. */
export const sessionStart = 1;

export const event = message({
  wallTime: double(1),
  step: int(2),
  fileVersion: string(3),
  graph: bytes(4),
  summary: one(5, message({ value: many(one(1, value)) })),
  sessionLog: one(7, message({ status: int(1) })),
  runMetadata: one(8, message({ tag: string(1), metadata: bytes(2) })),
  source: one(10, message({ writer: string(1) })),
});

const attribute = message({
  list: one(
    1,
    message({ text: many(string(2)), int: ints(3), float: floats(4), bool: ints(5), shape: many(one(7, shape)) }),
  ),
  text: string(2),
  int: int(3),
  float: float(4),
  bool: int(5),
  shape: one(7, shape),
});

export const graph = message({
  node: many(
    one(
      1,
      message({
        name: string(1),
        op: string(2),
        input: many(string(3)),
        attributes: map(5, (number) => one(number, attribute)),
      }),
    ),
  ),
  versions: one(4, message({ producer: int(1) })),
});

export const runMetadata = message({ stepStats: one(1, message({ device: one(1, message({ name: string(1) })) })) });

// --- what plugins keep beside their values ---
export const prCurveData = message({ version: int(1), thresholds: int(2) });
export const meshData = message({
  version: int(1),
  name: string(2),
  contentType: int(3),
  config: string(5),
  shape: ints(6),
  components: int(7),
});

const series = message({ value: string(1), lower: string(2), upper: string(3) });
const chart = message({
  title: string(1),
  multiline: one(2, message({ tags: many(string(1)) })),
  margin: one(3, message({ series: many(one(1, series)) })),
});
export const layout = message({
  version: int(1),
  category: many(one(2, message({ title: string(1), chart: many(one(2, chart)) }))),
});

// google.protobuf.Value
const anyValue = message({ number: double(2), text: string(3), bool: int(4) });
const hparam = message({
  name: string(1),
  type: int(4),
  domain: one(5, message({ values: many(one(1, anyValue)) })),
});
const metric = message({ name: one(1, message({ group: string(1), tag: string(2) })) });

export const hparamType = { string: 1, float64: 3 };
export const sessionSucceeded = 1;
export const hparamsData = message({
  version: int(1),
  experiment: one(2, message({ hparams: many(one(4, hparam)), metrics: many(one(5, metric)) })),
  start: one(3, message({ hparams: map(1, (number) => one(number, anyValue)) })),
  end: one(4, message({ status: int(1) })),
});

export type Event = Init<typeof event>;
export type Value = Init<typeof value>;
export type TensorValue = Init<typeof tensor>;
export type HistogramValue = Init<typeof histogram>;
export type GraphNode = NonNullable<Init<typeof graph>['node']>[number];
export type HParam = Init<typeof hparam>;
export type AnyValue = Init<typeof anyValue>;
