// MobileNets against torchvision's.
import { expect, test } from '@jest/globals';
import { nn, ones } from '../../../lib/index.js';
import { models } from '../../../lib/vision/index.js';
import { testFamily } from './family.js';

testFamily('mobilenet');

test('another head fits', () => {
  const model = models.mobilenetV2({ numClasses: 10, widthMult: 0.25 }).eval();
  model.classifier[1] = new nn.Linear(1280, 3);
  expect(model(ones([1, 3, 32, 32])).shape).toEqual([1, 3]);
});

test.each<[string, () => unknown, RegExp]>([
  [
    'a width of 0',
    () => models.mobilenetV2({ widthMult: 0 }),
    /MobileNetV2: widthMult must be a positive number, got 0/,
  ],
  ['no width', () => models.mobilenetV2({ widthMult: '1' as never }), /widthMult must be a positive number, got 1/],
  [
    'a width that is none',
    () => models.mobilenetV3Large({ widthMult: Number.NaN }),
    /mobilenetV3Large: widthMult must be a positive number, got NaN/,
  ],
  ['a tail', () => models.mobilenetV3Small({ reducedTail: 1 as never }), /reducedTail must be true or false, got 1/],
  ['no list', () => new models.MobileNetV3(null as never, 8), /MobileNetV3: blocks must be an array, got null/],
  ['no blocks', () => new models.MobileNetV3([], 64), /MobileNetV3: needs at least 1 block, got 0/],
  ['dropout', () => models.mobilenetV2({ dropout: -1 }), /Dropout: p must be between 0 and 1, got -1/],
  ['classes', () => models.mobilenetV3Small({ numClasses: 1.5 }), /outFeatures must be a positive integer, got 1.5/],
  ['options', () => models.mobilenetV2(10 as never), /mobilenetV2: options must be an object, got 10/],
])('%s is refused', (_, misuse, message) => {
  expect(misuse).toThrow(message);
});
