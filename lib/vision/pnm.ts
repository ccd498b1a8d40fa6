// PPM and PGM files of binary numbers, which sharp does not read.
import { Image } from './image.js';
import { pythonRound } from './transforms/picture.js';

// White space and comments stand between the numbers of the header; one white space ends it.
const header =
  /^P([56])(?:\s|#[^\n\r]*[\n\r])+(\d{1,9})(?:\s|#[^\n\r]*[\n\r])+(\d{1,9})(?:\s|#[^\n\r]*[\n\r])+(\d{1,9})\s/;

/**
 * The RGB picture in the bytes of a PPM or PGM file.
 * @throws Error that says what is wrong with them.
 */
export function decodePnm(bytes: Uint8Array): Image {
  const start = String.fromCharCode(...bytes.subarray(0, 4096));
  const found = header.exec(start);
  if (found === null) throw new Error('the header of this PPM or PGM file is malformed');
  const [width, height, top] = found.slice(2).map(Number) as [number, number, number];
  if (width === 0 || height === 0 || top === 0 || top > 65535)
    throw new Error(
      `a PPM or PGM file of ${width}x${height} numbers up to ${top}, expected sizes from 1 on and 1 to 65535`,
    );
  const channels = found[1] === '6' ? 3 : 1;
  const wide = top > 255;
  const count = width * height * channels;
  const data = bytes.subarray(found[0].length);
  if (data.length < count * (wide ? 2 : 1))
    throw new Error(`a PPM or PGM file of ${width}x${height} pixels ends after ${data.length} bytes of them`);
  const rgb = new Uint8Array(width * height * 3);
  const step = 3 / channels;
  for (let i = 0; i < count; i++) {
    const value = wide ? (data[2 * i]! << 8) | data[2 * i + 1]! : data[i]!;
    rgb.fill(top === 255 ? value : Math.min(255, pythonRound((value / top) * 255)), i * step, (i + 1) * step);
  }
  return new Image(rgb, width, height, 3);
}
