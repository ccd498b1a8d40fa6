// Vision transformers against torchvision's.
import { expect, test } from '@jest/globals';
import { equal, nn, ones, type Tensor } from '../../../lib/index.js';
import { models } from '../../../lib/vision/index.js';
import { testFamily } from './family.js';

testFamily('visionTransformer', (model) => {
  nn.init.normal_(model.getParameter('heads.head.weight'));
});

const sizes = { patchSize: 8, numLayers: 1, numHeads: 2, hiddenDim: 8, mlpDim: 16 };
const small = (options: object = {}) => new models.VisionTransformer(sizes, { imageSize: 16, ...options });

test('a new network gives zeros, and another head its own', () => {
  const model = small();
  expect(
    model(ones([1, 3, 16, 16]))
      .abs()
      .sum()
      .item(),
  ).toBe(0);
  model.heads = new nn.Linear(8, 3);
  expect(model(ones([1, 3, 16, 16])).shape).toEqual([1, 3]);
  expect(Object.keys(model.stateDict()).slice(-2)).toEqual(['heads.weight', 'heads.bias']);
});

test("the names in torchvision's published weights are known", () => {
  const [from, to] = [small(), small()];
  const published = new Map(
    Object.entries(from.stateDict()).map(([key, value]) => [
      key.replace('.mlp.0.', '.mlp.linear_1.').replace('.mlp.3.', '.mlp.linear_2.'),
      value,
    ]),
  );
  expect([...published.keys()].filter((key) => key.includes('linear_'))).toHaveLength(4);
  expect(to.loadStateDict(published)).toEqual({ missingKeys: [], unexpectedKeys: [] });
  const [a, b] = [from.stateDict(), to.stateDict()];
  for (const [key, value] of Object.entries(a)) expect(equal(value, b[key]!)).toBe(true);
  expect(() => to.loadStateDict({})).toThrow(/Missing key\(s\) in state_dict: "class_token"/);
  expect(() => to.loadStateDict(null as never)).toThrow(/state must be an object or Map of tensors, got null/);
});

test.each<[string, () => unknown, RegExp]>([
  ['a side', () => small({ imageSize: 20 }), /VisionTransformer: imageSize 20 must be divisible by patchSize 8/],
  ['no layers', () => new models.VisionTransformer({ ...sizes, numLayers: 0 }), /numLayers must be a positive integer/],
  [
    'heads',
    () => new models.VisionTransformer({ ...sizes, numHeads: 3 }),
    /embedDim 8 must be divisible by numHeads 3/,
  ],
  ['classes', () => small({ numClasses: 0 }), /Linear: outFeatures must be a positive integer, got 0/],
  ['dropout', () => small({ dropout: 1.5 }), /Dropout: p must be between 0 and 1, got 1.5/],
  [
    'a picture of another size',
    () => small()(ones([1, 3, 16, 24])),
    /VisionTransformer: input must have shape \[n, 3, 16, 16\], got \[1, 3, 16, 24\]/,
  ],
  ['no tensor', () => small()(null as unknown as Tensor), /VisionTransformer: input must be a Tensor, got null/],
  ['options', () => models.vitB16(null as never), /vitB16: options must be an object, got null/],
])('%s is refused', (_, misuse, message) => {
  expect(misuse).toThrow(message);
});
