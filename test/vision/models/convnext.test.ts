// ConvNeXts against torchvision's.
import { expect, test } from '@jest/globals';
import { nn, ones } from '../../../lib/index.js';
import { models } from '../../../lib/vision/index.js';
import { testFamily } from './family.js';

testFamily('convnext');

test('another head fits, and one block is enough', () => {
  const model = new models.ConvNeXt([1], [8], { stochasticDepthProb: 0.5 }).eval();
  model.classifier[2] = new nn.Linear(8, 3);
  expect(model(ones([1, 3, 8, 8])).shape).toEqual([1, 3]);
});

test.each<[string, () => unknown, RegExp]>([
  [
    'a width too few',
    () => new models.ConvNeXt([1, 1], [8]),
    /ConvNeXt: needs a width for each depth, got 2 depths, 1 widths/,
  ],
  ['no depths', () => new models.ConvNeXt(null as never, [8]), /ConvNeXt: depths must be an array, got null/],
  ['no stages', () => new models.ConvNeXt([], []), /got 0 depths, 0 widths/],
  ['a depth', () => new models.ConvNeXt([1.5], [8]), /ConvNeXt: depths must be a positive integer, got 1.5/],
  ['a scale', () => new models.ConvNeXt([1], [8], { layerScale: 'a' as never }), /layerScale must be a number/],
  [
    'a probability',
    () => new models.ConvNeXt([2], [8], { stochasticDepthProb: 2 }),
    /StochasticDepth: p must be between 0 and 1, got 2/,
  ],
  ['options', () => models.convnextTiny(null as never), /convnextTiny: options must be an object, got null/],
  ['a picture of half a patch', () => new models.ConvNeXt([1], [8])(ones([1, 3, 2, 2])), /conv2d: .*kernel spans 4x4/],
])('%s is refused', (_, misuse, message) => {
  expect(misuse).toThrow(message);
});
