// The tutorial's network learns as PyTorch's does: the same seed and pictures give the same losses, in order and shuffled.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Tudui } from '../examples/tudui.js';
import { DataLoader } from '../lib/data/index.js';
import { manualSeed, nn, optim } from '../lib/index.js';
import { datasets, transforms } from '../lib/vision/index.js';

const root = `${__dirname}/../../shared/data/cifar10-subset`;
const golden: Record<string, Record<number, number>> = JSON.parse(
  readFileSync(`${__dirname}/golden/train.json`, 'utf8'),
);

// The real pictures lie beside the project and are not part of it.
(existsSync(root) ? describe : describe.skip)('losses on real pictures follow PyTorch', () => {
  test.each([
    ['inOrder', false, 1],
    ['shuffled', true, 2],
  ] as const)(
    '%s',
    async (name, shuffle, epochs) => {
      const dataset = await datasets.CIFAR10.load({ root, train: true, transform: transforms.toTensor() });
      manualSeed(0);
      const model = new Tudui();
      const loss = new nn.CrossEntropyLoss();
      const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
      const loader = new DataLoader(dataset, { batchSize: 64, shuffle });
      const losses: number[] = [];
      for (let epoch = 0; epoch < epochs; epoch++)
        for await (const [images, targets] of loader) {
          const result = loss(model(images), targets);
          optimizer.zeroGrad();
          result.backward();
          optimizer.step();
          losses.push(result.item());
        }
      for (const [step, expected] of Object.entries(golden[name]!).map(([key, value]) => [Number(key), value] as const))
        expect(Math.abs(losses[step - 1]! - expected)).toBeLessThan(step <= 5 ? 2e-5 : 1e-3);
    },
    120_000,
  );
});
