// Resident memory over a long training: the tutorial's network, batch 16, in four settings, each in a process of its own.
// `npm run bench:memory`; `-- --steps N`, `-- --warm-up N` and `-- --only loop` shorten it. Fails where memory grows after the warm-up: by a
// ten-thousandth a step, or by a twentieth in all.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMainThread, Worker } from 'node:worker_threads';
import { nn, optim, rand, randint } from 'cresset';
import { DataLoader } from 'cresset/data';
import { datasets, transforms } from 'cresset/vision';
import { Tudui } from '../examples/build/tudui.js';

const { values: flags } = parseArgs({
  options: {
    steps: { type: 'string', default: '5000' },
    'warm-up': { type: 'string', default: '500' },
    only: { type: 'string' },
    child: { type: 'string' },
  },
});
const [steps, warmUp] = [Number(flags.steps), Number(flags['warm-up'])];
const counts = ['--steps', flags.steps, '--warm-up', flags['warm-up']];
if (!(steps > warmUp && warmUp > 0))
  throw new RangeError(
    `memory: --steps must be above --warm-up and that above 0, got ${flags.steps} and ${flags['warm-up']}`,
  );
const batchSize = 16;

function trainer() {
  const model = new Tudui();
  const loss = new nn.CrossEntropyLoss();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  return (images, targets) => {
    const result = loss(model(images), targets);
    optimizer.zeroGrad();
    result.backward();
    optimizer.step();
  };
}

const resident = () => process.memoryUsage.rss() / 2 ** 20;
const readings = { early: 0, late: 0 };
function count(step) {
  if (step === warmUp) readings.early = resident();
  if (step === steps) readings.late = resident();
}

function loop() {
  const train = trainer();
  for (let step = 1; step <= steps; step++) {
    train(rand([batchSize, 3, 32, 32]), randint(0, 10, [batchSize]));
    count(step);
  }
}

const settings = {
  loop,
  async await() {
    const train = trainer();
    const dataset = new datasets.SyntheticShapes({
      length: (steps * batchSize) / 10,
      transform: transforms.toTensor(),
    });
    const loader = new DataLoader(dataset, { batchSize, shuffle: true });
    for (let step = 0; step < steps; )
      for await (const [images, targets] of loader) {
        train(images, targets);
        count(++step);
      }
  },
  async worker() {
    const worker = new Worker(new URL(import.meta.url), { argv: ['--child', 'loop', ...counts] });
    await new Promise((resolve, reject) => worker.on('exit', resolve).on('error', reject));
  },
  heap() {
    globalThis.alive = Array.from({ length: 1_500_000 }, (_, i) => ({ i, text: `object ${i}` }));
    loop();
  },
};

if (flags.child) {
  await settings[flags.child]();
  if (readings.late) console.log(JSON.stringify(readings));
} else if (isMainThread) {
  for (const name of Object.keys(settings).filter((name) => !flags.only || name === flags.only)) {
    // V8 doubles its young generation up to 16 MiB, at steps that differ from run to run: here it starts with them.
    const argv = ['--min-semi-space-size=16', fileURLToPath(import.meta.url), '--child', name, ...counts];
    const child = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    if (child.status !== 0) throw new Error(`memory ${name}: ${child.signal ?? child.status}\n${child.stderr}`);
    const { early, late } = JSON.parse(child.stdout);
    const growth = late / early - 1;
    const grows = growth >= Math.min(0.05, (steps - warmUp) * 1e-4);
    if (grows) process.exitCode = 1;
    console.log(
      `${name.padEnd(7)} ${early.toFixed(0)} MiB after step ${warmUp}, ${late.toFixed(0)} MiB after step ${steps}: ${(100 * growth).toFixed(1)} % ${grows ? 'GROWS' : 'ok'}`,
    );
  }
}
