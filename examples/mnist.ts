// Learns handwritten digits to 98 % in under a minute: `npm run mnist -- --data DIR`, or `-- --download`.
import { manualSeed, nn, noGrad, optim, setNumThreads, type Tensor } from 'cresset';
import { DataLoader } from 'cresset/data';
import { datasets, transforms } from 'cresset/vision';
import { readFlags, readNumber, stop } from './flags.js';

const flags = readFlags(
  ['data', 'epochs', 'batch-size', 'lr', 'seed', 'threads'],
  ['download'],
  `npm run mnist -- [flags]

  --data DIR        MNIST's files, gzipped or not, or the folder of MNIST/raw (default: dataset)
  --download        fetch MNIST (12 MB) into DIR where it is missing
  --epochs N        passes over the training pictures (default: 5)
  --batch-size N    pictures per step (default: 64)
  --lr X            first learning rate, halved after each pass (default: 0.002)
  --seed N          of weights and order (default: 0)
  --threads N       (default: all that the process may use)`,
);
const positive = { integer: true, min: 1 };
const epochs = readNumber('epochs', flags.epochs, 5, positive);
const batchSize = readNumber('batch-size', flags['batch-size'], 64, positive);
const lr = readNumber('lr', flags.lr, 0.002, { above: 0 });
manualSeed(readNumber('seed', flags.seed, 0, { integer: true, min: 0 }));
if (flags.threads !== undefined) setNumThreads(readNumber('threads', flags.threads, 1, { ...positive, max: 1024 }));

class Net extends nn.Module {
  features = new nn.Sequential(
    new nn.Conv2d(1, 16, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
  );
  classifier = new nn.Sequential(new nn.Linear(32 * 7 * 7, 128), new nn.ReLU(), new nn.Linear(128, 10));
  forward(x: Tensor): Tensor {
    return this.classifier(this.features(x).flatten(1));
  }
}

const { root, download } = { root: flags.data ?? 'dataset', download: flags.download ?? false };
const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.1307], [0.3081])]);
const load = (train: boolean) =>
  datasets.MNIST.load({ root, train, download, transform }).catch((error) => stop(error.message));
const [train, test] = [await load(true), await load(false)];
console.log(`${train.length} training and ${test.length} test pictures`);

const model = new Net();
const lossFunction = new nn.CrossEntropyLoss();
const optimizer = new optim.Adam(model.parameters(), { lr });
const loader = new DataLoader(train, { batchSize, shuffle: true });
const testLoader = new DataLoader(test, { batchSize: 500 });

async function accuracy(): Promise<number> {
  let correct = 0;
  await noGrad(async () => {
    for await (const [images, targets] of testLoader)
      correct += (await model(images).argmax(1).eq(targets).sum().ready()).item();
  });
  return correct / test.length;
}

const start = performance.now();
for (let epoch = 1; epoch <= epochs; epoch++) {
  for await (const [images, targets] of loader) {
    const loss = lossFunction(model(images), targets);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  }
  for (const group of optimizer.paramGroups) group.lr /= 2;
  const seconds = (performance.now() - start) / 1000;
  console.log(`epoch ${epoch}  accuracy ${(await accuracy()).toFixed(4)}  ${seconds.toFixed(1)} s`);
}
