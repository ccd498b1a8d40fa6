// Trains the tutorial's network end to end, saves it and loads it again: `npm start -- --data dataset --download --epochs 20`.
import { load, manualSeed, nn, noGrad, optim, save, setNumThreads, type Tensor } from 'cresset';
import { DataLoader, type Dataset, progress } from 'cresset/data';
import { datasets, transforms } from 'cresset/vision';
import { readFlags, readNumber, requireWritable, stop } from './flags.js';
import { Tudui } from './tudui.js';

const flags = readFlags(
  ['data', 'epochs', 'batch-size', 'lr', 'momentum', 'seed', 'threads', 'out'],
  ['download'],
  `npm start -- [flags]

  --data DIR        train on the CIFAR-10 in DIR; without it on synthetic pictures
  --download        fetch CIFAR-10 (170 MB) into DIR (default: dataset) where it is missing
  --epochs N        passes over the training pictures (default: 12)
  --batch-size N    pictures per step (default: 64)
  --lr X            learning rate (default: 0.01)
  --momentum X      (default: 0.9)
  --seed N          of weights and order (default: 0)
  --threads N       (default: all that the process may use)
  --out FILE        where the trained weights go (default: tudui.pth)`,
);
const positive = { integer: true, min: 1 };
const epochs = readNumber('epochs', flags.epochs, 12, positive);
const batchSize = readNumber('batch-size', flags['batch-size'], 64, positive);
const lr = readNumber('lr', flags.lr, 0.01, { above: 0 });
const momentum = readNumber('momentum', flags.momentum, 0.9, { min: 0 });
const seed = readNumber('seed', flags.seed, 0, { integer: true, min: 0 });
if (flags.threads !== undefined) setNumThreads(readNumber('threads', flags.threads, 1, { ...positive, max: 1024 }));
const out = flags.out ?? 'tudui.pth';
requireWritable('out', out);
const root = flags.data ?? (flags.download ? 'dataset' : undefined);

manualSeed(seed);
const model = new Tudui();
console.log(String(model));

type Samples = Dataset<[Tensor, number]>;

async function pictures(train: boolean): Promise<Samples> {
  const transform = transforms.toTensor();
  if (root !== undefined)
    return await datasets.CIFAR10.load({ root, train, transform, download: flags.download ?? false });
  return new datasets.SyntheticShapes({ length: train ? 6000 : 1000, seed: train ? 1 : 2, transform });
}

console.log(
  `data: ${root === undefined ? 'synthetic shapes, drawn by code (ten classes, 32x32 RGB)' : `CIFAR-10 in ${root}`}`,
);
const train = await pictures(true).catch((error) => stop(error.message));
const test = await pictures(false).catch((error) => stop(error.message));
console.log(`${train.length} training and ${test.length} test pictures`);

const loader = new DataLoader(train, { batchSize, shuffle: true });
const testLoader = new DataLoader(test, { batchSize });
const lossFunction = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr, momentum });

async function accuracy(network: Tudui): Promise<number> {
  network.eval();
  let correct = 0;
  await noGrad(async () => {
    for await (const [images, targets] of testLoader) {
      const hits = network(images).argmax(1).eq(targets).sum();
      await hits.ready();
      correct += hits.item();
    }
  });
  network.train();
  return correct / test.length;
}

for (let epoch = 1; epoch <= epochs; epoch++) {
  const start = performance.now();
  let running = 0;
  let step = 0;
  // Without a terminal the line after each epoch says enough.
  const batches = progress(loader, {
    description: `epoch ${epoch}`,
    disable: !process.stderr.isTTY && !process.stdout.isTTY,
  });
  for await (const [images, targets] of batches) {
    const loss = lossFunction(model(images), targets);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    await loss.ready();
    running += loss.item();
    step++;
    batches.setPostfix({ loss: (running / step).toFixed(4) });
  }
  const seconds = (performance.now() - start) / 1000;
  const score = await accuracy(model);
  console.log(
    `epoch ${epoch}  loss ${(running / step).toFixed(4)}  accuracy ${score.toFixed(4)}  ${seconds.toFixed(1)} s`,
  );
}

await save(model.stateDict(), out);
const again = new Tudui();
again.loadStateDict(await load(out));
const [trained, reloaded] = [await accuracy(model), await accuracy(again)];
console.log(`saved to ${out}: accuracy ${trained.toFixed(4)}, loaded again ${reloaded.toFixed(4)}`);
if (trained !== reloaded) throw new Error(`the loaded network has the accuracy ${reloaded}, expected ${trained}`);
console.log(`test accuracy ${reloaded.toFixed(4)}`);
