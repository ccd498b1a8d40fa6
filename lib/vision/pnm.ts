// PPM and PGM files, of binary numbers or in plain text, which sharp does not read.
import { Image } from './image.js';
import { pythonRound } from './transforms/picture.js';

// White space and comments stand between the numbers of the header; one white space ends it.
const header =
  /^P([2356])(?:\s|#[^\n\r]*[\n\r])+(\d{1,9})(?:\s|#[^\n\r]*[\n\r])+(\d{1,9})(?:\s|#[^\n\r]*[\n\r])+(\d{1,9})\s/;

/** The first `count` numbers of the plain format, between which stand white space and comments; one that is none, or above `top`, is an error. */
function plainNumbers(text: Uint8Array, top: number, count: number): number[] {
  const words =
    Buffer.from(text)
      .toString('latin1')
      .replaceAll(/#[^\n\r]*/g, ' ')
      .match(/\S+/g) ?? [];
  return words.slice(0, count).map((word) => {
    if (/^\d{1,9}$/.test(word) && Number(word) <= top) return Number(word);
    throw new Error(`a PPM or PGM file with ${JSON.stringify(word.slice(0, 20))}, expected numbers from 0 to ${top}`);
  });
}

/** The numbers of the binary format, of one byte, or of two with the higher one first. */
const binaryNumbers = (bytes: Uint8Array, top: number): ArrayLike<number> =>
  top <= 255
    ? bytes
    : Uint16Array.from({ length: bytes.length >> 1 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!);

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
  const channels = Number(found[1]) % 3 === 0 ? 3 : 1;
  const count = width * height * channels;
  const numbers = (Number(found[1]) < 4 ? plainNumbers : binaryNumbers)(bytes.subarray(found[0].length), top, count);
  if (numbers.length < count)
    throw new Error(`a PPM or PGM file of ${width}x${height} pixels ends after ${numbers.length} of ${count} numbers`);
  const rgb = new Uint8Array(width * height * 3);
  const step = 3 / channels;
  for (let i = 0; i < count; i++) {
    const value = numbers[i]!;
    rgb.fill(top === 255 ? value : Math.min(255, pythonRound((value / top) * 255)), i * step, (i + 1) * step);
  }
  return new Image(rgb, width, height, 3);
}
