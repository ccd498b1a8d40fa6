// Networks against torchvision's: text, keys, initial weights and results.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { manualSeed, memory, noGrad, rand, type Tensor } from '../../../lib/index.js';
import { models } from '../../../lib/vision/index.js';

type Name = Extract<keyof typeof models, `resnet${string}` | `vgg${string}`>;
const goldens: {
  structure: { name: Name; text: string; keys: string; parameters: number }[];
  runs: { name: Name; train: number[][] | null; eval: number[][] }[];
} = JSON.parse(readFileSync(`${__dirname}/../../golden/models.json`, 'utf8'));

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

test.each(goldens.structure)('$name prints and has the keys of torchvision', ({ name, ...golden }) => {
  const model = models[name](name.startsWith('vgg') ? { initWeights: false } : {});
  expect(digest(String(model))).toBe(golden.text);
  const keys = Object.entries(model.stateDict()).map(([key, value]) => `${key} [${value.shape.join(', ')}]`);
  expect(digest(keys.join('\n'))).toBe(golden.keys);
  expect([...model.parameters()].reduce((sum, p) => sum + p.numel(), 0)).toBe(golden.parameters);
});

const options = {
  vgg11: { numClasses: 10 },
  resnet18: { numClasses: 10 },
  resnet50: { numClasses: 10, zeroInitResidual: true, groups: 2, widthPerGroup: 32 },
} as Partial<Record<Name, object>>;

function expectClose(y: Tensor, golden: number[][]): void {
  const largest = Math.max(...golden.flat().map(Math.abs));
  (y.toArray() as number[][]).forEach((row, i) => {
    for (const [j, value] of row.entries()) expect(Math.abs(value - golden[i]![j]!)).toBeLessThan(1e-4 * (1 + largest));
  });
}

test.each(goldens.runs)('$name with the same seed computes what torchvision does', (golden) => {
  manualSeed(0);
  const model = models[golden.name](options[golden.name]);
  const x = rand([2, 3, 64, 64]);
  if (golden.train !== null) expectClose(model(x), golden.train);
  model.eval();
  noGrad(() => expectClose(model(x), golden.eval));
  memory.emptyCache();
});

test('basic blocks have no groups', () => {
  expect(() => new models.ResNet(models.BasicBlock, [1, 1, 1, 1], { groups: 2 })).toThrow(
    /BasicBlock: needs groups 1 and widthPerGroup 64, got 2 and 64/,
  );
});
