// How many samples a second the DataLoader makes of CIFAR-10 with augmentation, beside PyTorch's, at 0, 1 and 2 workers, in turns:
// `npm run bench:loader -- --python CMD`. `--data DIR` holds the data set, `--rounds N` is how often each is started.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setNumThreads, zeros } from 'cresset';
import { DataLoader, TensorDataset } from 'cresset/data';
import { datasets, transforms } from 'cresset/vision';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string' },
    data: { type: 'string', default: '../shared/data/cifar10-subset' },
    rounds: { type: 'string', default: '3' },
  },
});
const passes = 3;

/** The samples per second of each pass, after one that warms up. */
async function measure(numWorkers) {
  const transform = new transforms.Compose([
    new transforms.RandomCrop(32, { padding: 4 }),
    new transforms.RandomHorizontalFlip(),
    new transforms.ToTensor(),
    new transforms.Normalize([0.4914, 0.4822, 0.4465], [0.247, 0.243, 0.261]),
  ]);
  setNumThreads(1);
  const dataset = await datasets.CIFAR10.load({ root: values.data, transform });
  const options = numWorkers > 0 ? { numWorkers, persistentWorkers: true } : {};
  const loader = new DataLoader(dataset, { batchSize: 64, shuffle: true, ...options });
  const speeds = [];
  let first;
  for (let pass = 0; pass <= passes; pass++) {
    const start = performance.now();
    let samples = 0;
    for await (const [pictures] of loader) {
      first ??= performance.now() - start;
      samples += pictures.size(0);
    }
    speeds.push((samples / (performance.now() - start)) * 1000);
  }
  return { speeds: speeds.slice(1), first };
}

/** Milliseconds from the start of a pass to the first batch of a worker, of a data set that takes no time. */
async function startUp() {
  const start = performance.now();
  for await (const _ of new DataLoader(new TensorDataset(zeros([1])), { numWorkers: 1 }));
  return performance.now() - start;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

if (positionals.length > 0) {
  console.log(JSON.stringify(await measure(Number(positionals[0]))));
} else {
  const folder = join(values.data, 'cifar-10-batches-bin');
  const files = readdirSync(folder).filter((name) => name.startsWith('data_batch'));
  const input = Buffer.concat(files.map((name) => readFileSync(join(folder, name))));
  const run = ([program, ...args]) => {
    const given = program === process.execPath ? '' : input;
    const { status, stdout, stderr } = spawnSync(program, args, { input: given, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
    return JSON.parse(stdout);
  };
  const peers = {
    cresset: (workers) => [process.execPath, import.meta.filename, '--data', values.data, String(workers)],
    PyTorch: (workers) => [...values.python.split(' '), 'bench/peers/loader.py', String(workers), String(passes)],
  };
  if (values.python === undefined) delete peers.PyTorch;
  for (const workers of [0, 1, 2]) {
    const results = Object.fromEntries(Object.keys(peers).map((name) => [name, []]));
    for (let round = 0; round < Number(values.rounds); round++)
      for (const [name, command] of Object.entries(peers)) results[name].push(run(command(workers)));
    const speed = (name) => median(results[name].flatMap(({ speeds }) => speeds));
    const told = Object.keys(peers).map(
      (name) =>
        `${name} ${speed(name).toFixed(0)} samples/s, first batch after ${median(results[name].map(({ first }) => first)).toFixed(0)} ms`,
    );
    const ratio = values.python === undefined ? '' : `; ratio ${(speed('cresset') / speed('PyTorch')).toFixed(2)}`;
    console.log(`${workers} workers: ${told.join('; ')}${ratio}`);
  }
  const starts = [];
  for (let i = 0; i < 5; i++) starts.push(await startUp());
  console.log(`start of a worker to its first batch: ${median(starts).toFixed(0)} ms`);
}
