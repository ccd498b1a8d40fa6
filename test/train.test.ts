// The tutorial's network learns as PyTorch's does.
import { existsSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Tudui } from '../examples/tudui.js';
import { DataLoader } from '../lib/data/index.js';
import { manualSeed, nn, optim } from '../lib/index.js';
import { datasets, transforms } from '../lib/vision/index.js';

const root = `${__dirname}/../../shared/data/cifar10-subset`;

// The real pictures lie beside the project and are not part of it.
(existsSync(root) ? describe : describe.skip)('on real pictures', () => {
  test('losses follow PyTorch', async () => {
    manualSeed(0);
    const model = new Tudui();
    const loss = new nn.CrossEntropyLoss();
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
    const dataset = await datasets.CIFAR10.load({ root, train: true, transform: transforms.toTensor() });
    const loader = new DataLoader(dataset, { batchSize: 64 });
    const losses: number[] = [];
    for (let epoch = 0; epoch < 2; epoch++)
      for await (const [images, targets] of loader) {
        const result = loss(model(images), targets);
        optimizer.zeroGrad();
        result.backward();
        optimizer.step();
        losses.push(result.item());
      }
    [2.300348, 2.30118, 2.308666, 2.305561, 2.297993].forEach((expected, i) => {
      expect(Math.abs(losses[i]! - expected)).toBeLessThan(2e-5);
    });
    for (const [step, expected] of [
      [10, 2.293159],
      [50, 2.31533],
      [146, 2.294667],
    ] as const)
      expect(Math.abs(losses[step - 1]! - expected)).toBeLessThan(1e-3);
  }, 120_000);
});
