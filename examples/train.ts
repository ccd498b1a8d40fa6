// Trains the tutorial's network end to end, on synthetic pictures or on CIFAR-10: `npm start -- --data DIR --epochs 20`.
import { parseArgs } from 'node:util';
import { load, manualSeed, nn, noGrad, optim, save, setNumThreads, type Tensor } from 'cresset';
import { DataLoader, type Dataset, progress } from 'cresset/data';
import { datasets, transforms } from 'cresset/vision';
import { Tudui } from './tudui.js';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string' },
    download: { type: 'boolean', default: false },
    epochs: { type: 'string', default: '8' },
    'batch-size': { type: 'string', default: '64' },
    lr: { type: 'string', default: '0.01' },
    momentum: { type: 'string', default: '0.9' },
    seed: { type: 'string', default: '0' },
    threads: { type: 'string' },
    out: { type: 'string', default: 'tudui.pth' },
  },
});

/** The value of a flag that is a number of at least `least`. */
function number(
  name: 'epochs' | 'batch-size' | 'lr' | 'momentum' | 'seed' | 'threads',
  least: number,
  whole = true,
): number {
  const value = Number(flags[name]);
  if (!(value >= least) || (whole && !Number.isInteger(value))) {
    console.error(`train: --${name} must be a ${whole ? 'whole ' : ''}number of at least ${least}, got ${flags[name]}`);
    process.exit(2);
  }
  return value;
}
const epochs = number('epochs', 0);
const batchSize = number('batch-size', 1);
const lr = number('lr', 0, false);
const momentum = number('momentum', 0, false);
manualSeed(number('seed', 0));
if (flags.threads !== undefined) setNumThreads(number('threads', 1));

type Samples = Dataset<[Tensor, number]>;

async function pictures(train: boolean): Promise<Samples> {
  const transform = transforms.toTensor();
  if (flags.data === undefined && !flags.download)
    return new datasets.SyntheticShapes({ length: train ? 6000 : 1000, seed: train ? 1 : 2, transform });
  return datasets.CIFAR10.load({ root: flags.data ?? 'dataset', train, download: flags.download, transform });
}
const train = await pictures(true);
const test = await pictures(false);
console.log(
  train instanceof datasets.CIFAR10
    ? 'data: CIFAR-10'
    : 'data: synthetic shapes, drawn by code (ten classes, 32x32 RGB)',
);
console.log(`${train.length} training and ${test.length} test pictures`);

const model = new Tudui();
console.log(String(model));

const loader = new DataLoader(train, { batchSize, shuffle: true });
const testLoader = new DataLoader(test, { batchSize });
const lossFunction = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr, momentum });

async function accuracy(of: Tudui): Promise<number> {
  of.eval();
  let correct = 0;
  await noGrad(async () => {
    for await (const [images, targets] of testLoader) {
      const hits = of(images).argmax(1).eq(targets).sum();
      await hits.ready();
      correct += hits.item();
    }
  });
  of.train();
  return correct / test.length;
}

for (let epoch = 1; epoch <= epochs; epoch++) {
  const start = performance.now();
  let running = 0;
  let step = 0;
  const batches = progress(loader, { description: `epoch ${epoch}` });
  for await (const [images, targets] of batches) {
    const loss = lossFunction(model(images), targets);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    await loss.ready();
    running += loss.item();
    batches.setPostfix({ loss: running / ++step });
  }
  const seconds = (performance.now() - start) / 1000;
  const measured = await accuracy(model);
  console.log(
    `epoch ${epoch}  loss ${(running / step).toFixed(4)}  accuracy ${measured.toFixed(4)}  ${seconds.toFixed(1)} s`,
  );
}

// The checkpoint holds all there is to the model: a fresh one that loads it is as good.
await save(model.stateDict(), flags.out);
const fresh = new Tudui();
fresh.loadStateDict(await load(flags.out));
const [trained, loaded] = [await accuracy(model), await accuracy(fresh)];
console.log(`saved to ${flags.out}: accuracy ${trained.toFixed(4)}, loaded into a fresh model ${loaded.toFixed(4)}`);
console.log(`test accuracy ${loaded.toFixed(4)}`);
