// The programs of the tutorial's sections print what PyTorch prints.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { canonical } from '../tensorboard/canonical.js';
import { eventsIn, nodesOf } from '../tensorboard/reader.js';

const folder = mkdtempSync(join(tmpdir(), 'cresset-tutorial-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(name: string): string {
  const program = join(__dirname, `../../examples/build/${name}.js`);
  const result = spawnSync(process.execPath, [program], { cwd: folder, encoding: 'utf8' });
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

test('6. Saving and loading a state dict', () => {
  expect(run('saving').split('\n')).toEqual([
    ...tudui.split('\n'),
    'the same outputs: true',
    'CressetError: Error(s) in loading state_dict for Tudui:',
    '\tMissing key(s) in state_dict: "model1.8.bias". ',
    '\tUnexpected key(s) in state_dict: "model1.9.bias". ',
    '',
  ]);
});
