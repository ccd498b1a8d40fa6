// Picture files of every kind against PIL's pixels, and files that are none.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isRemakable } from '../../lib/data/recipe.js';
import { CressetError } from '../../lib/errors.js';
import { datasets, Image, imageLoader, readImage, transforms } from '../../lib/vision/index.js';
import { errorOf } from '../download/server.js';

interface Golden {
  mode: string;
  file: string;
  shape: [height: number, width: number, channels: number];
  rgb: string;
}
const { pictures }: { pictures: Record<string, Golden> } = JSON.parse(
  readFileSync(join(__dirname, '../golden/datasets.json'), 'utf8'),
);
const fileOf = (name: string) => Buffer.from(pictures[name]!.file, 'base64');
const pixelsOf = (name: string) => Buffer.from(pictures[name]!.rgb, 'base64');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cresset-image-'));
});
afterAll(() => rm(folder, { recursive: true }));

// Lossy files too are PIL's to the byte: both programs decode by libjpeg-turbo's integer arithmetic and by libwebp.
describe("PIL's pixels", () => {
  test.each(Object.keys(pictures))('%s', async (name) => {
    const [height, width] = pictures[name]!.shape;
    const image = await readImage(fileOf(name));
    expect(image).toMatchObject({ width, height, channels: 3 });
    expect(Buffer.compare(image.data, pixelsOf(name))).toBe(0);
  });

  test('from a path, a URL, and as the loader of a folder', async () => {
    const path = join(folder, 'class/rgb.png');
    await mkdir(join(folder, 'class'));
    await writeFile(path, fileOf('rgb.png'));
    for (const image of [await readImage(path), await readImage(pathToFileURL(path)), await imageLoader(path)])
      expect(Buffer.compare(image.data, pixelsOf('rgb.png'))).toBe(0);
    const dataset = await datasets.ImageFolder.load({ root: folder, transform: transforms.toTensor() });
    const [x, target] = await dataset.get(0);
    expect(x.shape).toEqual([3, 9, 12]);
    expect(target).toBe(0);
    expect(isRemakable(dataset.loader)).toBe(true);
  });
});

describe('BMP files that PIL does not write', () => {
  // Two rows of two pixels, from the header's size on.
  const bmp = (header: number[], pixels: number[], size = 40) => {
    const start = 14 + header.length;
    const head = Buffer.alloc(14);
    head.write('BM');
    head.writeUInt32LE(start, 10);
    const bytes = Buffer.concat([head, Buffer.from(header), Buffer.from(pixels)]);
    bytes.writeUInt32LE(size, 14);
    return bytes;
  };
  const info = (height: number, bits: number, compression: number, rest: number[] = []) => {
    const header = Buffer.alloc(40);
    header.writeInt32LE(2, 4);
    header.writeInt32LE(height, 8);
    header.writeUInt16LE(1, 12);
    header.writeUInt16LE(bits, 14);
    header.writeUInt32LE(compression, 16);
    return [...header, ...rest];
  };
  const palette = [1, 2, 3, 0, 4, 5, 6, 0];
  test.each<[string, Buffer, number[]]>([
    [
      'from the top',
      bmp(info(-2, 24, 0), [1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0]),
      [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10],
    ],
    [
      'from the bottom',
      bmp(info(2, 24, 0), [1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0]),
      [9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4],
    ],
    ['32 bits', bmp(info(1, 32, 0), [1, 2, 3, 99, 4, 5, 6, 99]), [3, 2, 1, 6, 5, 4]],
    [
      '32 bits with masks',
      bmp(info(1, 32, 3, [255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0]), [1, 2, 3, 99, 4, 5, 6, 99]),
      [1, 2, 3, 4, 5, 6],
    ],
    ['one bit', bmp(info(1, 1, 0, palette), [0b01000000, 0, 0, 0]), [3, 2, 1, 6, 5, 4]],
    ['four bits', bmp(info(1, 4, 0, palette), [0x10, 0, 0, 0]), [6, 5, 4, 3, 2, 1]],
    [
      'the first version',
      bmp([12, 0, 0, 0, 2, 0, 1, 0, 1, 0, 24, 0], [1, 2, 3, 4, 5, 6, 0, 0], 12),
      [3, 2, 1, 6, 5, 4],
    ],
  ])('%s', async (_, bytes, pixels) => {
    expect([...(await readImage(bytes)).data]).toEqual(pixels);
  });

  test.each<[string, Buffer, RegExp]>([
    ['run lengths', bmp(info(1, 8, 1, palette), [0, 0, 0, 0]), /a BMP file of compression 1 and 8 bits a pixel/],
    ['16 bits', bmp(info(1, 16, 0), [0, 0, 0, 0]), /16 bits a pixel in an order that is not read/],
    [
      'a colour that is none',
      bmp(info(1, 4, 0, palette), [0x20, 0, 0, 0]),
      /a pixel of colour 2, which its palette lacks/,
    ],
    ['too few rows', bmp(info(2, 24, 0), [1, 2, 3, 4, 5, 6, 0, 0]), /of 2x2 pixels ends after 62 bytes/],
    ['no rows', bmp(info(0, 24, 0), []), /a BMP file of 2x0 pixels/],
    ['half a header', bmp(info(1, 24, 0), []).subarray(0, 40), /a BMP file with a header of 40 bytes/],
    ['two letters', Buffer.from('BM'), /a BMP file ends after 2 bytes/],
  ])('%s are refused', async (_, bytes, message) => {
    const error = await errorOf(readImage(bytes));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(message);
  });
});

describe('PPM and PGM files', () => {
  test.each<[string, number[]]>([
    ['P5\n# a comment\n2 1\n255\n\x01\x02', [1, 1, 1, 2, 2, 2]],
    ['P6 1 1 15 \x00\x07\x0f', [0, 119, 255]],
    ['P3\n#c\n1 1 15 # d\n0 7 #e\n15', [0, 119, 255]],
    ['P2 2 1 1000\t500\r999 and more', [128, 128, 128, 255, 255, 255]],
    ['P5 1 1 65535 \x80\x00', [128, 128, 128]],
  ])('%j', async (text, pixels) => {
    expect([...(await readImage(Buffer.from(text, 'latin1'))).data]).toEqual(pixels);
  });
  test.each([
    ['P5 2 2 255 abc', /of 2x2 pixels ends after 3 of 4 numbers/],
    ['P2 2 2 255 1 2 3', /of 2x2 pixels ends after 3 of 4 numbers/],
    ['P2 1 1 255 256', /with "256", expected numbers from 0 to 255/],
    ['P2 1 1 255 -1', /with "-1", expected numbers/],
    ['P5 0 2 255 abc', /of 0x2 numbers up to 255/],
    ['P6 1 1 99999 abc', /numbers up to 99999/],
    ['P6 999999999 999999999 255 abc', /ends after 3 of/],
    ['P6 x', /header of this PPM or PGM file is malformed/],
  ])('%j', async (text, message) => {
    expect((await errorOf(readImage(Buffer.from(text)))).message).toMatch(message);
  });
});

describe('what is refused', () => {
  test('no picture, a truncated one, and one of too many pixels', async () => {
    const path = join(folder, 'text.png');
    await writeFile(path, 'no picture');
    expect((await errorOf(readImage(path))).message).toBe(
      `readImage: ${path}: Input buffer contains unsupported image format`,
    );
    for (const name of ['rgb.png', '420.jpg', 'lzw.tiff', 'lossy.webp']) {
      const bytes = fileOf(name);
      const error = await errorOf(readImage(bytes.subarray(0, bytes.length / 2)));
      expect(error).toBeInstanceOf(CressetError);
      expect(error.message).toMatch(/^readImage: \d+ bytes: /);
    }
    const huge = fileOf('rgb.png');
    huge.writeUInt32BE(2 ** 30, 16);
    expect((await errorOf(readImage(huge))).message).toMatch(/^readImage: /);
  });

  test('a file that is not there, and what is no source', async () => {
    expect((await errorOf(readImage(join(folder, 'none.png')))).message).toMatch(/ENOENT/);
    expect((await errorOf(readImage(5 as unknown as string))).message).toBe(
      'readImage: source must be a path, a URL or bytes, got 5',
    );
  });
});

test('without sharp the error says how to get it, and all else works', async () => {
  // A folder from which the packages of this project are not found.
  const alone = join(folder, 'alone');
  await mkdir(join(alone, 'node_modules'), { recursive: true });
  const root = join(__dirname, '../..');
  for (const name of ['dist', 'build']) await symlink(join(root, name), join(alone, name));
  await writeFile(join(alone, 'package.json'), '{ "type": "module" }');
  const program = `
    import { readImage, transforms } from './dist/vision/index.js';
    const image = await readImage(Buffer.from('P5 1 1 255 !'));
    console.log(transforms.functional.toTensor(image).shape.join());
    await readImage(Buffer.from('${pictures['rgb.png']!.file}', 'base64')).catch((error) => console.log(error.name, error.message));`;
  await writeFile(join(alone, 'program.js'), program);
  const flags = ['--preserve-symlinks', '--preserve-symlinks-main', 'program.js'];
  const output = execFileSync(process.execPath, flags, { cwd: alone, encoding: 'utf8' });
  expect(output).toMatch(/^3,1,1\nCressetError readImage: this picture needs the package sharp, .*: npm install sharp/);
});

test('bytes under any view', async () => {
  const file = Uint8Array.from(Buffer.from('??P5 2 2 255\nabcd'));
  const { data } = await readImage(new DataView(file.buffer, 2));
  expect(data).toEqual(Uint8Array.from(Buffer.from('aaabbbcccddd')));
  expect((await errorOf(readImage(new Uint16Array([0x4d42, 0])))).message).toMatch(
    /readImage: 4 bytes: a BMP file ends/,
  );
});

test.each<[unknown[], string]>([
  [[[1, 2], 2, 1, 1], 'Image: data must be a Uint8Array, got the array [1, 2]'],
  [[new Float32Array(2), 2, 1, 1], 'Image: data must be a Uint8Array, got a Float32Array'],
  [[new Uint8Array(3), 1.5, 2, 1], 'Image: width must be a whole number, got 1.5'],
  [[new Uint8Array(4), -2, -2, 1], 'Image: width must be a whole number, got -2'],
  [[new Uint8Array(3), 2, 2, 1], 'Image: 2x2 with 1 channels needs 4 bytes, got 3'],
])('an Image of %p is refused', (args, message) => {
  expect(() => Reflect.construct(Image, args)).toThrow(message);
});
