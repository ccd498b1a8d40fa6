// RegNets against torchvision's.
import { expect, test } from '@jest/globals';
import { nn, ones } from '../../../lib/index.js';
import { models } from '../../../lib/vision/index.js';
import { testFamily } from './family.js';

testFamily('regnet');

const stages: models.RegNetStages = { depths: [1], widths: [8], groupWidth: 4, seRatio: null };

test('another head fits', () => {
  const model = new models.RegNet(stages).eval();
  model.fc = new nn.Sequential(new nn.Dropout(), new nn.Linear(8, 3)).eval();
  expect(model(ones([1, 3, 8, 8])).shape).toEqual([1, 3]);
});

test.each<[string, () => unknown, RegExp]>([
  [
    'a width too few',
    () => new models.RegNet({ ...stages, depths: [1, 1] }),
    /RegNet: needs a width for each depth, got 2 depths, 1 widths/,
  ],
  ['no widths', () => new models.RegNet({ ...stages, widths: 8 as never }), /RegNet: widths must be an array, got 8/],
  ['no stages', () => new models.RegNet({ ...stages, depths: [], widths: [] }), /got 0 depths, 0 widths/],
  ['a depth of 0', () => new models.RegNet({ ...stages, depths: [0] }), /depths must be a positive integer, got 0/],
  [
    'a group width of 0',
    () => new models.RegNet({ ...stages, groupWidth: 0 }),
    /groupWidth must be a positive integer/,
  ],
  ['a share of 0', () => new models.RegNet({ ...stages, seRatio: 0 }), /seRatio must be a positive number, got 0/],
  [
    'groups that do not divide',
    () => new models.RegNet({ ...stages, groupWidth: 3 }),
    /RegNet: the width 8 must be divisible by groupWidth 3/,
  ],
  ['options', () => models.regnetX400mf('no' as never), /regnetX400mf: options must be an object, got the string "no"/],
  ['classes', () => models.regnetX400mf({ numClasses: -1 }), /outFeatures must be a positive integer, got -1/],
])('%s is refused', (_, misuse, message) => {
  expect(misuse).toThrow(message);
});
