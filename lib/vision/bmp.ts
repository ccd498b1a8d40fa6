// BMP files without compression, which sharp does not read.
import { Image } from './image.js';

interface Header {
  width: number;
  height: number;
  /** Whether the first row of the file is the picture's last. */
  upwards: boolean;
  bits: number;
  /** Where the pixels begin. */
  start: number;
  /** The bytes of a palette's colour, and where the first one lies. */
  colour: number;
  palette: number;
  /** The place of red, green and blue in the bytes of a pixel. */
  order: readonly number[];
}

const masks = new Map([0, 1, 2, 3].map((i) => [(0xff << (8 * i)) >>> 0, i]));

function readHeader(file: DataView): Header {
  if (file.byteLength < 26) throw new Error(`a BMP file ends after ${file.byteLength} bytes`);
  const size = file.getUint32(14, true);
  // The first version of the header has short sizes and colours of three bytes.
  const old = size === 12;
  if (!old && (size < 40 || size > 124 || file.byteLength < 14 + size))
    throw new Error(`a BMP file with a header of ${size} bytes`);
  const width = old ? file.getUint16(18, true) : file.getInt32(18, true);
  const signed = old ? file.getUint16(20, true) : file.getInt32(22, true);
  const bits = file.getUint16(old ? 24 : 28, true);
  const compression = old ? 0 : file.getUint32(30, true);
  let [order, maskBytes]: [readonly number[], number] = [[2, 1, 0], 0];
  if (compression === 3 && bits === 32 && file.byteLength >= 66) {
    order = [54, 58, 62].map((at) => masks.get(file.getUint32(at, true)) ?? Number.NaN);
    if (size === 40) maskBytes = 12;
  } else if (compression !== 0) throw new Error(`a BMP file of compression ${compression} and ${bits} bits a pixel`);
  if (![1, 4, 8, 24, 32].includes(bits) || order.some(Number.isNaN))
    throw new Error(`a BMP file of ${bits} bits a pixel in an order that is not read`);
  if (width < 1 || signed === 0) throw new Error(`a BMP file of ${width}x${signed} pixels`);
  return {
    width,
    height: Math.abs(signed),
    upwards: signed > 0,
    bits,
    start: file.getUint32(10, true),
    colour: old ? 3 : 4,
    palette: 14 + size + maskBytes,
    order,
  };
}

/**
 * The RGB picture in the bytes of a BMP file.
 * @throws Error that says what is wrong with them, or which kind is not read.
 */
export function decodeBmp(bytes: Uint8Array): Image {
  const header = readHeader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const { width, height, upwards, bits, start, colour, palette, order } = header;
  const stride = 4 * Math.ceil((width * bits) / 32);
  if (start + stride * height > bytes.length)
    throw new Error(`a BMP file of ${width}x${height} pixels ends after ${bytes.length} bytes`);
  const rgb = new Uint8Array(width * height * 3);
  const [red, green, blue] = order as [number, number, number];
  for (let y = 0, to = 0; y < height; y++) {
    const row = start + stride * (upwards ? height - 1 - y : y);
    for (let x = 0; x < width; x++, to += 3) {
      let at = row + (x * bits) / 8;
      if (bits <= 8) {
        // Several pixels share a byte, the first one in its highest bits.
        const index = (bytes[Math.floor(at)]! >> (8 - bits - ((x * bits) % 8))) & ((1 << bits) - 1);
        at = palette + index * colour;
        if (at + colour > start) throw new Error(`a BMP file with a pixel of colour ${index}, which its palette lacks`);
      }
      rgb[to] = bytes[at + red]!;
      rgb[to + 1] = bytes[at + green]!;
      rgb[to + 2] = bytes[at + blue]!;
    }
  }
  return new Image(rgb, width, height, 3);
}
