// Colours of bytes, in PIL's arithmetic.
import { Image } from '../../image.js';

// Channels that are colours: of two or four, the last is opacity.
const coloursOf = (channels: number): number => (channels % 2 === 0 ? channels - 1 : channels);

const isColour = ({ channels }: Image): boolean => channels >= 3;

const grayOf = (r: number, g: number, b: number): number => (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;

/** The picture without colour, its grey in each of `channels`. */
export function grayImage(image: Image, channels: number): Image {
  const { data, width, height } = image;
  const out = new Uint8Array(width * height * channels);
  for (let i = 0, o = 0; i < data.length; i += image.channels) {
    const value = isColour(image) ? grayOf(data[i]!, data[i + 1]!, data[i + 2]!) : data[i]!;
    for (let c = 0; c < channels; c++) out[o++] = value;
  }
  return new Image(out, width, height, channels);
}

/** The mean grey, rounded. */
export function meanGray(image: Image): number {
  const { data } = grayImage(image, 1);
  return Math.trunc(data.reduce((a, b) => a + b, 0) / data.length + 0.5);
}

/** other + factor · (colour - other), cut off to a byte. */
export function blendImages(image: Image, other: (pixel: number, channel: number) => number, factor: number): Image {
  const { data, width, height, channels } = image;
  const out = data.slice();
  const ratio = Math.fround(factor);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < coloursOf(channels); c++) {
      const from = other(pixel, c);
      const at = pixel * channels + c;
      const value = Math.fround(from + Math.fround(ratio * (data[at]! - from)));
      out[at] = Math.min(Math.max(Math.trunc(value), 0), 255);
    }
  }
  return new Image(out, width, height, channels);
}

/** A picture through a table of bytes; it becomes opaque, as PIL has no table for opacity. */
export function gammaOfImage(image: Image, gamma: number, gain: number): Image {
  const table = Uint8Array.from({ length: 256 }, (_, i) =>
    Math.min(Math.trunc((256 - 1e-3) * gain * (i / 255) ** gamma), 255),
  );
  const { data, width, height, channels } = image;
  const out = data.map((value, i) => (i % channels < coloursOf(channels) ? table[value]! : 255));
  return new Image(out, width, height, channels);
}

const f = Math.fround;

// Bytes of hue and saturation; the value is the brightest channel.
function hueAndSaturation(r: number, g: number, b: number): [h: number, s: number] {
  const [high, low] = [Math.max(r, g, b), Math.min(r, g, b)];
  if (high === low) return [0, 0];
  const span = high - low;
  const [rc, gc, bc] = [f((high - r) / span), f((high - g) / span), f((high - b) / span)];
  const sixths = r === high ? f(bc - gc) : g === high ? f(2 + rc - bc) : f(4 + gc - rc);
  return [Math.trunc(f((sixths / 6 + 1) % 1) * 255), Math.trunc(f(span / high) * 255)];
}

function toRgb(h: number, s: number, v: number): [r: number, g: number, b: number] {
  if (s === 0) return [v, v, v];
  const place = (h * 6) / 255;
  const sixth = Math.floor(place);
  const [rest, part] = [f(place - sixth), f(s / 255)];
  const p = Math.round(v * (1 - part));
  const q = Math.round(v * (1 - f(part * rest)));
  const t = Math.round(v * (1 - part * (1 - rest)));
  const all: [number, number, number][] = [
    [v, t, p],
    [q, v, p],
    [p, v, t],
    [p, q, v],
    [t, p, v],
    [v, p, q],
  ];
  return all[sixth % 6]!;
}

/** Hues moved by `factor` of the circle, in 256 steps; the picture becomes opaque, as on PIL's way through HSV. */
export function hueOfImage(image: Image, factor: number): Image {
  const { data, width, height, channels } = image;
  const out = data.slice();
  const shift = Math.trunc(factor * 255);
  for (let i = 0; i < data.length; i += channels) {
    if (channels % 2 === 0) out[i + channels - 1] = 255;
    if (!isColour(image)) continue;
    const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!];
    const [h, s] = hueAndSaturation(r, g, b);
    out.set(toRgb((h + shift) & 255, s, Math.max(r, g, b)), i);
  }
  return new Image(out, width, height, channels);
}
