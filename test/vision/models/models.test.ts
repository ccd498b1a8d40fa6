// Networks against torchvision's in training, and what they take and refuse. What each of them is, is tested in variants.test.ts.
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { manualSeed, memory, nn, noGrad, rand, Tensor } from '../../../lib/index.js';
import { models } from '../../../lib/vision/index.js';

/** `train` has a row for each output: logits, then what auxiliary classifiers say. `weights` is the sum of all magnitudes. */
const runs: {
  name: string;
  options: object;
  side: number;
  weights: number;
  train: number[][][];
  eval: number[][];
}[] = JSON.parse(readFileSync(`${__dirname}/../../golden/models.json`, 'utf8'));

const make = models as unknown as Record<string, (options?: object) => nn.Module<[x: Tensor], Tensor | object>>;

afterEach(() => memory.emptyCache());

// Close as the largest of the numbers counts.
function expectClose(y: Tensor, golden: number[][], tolerance: number): void {
  const rows = y.toArray() as number[][];
  expect(y.shape).toEqual([golden.length, golden[0]!.length]);
  const differences = rows.flatMap((row, i) => row.map((value, j) => Math.abs(value - golden[i]![j]!)));
  expect(Math.max(...differences)).toBeLessThan(tolerance * Math.max(...golden.flat().map(Math.abs)));
}

test.each(runs)('$name with the same seed computes what torchvision does, by $options', (golden) => {
  manualSeed(0);
  const model = make[golden.name]!({ numClasses: 10, ...golden.options });
  noGrad(() => {
    const weights = [...model.parameters()].reduce((sum, p) => sum + p.abs().sum().item(), 0);
    expect(Math.abs(weights / golden.weights - 1)).toBeLessThan(1e-6);
    const x = rand([2, 3, golden.side, golden.side]);
    const y = model(x);
    const outputs: Tensor[] = y instanceof Tensor ? [y] : Object.values(y);
    expect(outputs.length).toBe(golden.train.length);
    // Statistics of few numbers make rounding errors grow.
    for (const [i, train] of golden.train.entries()) expectClose(outputs[i]!, train, 1e-3);
    expectClose(model.eval()(x) as Tensor, golden.eval, 1e-4);
  });
});

const linear = (input: number) => new nn.Linear(input, 5);
/** Gives the network another head as a user does. */
const heads: Record<string, () => nn.Module<[x: Tensor], Tensor | object>> = {
  AlexNet: () => {
    const model = models.alexnet();
    model.classifier[6] = linear(4096);
    return model;
  },
  SqueezeNet: () => {
    const model = models.squeezenet1_1();
    model.classifier[1] = new nn.Conv2d(512, 5, 1);
    return model;
  },
  DenseNet: () => {
    const model = models.densenet121();
    model.classifier = new nn.Sequential(new nn.Dropout(0.2), linear(1024));
    return model;
  },
  GoogLeNet: () => {
    const model = models.googlenet({ auxLogits: false });
    model.fc = new nn.Sequential(linear(1024));
    return model;
  },
  Inception3: () => {
    const model = models.inceptionV3();
    model.AuxLogits!.fc = linear(768);
    model.auxLogits = false;
    model.fc = new nn.Sequential(linear(2048));
    return model;
  },
  ShuffleNetV2: () => {
    const model = models.shufflenetV2X0_5();
    model.fc = new nn.Sequential(linear(1024));
    return model;
  },
  MNASNet: () => {
    const model = models.mnasnet0_5();
    model.classifier[1] = linear(1280);
    return model;
  },
  ResNet: () => {
    const model = models.resnet18();
    model.fc = new nn.Sequential(linear(512));
    return model;
  },
};

test.each(Object.entries(heads))('%s takes another head and one more layer, and learns', (name, change) => {
  const model = nn.utils.skipInit(change);
  model.addModule('extra', new nn.Linear(5, 2));
  expect(String(model)).toMatch(/\n {2}\(extra\): Linear\(in_features=5, out_features=2, bias=True\)\n\)$/);
  const y = model(rand([2, 3, name === 'Inception3' ? 75 : 64, name === 'Inception3' ? 75 : 64])) as Tensor;
  expect(y.shape).toEqual([2, 5]);
  y.sum().backward();
  const without = [...model.namedParameters()].filter(([, p]) => p.grad === null).map(([key]) => key);
  expect(without.filter((key) => !key.startsWith('AuxLogits.'))).toEqual(['extra.weight', 'extra.bias']);
});

test('auxiliary classifiers may be taken out, and speak in training alone', () => {
  const model = nn.utils.skipInit(() => models.googlenet({ numClasses: 10 }));
  model.aux1!.fc2 = new nn.Linear(1024, 4);
  model.aux2 = null;
  const x = rand([2, 3, 32, 32]);
  const y = model(x);
  if (y instanceof Tensor) throw new Error('expected the outputs of training');
  expect([y.logits.shape, y.auxLogits1?.shape, y.auxLogits2]).toEqual([[2, 10], [2, 4], null]);
  expect(model.eval()(x)).toBeInstanceOf(Tensor);
  model.train().auxLogits = false;
  expect(model(x)).toBeInstanceOf(Tensor);
});

test.each([
  [0, true],
  [1, false],
])('layers of a DenseNet with dropRate %d add something: %p', (dropRate, adds) => {
  const model = new models.DenseNet({ growthRate: 4, blockConfig: [1], numInitFeatures: 8 }, { dropRate });
  model(rand([2, 3, 8, 8]))
    .square()
    .sum()
    .backward();
  const weight = model.getParameter('features.denseblock1.denselayer1.conv2.weight');
  expect(weight.grad!.abs().sum().item() > 0).toBe(adds);
});

test('a ResNet takes another normalisation', () => {
  const made: number[] = [];
  const normLayer = (channels: number) => {
    made.push(channels);
    return new nn.Identity();
  };
  const model = models.resnet18({ normLayer, numClasses: 10, zeroInitResidual: true });
  expect(made.length).toBe(20);
  expect([...model.buffers()]).toEqual([]);
  expect(noGrad(() => model(rand([1, 3, 32, 32]))).shape).toEqual([1, 10]);
});

test.each<[string, () => unknown, string]>([
  ['groups', () => models.resnet18({ groups: 2 }), 'BasicBlock: needs groups 1 and widthPerGroup 64, got 2 and 64'],
  [
    'dilation',
    () => models.resnet18({ replaceStrideWithDilation: [false, false, true] }),
    'BasicBlock: needs dilation 1, got 2',
  ],
  [
    'dilations',
    () => models.resnet50({ replaceStrideWithDilation: [true] as never }),
    'ResNet: replaceStrideWithDilation must be 3 values, got',
  ],
  ['normLayer', () => models.resnet50({ normLayer: 3 as never }), 'ResNet: normLayer must be a function that makes'],
  ['fixed groups', () => models.resnext50_32x4d({ groups: 2 } as never), 'resnext50_32x4d: groups must be 32, got 2'],
  ['fixed width', () => models.wideResnet50_2({ widthPerGroup: 64 } as never), 'widthPerGroup must be 128, got 64'],
  ['version', () => new models.SqueezeNet('1_2' as '1_1'), "SqueezeNet: version must be '1_0' or '1_1', got '1_2'"],
  ['repeats', () => new models.ShuffleNetV2([1, 2], [8, 8, 8, 8, 8]), 'ShuffleNetV2: repeats must be 3 numbers, got'],
  ['odd', () => new models.ShuffleNetV2([1, 1, 1], [8, 8, 7, 8, 8]), 'channels of stages must be even, got 7'],
  ['alpha', () => new models.MNASNet(0), 'MNASNet: alpha must be positive, got 0'],
  ['dropRate', () => models.densenet121({ dropRate: 2 }), 'DenseNet: dropRate must be between 0 and 1, got 2'],
  ['auxLogits', () => models.googlenet({ auxLogits: 1 as never }), 'GoogLeNet: auxLogits must be true or false, got 1'],
  ...(
    [
      'AlexNet',
      'SqueezeNet',
      'DenseNet',
      'GoogLeNet',
      'Inception3',
      'ShuffleNetV2',
      'MNASNet',
      'ResNet',
      'VGG',
    ] as const
  ).map((name): [string, () => unknown, string] => [
    `numClasses of ${name}`,
    () => {
      const options = { numClasses: 0 };
      if (name === 'SqueezeNet') return new models.SqueezeNet('1_0', options);
      if (name === 'DenseNet') return new models.DenseNet({}, options);
      if (name === 'ShuffleNetV2') return new models.ShuffleNetV2([1, 1, 1], [8, 8, 8, 8, 8], options);
      if (name === 'MNASNet') return new models.MNASNet(1, options);
      if (name === 'ResNet') return models.resnet18(options);
      return name === 'VGG' ? models.vgg11(options) : new models[name](options);
    },
    `${name}: numClasses must be a positive integer, got 0`,
  ]),
])('%s out of range is refused', (_, misuse, message) => {
  expect(() => nn.utils.skipInit(misuse as () => nn.Module)).toThrow(message);
});

test('pictures of other channels cannot be normalised anew', () => {
  for (const make of [models.googlenet, models.inceptionV3]) {
    const model = nn.utils.skipInit((): nn.AnyModule => make({ transformInput: true }));
    expect(() => model(rand([2, 1, 80, 80]))).toThrow(
      /(GoogLeNet|Inception3): transformInput needs an input \[n, 3, h, w\], got shape \[2, 1, 80, 80\]/,
    );
  }
});
