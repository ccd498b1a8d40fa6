// What JavaScript would pass over in silence: options that do not exist, and values where options are meant.
import { expect, test } from '@jest/globals';
import { DataLoader, progress, RandomSampler, TensorDataset } from '../../lib/data/index.js';
import { load, metrics, nn, ones, optim, save, tensor, zeros } from '../../lib/index.js';
import { SummaryWriter } from '../../lib/tensorboard/index.js';
import { datasets, models, transforms } from '../../lib/vision/index.js';

const x = ones([1, 1, 2, 2]);
const wrong = (value: unknown) => value as never;
const numbers = new TensorDataset(ones([4]));
const sgd = () => new optim.SGD([tensor([1], { requiresGrad: true })], { lr: 0.1 });

test.each<[string, () => unknown]>([
  [
    'Conv2d: has no option pading; its options are stride, padding, dilation, groups, bias, paddingMode',
    () => new nn.Conv2d(3, 8, 3, wrong({ pading: 1 })),
  ],
  [
    'BatchNorm2d: has no option track_running_stats, but trackRunningStats; its options are eps, momentum, ',
    () => new nn.BatchNorm2d(8, wrong({ track_running_stats: false })),
  ],
  [
    'CrossEntropyLoss: has no option label_smoothing, but labelSmoothing',
    () => new nn.CrossEntropyLoss(wrong({ label_smoothing: 0.1 })),
  ],
  ['loadStateDict: has no option Strict, but strict', () => new nn.ReLU().loadStateDict({}, wrong({ Strict: false }))],
  [
    'AdamW: has no option learningRate; its options are lr, betas',
    () => new optim.AdamW([ones([1])], wrong({ learningRate: 1 })),
  ],
  [
    'StepLR: has no option gama; its options are gamma, lastEpoch',
    () => new optim.lrScheduler.StepLR(sgd(), 5, wrong({ gama: 0.5 })),
  ],
  ['zeros: has no option requires_grad, but requiresGrad', () => zeros([2], wrong({ requires_grad: true }))],
  [
    'tensor: has no option device; its options are dtype, requiresGrad, shape',
    () => tensor([2], wrong({ device: 'cpu' })),
  ],
  [
    'backward: has no option retain_graph, but retainGraph',
    () => ones([1]).backward(null, wrong({ retain_graph: true })),
  ],
  ['sum: has no option keepDim, but keepdim', () => x.sum(1, wrong({ keepDim: true }))],
  ['std: has no option unbiased; its options are correction, keepdim', () => x.std(1, wrong({ unbiased: false }))],
  ['maxPool2d: has no option ceil_mode, but ceilMode', () => nn.functional.maxPool2d(x, 2, wrong({ ceil_mode: true }))],
  [
    'MultiheadAttention: has no option attn_mask, but attnMask',
    () => new nn.MultiheadAttention(2, 1)(x, x, x, wrong({ attn_mask: x })),
  ],
  [
    'RandomSampler: has no option num_samples, but numSamples',
    () => new RandomSampler(numbers, wrong({ num_samples: 2 })),
  ],
  ['DataLoader: has no option num_workers, but numWorkers', () => new DataLoader(numbers, wrong({ num_workers: 2 }))],
  ['progress: has no option desc; its options are description, total', () => progress([1], wrong({ desc: 'epoch' }))],
  ['Accuracy: has no option topK, but topk', () => new metrics.Accuracy(wrong({ topK: 5 }))],
  ['SummaryWriter: has no option flush_secs, but flushSecs', () => new SummaryWriter('runs', wrong({ flush_secs: 2 }))],
  ['RandomCrop: has no option pad; its options are padding', () => new transforms.RandomCrop(32, wrong({ pad: 4 }))],
  ['ResNet: has no option num_classes, but numClasses', () => models.resnet18(wrong({ num_classes: 10 }))],
  ['FakeData: has no option image_size, but imageSize', () => new datasets.FakeData(wrong({ image_size: [3, 8, 8] }))],
])('%s', (message, call) => {
  expect(call).toThrow(TypeError);
  expect(call).toThrow(message);
});

test.each<[string, () => Promise<unknown>]>([
  [
    'CIFAR10.load: has no option Download, but download; its options are root, train',
    () => datasets.CIFAR10.load(wrong({ root: 'data', Download: true })),
  ],
  [
    'makeDataset: has no option allow_empty, but allowEmpty',
    () => datasets.makeDataset('data', { a: 0 }, wrong({ extensions: '.txt', allow_empty: true })),
  ],
  [
    'ImageFolder.load: has no option is_valid_file, but isValidFile',
    () => datasets.ImageFolder.load(wrong({ root: 'data', is_valid_file: null })),
  ],
  ['save: has no option meta; its options are metadata', () => save({}, 'x.pth', wrong({ meta: {} }))],
  ['load: has no option mapLocation; its options are classes', () => load('x.pth', wrong({ mapLocation: 'cpu' }))],
])('%s', async (message, call) => {
  await expect(call).rejects.toThrow(message);
});

test.each<[string, () => unknown]>([
  [
    'ReLU: options must be an object, got true; write it with its name, as in { inplace: true }',
    () => new nn.ReLU(wrong(true)),
  ],
  [
    'Conv2d: options must be an object, got 2; write it with its name, as in { stride: 2 }',
    () => new nn.Conv2d(3, 8, 3, wrong(2)),
  ],
  [
    'Linear: options must be an object, got false; write it with its name, as in { bias: false }',
    () => new nn.Linear(3, 8, wrong(false)),
  ],
  ['got the string "tanh"; write it with its name, as in { approximate: "tanh" }', () => new nn.GELU(wrong('tanh'))],
  [
    'SGD: options must be an object, got 0.1; write it with its name, as in { lr: 0.1 }',
    () => new optim.SGD([ones([1])], wrong(0.1)),
  ],
])('%s', (message, call) => {
  expect(call).toThrow(message);
});
