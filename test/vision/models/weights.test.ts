// Published weights: their tables against torchvision's, and networks that are made with them.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CressetError, memory, nn, noGrad, rand, save, type Tensor, zeros } from '../../../lib/index.js';
import { models } from '../../../lib/vision/index.js';
import { errorOf, forgetProxies, serving, sha256, TestServer } from '../../download/server.js';

const golden = (name: string) => JSON.parse(readFileSync(join(__dirname, '../../golden', `${name}.json`), 'utf8'));
const networks: Record<string, { enum: string; names: string[]; default: string; facts: string }> = golden('weights');
const digest = (text: string) => createHash('sha256').update(text).digest('hex');

// torchvision's that are not here yet.
const absent = ['maxvit_t', 'swin_b', 'swin_s', 'swin_t', 'swin_v2_b', 'swin_v2_s', 'swin_v2_t'];
const names = Object.keys(networks).filter((name) => !absent.includes(name));

function facts(weights: models.Weights): unknown[] {
  const { meta, url } = weights;
  const { cropSize, resizeSize, mean, std, interpolation, antialias } = weights.transforms();
  const metrics = meta.metrics['ImageNet-1K'];
  return [
    String(weights),
    url,
    meta.numParams,
    meta.minSize,
    meta.categories && digest(meta.categories.join('\n')),
    meta.recipe,
    meta.license ?? null,
    metrics['acc@1'],
    metrics['acc@5'],
    meta.ops,
    meta.fileSize,
    cropSize,
    resizeSize,
    mean,
    std,
    interpolation,
    antialias,
  ];
}

describe('the tables', () => {
  test('are of all networks', () => {
    expect(models.listModels()).toEqual(names);
  });

  test.each(names)('of %s say what torchvision says', (name) => {
    const weights = models.getModelWeights(name);
    const wanted = networks[name]!;
    expect(Object.keys(weights)).toEqual(wanted.names);
    expect(String(weights.DEFAULT)).toBe(`${wanted.enum}.${wanted.default}`);
    const lines = [...weights].flatMap((entry) => facts(entry).map((fact) => JSON.stringify(fact)));
    expect(digest(lines.join('\n'))).toBe(wanted.facts);
  });

  test.each(names)('and the function of %s are named by one rule', (name) => {
    const weights = models.getModelWeights(name);
    const enumeration = networks[name]!.enum.replace(/_(?!\d)|(?<!\d)_/g, '');
    const camel = name.replace(/(?<!\d)_(?=\d)|_([a-z])/g, (_, letter: string = '') => letter.toUpperCase());
    expect(models[enumeration as 'VGG16Weights']).toBe(weights);
    const build = models[camel as 'vgg16'];
    expect([build.name, models.getModelWeights(build), models.getModelWeights(camel)]).toEqual([
      camel,
      weights,
      weights,
    ]);
  });

  test('count the parameters that the networks have', () => {
    for (const { theirs: name, parameters } of golden('variants')) {
      // GoogLeNet is counted without what is for training alone, as it is by default.
      if (name === 'googlenet') continue;
      for (const { meta } of models.getModelWeights(name))
        if (!name.startsWith('vit') || meta.minSize[0] === 224)
          expect({ name, parameters: meta.numParams }).toEqual({ name, parameters });
    }
  });
});

describe('an enumeration', () => {
  const { VGG16Weights } = models;

  test('has each entry once, and DEFAULT as another name', () => {
    const members = [VGG16Weights.IMAGENET1K_V1, VGG16Weights.IMAGENET1K_FEATURES];
    expect([...VGG16Weights]).toEqual(members);
    expect(Object.values(VGG16Weights)).toEqual(members);
    expect(VGG16Weights.DEFAULT).toBe(VGG16Weights.IMAGENET1K_V1);
    expect(Object.isFrozen(VGG16Weights)).toBe(true);
  });

  test('prints as in Python', () => {
    expect(inspect(VGG16Weights.DEFAULT)).toBe('VGG16_Weights.IMAGENET1K_V1');
    expect(`${models.RegNetX1_6GFWeights.IMAGENET1K_V2}`).toBe('RegNet_X_1_6GF_Weights.IMAGENET1K_V2');
  });

  test('shares the names of the classes, which cannot be changed', () => {
    const { categories } = VGG16Weights.DEFAULT.meta;
    expect([categories?.length, categories?.[0], categories?.[999]]).toEqual([1000, 'tench', 'toilet tissue']);
    expect(models.AlexNetWeights.DEFAULT.meta.categories).toBe(categories);
    expect(() => (categories as string[]).push('more')).toThrow(TypeError);
    expect(VGG16Weights.IMAGENET1K_FEATURES.meta.categories).toBe(null);
  });
});

describe('by name', () => {
  test('networks', () => {
    expect(models.getModel('squeezenet1_1', { numClasses: 3 })).toBeInstanceOf(models.SqueezeNet);
    expect(models.getModel('SqueezeNet1_1')).toBeInstanceOf(models.SqueezeNet);
    expect(models.getModel('regnetX400mf', { weights: null, numClasses: 3 })).toBeInstanceOf(models.RegNet);
  });

  test('weights', () => {
    expect(models.getWeight('ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1')).toBe(
      models.ViTB16Weights.IMAGENET1K_SWAG_E2E_V1,
    );
    expect(models.getModelWeights('vit_b_16').IMAGENET1K_SWAG_E2E_V1).toBe(models.ViTB16Weights.IMAGENET1K_SWAG_E2E_V1);
  });

  test('lists', () => {
    expect(models.listModels({ include: 'resnet*' })).toEqual([
      'resnet101',
      'resnet152',
      'resnet18',
      'resnet34',
      'resnet50',
    ]);
    expect(models.listModels({ include: ['vgg??', 'alex*'], exclude: 'vgg1[1-6]' })).toEqual(['alexnet', 'vgg19']);
    expect(models.listModels({ include: 'vgg1.' })).toEqual([]);
    expect(models.listModels({ include: 'vgg1[!13]' })).toEqual(['vgg16', 'vgg19']);
  });

  test.each<[() => unknown, string]>([
    [() => models.getModel('vgg17'), 'getModel: there is no network named "vgg17"'],
    [() => models.getModel(3 as never), 'getModel: name must be a string, got 3'],
    [() => models.getModelWeights(() => new nn.ReLU()), 'makes no network with published weights'],
    [() => models.getWeight('VGG17_Weights.DEFAULT'), 'getWeight: there are no weights named "VGG17_Weights.DEFAULT"'],
    [
      () => models.getWeight('VGG16_Weights.V3'),
      'getWeight: VGG16_Weights has DEFAULT, IMAGENET1K_V1, IMAGENET1K_FEATURES, got',
    ],
    [
      () => models.listModels({ include: 3 as never }),
      'listModels: include must be a string or an array of strings, got 3',
    ],
  ])('%p', (misuse, message) => {
    expect(misuse).toThrow(message);
  });
});

test('types tell a network from the promise of one, and weights of one network from those of another', () => {
  const typed = () => {
    const made: models.VGG = models.vgg16();
    const without: models.VGG = models.vgg16({ weights: null, numClasses: 3 });
    const pretrained: Promise<models.VGG> = models.vgg16({ weights: models.VGG16Weights.DEFAULT, dropout: 0.1 });
    const named: Promise<models.VGG>[] = [
      models.vgg16({ weights: 'IMAGENET1K_FEATURES' }),
      models.vgg16({ weights: 'VGG16_Weights.DEFAULT', progress: false }),
    ];
    const either: models.VGG | Promise<models.VGG> = models.vgg16({ weights: made.training ? 'DEFAULT' : null });
    const last: ReturnType<typeof models.vgg16> = without;
    // @ts-expect-error: of another network
    const other = models.vgg16({ weights: models.VGG19Weights.DEFAULT });
    // @ts-expect-error: no such weights
    const none = models.vgg16({ weights: 'IMAGENET1K_V9' });
    // @ts-expect-error: no such option
    const option = models.vgg16({ classes: 3 });
    return [pretrained, named, either, last, other, none, option];
  };
  expect(typed).toBeInstanceOf(Function);
});

describe('networks with published weights', () => {
  const server = new TestServer((request, response, count) => serving(bytes)(request, response, count));
  const { SqueezeNet1_1Weights } = models;
  const weights = SqueezeNet1_1Weights.DEFAULT;
  const { url } = weights;
  let root: string;
  let home: string;
  let bytes: Buffer;
  let trained: models.SqueezeNet;
  const before = process.env.TORCH_HOME;

  beforeAll(async () => {
    forgetProxies();
    await server.open();
    root = await mkdtemp(join(tmpdir(), 'cresset-weights-'));
    trained = models.squeezenet1_1();
    await save(trained.stateDict(), join(root, 'trained.pth'));
    bytes = await readFile(join(root, 'trained.pth'));
  });
  afterAll(async () => {
    if (before === undefined) delete process.env.TORCH_HOME;
    else process.env.TORCH_HOME = before;
    await server.close();
    await rm(root, { recursive: true });
  });
  beforeEach(async () => {
    server.reset();
    home = await mkdtemp(join(root, 'home-'));
    process.env.TORCH_HOME = home;
    // The server stands in for torchvision's, and the file for its own.
    Object.assign(weights, { url: `${server.origin}/models/squeezenet1_1-${sha256(bytes).slice(0, 8)}.pth` });
  });
  afterEach(() => {
    Object.assign(weights, { url });
    jest.restoreAllMocks();
    memory.emptyCache();
  });

  const answer = (model: nn.Module, x: Tensor) => noGrad(() => model.eval()(x).toArray());

  test.each([
    ['an entry', weights],
    ['DEFAULT', 'DEFAULT'],
    ['a name', 'IMAGENET1K_V1'],
    ['a full name', 'SqueezeNet1_1_Weights.IMAGENET1K_V1'],
  ] as const)('%s is fetched once and fills the network', async (_, choice) => {
    const options = { weights: choice, progress: false } as const;
    const [model, again] = [await models.squeezenet1_1(options), await models.getModel('squeezenet1_1', options)];
    expect(server.ranges).toHaveLength(1);
    const x = rand([1, 3, 64, 64]);
    expect(model).toBeInstanceOf(models.SqueezeNet);
    expect(model.training).toBe(true);
    expect(answer(model, x)).toEqual(answer(trained, x));
    expect(answer(again as nn.Module, x)).toEqual(answer(trained, x));
  });

  test('a file that Python fetched is used as it is', async () => {
    Object.assign(weights, { url });
    await mkdir(join(home, 'hub/checkpoints'), { recursive: true });
    await save(trained.stateDict(), join(home, 'hub/checkpoints/squeezenet1_1-b8a52dc0.pth'));
    const model = await models.squeezenet1_1({ weights: 'DEFAULT' });
    const x = rand([1, 3, 64, 64]);
    expect(answer(model, x)).toEqual(answer(trained, x));
  });

  test('the hash is checked unless it is not wanted', async () => {
    Object.assign(weights, { url: `${server.origin}/models/squeezenet1_1-b8a52dc0.pth` });
    const error = await errorOf(models.squeezenet1_1({ weights, progress: false }));
    expect(error.message).toContain(`SHA-256 ${sha256(bytes)}, expected one that begins with b8a52dc0`);
    expect(Object.keys(await weights.getStateDict({ progress: false }))).toHaveLength(52);
    await models.squeezenet1_1({ weights, progress: false, checkHash: false });
  });

  test('a signal aborts', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    expect(await errorOf(models.squeezenet1_1({ weights, signal }))).toBe(reason);
    expect(server.ranges).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>, new (text: string) => Error, string]>([
    [
      'of another network',
      () => models.vgg16({ weights: models.VGG19Weights.DEFAULT as never }),
      TypeError,
      'vgg16: weights must be of VGG16_Weights, got VGG19_Weights.IMAGENET1K_V1',
    ],
    [
      'that are no weights',
      () => models.vgg16({ weights: true as never }),
      TypeError,
      'vgg16: weights must be of VGG16_Weights, the name of one or null, got true',
    ],
    [
      'of another name',
      () => models.vgg16Bn({ weights: 'IMAGENET1K_V2' as never }),
      RangeError,
      'vgg16Bn: VGG16_BN_Weights has DEFAULT, IMAGENET1K_V1, got the string "IMAGENET1K_V2"',
    ],
    [
      'for other classes',
      () => models.resnet18({ weights: 'DEFAULT', numClasses: 10 }),
      RangeError,
      'resnet18: numClasses must be 1000 with ResNet18_Weights.IMAGENET1K_V1, got 10',
    ],
    [
      'for pictures of another size',
      () => models.vitB16({ weights: 'IMAGENET1K_SWAG_E2E_V1', imageSize: 224 }),
      RangeError,
      'vitB16: imageSize must be 384 with ViT_B_16_Weights.IMAGENET1K_SWAG_E2E_V1, got 224',
    ],
    [
      'with other options amiss',
      () => models.squeezenet1_1({ weights: 'DEFAULT', dropout: 2 }),
      RangeError,
      'Dropout: p must be between 0 and 1, got 2',
    ],
    [
      'with auxLogits amiss',
      () => models.googlenet({ weights: 'DEFAULT', auxLogits: 1 as never }),
      TypeError,
      'googlenet: auxLogits must be true or false, got 1',
    ],
    [
      'with checkHash amiss',
      () => models.alexnet({ weights: 'DEFAULT', checkHash: 1 as never }),
      TypeError,
      'alexnet: checkHash must be true or false, got 1',
    ],
  ])('weights %s are refused', async (_, misuse, type, message) => {
    const error = await errorOf(misuse());
    expect(error).toBeInstanceOf(type);
    expect(error.message).toContain(message);
    expect(server.ranges).toEqual([]);
  });

  /** Lets `entry` give a state dict of our own. */
  const giving = (entry: models.Weights, state: nn.StateDict) =>
    jest.spyOn(entry, 'getStateDict').mockResolvedValue(state);

  test('all of the network must be in the file', async () => {
    const { 'classifier.1.bias': bias, ...rest } = trained.stateDict();
    giving(weights, { ...rest, extra: bias! });
    const error = await errorOf(models.squeezenet1_1({ weights }));
    expect(error).toBeInstanceOf(CressetError);
    expect(error.message).toMatch(/Missing key\(s\) in state_dict: "classifier.1.bias".*Unexpected key\(s\).*"extra"/s);
  });

  test('a vision transformer is made for the pictures of its weights', async () => {
    giving(models.ViTB16Weights.IMAGENET1K_SWAG_E2E_V1, { 'encoder.pos_embedding': zeros([1, 197, 768]) });
    const error = await errorOf(models.vitB16({ weights: 'IMAGENET1K_SWAG_E2E_V1' }));
    expect(error.message).toContain('the shape in current model is [1, 577, 768]');
  });

  test('GoogLeNet takes pictures normalised anew, and keeps its auxiliary classifiers only if asked', async () => {
    giving(models.GoogLeNetWeights.DEFAULT, nn.utils.skipInit(() => models.googlenet()).stateDict());
    const model = await models.googlenet({ weights: 'DEFAULT' });
    expect([model.transformInput, model.auxLogits, model.aux1, model.aux2]).toEqual([true, false, null, null]);
    expect([...model.parameters()].reduce((sum, p) => sum + p.numel(), 0)).toBe(
      models.GoogLeNetWeights.DEFAULT.meta.numParams,
    );
    const other = await models.googlenet({ weights: 'DEFAULT', auxLogits: true, transformInput: false });
    expect([other.transformInput, other.auxLogits, other.aux1 !== null]).toEqual([false, true, true]);
  });

  test('Inception v3 likewise, but keeps its auxiliary classifier unless asked', async () => {
    giving(models.InceptionV3Weights.DEFAULT, nn.utils.skipInit(() => models.inceptionV3()).stateDict());
    const model = await models.inceptionV3({ weights: 'DEFAULT' });
    expect([model.transformInput, model.auxLogits, model.AuxLogits !== null]).toEqual([true, true, true]);
    const other = await models.inceptionV3({ weights: 'DEFAULT', auxLogits: false });
    expect([other.auxLogits, other.AuxLogits]).toEqual([false, null]);
  });

  test('the old names of a DenseNet’s layers, and files of before num_batches_tracked', async () => {
    const model = models.densenet121();
    const old = Object.entries(model.stateDict())
      .filter(([key]) => !key.endsWith('num_batches_tracked'))
      .map(([key, tensor]) => [key.replace(/(denselayer\d+\.(?:norm|conv))([12])/, '$1.$2'), tensor]);
    const state: nn.StateDict = Object.fromEntries(old);
    expect(state).toHaveProperty(['features.denseblock1.denselayer1.norm.1.weight']);
    giving(models.DenseNet121Weights.DEFAULT, state);
    const x = rand([1, 3, 32, 32]);
    expect(answer(await models.densenet121({ weights: 'DEFAULT' }), x)).toEqual(answer(model, x));
  });
});
