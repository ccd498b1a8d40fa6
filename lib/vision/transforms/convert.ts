// Transforms between pictures and tensors, and between the types of numbers.
import { type DType, dtypeCode } from '../../dtype.js';
import { flag, numberOf, optionsOf, wrongType } from '../../functional/check.js';
import type { Tensor } from '../../tensor.js';
import type { Image } from '../image.js';
import * as functional from './functional/convert.js';
import { python } from './text.js';
import { Transform } from './transform.js';

/**
 * Makes a float32 tensor [channels, height, width] in [0, 1] of a picture. (`torchvision.transforms.ToTensor`)
 * @throws TypeError on the call for anything but an Image.
 * @example
 * import { Image, transforms } from 'cresset/vision';
 * new transforms.ToTensor()(new Image(Uint8Array.of(0, 255), 2, 1, 1)).toArray(); // [[[0, 1]]]
 */
export class ToTensor extends Transform {
  forward(image: Image): Tensor {
    return functional.toTensor(image);
  }
}

export interface ToTensor {
  (image: Image): Tensor;
}

/**
 * The transform `ToTensor`, without `new`.
 * @example
 * import { Image, transforms } from 'cresset/vision';
 * transforms.toTensor()(new Image(Uint8Array.of(0, 255), 2, 1, 1)).toArray(); // [[[0, 1]]]
 */
export function toTensor(): ToTensor {
  return new ToTensor();
}

/**
 * Makes a uint8 tensor [channels, height, width] of a picture, which is an Image here. (`torchvision.transforms.PILToTensor`)
 * @throws TypeError on the call for anything but an Image.
 * @example
 * import { Image, transforms } from 'cresset/vision';
 * new transforms.PILToTensor()(new Image(Uint8Array.of(0, 255), 2, 1, 1)).toArray(); // [[[0, 255]]]
 */
export class PILToTensor extends Transform {
  forward(image: Image): Tensor {
    return functional.pilToTensor(image);
  }
}

export interface PILToTensor {
  (image: Image): Tensor;
}

/**
 * Makes an Image of a tensor of bytes, or of floats in [0, 1]. (`torchvision.transforms.ToPILImage`)
 * @throws TypeError on the call for anything but a tensor of a picture.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.ToPILImage()(tensor([[0, 1]])).data; // Uint8Array.of(0, 255)
 */
export class ToPILImage extends Transform {
  forward(x: Tensor): Image {
    return functional.toPilImage(x);
  }
}

export interface ToPILImage {
  (x: Tensor): Image;
}

/**
 * The same picture in other numbers, from 0 to 1 or to an integer's largest. (`torchvision.transforms.ConvertImageDtype`)
 * @throws DTypeError on the call where numbers would overflow.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.ConvertImageDtype('uint8')(tensor([[0, 0.5, 1]])).toArray(); // [[0, 127, 255]]
 */
export class ConvertImageDtype extends Transform {
  constructor(readonly dtype: DType) {
    super();
    dtypeCode(dtype, 'ConvertImageDtype');
  }

  forward(x: Tensor): Tensor {
    return functional.convertImageDtype(x, this.dtype);
  }
}

export interface ConvertImageDtype {
  (x: Tensor): Tensor;
}

/**
 * `(x - mean) / std`, channel by channel, of a floating tensor [..., c, h, w]. (`torchvision.transforms.Normalize`)
 * @throws TypeError for lists of anything but numbers; on the call what `functional.normalize` throws.
 * @example
 * import { tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.Normalize([1], [2])(tensor([[[1, 3]]])).toArray(); // [[[0, 1]]]
 */
export class Normalize extends Transform {
  readonly inplace: boolean;

  constructor(
    readonly mean: readonly number[],
    readonly std: readonly number[],
    options: { inplace?: boolean } = {},
  ) {
    super();
    for (const [name, values] of Object.entries({ mean, std })) {
      if (!Array.isArray(values)) wrongType('Normalize', name, 'an array of numbers', values);
      values.forEach((value, i) => void numberOf(value, 'Normalize', `${name}[${i}]`));
    }
    this.inplace = flag(optionsOf(options, 'Normalize', ['inplace']).inplace, 'Normalize', 'inplace');
  }

  forward(x: Tensor): Tensor {
    return functional.normalize(x, this.mean, this.std, { inplace: this.inplace });
  }

  override extraRepr(): string {
    return `mean=${python(this.mean)}, std=${python(this.std)}`;
  }
}

export interface Normalize {
  (x: Tensor): Tensor;
}
