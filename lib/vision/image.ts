// A decoded picture, as datasets give it before any transform.
import { inspect } from 'node:util';

/** Pixels in rows, channels innermost: `data[(y * width + x) * channels + c]`, 0 to 255. */
export class Image {
  /** @throws RangeError where the data does not fit the size. */
  constructor(
    readonly data: Uint8Array,
    readonly width: number,
    readonly height: number,
    readonly channels: number,
  ) {
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
