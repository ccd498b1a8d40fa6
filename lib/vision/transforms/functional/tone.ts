// Tones: inverted, of fewer levels, stretched, equalised and sharpened.
import { describe } from '../../../functional/check.js';
import { tensor, where, zerosLike } from '../../../functional.js';
import type { Tensor } from '../../../tensor.js';
import { Image } from '../../image.js';
import { type Picture, throughTensor, toTensorBytes } from '../picture.js';
import { asFloat, blend, brightest, channelsOf, checkFactor, computable } from './blend.js';
import { smoothed } from './blur.js';
import { blendImages } from './color-image.js';

// Each byte of the picture by a table of its channel.
function mapped({ data, width, height, channels }: Image, to: (value: number, channel: number) => number): Image {
  const tables = Array.from({ length: channels }, (_, c) =>
    Uint8Array.from({ length: 256 }, (_, value) => to(value, c)),
  );
  return new Image(
    data.map((value, i) => tables[i % channels]![value]!),
    width,
    height,
    channels,
  );
}

const inverted = (x: Tensor): Tensor =>
  x.dtype === 'int64' ? tensor(2n ** 63n - 1n).sub(x) : computable(x).mul(-1).add(brightest[x.dtype]).to(x.dtype);

/**
 * Full brightness minus the picture. (`torchvision.transforms.functional.invert`)
 * @throws TypeError for a picture of other than 1 or 3 channels.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.invert(tensor([[[0.25, 1]]])).toArray(); // [[[0.75, 0]]]
 */
export function invert<P extends Picture>(picture: P): P {
  channelsOf(picture, 'invert');
  return (picture instanceof Image ? mapped(picture, (value) => 255 - value) : inverted(picture)) as P;
}

/**
 * What is at least as bright as `threshold`, inverted. (`torchvision.transforms.functional.solarize`)
 * @throws TypeError for a picture of other than 1 or 3 channels; RangeError for a threshold beyond a tensor's full brightness.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.solarize(tensor([[[0.25, 0.75]]]), 0.5).toArray(); // [[[0.25, 0.25]]]
 */
export function solarize<P extends Picture>(picture: P, threshold: number): P {
  channelsOf(picture, 'solarize');
  // PIL takes any threshold: beyond 255 nothing is inverted.
  const bound = picture instanceof Image ? Number.POSITIVE_INFINITY : brightest[picture.dtype];
  if (!(typeof threshold === 'number' && threshold <= bound))
    throw new RangeError(`solarize: threshold must be at most ${bound}, got ${describe(threshold)}`);
  if (picture instanceof Image) return mapped(picture, (value) => (value < threshold ? value : 255 - value)) as P;
  const x = computable(picture);
  return where(x.ge(threshold), inverted(x), x).to(picture.dtype) as P;
}

/** Throws unless the picture is an Image or a tensor of bytes. */
function checkBytes(picture: Picture, op: string): void {
  channelsOf(picture, op);
  if (!(picture instanceof Image) && picture.dtype !== 'uint8')
    throw new TypeError(`${op}: expected an Image or a tensor of uint8, got ${picture.dtype}`);
}

/** Checks a number of bits. */
export function bitsOf(bits: number, op: string): number {
  if (Number.isSafeInteger(bits) && bits >= 0 && bits <= 8) return bits;
  throw new RangeError(`${op}: bits must be an integer between 0 and 8, got ${describe(bits)}`);
}

/**
 * The first `bits` bits of each byte, the others 0. (`torchvision.transforms.functional.posterize`)
 * @throws RangeError unless bits is between 0 and 8; TypeError for anything but bytes.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.posterize(tensor([[[100, 200]]], { dtype: 'uint8' }), 1).toArray(); // [[[0, 128]]]
 */
export function posterize<P extends Picture>(picture: P, bits: number): P {
  bitsOf(bits, 'posterize');
  checkBytes(picture, 'posterize');
  const step = 2 ** (8 - bits);
  if (picture instanceof Image) return mapped(picture, (value) => value - (value % step)) as P;
  return (bits === 0 ? zerosLike(picture) : picture.floorDivide(step).mul(step)) as P;
}

/**
 * Each channel stretched so that its darkest pixel is 0 and its brightest full. (`torchvision.transforms.functional.autocontrast`)
 * @throws TypeError for a picture of other than 1 or 3 channels.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.autocontrast(tensor([[[0.25, 0.5, 0.75]]])).toArray(); // [[[0, 0.5, 1]]]
 */
export function autocontrast<P extends Picture>(picture: P): P {
  const channels = channelsOf(picture, 'autocontrast');
  if (picture instanceof Image) {
    const { data } = picture;
    const bounds = Array.from({ length: channels }, (_, c) => {
      const own = data.filter((_, i) => i % channels === c);
      return [own.reduce((a, b) => Math.min(a, b), 255), own.reduce((a, b) => Math.max(a, b), 0)] as const;
    });
    return mapped(picture, (value, c) => {
      const [low, high] = bounds[c]!;
      if (high <= low) return value;
      const scale = 255 / (high - low);
      return Math.min(Math.max(Math.trunc(value * scale - low * scale), 0), 255);
    }) as P;
  }
  const x = asFloat(picture);
  const [low, high] = [x.amin([-2, -1], { keepdim: true }), x.amax([-2, -1], { keepdim: true })];
  const flat = high.eq(low);
  const scale = where(flat, 1, high.sub(low).reciprocal().mul(brightest[picture.dtype]));
  return x
    .sub(where(flat, 0, low))
    .mul(scale)
    .clamp(0, brightest[picture.dtype])
    .to(picture.dtype) as P;
}

// The table by which the bytes of one channel come to be about equally frequent.
function equalising(bytes: Uint8Array): Uint8Array | null {
  const counts = new Array<number>(256).fill(0);
  for (const byte of bytes) counts[byte]!++;
  const last = counts.findLast((count) => count > 0) ?? 0;
  const step = Math.floor((bytes.length - last) / 255);
  if (step === 0) return null;
  let below = Math.floor(step / 2);
  return Uint8Array.from(counts, (count) => {
    const value = Math.min(Math.floor(below / step), 255);
    below += count;
    return value;
  });
}

/**
 * Each channel's bytes moved so that they are about equally frequent. (`torchvision.transforms.functional.equalize`)
 * @throws TypeError for anything but bytes in 1 or 3 channels.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.equalize(ones([3, 8, 8], { dtype: 'uint8' })).shape; // [3, 8, 8]
 */
export function equalize<P extends Picture>(picture: P): P {
  checkBytes(picture, 'equalize');
  return throughTensor(picture, (x) => {
    const bytes = x.contiguous().toTypedArray() as Uint8Array;
    const size = x.size(-2) * x.size(-1);
    for (let start = 0; start < bytes.length; start += size) {
      const channel = bytes.subarray(start, start + size);
      const table = equalising(channel);
      if (table !== null) for (const [i, byte] of channel.entries()) channel[i] = table[byte]!;
    }
    return tensor(bytes, { shape: x.shape });
  });
}

/**
 * Differences from the blurred picture times `factor`: 0 is blurred, 1 as it is, 2 sharpened.
 * (`torchvision.transforms.functional.adjust_sharpness`)
 * @throws RangeError for a negative factor; TypeError for a picture of other than 1 or 3 channels.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * transforms.functional.adjustSharpness(ones([3, 8, 8]), 2).shape; // [3, 8, 8]
 */
export function adjustSharpness<P extends Picture>(picture: P, factor: number): P {
  checkFactor(factor, 'adjustSharpness', 'factor');
  channelsOf(picture, 'adjustSharpness', true);
  if (!(picture instanceof Image)) return blend(picture, smoothed(picture), factor) as P;
  const { channels } = picture;
  const soft = smoothed(toTensorBytes(picture)).permute([1, 2, 0]).contiguous().toTypedArray() as Uint8Array;
  return blendImages(picture, (pixel, c) => soft[pixel * channels + c]!, factor) as P;
}
