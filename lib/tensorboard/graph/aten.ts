// What PyTorch calls each op, and with which arguments.
import { dtypeName } from '../../dtype.js';
import { float as floatText } from '../../nn/layers/text.js';
import { type Argument, type Call, Value } from './recording.js';

/** A value that is known: its type, and Python's text of it. */
export class Constant {
  constructor(
    readonly type: 'int' | 'float' | 'bool' | 'str' | 'None' | 'Tensor',
    readonly text: string,
  ) {}
}

/** An argument in PyTorch: a tensor, a constant or a list. */
export type Input = Value | Constant | readonly Input[];

/** An op of PyTorch with its arguments. */
export interface AtenCall {
  kind: string;
  inputs: readonly Input[];
}

const int = (value: number): Constant => new Constant('int', String(value));
const float = (value: unknown): Constant => new Constant('float', floatText(value as number));
// PyTorch's tracer keeps booleans as 0 and 1, but apart from whole numbers.
const bool = (value: boolean): Constant => new Constant('bool', value ? '1' : '0');
const text = (value: string): Constant => new Constant('str', ` ${value} `);
const none = new Constant('None', '');
const number = (value: number): Constant => (Number.isInteger(value) ? int(value) : float(value));

const ints = (values: Argument): Constant[] => (values as readonly number[]).map(number);
/** A list of dimensions, of which none means all. */
const dimsOrNone = (dims: Argument): Input => ((dims as readonly number[]).length === 0 ? none : ints(dims));

// A number among tensors takes part as a tensor of no dimension.
function tensorOrNumber(value: Value): Input {
  if (value.source.kind !== 'number') return value;
  const { value: n } = value.source;
  const fits = Number.isInteger(n);
  return new Constant('Tensor', fits ? `tensor(${n})` : `tensor(${n.toFixed(4)}, dtype=torch.float64)`);
}

const plainNumber = (value: Argument): Input =>
  value instanceof Value && value.source.kind === 'number' ? number(value.source.value) : (value as Value);

function input(x: Argument): Input {
  if (x === null) return none;
  if (typeof x === 'number') return number(x);
  if (typeof x === 'boolean') return bool(x);
  if (x instanceof Value) return tensorOrNumber(x);
  return (x as readonly (number | Value)[]).map((part) => (typeof part === 'number' ? number(part) : part));
}

// The numbers of PyTorch's dtypes.
const dtypes = { uint8: 0, int32: 3, int64: 4, float16: 5, float32: 6, float64: 7, bool: 11, bfloat16: 15 };
const dtype = (code: Argument): Constant => int(dtypes[dtypeName(code as number)]);

type Args = Record<string, Argument>;
type Row = (a: Args) => readonly [kind: string, ...inputs: Input[]];

// What a tensor that is made anew is told beside its shape: dtype, layout, device, whether memory is pinned.
const factory = (a: Args): Input[] => [dtype(a.dtype!), none, text('cpu'), bool(false)];
const v = (x: Argument | undefined): Input => input(x ?? null);

const compare =
  (kind: string): Row =>
  (a) => [kind, v(a.x), plainNumber(a.y!)];
const reduction =
  (kind: string): Row =>
  (a) => [kind, v(a.x), ...((a.dims as number[]).length === 0 ? [] : [ints(a.dims!), v(a.keepdim)]), none];
const spread =
  (kind: string): Row =>
  (a) => [kind, v(a.x), dimsOrNone(a.dims!), v(a.correction), v(a.keepdim)];
const one = (dims: Argument | undefined): Input => number((dims as number[])[0]!);
const overOneDim =
  (kind: string, all: (a: Args) => Input[]): Row =>
  (a) => [kind, v(a.x), ...((a.dims as number[]).length === 0 ? all(a) : [one(a.dims), v(a.keepdim)])];
const extremum =
  (kind: string, overDims: string): Row =>
  (a) =>
    (a.dims as number[]).length === 0 ? [kind, v(a.x)] : [overDims, v(a.x), ints(a.dims!), v(a.keepdim)];
const clamp =
  (kind: string): Row =>
  (a) => {
    const bound = (x: Argument | undefined): Input => (Number.isFinite(x) ? number(x as number) : none);
    return [kind, v(a.x), bound(a.min), bound(a.max)];
  };

// The ops whose arguments are not those of ops.def in the same order.
const rows: Record<string, Row> = {
  conv2d: (a) => [
    '_convolution',
    v(a.x),
    v(a.weight),
    v(a.bias),
    v(a.stride),
    v(a.padding),
    v(a.dilation),
    bool(false), // transposed
    [int(0), int(0)], // output padding
    v(a.groups),
    bool(false), // benchmark
    bool(false), // deterministic
    bool(true), // cuDNN allowed
    bool(true), // TF32 allowed
  ],
  avgPool2d: (a) => [
    'avg_pool2d',
    v(a.x),
    v(a.kernelSize),
    v(a.stride),
    v(a.padding),
    v(a.ceilMode),
    v(a.countIncludePad),
    a.divisorOverride === 0 ? none : v(a.divisorOverride),
  ],
  batchNorm: (a) => [
    'batch_norm',
    v(a.x),
    v(a.weight),
    v(a.bias),
    v(a.runningMean),
    v(a.runningVar),
    v(a.training),
    float(a.momentum),
    float(a.eps),
    bool(true), // cuDNN allowed
  ],
  layerNorm: (a) => ['layer_norm', v(a.x), v(a.normalizedShape), v(a.weight), v(a.bias), float(a.eps), bool(true)],
  softmax: (a) => ['softmax', v(a.x), v(a.dim), none],
  logSoftmax: (a) => ['log_softmax', v(a.x), v(a.dim), none],
  dropout: (a) => ['dropout', v(a.x), float(a.p), v(a.training)],
  dropout_: (a) => ['dropout_', v(a.x), float(a.p), v(a.training)],
  crossEntropy: (a) => [
    'cross_entropy_loss',
    v(a.x),
    v(a.target),
    v(a.weight),
    v(a.reduction),
    v(a.ignoreIndex),
    float(a.labelSmoothing),
  ],
  gelu: (a) => ['gelu', v(a.x), text('none')],
  leakyRelu: (a) => ['leaky_relu', v(a.x), float(a.negativeSlope)],
  elu: (a) => ['elu', v(a.x), float(a.alpha), int(1), int(1)],
  hardtanh: (a) => ['hardtanh', v(a.x), float(a.minVal), float(a.maxVal)],
  hardtanh_: (a) => ['hardtanh_', v(a.x), float(a.minVal), float(a.maxVal)],
  clamp: clamp('clamp'),
  clamp_: clamp('clamp_'),
  powScalar: (a) => ['pow', v(a.x), v(a.exponent)],
  pow: compare('pow'),
  eq: compare('eq'),
  ne: compare('ne'),
  lt: compare('lt'),
  le: compare('le'),
  gt: compare('gt'),
  ge: compare('ge'),
  sum: reduction('sum'),
  mean: reduction('mean'),
  var: spread('var'),
  std: spread('std'),
  prod: (a) => [...overOneDim('prod', () => [])(a), none],
  amax: extremum('max', 'amax'),
  amin: extremum('min', 'amin'),
  argmax: overOneDim('argmax', (a) => [none, v(a.keepdim)]),
  argmin: overOneDim('argmin', (a) => [none, v(a.keepdim)]),
  all: overOneDim('all', () => []),
  any: overOneDim('any', () => []),
  maxValue: (a) => ['max', v(a.x), v(a.dim), v(a.keepdim)],
  minValue: (a) => ['min', v(a.x), v(a.dim), v(a.keepdim)],
  topkIndices: (a) => ['topk', v(a.x), v(a.k), v(a.dim), v(a.largest), v(a.sorted)],
  gather: (a) => ['gather', v(a.x), v(a.dim), v(a.index), bool(false)],
  norm: (a) => ['linalg_vector_norm', v(a.x), v(a.p), dimsOrNone(a.dims!), v(a.keepdim), none],
  squeezeDim: (a) => ['squeeze', v(a.x), v(a.dim)],
  squeezeDims: (a) => ['squeeze', v(a.x), v(a.dims)],
  expand: (a) => ['expand', v(a.x), v(a.shape), bool(false)],
  to: (a) => ['to', v(a.x), dtype(a.dtype!), bool(false), bool(false), none],
  contiguous: (a) => ['contiguous', v(a.x), int(0)],
  clone: (a) => ['clone', v(a.x), none],
  copy_: (a) => ['copy_', v(a.x), v(a.source), bool(false)],
  fill_: (a) => ['fill_', v(a.x), float(a.value)],
  empty: (a) => ['empty', v(a.shape), ...factory(a), none],
  full: (a) => ['full', v(a.shape), float(a.value), ...factory(a)],
  arange: (a) => ['arange', v(a.start), v(a.end), v(a.step), ...factory(a)],
  linspace: (a) => ['linspace', v(a.start), v(a.end), v(a.steps), ...factory(a)],
  eye: (a) => ['eye', v(a.n), v(a.m), ...factory(a)],
  rand: (a) => ['rand', v(a.shape), ...factory(a)],
  randn: (a) => ['randn', v(a.shape), ...factory(a)],
  randint: (a) => ['randint', v(a.low), v(a.high), v(a.shape), ...factory(a)],
  randperm: (a) => ['randperm', v(a.n), ...factory(a)],
  bernoulli: (a) => ['bernoulli', v(a.p), none],
  bernoulli_: (a) => ['bernoulli_', v(a.x), float(a.p), none],
  uniform_: (a) => ['uniform_', v(a.x), float(a.from), float(a.to), none],
  normal_: (a) => ['normal_', v(a.x), float(a.mean), float(a.std), none],
};

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `call` as PyTorch would have made it. */
export function atenCall({ op, args }: Call): AtenCall {
  const [name, ...inputs] = rows[op]?.(args) ?? [snake(op), ...Object.values(args).map(input)];
  return { kind: `aten::${name}`, inputs };
}
