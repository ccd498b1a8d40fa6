// A decoded picture, as datasets give it before any transform.
import { inspect, types } from 'node:util';
import { wrongType } from '../functional/check.js';

/** Pixels in rows, channels innermost: `data[(y * width + x) * channels + c]`, 0 to 255. */
export class Image {
  /** @throws TypeError for data of another type; RangeError where they do not fit the size, or for sizes that are no whole numbers. */
  constructor(
    readonly data: Uint8Array,
    readonly width: number,
    readonly height: number,
    readonly channels: number,
  ) {
    if (!types.isUint8Array(data)) wrongType('Image', 'data', 'a Uint8Array', data);
    for (const [name, size] of Object.entries({ width, height, channels }))
      if (!Number.isSafeInteger(size) || size < 0)
        throw new RangeError(`Image: ${name} must be a whole number, got ${size}`);
    if (data.length !== width * height * channels)
      throw new RangeError(
        `Image: ${width}x${height} with ${channels} channels needs ${width * height * channels} bytes, got ${data.length}`,
      );
  }
  /** The size, without the pixels. */
  toString(): string {
    return `Image(${this.width}x${this.height}, ${this.channels} channel${this.channels === 1 ? '' : 's'})`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
