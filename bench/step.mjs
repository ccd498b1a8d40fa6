// The tutorial's training step (forward, loss, backward, SGD) here and in PyTorch, in turns: `npm run bench:step -- --python python3`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { manualSeed, nn, optim, rand, randint, setNumThreads } from 'cresset';
import { Tudui } from '../examples/build/tudui.js';

const { values: flags } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    batch: { type: 'string', default: '64' },
    rounds: { type: 'string', default: '8' },
    steps: { type: 'string', default: '10' },
  },
});
const [batch, steps] = [Number(flags.batch), Number(flags.steps)];

manualSeed(0);
const model = new Tudui();
const loss = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr: 0.01 });
function ours(threads) {
  setNumThreads(threads);
  const [images, targets] = [rand([batch, 3, 32, 32]), randint(0, 10, [batch])];
  return Array.from({ length: steps }, () => {
    const start = performance.now();
    const result = loss(model(images), targets);
    optimizer.zeroGrad();
    result.backward();
    optimizer.step();
    result.item();
    return performance.now() - start;
  });
}

const [command, ...rest] = flags.python.split(' ');
const peer = spawn(command, [...rest, fileURLToPath(new URL('peers/step.py', import.meta.url))], {
  stdio: ['pipe', 'pipe', 2],
});
const lines = createInterface({ input: peer.stdout });
const [version] = await once(lines, 'line');
async function theirs(threads) {
  peer.stdin.write(`${threads} ${batch} ${steps}\n`);
  const [line] = await once(lines, 'line');
  return JSON.parse(line).map((seconds) => seconds * 1000);
}

const columns = [
  ['cresset, 1 thread', () => ours(1)],
  [`PyTorch ${version}, 1 thread`, () => theirs(1)],
  ['cresset, 2 threads', () => ours(2)],
  [`PyTorch ${version}, 2 threads`, () => theirs(2)],
];
for (const [, run] of columns) await run();
const times = columns.map(() => []);
for (let round = 0; round < Number(flags.rounds); round++)
  for (const [i, [, run]] of columns.entries()) times[i].push(...(await run()));
peer.stdin.end();

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const medians = times.map(median);
console.log(`training step of the tutorial's network, batch ${batch}, ${times[0].length} steps each`);
columns.forEach(([name], i) => {
  const sorted = times[i].toSorted((a, b) => a - b);
  const at = (p) => sorted[Math.floor((sorted.length - 1) * p)].toFixed(2);
  console.log(`${name.padEnd(34)} median ${medians[i].toFixed(2)} ms  (${at(0.1)} to ${at(0.9)})`);
});
const ratio = Math.min(medians[1], medians[3]) / Math.min(medians[0], medians[2]);
console.log(`PyTorch's better time / ours: ${ratio.toFixed(2)}`);
