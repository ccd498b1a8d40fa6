// What the functions under the transforms refuse, keep and differentiate.
import { describe, expect, test } from '@jest/globals';
import { manualSeed, ones, rand, type Tensor, tensor } from '../../../lib/index.js';
import { datasets, Image, transforms } from '../../../lib/vision/index.js';

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
    [() => functional.resize(ones([3, 0, 5]), 4), /resize: the picture has no pixels: 0x5/],
    [
      () => new transforms.Resize(4, { maxSize: '9' as never }),
      /Resize: maxSize must be an integer, got the string "9"/,
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
    [() => functional.pad(x, [-6, 0, 6, 0]), /pad: nothing is left of 4x5 with padding \[-6, 0, 6, 0\]/],
    [() => functional.pad(image, [-5, 0, 6, 0], { paddingMode: 'edge' }), /pad: nothing is left of 4x5/],
    [() => new transforms.Pad(1, { fill: 'red' as never }), /Pad: fill must be a number or one for each channel/],
    [() => new transforms.RandomCrop(1, { fill: ['1'] as never }), /RandomCrop: fill\[0\] must be a number/],
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
    [() => new transforms.Lambda(3 as never), /Lambda: lambd must be a function, got 3/],
    [() => new transforms.Compose([3 as never]), /Compose: transforms\[0\] must be a function, got 3/],
    [() => functional.fiveCrop(x, 6), /fiveCrop: crops of 6x6 do not fit into a picture of 4x5/],
    [() => new transforms.RandomCrop(6)(x), /RandomCrop: crops of 6x6 do not fit into a picture of 4x5/],
    [
      () => new transforms.RandomResizedCrop(6, { scale: [0.5, 0.1] }),
      /RandomResizedCrop: scale must be two numbers of at least 0, the smaller first, got the array \[0.5, 0.1\]/,
    ],
    [() => new transforms.RandomHorizontalFlip(1.5), /RandomHorizontalFlip: p must be between 0 and 1, got 1.5/],
    [() => new transforms.RandomApply([], { p: -1 }), /RandomApply: p must be between 0 and 1, got -1/],
    [() => new transforms.RandomChoice([]), /RandomChoice: p must have a weight for each of 0 transforms/],
    [() => new transforms.RandomChoice([(y: unknown) => y], { p: 1 as never }), /RandomChoice: p must have a weight/],
    [() => new transforms.RandomChoice([(y: unknown) => y], { p: [0] }), /RandomChoice: p must have a weight/],
    [() => functional.adjustBrightness(x, -1), /adjustBrightness: factor must be a number of at least 0, got -1/],
    [() => functional.adjustContrast(ones([2, 2, 2]), 1), /adjustContrast: expected 1 or 3 channels, got 2/],
    [() => functional.adjustHue(x, 0.6), /adjustHue: factor must be between -0.5 and 0.5, got 0.6/],
    [() => functional.rgbToGrayscale(x, 2), /rgbToGrayscale: numOutputChannels must be 1 or 3, got 2/],
    [() => functional.solarize(x, 2), /solarize: threshold must be at most 1, got 2/],
    [() => new transforms.ColorJitter({ hue: 0.6 }), /ColorJitter: hue must be .* between -0.5 and 0.5, got 0.6/],
    [
      () => new transforms.ColorJitter({ contrast: Number.POSITIVE_INFINITY }),
      /ColorJitter: contrast must be .*got Inf/,
    ],
    [() => new transforms.ColorJitter({ contrast: [2, 1] }), /ColorJitter: contrast must be .*got the array \[2, 1\]/],
    [() => functional.rotate(x, Number.NaN), /rotate: angle must be a finite number, got NaN/],
    [
      () => functional.rotate(x, 1, { interpolation: 'bicubic' }),
      /rotate of a Tensor: interpolation must be one of 'nearest', 'bilinear'/,
    ],
    [() => functional.rotate(x, 1, { fill: [1, 2] }), /rotate: fill must be a number or one for each of 3 channels/],
    [() => functional.rotate(x, 1, { center: [1] }), /rotate: center must be two numbers, got the array \[1\]/],
    [() => functional.affine(x, 0, [0, 0], 0, 0), /affine: scale must be positive, got 0/],
    [() => functional.affine(x, 0, [0], 1, 0), /affine: translate must be two numbers/],
    [() => functional.perspective(x, [[0, 0]], [[0, 0]]), /perspective: startPoints must be four corners/],
    [
      () =>
        functional.perspective(
          x,
          [
            [0, 0],
            [1, 1],
            [2, 2],
            [3, 3],
          ],
          [
            [0, 0],
            [1, 1],
            [2, 2],
            [3, 3],
          ],
        ),
      /perspective: three of the endPoints lie on a line/,
    ],
    [
      () => new transforms.RandomRotation(-1),
      /RandomRotation: degrees must be a number of at least 0 or 2 numbers, the smaller first, got -1/,
    ],
    [
      () => new transforms.RandomRotation([5, 1]),
      /RandomRotation: degrees must be .*, the smaller first, got the array/,
    ],
    [
      () => new transforms.RandomRotation(1, { center: 5 as never }),
      /RandomRotation: center must be two numbers, got 5/,
    ],
    [() => new transforms.RandomAffine(1, { fill: 'red' as never }), /RandomAffine: fill must be a number/],
    [() => new transforms.RandomAffine(1, { scale: [0, 1] }), /RandomAffine: scale must be two numbers above 0/],
    [
      () => new transforms.RandomAffine(1, { translate: [2, 0] }),
      /RandomAffine: translate must be two numbers between 0 and 1/,
    ],
    [
      () => new transforms.RandomPerspective({ distortionScale: 2 }),
      /RandomPerspective: distortionScale must be between 0 and 1/,
    ],
    [() => functional.gaussianBlur(x, 4), /gaussianBlur: kernelSize must be one or two odd positive integers, got 4/],
    [() => functional.gaussianBlur(x, 3, 0), /gaussianBlur: sigma must be one or two positive numbers, got 0/],
    [() => functional.gaussianBlur(x, 9), /gaussianBlur: kernelSize \[9, 9\] is too large for a picture of 4x5/],
    [() => functional.erase(x, 0, 0, 5, 1, x), /erase: 5x1 places from \[0, 0\] on do not lie in 4x5/],
    [() => new transforms.RandomErasing({ p: 1 })(image as never), /RandomErasing: expected a Tensor/],
    [
      () => new transforms.RandomErasing({ p: 1, value: [1, 2] })(x),
      /RandomErasing: value must be one number or one for each of 3/,
    ],
    [() => new transforms.RandomErasing({ scale: [0, 2] }), /RandomErasing: scale must be at most 1/],
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

test('integers of 64 bits have a full brightness of their own', () => {
  const long = tensor([[[3, 200]]], { dtype: 'int64' });
  expect(functional.adjustBrightness(long, 2).toTypedArray()).toEqual(BigInt64Array.of(6n, 400n));
  expect(functional.invert(long).toTypedArray()).toEqual(BigInt64Array.of(2n ** 63n - 4n, 2n ** 63n - 201n));
});

test('halves are computed with in float32', () => {
  const half = tensor([[[0.25, 0.75]]], { dtype: 'float16' });
  const results = [
    functional.normalize(half, [0.25], [0.5]),
    functional.normalize(half.clone(), [0.25], [0.5], { inplace: true }),
    functional.adjustBrightness(half, 0.5),
    functional.adjustGamma(half, 2),
    functional.invert(half),
    functional.solarize(half, 0.5),
    functional.convertImageDtype(half, 'uint8'),
    functional.convertImageDtype(tensor([[[0, 255]]], { dtype: 'uint8' }), 'float16'),
  ];
  expect(results.map((y) => [y.dtype, ...(y.to('float32').toArray() as number[][][])[0]![0]!])).toEqual([
    ['float16', 0, 1],
    ['float16', 0, 1],
    ['float16', 0.125, 0.375],
    ['float16', 0.0625, 0.5625],
    ['float16', 0.75, 0.25],
    ['float16', 0.25, 0.25],
    ['uint8', 63, 191],
    ['float16', 0, 1],
  ]);
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

test('functions print as in Python, less the address', () => {
  function halve(y: Tensor) {
    return y.div(2);
  }
  expect(String(new transforms.Compose([halve, (y: Tensor) => y, new transforms.CenterCrop(2)]))).toBe(
    'Compose(\n    <function halve>\n    <function <lambda>>\n    CenterCrop(size=(2, 2))\n)',
  );
});

test('random order and choice are drawn from the generator that manualSeed seeds', () => {
  const note = (name: string) => (seen: unknown) => `${seen}${name}`;
  const draw = (Kind: typeof transforms.RandomOrder | typeof transforms.RandomChoice) => {
    manualSeed(3);
    const transform = new Kind(['a', 'b', 'c'].map(note));
    return Array.from({ length: 30 }, () => transform('' as never) as unknown as string);
  };
  const orders = draw(transforms.RandomOrder);
  expect(orders.every((order) => [...order].sort().join('') === 'abc')).toBe(true);
  expect(new Set(orders).size).toBe(6);
  expect(new Set(draw(transforms.RandomChoice))).toEqual(new Set(['a', 'b', 'c']));
  expect([draw(transforms.RandomOrder), draw(transforms.RandomChoice)]).toEqual([
    orders,
    draw(transforms.RandomChoice),
  ]);
});

test('gradients go through colours, warps and blurs', () => {
  const leaf = rand([3, 6, 6]).requiresGrad_();
  const seen = functional.gaussianBlur(functional.rotate(functional.adjustContrast(leaf, 0.5), 90), 3);
  seen.sum().backward();
  expect(leaf.grad!.sum().item()).toBeCloseTo(108 * 0.99995, 3);
});

test('the tensor that is given stays as it is', () => {
  const y = ones([3, 4, 4]);
  new transforms.RandomErasing({ p: 1 })(y);
  functional.invert(y);
  functional.pad(y, 1, { fill: 5 });
  expect(y.sum().item()).toBe(48);
});

test('a data set takes a composed transform, whose result has its type', () => {
  const { Compose, RandomCrop, RandomHorizontalFlip, ToTensor, Normalize } = transforms;
  const transform = new Compose([
    new RandomCrop(28),
    new RandomHorizontalFlip(),
    new ToTensor(),
    new Normalize([0.5], [0.5]),
  ]);
  const [x, label]: [Tensor, number] = new datasets.SyntheticShapes({ length: 2, transform }).get(1);
  expect([x.shape, x.dtype, label]).toEqual([[3, 28, 28], 'float32', 5]);
});
