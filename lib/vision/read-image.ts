// Pictures from files: through the package sharp, which is an optional peer, and what sharp does not read by code of our own.
import { readFile } from 'node:fs/promises';
import { exported } from '../data/recipe.js';
import { CressetError } from '../errors.js';
import { wrongType } from '../functional/check.js';
import { decodeBmp } from './bmp.js';
import { Image } from './image.js';
import { decodePnm } from './pnm.js';

async function loadSharp(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    throw new CressetError(
      `readImage: this picture needs the package sharp, which could not be loaded: npm install sharp (${(error as Error).message.split('\n')[0]})`,
      { cause: error },
    );
  }
}

/** PIL's way from cyan, magenta, yellow and black to red, green and blue: `(255 - k) - c (255 - k) / 255`, and so on. */
function rgbOfCmyk(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4)
    for (let c = 0; c < 3; c++) {
      const light = 255 - cmyk[from + 3]!;
      rgb[to++] = light - Math.round((cmyk[from + c]! * light) / 255);
    }
  return rgb;
}

async function decode(bytes: Uint8Array): Promise<Image> {
  const sharp = await loadSharp();
  // Profiles are left aside, and what decoders only warn of is let pass, both as in PIL.
  const source = sharp(bytes, { ignoreIcc: true, failOn: 'error' });
  const { space, format } = await source.metadata();
  const isCmyk = space === 'cmyk';
  // PIL sets pictures upright in this format alone.
  if (format === 'tiff') source.rotate();
  const plain = isCmyk
    ? source.pipelineColourspace('cmyk').toColourspace('cmyk')
    : source.toColourspace('srgb').removeAlpha();
  const { data, info } = await plain.raw().toBuffer({ resolveWithObject: true });
  return new Image(isCmyk ? rgbOfCmyk(data) : new Uint8Array(data), info.width, info.height, 3);
}

const startsWith = (bytes: Uint8Array, ...marks: string[]) =>
  marks.includes(String.fromCharCode(...bytes.subarray(0, 2)));

/**
 * The RGB picture in a file or in a file's bytes: JPEG, PNG, WebP, TIFF, GIF and AVIF through the package sharp, BMP, PPM and PGM without.
 * As PIL's `convert('RGB')` has it: grey and palettes become colours, transparency is dropped (in GIF it is black), of 16 bits the upper eight
 * count, profiles are not applied, nor, but in TIFF, is the orientation that a camera notes.
 * @throws CressetError that names the file where it is damaged or of another kind, or where sharp is not installed; the system's error where it
 * cannot be read; TypeError for anything but a path, a URL or bytes.
 * @example
 * import { readImage } from 'cresset/vision';
 * const image = await readImage(Buffer.from('P6 2 1 255\n' + 'abcdef'));
 * [image.width, image.height, image.data]; // [2, 1, Uint8Array.of(97, 98, 99, 100, 101, 102)]
 */
export async function readImage(source: string | URL | ArrayBufferView): Promise<Image> {
  if (typeof source !== 'string' && !(source instanceof URL) && !ArrayBuffer.isView(source))
    wrongType('readImage', 'source', 'a path, a URL or bytes', source);
  const inMemory = ArrayBuffer.isView(source);
  const bytes = inMemory ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : await readFile(source);
  try {
    if (startsWith(bytes, 'BM')) return decodeBmp(bytes);
    if (startsWith(bytes, 'P2', 'P3', 'P5', 'P6')) return decodePnm(bytes);
    return await decode(bytes);
  } catch (error) {
    if (error instanceof CressetError && error.message.startsWith('readImage')) throw error;
    const name = inMemory ? `${bytes.length} bytes` : String(source);
    throw new CressetError(`readImage: ${name}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Reads the picture at a path, as `readImage` does, also in the workers of a `DataLoader`: the loader of `datasets.ImageFolder`.
 * (`torchvision.datasets.folder.default_loader`)
 * @example
 * import { writeFileSync } from 'node:fs';
 * import { imageLoader } from 'cresset/vision';
 * writeFileSync('dot.pgm', 'P5 1 1 255\n!');
 * (await imageLoader('dot.pgm')).data; // Uint8Array.of(33, 33, 33)
 */
export const imageLoader = exported(import.meta.url, 'imageLoader', (path: string): Promise<Image> => readImage(path));
