// FakeData against torchvision, number by number.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { recipe } from '../../../lib/data/recipe.js';
import { getRngState, initialSeed, manualSeed } from '../../../lib/index.js';
import { datasets, transforms } from '../../../lib/vision/index.js';

const golden = JSON.parse(readFileSync(join(__dirname, '../../golden/datasets.json'), 'utf8'));
const { FakeData } = datasets;

interface Row {
  imageSize: [number, number, number];
  numClasses: number;
  randomOffset: number;
  index: number;
  data: number[];
  target: number;
}

test.each<Row>(golden.fake)('$imageSize, $randomOffset, picture $index', ({ index, data, target, ...options }) => {
  const [image, found] = new FakeData(options).get(index);
  expect([...image.data]).toEqual(data);
  expect(found).toBe(target);
  expect([image.channels, image.height, image.width]).toEqual(options.imageSize);
});

test('the global generator stays as it was, also where a transform throws', () => {
  manualSeed(5);
  const state = getRngState();
  const transform = () => {
    throw new Error('no');
  };
  const options = { imageSize: [1, 2, 2] } as const;
  new FakeData(options).get(1);
  expect(() => new FakeData({ ...options, transform }).get(1)).toThrow('no');
  expect(getRngState()).toEqual(state);
  expect(initialSeed()).toBe(5);
});

test("torchvision's text, and what a worker is given", () => {
  expect(String(new FakeData())).toBe(golden.texts.FakeData);
  const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.5], [0.5])]);
  const dataset = new FakeData({ size: 5, transform });
  expect(String(dataset)).toBe(golden.texts['FakeData transformed']);
  const { module, export: name, args } = dataset[recipe]();
  expect([String(module).split('/').at(-1)!.split('.')[0], name]).toEqual(['fake', 'FakeData']);
  expect(args).toEqual([{ size: 5, imageSize: [3, 224, 224], numClasses: 10, randomOffset: 0, transform }]);
});

test.each([
  [{ size: -1 }, 'FakeData: size must be'],
  [{ numClasses: 0 }, 'FakeData: numClasses must be'],
  [{ imageSize: [3, 2] }, 'FakeData: imageSize must be [channels up to 4, height, width], got [3, 2]'],
  [{ imageSize: [5, 2, 2] }, 'FakeData: imageSize must be'],
  [{ imageSize: [3, 0, 2] }, 'FakeData: imageSize must be'],
  [{ randomOffset: 0.5 }, 'FakeData: randomOffset must be an integer, got 0.5'],
])('%p', (options, message) => {
  expect(() => new FakeData(options as { size: number })).toThrow(message);
});

test('an index out of range', () => {
  expect(() => new FakeData({ size: 2 }).get(2)).toThrow('FakeData: index 2 is out of range for 2 pictures');
});

test('workers are not given a class of the library for a subclass', async () => {
  class Fake extends FakeData {}
  class Folder extends datasets.ImageFolder {}
  class MNIST extends datasets.MNIST {}
  const pictures = { data: new Uint8Array(1), width: 1, height: 1, channels: 1, targets: [0] };
  const [options, found] = [
    { root: '.', train: true },
    { classes: [], classToIdx: {}, samples: [] },
  ];
  const subclassed = [
    new Fake(),
    new Folder(found, { root: '.', loader: String as never }),
    new MNIST(pictures, options),
  ];
  for (const dataset of subclassed)
    expect(() => dataset[recipe]()).toThrow(`${dataset.constructor.name}: workers can make a dataset of your own`);
  expect(new datasets.MNIST(pictures, options)[recipe]().export).toBe('MNIST');
});
