// Colours times their opacity, the last channel, and back: so that what cannot be seen lends no colour, as in PIL.

/** Each colour times its pixel's opacity. */
export function multiplied(data: Uint8Array, channels: number): Uint8Array {
  const out = data.slice();
  for (let i = 0; i < out.length; i += channels)
    for (let c = 0; c < channels - 1; c++) {
      const product = data[i + c]! * data[i + channels - 1]! + 128;
      out[i + c] = ((product >> 8) + product) >> 8;
    }
  return out;
}

/** Each colour divided by its pixel's opacity. */
export function divided(data: Uint8Array, channels: number): Uint8Array {
  const out = data.slice();
  for (let i = 0; i < out.length; i += channels) {
    const opacity = data[i + channels - 1]!;
    if (opacity === 0 || opacity === 255) continue;
    for (let c = 0; c < channels - 1; c++) out[i + c] = Math.min(Math.trunc((255 * data[i + c]!) / opacity), 255);
  }
  return out;
}
