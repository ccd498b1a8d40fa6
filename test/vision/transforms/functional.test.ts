// What the functions under the transforms refuse, keep and differentiate.
import { describe, expect, test } from '@jest/globals';
import { ones, tensor } from '../../../lib/index.js';
import { Image, transforms } from '../../../lib/vision/index.js';

const { functional } = transforms;
const x = ones([3, 4, 5]);
const image = new Image(new Uint8Array(60), 5, 4, 3);

describe('errors name the function, the rule and the values', () => {
  const misuses: [() => unknown, RegExp][] = [
    [() => functional.resize(3 as never, 4), /resize: picture must be an Image or a Tensor .*, got 3/],
    [() => functional.resize(ones([4]), 4), /resize: picture must be .*, got a Tensor of shape \[4\]/],
    [() => functional.resize(x, 0), /resize: size must be a positive integer, got 0/],
    [() => functional.resize(x, [1, 2, 3]), /resize: size must be a number or an array of one or two/],
    [
      () => functional.resize(x, [4, 5], { maxSize: 9 }),
      /resize: maxSize needs a size of the shorter side, got \[4, 5\]/,
    ],
    [() => functional.resize(x, 4, { maxSize: 4 }), /resize: maxSize must be greater than size 4, got 4/],
    [
      () => functional.resize(x, 3, { interpolation: 'lanczos' }),
      /resize of a Tensor: interpolation must be one of 'nearest'/,
    ],
    [
      () => new transforms.Resize(3, { interpolation: 'linear' as never }),
      /Resize: interpolation must be one of .*, got the string "linear"/,
    ],
    [() => new transforms.Resize([]), /Resize: size must be a number or an array of one or two, got the array \[\]/],
    [() => new transforms.CenterCrop(1.5), /CenterCrop: size must be a positive integer, got 1.5/],
    [() => new transforms.Pad([1, 2, 3]), /Pad: padding must be a number or an array of 1, 2 or 4/],
    [
      () => new transforms.Pad(1, { paddingMode: 'wrap' as never }),
      /Pad: paddingMode must be one of .*, got the string "wrap"/,
    ],
    [
      () => functional.pad(x, [0, 4], { paddingMode: 'reflect' }),
      /pad: 'reflect' mirrors less than there is, got padding \[0, 4, 0, 4\] for 4x5/,
    ],
    [() => functional.pad(x, [-3, 0]), /pad: nothing is left of 4x5/],
    [() => functional.pad(x, 1, { fill: [1, 2] }), /pad: fill must be a number or one for each of 3 channels/],
    [() => functional.crop(x, 0, 0, 0, 2), /crop: size must be a positive integer, got 0/],
    [() => functional.crop(x, 0.5, 0, 1, 2), /crop: top must be an integer, got 0.5/],
    [() => functional.toTensor(x as never), /toTensor: expected an Image, got a Tensor/],
    [() => functional.toPilImage(ones([5, 2, 2])), /toPilImage: .*at most 4 channels.*got \[5, 2, 2\]/],
    [() => functional.normalize(image as never, [0], [1]), /normalize: expected a Tensor .*, got an? Image/],
    [
      () => functional.normalize(ones([3, 2, 2], { dtype: 'uint8' }), [0], [1]),
      /normalize: expected a floating dtype, got uint8/,
    ],
    [() => functional.normalize(x, [0], [0]), /normalize: std must not be 0 in float32, got \[0\]/],
    [() => functional.normalize(x, [0], [1e-50]), /normalize: std must not be 0 in float32/],
    [() => functional.normalize(x, [0, 1], [1]), /normalize: mean must have one number for each of 3 channels/],
    [() => functional.normalize(ones([2, 2]), [0], [1]), /normalize: the tensor must have at least 3 dimensions/],
    [() => functional.convertImageDtype(x, 'int32'), /convertImageDtype: float32 cannot be converted to int32 safely/],
    [() => functional.convertImageDtype(x, 'float' as never), /convertImageDtype: dtype must be one of/],
    [() => new transforms.Compose([3 as never]), /Compose: transforms\[0\] must be a function, got 3/],
    [
      () => new transforms.presets.ImageClassification({ cropSize: 0 }),
      /ImageClassification: cropSize must be a positive integer, got 0/,
    ],
  ];
  test.each(misuses.map(([misuse, message]) => [String(message), misuse, message] as const))(
    '%s',
    (_, misuse, message) => {
      expect(misuse).toThrow(message);
    },
  );
});

test('batches of any number of dimensions are resized alike', () => {
  const batch = tensor(
    Float32Array.from({ length: 2 * 2 * 3 * 4 * 5 }, (_, i) => i),
    { shape: [2, 2, 3, 4, 5] },
  );
  const all = functional.resize(batch, [3, 7]);
  expect(all.shape).toEqual([2, 2, 3, 3, 7]);
  expect(all.select(0, 1).select(0, 0).toArray()).toEqual(
    functional.resize(batch.select(0, 1).select(0, 0), [3, 7]).toArray(),
  );
  expect(functional.resize(ones([4, 5]), 2).shape).toEqual([2, 2]);
});

test('a picture that already has the size is itself', () => {
  expect(functional.resize(image, 4)).toBe(image);
  expect(functional.resize(x, [4, 5])).toBe(x);
});

test('gradients go through what moves and resizes', () => {
  const leaf = ones([1, 2, 3]).requiresGrad_();
  const moved = functional.hflip(functional.pad(functional.resize(leaf, [4, 6]), [1, 2]));
  functional
    .normalize(functional.centerCrop(moved, [4, 3]), [0.5], [0.25])
    .sum()
    .backward();
  expect(leaf.grad!.sum().item()).toBeCloseTo(48, 4);
});

test('normalize writes to the tensor itself only where that is asked for', () => {
  const y = ones([1, 1, 2]);
  expect(functional.normalize(y, [1], [1]).toArray()).toEqual([[[0, 0]]]);
  expect(y.toArray()).toEqual([[[1, 1]]]);
  expect(functional.normalize(y, [1], [1], { inplace: true })).toBe(y);
  expect(y.toArray()).toEqual([[[0, 0]]]);
});

test('toTensor is the transform without new', () => {
  expect(String(transforms.toTensor())).toBe('ToTensor()');
  expect(transforms.toTensor()(image).shape).toEqual([3, 4, 5]);
});
