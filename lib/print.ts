// Tensors as text, character for character as PyTorch prints them.
import type { DType } from './dtype.js';
import { optionsOf, wrongType } from './functional/check.js';

/** What printing needs to know of a tensor. */
export interface Printable {
  /** The elements in row-major order. */
  readonly data: ArrayLike<number> | ArrayLike<bigint>;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly requiresGrad: boolean;
  /** The op that made it, or null. */
  readonly gradFn: string | null;
}

/** How numbers are laid out. (`torch.set_printoptions`) */
export interface PrintOptions {
  /** Digits after the point; default 4. */
  precision?: number;
  /** Tensors of more elements are summarised; default 1000. */
  threshold?: number;
  /** Elements shown at each end of a summarised dimension; default 3. */
  edgeitems?: number;
  /** Characters per line; default 80. */
  linewidth?: number;
  /** Always or never in scientific notation; null (default) decides by the values. */
  sciMode?: boolean | null;
}

const options: Required<PrintOptions> = { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80, sciMode: null };

const whole = (least: number, most: number) => (value: unknown) =>
  (Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY) &&
  (value as number) >= least &&
  (value as number) <= most;
const unlimited = Number.POSITIVE_INFINITY;

// What each option may be, in words and as a test.
const valid: Record<keyof PrintOptions, [rule: string, fits: (value: unknown) => boolean]> = {
  precision: ['an integer from 0 to 100', whole(0, 100)],
  threshold: ['a whole number or Infinity', whole(0, unlimited)],
  edgeitems: ['a whole number', whole(0, Number.MAX_SAFE_INTEGER)],
  linewidth: ['a positive integer or Infinity', whole(1, unlimited)],
  sciMode: ['true, false or null', (value) => value === null || typeof value === 'boolean'],
};

/**
 * Changes how tensors print from now on; options that are undefined stay. (`torch.set_printoptions`)
 * @throws TypeError for unknown options and for values out of range.
 * @example
 * import { setPrintOptions, tensor } from 'cresset';
 * setPrintOptions({ precision: 2 });
 * String(tensor([0.125])); // 'tensor([0.12])'
 * setPrintOptions({ precision: 4 });
 */
export function setPrintOptions(changes: PrintOptions): void {
  const checked = optionsOf(changes, 'setPrintOptions', Object.keys(valid) as (keyof PrintOptions)[]);
  const given = Object.entries(checked).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const [rule, fits] = valid[name as keyof PrintOptions];
    if (!fits(value)) wrongType('setPrintOptions', name, rule, value);
  }
  Object.assign(options, Object.fromEntries(given));
}

const isFloat = (dtype: DType): boolean => dtype.includes('float');

// JavaScript rounds a number midway between two texts up, Python to the even digit. Midway is: |value| * 10^digits * 2 is an odd integer.
function midway(value: number, digits: number): boolean {
  const x = Math.abs(value);
  if (digits >= 0) return (x * 2 ** (digits + 1)) % 2 === 1;
  const unit = 10n ** BigInt(-digits);
  return Number.isInteger(x) && (2n * BigInt(x)) % unit === 0n && ((2n * BigInt(x)) / unit) % 2n === 1n;
}

// An odd last digit was reached by rounding up, so that the digit below is the even one.
const toEven = (text: string): string => text.replace(/[13579]$/, (digit) => String(Number(digit) - 1));

// Python's '{:.4e}': at least two digits of exponent.
function exponential(value: number): string {
  const [digits, exponent] = value.toExponential(options.precision).split('e') as [string, string];
  const mantissa = midway(value, options.precision - Number(exponent)) ? toEven(digits) : digits;
  return signed(value, `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`);
}

// JavaScript drops the sign of zero, and of what rounds to it.
const signed = (value: number, text: string): string =>
  (value < 0 || Object.is(value, -0)) && !text.startsWith('-') ? `-${text}` : text;

const special = (value: number): string => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf');

type Format = (value: number | bigint) => string;

// One format for all numbers of a tensor, from the values that will be shown.
function formatter(values: readonly (number | bigint)[], dtype: DType): { format: Format; width: number } {
  let text: Format;
  let width = 1;
  if (!isFloat(dtype)) {
    text = dtype === 'bool' ? (v) => (Number(v) !== 0 ? 'True' : 'False') : String;
    for (const v of values) width = Math.max(width, text(v).length);
  } else {
    const shown = (values as readonly number[]).filter((v) => Number.isFinite(v) && v !== 0);
    let [least, largest, integers] = [Number.POSITIVE_INFINITY, 0, true];
    for (const v of shown) {
      least = Math.min(least, Math.abs(v));
      largest = Math.max(largest, Math.abs(v));
      integers &&= Number.isInteger(v);
    }
    const wide = shown.length > 0 && (largest / least > 1000 || largest > 1e8 || (!integers && least < 1e-4));
    const scientific = options.sciMode ?? wide;
    const digits = (v: number) =>
      scientific ? exponential(v) : integers ? `${fixed(v, 0)}.` : fixed(v, options.precision);
    text = (v) => (Number.isFinite(v as number) ? digits(v as number) : special(v as number));
    for (const v of shown) width = Math.max(width, text(v).length);
  }
  return { width, format: (v) => text(v).padStart(width) };
}

// Python's '{:.nf}', which unlike toFixed keeps all digits of large numbers and the sign of zero.
function fixed(value: number, digits: number): string {
  const rounded =
    Math.abs(value) < 1e21
      ? value.toFixed(digits)
      : BigInt(value).toString() + (digits > 0 ? `.${'0'.repeat(digits)}` : '');
  return signed(value, midway(value, digits) ? toEven(rounded) : rounded);
}

// The indices along a dimension that are shown; -1 stands for the dots between.
function shownIndices(size: number, summarise: boolean): number[] {
  const { edgeitems } = options;
  const all = !summarise || size <= 2 * edgeitems;
  if (all) return Array.from({ length: size }, (_, i) => i);
  const head = Array.from({ length: edgeitems }, (_, i) => i);
  return [...head, -1, ...head.map((i) => size - edgeitems + i)];
}

function formatBody(t: Printable, indent: number): string {
  const summarise = t.data.length > options.threshold;
  const strides = t.shape.map((_, d) => t.shape.slice(d + 1).reduce((a, b) => a * b, 1));
  const shown: (number | bigint)[] = [];
  const collect = (dim: number, offset: number): void => {
    if (dim === t.shape.length) shown.push(t.data[offset]!);
    else
      for (const i of shownIndices(t.shape[dim]!, summarise)) if (i >= 0) collect(dim + 1, offset + i * strides[dim]!);
  };
  collect(0, 0);
  const { format, width } = formatter(shown, t.dtype);

  const lay = (dim: number, offset: number, column: number): string => {
    if (dim === t.shape.length) return format(t.data[offset]!);
    const indices = shownIndices(t.shape[dim]!, summarise);
    const pad = ' '.repeat(column + 1);
    if (dim < t.shape.length - 1) {
      const rows = indices.map((i) => (i < 0 ? '...' : lay(dim + 1, offset + i * strides[dim]!, column + 1)));
      return `[${rows.join(`,${'\n'.repeat(t.shape.length - dim - 1)}${pad}`)}]`;
    }
    const cells = indices.map((i) => (i < 0 ? ' ...' : format(t.data[offset + i]!)));
    const perLine = Math.max(1, Math.floor((options.linewidth - column) / (width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < cells.length; i += perLine) lines.push(cells.slice(i, i + perLine).join(', '));
    return `[${lines.join(`,\n${pad}`)}]`;
  };
  return lay(0, 0, indent);
}

// PyTorch's names of the functions behind composed or renamed ops.
const gradientNames: Record<string, string> = {
  conv2d: 'Convolution',
  linear: 'Addmm',
  matmul: 'Mm',
  maxPool2d: 'MaxPool2DWithIndices',
  crossEntropy: 'NllLoss',
  to: 'ToCopy',
  max: 'Max',
  norm: 'LinalgVectorNorm',
  contiguous: 'Clone',
  slice: 'Slice',
  flatten: 'View',
  reshape: 'View',
};

/** The name PyTorch gives the gradient function of `op`. */
function gradFnName(op: string): string {
  if (op === 'squeezeDim') return 'SqueezeBackward1';
  if (op === 'squeezeDims') return 'SqueezeBackward2';
  const name = gradientNames[op] ?? op.charAt(0).toUpperCase() + op.slice(1).replace(/_$/, '');
  return `${name}Backward0`;
}

/** The text of a tensor, as Python's `repr` gives it. */
export function formatTensor(t: Printable): string {
  const prefix = 'tensor(';
  const suffixes: string[] = [];
  let text: string;
  if (t.data.length === 0) {
    text = '[]';
    if (t.shape.length !== 1) suffixes.push(`size=(${t.shape.join(', ')}${t.shape.length === 1 ? ',' : ''})`);
    if (t.dtype !== 'float32') suffixes.push(`dtype=torch.${t.dtype}`);
  } else {
    text = formatBody(t, prefix.length);
    if (!['float32', 'int64', 'bool'].includes(t.dtype)) suffixes.push(`dtype=torch.${t.dtype}`);
  }
  if (t.gradFn !== null) suffixes.push(`grad_fn=<${gradFnName(t.gradFn)}>`);
  else if (t.requiresGrad) suffixes.push('requires_grad=True');

  let out = prefix + text;
  // PyTorch counts the last line so: two too many after a line break, one without.
  let lineLength = out.length - out.lastIndexOf('\n') + 1;
  for (const suffix of suffixes) {
    if (lineLength + suffix.length + 2 > options.linewidth) {
      out += `,\n${' '.repeat(prefix.length)}${suffix}`;
      lineLength = prefix.length + suffix.length;
    } else {
      out += `, ${suffix}`;
      lineLength += suffix.length + 2;
    }
  }
  return `${out})`;
}

/** The text of a parameter. */
export function formatParameter(t: Printable): string {
  return `Parameter containing:\n${formatTensor(t)}`;
}

/** Python's text of a float. */
export function float(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power < -4 || power >= 16) return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  return Number.isInteger(value) ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value);
}
