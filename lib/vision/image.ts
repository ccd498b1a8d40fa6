// A decoded picture, as datasets give it before any transform.

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
}
