// Between pictures and tensors, and between the types of numbers.
import { type DType, dtypeCode, isFloatingPoint } from '../../../dtype.js';
import { CressetError, DTypeError } from '../../../errors.js';
import { describe, flag, optionsOf } from '../../../functional/check.js';
import { tensor } from '../../../functional.js';
import { outsideTidy } from '../../../memory.js';
import type { Tensor } from '../../../tensor.js';
import { Image } from '../../image.js';
import { checkTensor, dimensionsOf, type Picture, toImage, toTensorBytes } from '../picture.js';
import { brightest, computable } from './blend.js';

function checkImage(image: Image, op: string): void {
  if (!(image instanceof Image)) throw new TypeError(`${op}: expected an Image, got ${describe(image)}`);
}

/**
 * Channels, height and width. (`torchvision.transforms.functional.get_dimensions`)
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.getDimensions(ones([8, 3, 32, 40])); // [3, 32, 40]
 */
export function getDimensions(picture: Picture): [channels: number, height: number, width: number] {
  return dimensionsOf(picture, 'getDimensions');
}

// The bytes' shares of 255.
const shares = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * A float32 tensor [channels, height, width] in [0, 1] of a picture. (`torchvision.transforms.functional.to_tensor`)
 * @throws TypeError for anything but an Image.
 * @example
 * import { Image, transforms } from 'cresset/vision';
 * transforms.functional.toTensor(new Image(Uint8Array.of(0, 255), 2, 1, 1)).toArray(); // [[[0, 1]]]
 */
export function toTensor(image: Image): Tensor {
  checkImage(image, 'toTensor');
  const { data, width, height, channels } = image;
  const pixels = width * height;
  const values = new Float32Array(data.length);
  for (let c = 0; c < channels; c++)
    for (let i = 0, at = c; i < pixels; i++, at += channels) values[c * pixels + i] = shares[data[at]!]!;
  return tensor(values, { shape: [channels, height, width] });
}

/**
 * The bytes of a picture, which is an Image here, as a uint8 tensor [channels, height, width]. (`torchvision.transforms.functional.pil_to_tensor`)
 * @throws TypeError for anything but an Image.
 * @example
 * import { Image, transforms } from 'cresset/vision';
 * transforms.functional.pilToTensor(new Image(Uint8Array.of(0, 255), 2, 1, 1)).toArray(); // [[[0, 255]]]
 */
export function pilToTensor(image: Image): Tensor {
  checkImage(image, 'pilToTensor');
  return toTensorBytes(image).contiguous();
}

/**
 * The Image of a tensor [channels, height, width] or [height, width]: of bytes as they are, of floats in [0, 1] times 255, rounded down.
 * (`torchvision.transforms.functional.to_pil_image`)
 * @throws TypeError for anything but such a tensor, or for more than 4 channels; DTypeError for other types of numbers.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.toPilImage(tensor([[0, 1]])).data; // Uint8Array.of(0, 255)
 */
export function toPilImage(x: Tensor): Image {
  checkTensor(x, 'toPilImage');
  const picture = x.ndim === 2 ? x.unsqueeze(0) : x;
  if (picture.ndim !== 3 || picture.size(0) > 4)
    throw new TypeError(
      `toPilImage: expected shape [c, h, w] of at most 4 channels or [h, w], got [${x.shape.join(', ')}]`,
    );
  if (!isFloatingPoint(x.dtype) && x.dtype !== 'uint8')
    throw new DTypeError(`toPilImage: expected uint8 or a floating dtype, got ${x.dtype}`);
  // Halves round the product once more before it is cut off.
  return toImage((x.dtype === 'uint8' ? picture : computable(picture).mul(255).to(x.dtype).to('uint8')).detach());
}

// The number of integers from 0 to the brightest, which is a power of two.
const levels = (dtype: DType): number => (dtype === 'int64' ? 2 ** 63 : brightest[dtype] + 1);

/**
 * The same picture in other numbers: full brightness is 1 in floating dtypes and the largest number in integers. Floats become integers by
 * `floor(x · (max + 0.999))`. (`torchvision.transforms.functional.convert_image_dtype`)
 * @throws DTypeError for float32 to int32 or int64, and float64 to int64, which would overflow.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.convertImageDtype(tensor([[0, 0.5, 1]]), 'uint8').toArray(); // [[0, 127, 255]]
 */
export function convertImageDtype(x: Tensor, dtype: DType = 'float32'): Tensor {
  checkTensor(x, 'convertImageDtype', 0);
  dtypeCode(dtype, 'convertImageDtype');
  const from = x.dtype;
  if (from === dtype) return x;
  if (isFloatingPoint(from)) {
    if (isFloatingPoint(dtype)) return x.to(dtype);
    if (dtype === 'int64' || (dtype === 'int32' && from !== 'float64'))
      throw new DTypeError(`convertImageDtype: ${from} cannot be converted to ${dtype} safely`);
    return computable(x)
      .mul(brightest[dtype] + 1 - 1e-3)
      .to(dtype);
  }
  if (isFloatingPoint(dtype)) return computable(x.to(dtype)).div(brightest[from]).to(dtype);
  // Beyond 2^53 only a BigInt is an integer.
  const ratio = (a: DType, b: DType) => tensor(BigInt(levels(a) / levels(b)));
  if (levels(from) > levels(dtype)) return x.floorDivide(ratio(from, dtype)).to(dtype);
  return x.to(dtype).mul(ratio(dtype, from));
}

// The tensors of lists that were given before: pictures come by the thousand, their means and deviations once.
const columns = new WeakMap<readonly number[], { values: readonly number[]; dtype: DType; column: Tensor }>();

function columnOf(values: readonly number[], dtype: DType): Tensor {
  const known = columns.get(values);
  if (known?.dtype === dtype && known.values.length === values.length && known.values.every((v, i) => v === values[i]))
    return known.column;
  const column = outsideTidy(() => tensor([...values], { dtype }).reshape([-1, 1, 1]));
  columns.set(values, { values: [...values], dtype, column });
  return column;
}

/**
 * `(x - mean) / std`, channel by channel, of a floating tensor [..., c, h, w]. (`torchvision.transforms.functional.normalize`)
 * @throws DTypeError for a tensor of integers, TypeError for fewer than three dimensions, CressetError for a std of 0 or lists that do not fit.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.normalize(tensor([[[1, 3]]]), [1], [2]).toArray(); // [[[0, 1]]]
 */
export function normalize(
  x: Tensor,
  mean: readonly number[],
  std: readonly number[],
  options: { inplace?: boolean } = {},
): Tensor {
  const inplace = flag(optionsOf(options, 'normalize', ['inplace']).inplace, 'normalize', 'inplace');
  checkTensor(x, 'normalize', 3);
  if (!isFloatingPoint(x.dtype)) throw new DTypeError(`normalize: expected a floating dtype, got ${x.dtype}`);
  const channels = x.size(-3);
  const wide = computable(x);
  const column = (values: readonly number[], name: string): Tensor => {
    if (values?.length !== 1 && values?.length !== channels)
      throw new CressetError(
        `normalize: ${name} must have one number for each of ${channels} channels, got ${describe(values)}`,
      );
    return columnOf(values, wide.dtype);
  };
  // Zero is what the dtype makes of it.
  const [middle, scale] = [column(mean, 'mean'), column(std, 'std')];
  if (std.some((value) => value === 0 || (wide.dtype === 'float32' && Math.fround(value) === 0)))
    throw new CressetError(`normalize: std must not be 0 in ${x.dtype}, got [${std.join(', ')}]`);
  if (wide === x) return (inplace ? x.sub_(middle) : x.sub(middle)).div_(scale);
  const normal = wide.sub(middle).div_(scale);
  return inplace ? x.copy_(normal) : normal.to(x.dtype);
}
