// What passes over a DataLoader with workers leave behind when the loop is left early: `npm run bench:broken-off`. Each of `--passes` (100)
// over the real CIFAR-10 in `--data DIR`, with augmentation and two workers, ends at a random batch, by `break` or by a signal. Fails where
// a thread is left, or resident memory grows by a tenth after the first fifth of the passes.
import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { memory } from 'cresset';
import { DataLoader } from 'cresset/data';
import { datasets, transforms } from 'cresset/vision';

const { values: flags } = parseArgs({
  options: {
    passes: { type: 'string', default: '100' },
    data: { type: 'string', default: '../shared/data/cifar10-subset' },
  },
});
const passes = Number(flags.passes);
const transform = new transforms.Compose([
  new transforms.RandomCrop(32, { padding: 4 }),
  new transforms.RandomHorizontalFlip(),
  new transforms.ToTensor(),
]);
const dataset = await datasets.CIFAR10.load({ root: flags.data, transform });

const threads = () => readdirSync('/proc/self/task').length;
const state = () => ({ threads: threads(), ...memory.stats(), resident: process.memoryUsage.rss() / 2 ** 20 });

async function pass(random) {
  const signal = new AbortController();
  const loader = new DataLoader(dataset, { batchSize: 64, shuffle: true, numWorkers: 2, signal: signal.signal });
  const [last, abort] = [Math.floor(random * loader.length), random < 0.5];
  let batch = 0;
  try {
    for await (const _ of loader) {
      if (batch++ < last) continue;
      if (!abort) break;
      signal.abort();
    }
  } catch (error) {
    if (error !== signal.signal.reason) throw error;
  }
}

let early;
for (let i = 0; i < passes; i++) {
  await pass(Math.random());
  if (i === Math.floor(passes / 5)) early = state();
}
// A thread that is ending may be counted for a moment more.
for (let i = 0; i < 100 && threads() > early.threads; i++) await setTimeout(10);
const late = state();
const growth = late.resident / early.resident - 1;
const verdict = late.threads <= early.threads && growth < 0.1 ? 'ok' : 'LEFT BEHIND';
if (verdict !== 'ok') process.exitCode = 1;
console.log(
  `${passes} passes: ${early.threads} threads, then ${late.threads}; ${early.resident.toFixed(0)} MiB, then ${late.resident.toFixed(0)}; ` +
    `${early.handles} handles, then ${late.handles}: ${verdict}`,
);
