// Section 4 of the tutorial: optimizers. The sum of the losses falls from epoch to epoch.
import { manualSeed, nn, optim } from 'cresset';
import { DataLoader } from 'cresset/data';
import { datasets, transforms } from 'cresset/vision';
import { Tudui } from './tudui.js';

const dataset = new datasets.SyntheticShapes({ length: 128, transform: transforms.toTensor() });
const loader = new DataLoader(dataset, { batchSize: 16, shuffle: true });
const loss = new nn.CrossEntropyLoss();

const kinds = {
  SGD: (tudui: Tudui) => new optim.SGD(tudui.parameters(), { lr: 0.01, momentum: 0.8 }),
  Adadelta: (tudui: Tudui) => new optim.Adadelta(tudui.parameters(), { lr: 0.2, rho: 0.9, eps: 1e-6 }),
  Adam: (tudui: Tudui) => new optim.Adam(tudui.parameters(), { lr: 0.001 }),
};
for (const [name, make] of Object.entries(kinds)) {
  manualSeed(0);
  const tudui = new Tudui();
  const optimizer = make(tudui);
  for (let epoch = 0; epoch < 20; epoch++) {
    let running = 0;
    for await (const [images, targets] of loader) {
      const outputs = tudui(images);
      const result = loss(outputs, targets);
      optimizer.zeroGrad();
      result.backward();
      optimizer.step();
      running += result.item();
    }
    console.log(`${name} epoch ${epoch + 1}: ${running.toFixed(4)}`);
  }
}
