// Trains the tutorial's network end to end, on synthetic pictures or on CIFAR-10: `npm start -- --data DIR --epochs 20`.
import { parseArgs } from 'node:util';
import { manualSeed, nn, noGrad, optim, setNumThreads, type Tensor } from 'cresset';
import { DataLoader, type Dataset } from 'cresset/data';
import { datasets, transforms } from 'cresset/vision';
import { Tudui } from './tudui.js';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    epochs: { type: 'string', default: '8' },
    'batch-size': { type: 'string', default: '64' },
    lr: { type: 'string', default: '0.01' },
    momentum: { type: 'string', default: '0.9' },
    seed: { type: 'string', default: '0' },
    threads: { type: 'string' },
  },
});

type Samples = Dataset<[Tensor, number]>;

const transform = transforms.toTensor();
let train: Samples;
let test: Samples;
if (flags.data === undefined) {
  console.log('data: synthetic shapes, drawn by code (ten classes, 32x32 RGB)');
  train = new datasets.SyntheticShapes({ length: 6000, seed: 1, transform });
  test = new datasets.SyntheticShapes({ length: 1000, seed: 2, transform });
} else {
  console.log(`data: CIFAR-10 in ${flags.data}`);
  train = await datasets.CIFAR10.load({ root: flags.data, train: true, transform });
  test = await datasets.CIFAR10.load({ root: flags.data, train: false, transform });
}
console.log(`${train.length} training and ${test.length} test pictures`);

manualSeed(Number(flags.seed));
if (flags.threads !== undefined) setNumThreads(Number(flags.threads));
const model = new Tudui();
console.log(String(model));

const batchSize = Number(flags['batch-size']);
const loader = new DataLoader(train, { batchSize, shuffle: true });
const testLoader = new DataLoader(test, { batchSize });
const lossFunction = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr: Number(flags.lr), momentum: Number(flags.momentum) });

async function accuracy(): Promise<number> {
  model.eval();
  let correct = 0;
  await noGrad(async () => {
    for await (const [images, targets] of testLoader) {
      const hits = model(images).argmax(1).eq(targets).sum();
      await hits.ready();
      correct += hits.item();
    }
  });
  model.train();
  return correct / test.length;
}

const interactive = process.stdout.isTTY;
for (let epoch = 1; epoch <= Number(flags.epochs); epoch++) {
  const start = performance.now();
  let running = 0;
  let step = 0;
  for await (const [images, targets] of loader) {
    const loss = lossFunction(model(images), targets);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    await loss.ready();
    running += loss.item();
    step++;
    if (interactive)
      process.stdout.write(`\repoch ${epoch}  step ${step}/${loader.length}  loss ${(running / step).toFixed(4)} `);
  }
  const seconds = (performance.now() - start) / 1000;
  if (interactive) process.stdout.write('\r');
  console.log(
    `epoch ${epoch}  loss ${(running / step).toFixed(4)}  accuracy ${(await accuracy()).toFixed(4)}  ${seconds.toFixed(1)} s     `,
  );
}
console.log(`test accuracy ${(await accuracy()).toFixed(4)}`);
