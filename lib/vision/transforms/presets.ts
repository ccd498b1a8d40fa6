// What pretrained networks want done to a picture.
import { flag, optionsOf } from '../../functional/check.js';
import type { Tensor } from '../../tensor.js';
import { Image } from '../image.js';
import { convertImageDtype, normalize, pilToTensor } from './functional/convert.js';
import { centerCrop } from './functional/geometry.js';
import { resize } from './functional/resize.js';
import { InterpolationMode, interpolationOf, memberOf } from './interpolation.js';
import { type Picture, sizeOf } from './picture.js';
import { python } from './text.js';
import { Transform } from './transform.js';

/** Options of `ImageClassification`. */
export interface ImageClassificationOptions {
  /** The sides of what the network sees. */
  cropSize: number;
  /** The shorter side before that; default 256. */
  resizeSize?: number;
  /** Default: ImageNet's, [0.485, 0.456, 0.406]. */
  mean?: readonly number[];
  /** Default: ImageNet's, [0.229, 0.224, 0.225]. */
  std?: readonly number[];
  /** Default: 'bilinear'. */
  interpolation?: InterpolationMode;
  /** Of tensors; Images always are. Default true. */
  antialias?: boolean;
}

// As Python has the parts: sizes as lists of one, and the interpolation as a member of its enumeration.
const partsOf = ({ cropSize, resizeSize, mean, std, interpolation }: ImageClassification) => ({
  crop: `crop_size=[${cropSize}]`,
  resize: `resize_size=[${resizeSize}]`,
  mean: `mean=${python(mean)}`,
  std: `std=${python(std)}`,
  interpolation: `interpolation=${memberOf(interpolation)}`,
});

/**
 * Resizes the shorter side, cuts out the middle, makes floats in [0, 1] and normalises them; of an Image or a tensor [..., c, h, w].
 * (`torchvision.transforms._presets.ImageClassification`)
 * @throws RangeError for sizes that are not positive integers and for an unknown interpolation.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * const preset = new transforms.presets.ImageClassification({ cropSize: 24, resizeSize: 32 });
 * preset(ones([3, 40, 60], { dtype: 'uint8' })).shape; // [3, 24, 24]
 */
export class ImageClassification extends Transform {
  readonly cropSize: number;
  readonly resizeSize: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly interpolation: InterpolationMode;
  readonly antialias: boolean;

  constructor(options: ImageClassificationOptions) {
    super();
    const {
      cropSize,
      resizeSize = 256,
      mean,
      std,
      interpolation,
    } = optionsOf(options, 'ImageClassification', [
      'cropSize',
      'resizeSize',
      'mean',
      'std',
      'interpolation',
      'antialias',
    ]);
    [this.cropSize] = sizeOf(cropSize, 'ImageClassification', 'cropSize');
    [this.resizeSize] = sizeOf(resizeSize, 'ImageClassification', 'resizeSize');
    this.mean = [...(mean ?? [0.485, 0.456, 0.406])];
    this.std = [...(std ?? [0.229, 0.224, 0.225])];
    this.interpolation = interpolationOf(interpolation ?? InterpolationMode.BILINEAR, 'ImageClassification');
    this.antialias = flag(options.antialias, 'ImageClassification', 'antialias', true);
  }

  forward(picture: Picture): Tensor {
    const cut = centerCrop(resize(picture, this.resizeSize, this), this.cropSize);
    const x = cut instanceof Image ? pilToTensor(cut) : cut;
    return normalize(convertImageDtype(x), this.mean, this.std);
  }

  /** What is done to a picture, in torchvision's words. */
  describe(): string {
    const { crop, resize, mean, std, interpolation } = partsOf(this);
    return (
      'Accepts ``PIL.Image``, batched ``(B, C, H, W)`` and single ``(C, H, W)`` image ``torch.Tensor`` objects. ' +
      `The images are resized to \`\`${resize}\`\` using \`\`${interpolation}\`\`, followed by a central crop of ` +
      `\`\`${crop}\`\`. Finally the values are first rescaled to \`\`[0.0, 1.0]\`\` and then normalized using ` +
      `\`\`${mean}\`\` and \`\`${std}\`\`.`
    );
  }

  override toString(): string {
    const { crop, resize, mean, std, interpolation } = partsOf(this);
    return `ImageClassification(\n    ${[crop, resize, mean, std, interpolation].join('\n    ')}\n)`;
  }
}

export interface ImageClassification {
  (picture: Picture): Tensor;
}
