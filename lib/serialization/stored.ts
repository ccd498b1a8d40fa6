// Tensors as a checkpoint stores them, independent of the native core: views of byte ranges.
import type { DType } from '../dtype.js';
import { type Contents, contentsOf, type Place, type Sink } from './chunks.js';

/** The names of dtypes that checkpoints can hold. */
export type DTypeName = DType;

interface StorageClass {
  /** The class in `torch` that stands for the dtype in a pickle. */
  readonly className: string;
  readonly itemSize: number;
}

/** How PyTorch names and sizes the storage of each dtype. */
export const storageClasses: Readonly<Record<DTypeName, StorageClass>> = {
  float32: { className: 'FloatStorage', itemSize: 4 },
  float64: { className: 'DoubleStorage', itemSize: 8 },
  int64: { className: 'LongStorage', itemSize: 8 },
  int32: { className: 'IntStorage', itemSize: 4 },
  uint8: { className: 'ByteStorage', itemSize: 1 },
  bool: { className: 'BoolStorage', itemSize: 1 },
  float16: { className: 'HalfStorage', itemSize: 2 },
  bfloat16: { className: 'BFloat16Storage', itemSize: 2 },
};

/** One storage; `key` is its name in the file. */
export class StoredStorage implements Contents {
  constructor(
    readonly key: string,
    readonly dtype: DTypeName,
    /** Its bytes, little-endian; none where they stay in the file or in a tensor. */
    public bytes: Uint8Array,
    readonly byteLength: number = bytes.length,
  ) {}

  stream(sink: Sink, into?: Place): Promise<void> {
    return contentsOf(this.bytes).stream(sink, into);
  }
}

/** A storage whose bytes are read from a file when they are asked for. */
export class FileStorage extends StoredStorage {
  constructor(
    key: string,
    dtype: DTypeName,
    byteLength: number,
    readonly read: (storage: StoredStorage, sink: Sink, into?: Place) => Promise<void>,
  ) {
    super(key, dtype, new Uint8Array(0), byteLength);
  }

  override stream(sink: Sink, into?: Place): Promise<void> {
    return this.read(this, sink, into);
  }
}

/** A checkpoint whose values are known, and whose storages can be read while the file is open. */
export interface OpenCheckpoint {
  format: 'PyTorch' | 'PyTorch before 1.6' | 'safetensors';
  value: unknown;
  storages: StoredStorage[];
  /** What a safetensors file holds beside its tensors. */
  metadata?: Record<string, string>;
}

/** Turns the bytes of each number around, in place. */
export function swapBytes(bytes: Uint8Array, dtype: DTypeName): void {
  const { itemSize } = storageClasses[dtype];
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (itemSize === 2) buffer.swap16();
  else if (itemSize === 4) buffer.swap32();
  else if (itemSize === 8) buffer.swap64();
}

/** What makes a stored tensor. */
export interface StoredTensorFields {
  dtype: DTypeName;
  shape: number[];
  /** Distances of neighbours along each dimension, in elements. */
  stride: number[];
  /** Where the first element lies in the storage, in elements. */
  offset: number;
  storage: StoredStorage;
  requiresGrad: boolean;
}

/** A strided view of a storage; tensors that share memory name one storage object. */
export class StoredTensor implements StoredTensorFields {
  readonly dtype: DTypeName;
  readonly shape: number[];
  stride: number[];
  offset: number;
  storage: StoredStorage;
  readonly requiresGrad: boolean;

  constructor(fields: StoredTensorFields) {
    this.dtype = fields.dtype;
    this.shape = fields.shape;
    this.stride = fields.stride;
    this.offset = fields.offset;
    this.storage = fields.storage;
    this.requiresGrad = fields.requiresGrad;
  }
}

/** A tensor that is written as `torch.nn.Parameter`. */
export class StoredParameter {
  constructor(
    readonly data: StoredTensor,
    readonly requiresGrad: boolean,
  ) {}
}

/** Python's `collections.OrderedDict`: a Map with the attribute `_metadata` that PyTorch hangs on state dicts. */
export class OrderedDict extends Map<unknown, unknown> {
  readonly orderedDict = true;
  _metadata: unknown = undefined;
}

/** The strides of a tensor whose elements lie in row-major order. */
export function contiguousStride(shape: readonly number[]): number[] {
  const stride = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    stride[i] = step;
    step *= Math.max(shape[i]!, 1);
  }
  return stride;
}

/** Where the last element lies in the storage; for a view without elements, the place before it. */
export function lastElement({
  shape,
  stride,
  offset,
}: Pick<StoredTensorFields, 'shape' | 'stride' | 'offset'>): number {
  return shape.includes(0) ? offset - 1 : shape.reduce((at, size, i) => at + (size - 1) * stride[i]!, offset);
}

/**
 * Says what is wrong with a view of a storage of `elements` elements, or null where it fits.
 * Elements reached are `offset + sum of (size - 1) * stride`; sizes and strides must be non-negative integers.
 */
export function viewProblem(
  view: Pick<StoredTensorFields, 'shape' | 'stride' | 'offset'>,
  elements: number,
): string | null {
  const { shape, stride, offset } = view;
  const counts = [...shape, ...stride, offset];
  if (!counts.every((n) => Number.isSafeInteger(n) && n >= 0)) return 'sizes, strides and offset must be integers >= 0';
  if (shape.length !== stride.length) return `${shape.length} sizes but ${stride.length} strides`;
  if (!Number.isSafeInteger(shape.reduce((a, b) => a * Math.max(b, 1), 1)))
    return `shape [${shape.join(', ')}] is too large`;
  const last = lastElement(view);
  if (last < elements) return null;
  return `shape [${shape.join(', ')}] at offset ${offset} reaches element ${last} of a storage of ${elements}`;
}

/** Where the elements of a view lie in its storage, in row-major order. */
export function* placesOf({
  shape,
  stride,
  offset,
}: Pick<StoredTensorFields, 'shape' | 'stride' | 'offset'>): Generator<number> {
  const at = shape.map(() => 0);
  let place = offset;
  for (let left = shape.reduce((a, b) => a * b, 1); left > 0; left--) {
    yield place;
    for (let d = shape.length - 1; d >= 0; d--) {
      place += stride[d]!;
      if (++at[d]! < shape[d]!) break;
      place -= stride[d]! * shape[d]!;
      at[d] = 0;
    }
  }
}
