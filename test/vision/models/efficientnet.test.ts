// EfficientNets against torchvision's.
import { expect, test } from '@jest/globals';
import { nn, ones } from '../../../lib/index.js';
import { models } from '../../../lib/vision/index.js';
import { testFamily } from './family.js';

testFamily('efficientnet');

const stage: models.EfficientNetStage = {
  block: 'MBConv',
  expandRatio: 2,
  kernel: 3,
  stride: 1,
  inputChannels: 8,
  outChannels: 8,
  numLayers: 1,
};

test('another head fits', () => {
  const model = new models.EfficientNet([stage]).eval();
  model.classifier = new nn.Sequential(new nn.Linear(32, 3));
  expect(model(ones([1, 3, 8, 8])).shape).toEqual([1, 3]);
});

test.each<[string, () => unknown, RegExp]>([
  ['no list', () => new models.EfficientNet(null as never), /EfficientNet: stages must be an array, got null/],
  ['no stages', () => new models.EfficientNet([]), /EfficientNet: needs at least 1 stage, got 0/],
  [
    'another block',
    () => new models.EfficientNet([{ ...stage, block: 'Conv' as 'MBConv' }]),
    /EfficientNet: block must be 'MBConv' or 'FusedMBConv', got 'Conv'/,
  ],
  [
    'no layers',
    () => new models.EfficientNet([{ ...stage, numLayers: 0 }]),
    /numLayers must be a positive integer, got 0/,
  ],
  [
    'a probability',
    () => new models.EfficientNet([{ ...stage, numLayers: 2 }], { stochasticDepthProb: 3 }),
    /StochasticDepth: p must be between 0 and 1, got 1.5/,
  ],
  ['options', () => models.efficientnetB0(null as never), /efficientnetB0: options must be an object, got null/],
  ['classes', () => models.efficientnetB0({ numClasses: 0 }), /outFeatures must be a positive integer, got 0/],
])('%s is refused', (_, misuse, message) => {
  expect(misuse).toThrow(message);
});
