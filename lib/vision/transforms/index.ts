// `transforms`: functions from pictures to tensors.
import { tensor } from '../../functional.js';
import type { Tensor } from '../../tensor.js';
import { Image } from '../image.js';

/**
 * Makes a float32 tensor [channels, height, width] in [0, 1] of a picture. (`torchvision.transforms.ToTensor`)
 * @throws TypeError for anything but an Image.
 * @example
 * import { Image, transforms } from 'cresset/vision';
 * transforms.toTensor()(new Image(Uint8Array.of(0, 255), 2, 1, 1)).toArray(); // [[[0, 1]]]
 */
export function toTensor(): (image: Image) => Tensor {
  return (image) => {
    if (!(image instanceof Image)) throw new TypeError('toTensor: expected an Image');
    const { data, width, height, channels } = image;
    const pixels = width * height;
    const values = new Float32Array(data.length);
    for (let i = 0; i < pixels; i++)
      for (let c = 0; c < channels; c++) values[c * pixels + i] = data[i * channels + c]! / 255;
    return tensor(values, { shape: [channels, height, width] });
  };
}
