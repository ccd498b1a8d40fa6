// Folders of pictures: torchvision's order, names and words, and links that lead in circles.
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { recipe } from '../../../lib/data/recipe.js';
import { CressetError } from '../../../lib/errors.js';
import { datasets, Image, transforms } from '../../../lib/vision/index.js';
import { errorOf } from '../../download/server.js';

const golden = JSON.parse(readFileSync(join(__dirname, '../../golden/datasets.json'), 'utf8'));
const { DatasetFolder, ImageFolder } = datasets;

let folder: string;
let root: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cresset-folder-'));
  root = join(folder, 'tree');
  for (const name of golden.folders.tree) {
    await mkdir(join(root, dirname(name)), { recursive: true });
    await writeFile(join(root, name), name);
  }
  await mkdir(join(root, 'empty'));
});
afterAll(() => rm(folder, { recursive: true }));

const text = (path: string) => readFile(path, 'utf8');

describe("torchvision's tree", () => {
  test('classes and samples, in its order', async () => {
    const dataset = await ImageFolder.load({ root, allowEmpty: true });
    expect(dataset.classes).toEqual(golden.folders.classes);
    expect(dataset.samples.map(([path, target]) => [relative(root, path), target])).toEqual(golden.folders.samples);
    expect(dataset.targets).toEqual(golden.folders.samples.map(([, target]: [string, number]) => target));
    expect(dataset.imgs).toBe(dataset.samples);
    expect(dataset.classToIdx.b).toBe(dataset.classes.indexOf('b'));
    expect(dataset.length).toBe(golden.folders.samples.length);
  });

  test('its words for classes without samples', async () => {
    const error = await errorOf(ImageFolder.load({ root }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toBe(`makeDataset: ${golden.folders.error}`);
    const filtered = await errorOf(ImageFolder.load({ root, isValidFile: (path) => path.endsWith('.txt') }));
    expect(filtered.message).toBe(`makeDataset: ${golden.folders.filtered}`);
  });

  test('its text', async () => {
    const small = join(folder, 'small');
    await mkdir(join(small, 'a'), { recursive: true });
    await writeFile(join(small, 'a/1.png'), '');
    const targetTransform = new transforms.Compose<number, number>([
      new transforms.ToTensor(),
      new transforms.Normalize([0.5], [0.5]),
    ]);
    const dataset = await ImageFolder.load({ root: small, transform: transforms.toTensor(), targetTransform });
    expect(String(dataset).replace(small, 'ROOT')).toBe(golden.texts.ImageFolder);
  });
});

describe('loaders', () => {
  const options = () => ({ root, loader: text, extensions: ['.jpg', '.webp'], allowEmpty: true });
  test('any file becomes a sample', async () => {
    const transform = (sample: string) => sample.length;
    const dataset = await DatasetFolder.load({ ...options(), transform, targetTransform: (t) => `class ${t}` });
    const class_ = dataset.classes.indexOf('b');
    expect(await dataset.get(0)).toEqual(['b/z/1.jpg'.length, `class ${class_}`]);
    await expect(dataset.get(3)).rejects.toThrow('DatasetFolder: index 3 is out of range for 3 pictures');
  });

  test('a loader of pictures', async () => {
    const loader = async (path: string) => new Image(Uint8Array.of((await readFile(path)).length), 1, 1, 1);
    const dataset = await ImageFolder.load({ root, loader, allowEmpty: true });
    expect((await dataset.get(0))[0].data).toEqual(Uint8Array.of(golden.folders.samples[0][0].length));
  });

  test('what fails names the file', async () => {
    const dataset = await ImageFolder.load({ root, allowEmpty: true });
    await expect(dataset.get(0)).rejects.toThrow(dataset.samples[0]![0]);
  });

  test('what a worker is given makes the same data set', async () => {
    const dataset = await DatasetFolder.load(options());
    const { export: name, args } = dataset[recipe]();
    expect(name).toBe('DatasetFolder');
    const again = new (DatasetFolder as unknown as new (...args: unknown[]) => typeof dataset)(...args);
    expect(again.samples).toEqual(dataset.samples);
    expect(await again.get(2)).toEqual(await dataset.get(2));
  });

  test('subclasses choose their classes', async () => {
    class Some extends ImageFolder {
      static override async findClasses() {
        return { classes: ['b', 'A'], classToIdx: { b: 7, A: 3 } };
      }
    }
    const dataset = await Some.load({ root });
    expect(dataset).toBeInstanceOf(Some);
    expect([...new Set(dataset.targets)]).toEqual([3, 7]);
    expect(String(dataset)).toMatch(/^Dataset Some\n/);
  });
});

describe('what is refused', () => {
  test('a root without folders, and none', async () => {
    expect((await errorOf(ImageFolder.load({ root: join(root, 'empty') }))).message).toBe(
      `findClasses: Couldn't find any class folder in ${join(root, 'empty')}.`,
    );
    const file = join(root, 'A/1.tiff');
    expect((await errorOf(ImageFolder.load({ root: file }))).message).toBe(`findClasses: ${file} is no folder`);
  });

  test.each([
    [{}, /Both extensions and isValidFile cannot be undefined or not undefined at the same time/],
    [{ extensions: '.x', isValidFile: () => true }, /Both extensions and isValidFile/],
    [{ extensions: '.jpg', allowEmpty: 'yes' }, /makeDataset: allowEmpty must be true or false/],
    [{ extensions: '.jpg', allowEmpty: true, loader: 3 }, /DatasetFolder: loader must be a function, got 3/],
  ])('%p', async (options, message) => {
    const all = { root, loader: text, ...options } as datasets.DatasetFolderOptions<string, string, number>;
    expect((await errorOf(DatasetFolder.load(all))).message).toMatch(message);
  });

  test('no classes', async () => {
    expect((await errorOf(datasets.makeDataset(root, {}, { extensions: '.x' }))).message).toMatch(/at least one entry/);
  });

  test('links are followed, but not in a circle', async () => {
    const links = join(folder, 'links');
    await mkdir(join(links, 'a/inner'), { recursive: true });
    await symlink(join(root, 'b'), join(links, 'a/other'));
    const dataset = await ImageFolder.load({ root: links });
    expect(dataset.samples[0]![0]).toBe(join(links, 'a/other/10.png'));
    await symlink('..', join(links, 'a/inner/back'));
    const error = await errorOf(ImageFolder.load({ root: links }));
    expect(error.message).toMatch(/^makeDataset: .*a\/inner\/back leads back to .*links\/a, in which it lies$/);
  });
});
