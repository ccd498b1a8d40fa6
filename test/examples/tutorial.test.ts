// The programs of the tutorial's sections print what PyTorch prints.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '../temporary.js';
import { canonical } from '../tensorboard/canonical.js';
import { eventsIn, nodesOf } from '../tensorboard/reader.js';

const folder = temporaryFolder();

const root = join(__dirname, '../..');

function run(name: string, ...flags: string[]): string {
  const args = [join(root, `examples/build/${name}.js`), ...flags];
  const result = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  expect({ status: result.status, stderr: result.stderr }).toEqual({ status: 0, stderr: '' });
  return result.stdout;
}

const tudui = `Tudui(
  (model1): Sequential(
    (0): Conv2d(3, 32, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    (1): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    (2): Conv2d(32, 32, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    (3): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    (4): Conv2d(32, 64, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))
    (5): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    (6): Flatten(start_dim=1, end_dim=-1)
    (7): Linear(in_features=1024, out_features=64, bias=True)
    (8): Linear(in_features=64, out_features=10, bias=True)
  )
)`;

test('1. Sequential', () => {
  const layers = ['Conv2d', 'MaxPool2d', 'Conv2d', 'MaxPool2d', 'Conv2d', 'MaxPool2d', 'Flatten', 'Linear', 'Linear'];
  expect(run('sequential')).toBe(
    [
      tudui,
      '[ 64, 10 ]',
      '9 Linear(in_features=1024, out_features=64, bias=True) Linear(in_features=64, out_features=10, bias=True)',
      'Sequential(',
      '  (0): Conv2d(3, 32, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))',
      '  (1): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)',
      ')',
      ...layers,
      'Softmax',
      '[ 2, 5 ]',
      '',
    ].join('\n'),
  );
  const golden = JSON.parse(readFileSync(join(__dirname, '../golden/tensorboard.json'), 'utf8'));
  expect(canonical(nodesOf(eventsIn(join(folder, 'logs_seq'))))).toEqual(canonical(golden.graphs.Tudui));
});

test('2. Losses, and the slip', () => {
  expect(run('losses').split('\n')).toEqual([
    'tensor(2.)',
    'tensor(0.6667)',
    'tensor([[[[0., 0., 2.]]]])',
    'tensor(1.3333)',
    'tensor(1.1019)',
    'TypeError: crossEntropy: input must be a Tensor, got undefined',
    '',
  ]);
});

test('3. Backpropagation, one picture at a time', () => {
  const lines = run('backpropagation').trimEnd().split('\n');
  expect(lines.filter((line) => line === 'ok')).toHaveLength(20);
  expect(lines.filter((line) => /^tensor\(\d\.\d+, grad_fn=<NllLossBackward0>\)$/.test(line))).toHaveLength(20);
  expect(lines[0]).toMatch(/^tensor\(\[\[/);
  expect(lines.slice(-10).every((line) => /^model1\.[02478]\.(weight|bias) \d+\.\d{4}$/.test(line))).toBe(true);
});

test('4. Optimizers', () => {
  const output = run('optimizers');
  for (const name of ['SGD', 'Adadelta', 'Adam']) {
    const sums = [...output.matchAll(new RegExp(`^${name} epoch \\d+: (.*)$`, 'gm'))].map((match) => Number(match[1]));
    expect(sums).toHaveLength(20);
    expect(sums.at(-1)).toBeLessThan(0.9 * sums[0]!);
  }
});

const addedLinear = `Sequential(
  (0): Linear(in_features=25088, out_features=4096, bias=True)
  (1): ReLU(inplace=True)
  (2): Dropout(p=0.5, inplace=False)
  (3): Linear(in_features=4096, out_features=4096, bias=True)
  (4): ReLU(inplace=True)
  (5): Dropout(p=0.5, inplace=False)
  (6): Linear(in_features=4096, out_features=1000, bias=True)
  (add_linear): Linear(in_features=1000, out_features=10, bias=True)
)`;

const vgg16 = `VGG(
  (features): Sequential(
    (0): Conv2d(3, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (1): ReLU(inplace=True)
    (2): Conv2d(64, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (3): ReLU(inplace=True)
    (4): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    (5): Conv2d(64, 128, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (6): ReLU(inplace=True)
    (7): Conv2d(128, 128, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (8): ReLU(inplace=True)
    (9): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    (10): Conv2d(128, 256, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (11): ReLU(inplace=True)
    (12): Conv2d(256, 256, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (13): ReLU(inplace=True)
    (14): Conv2d(256, 256, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (15): ReLU(inplace=True)
    (16): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    (17): Conv2d(256, 512, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (18): ReLU(inplace=True)
    (19): Conv2d(512, 512, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (20): ReLU(inplace=True)
    (21): Conv2d(512, 512, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (22): ReLU(inplace=True)
    (23): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
    (24): Conv2d(512, 512, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (25): ReLU(inplace=True)
    (26): Conv2d(512, 512, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (27): ReLU(inplace=True)
    (28): Conv2d(512, 512, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
    (29): ReLU(inplace=True)
    (30): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  )
  (avgpool): AdaptiveAvgPool2d(output_size=(7, 7))
  (classifier): Sequential(
    (0): Linear(in_features=25088, out_features=4096, bias=True)
    (1): ReLU(inplace=True)
    (2): Dropout(p=0.5, inplace=False)
    (3): Linear(in_features=4096, out_features=4096, bias=True)
    (4): ReLU(inplace=True)
    (5): Dropout(p=0.5, inplace=False)
    (6): Linear(in_features=4096, out_features=10, bias=True)
  )
)`;

test('5. Existing models, with a layer more, another classifier, another last layer', () => {
  expect(run('models')).toBe([addedLinear, vgg16, vgg16, ''].join('\n'));
});

test('6. Saving and loading, as state dict and whole, and the trap', () => {
  const variants = JSON.parse(readFileSync(join(root, 'test/golden/variants.json'), 'utf8'));
  const squeezenet = variants.find(({ name }: { name: string }) => name === 'squeezenet1_1');
  const output = run('saving', '--small').replaceAll(/[^ "]*\/(?=tudui_method1)/g, '');
  const [again, model, ...lines] = output.split(/(?<=\n\))\n/);
  for (const text of [again!, model!]) expect(createHash('sha256').update(text).digest('hex')).toBe(squeezenet.text);
  expect(lines.join('\n').split('\n')).toEqual([
    'the same outputs: true',
    'CressetError: Error(s) in loading state_dict for SqueezeNet:',
    '\tMissing key(s) in state_dict: "features.0.weight". ',
    '\tUnexpected key(s) in state_dict: "another.weight". ',
    'CheckpointError: tudui_method1.pth: archive/data.pkl at byte 2: it holds an object of the class __main__.Tudui ' +
      "(Can't get attribute 'Tudui' on <module '__main__'>). A file carries no code: " +
      'write the class in TypeScript and pass it, await load("tudui_method1.pth", { classes: { Tudui } })',
    'Tudui(',
    '  (conv1): Conv2d(3, 64, kernel_size=(3, 3), stride=(1, 1))',
    ')',
    '',
  ]);
});
