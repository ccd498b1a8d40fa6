// What a server in the same process feels of a training with `for await` at batch 64: `npm run bench:event-loop`. A second process asks it
// all the time. Fails where the event-loop delay's 99th percentile reaches 10 ms or a request fails.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { nn, optim } from 'cresset';
import { DataLoader } from 'cresset/data';
import { datasets, transforms } from 'cresset/vision';
import { Tudui } from '../examples/build/tudui.js';

const client = `
  const times = [];
  let failed = 0;
  process.on('message', () => { process.send({ times, failed }); process.exit(); });
  for (;;) {
    const start = performance.now();
    try { await (await fetch(process.argv[1])).text(); times.push(performance.now() - start); } catch { failed++; }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }`;

const percentile = (values, p) =>
  values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))];

const server = createServer((_, response) => response.end('here')).listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}/`;
const asking = spawn(process.execPath, ['--input-type=module', '-e', client, url], { stdio: ['ignore', 1, 2, 'ipc'] });

const model = new Tudui();
const loss = new nn.CrossEntropyLoss();
const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
const dataset = new datasets.SyntheticShapes({ length: 6400, transform: transforms.toTensor() });
const loader = new DataLoader(dataset, { batchSize: 64, shuffle: true });

const delay = monitorEventLoopDelay({ resolution: 1 });
let steps = 0;
const start = performance.now();
for (let epoch = 0; epoch < 5; epoch++)
  for await (const [images, targets] of loader) {
    const result = loss(model(images), targets);
    optimizer.zeroGrad();
    result.backward();
    optimizer.step();
    await result.ready();
    if (++steps === 20) delay.enable();
  }
delay.disable();
const seconds = (performance.now() - start) / 1000;

asking.send('stop');
const [{ times, failed }] = await once(asking, 'message');
server.close();
const ms = (ns) => (ns / 1e6).toFixed(1);
console.log(`${steps} steps in ${seconds.toFixed(1)} s`);
console.log(
  `event-loop delay: p50 ${ms(delay.percentile(50))} ms, p99 ${ms(delay.percentile(99))} ms, max ${ms(delay.max)} ms`,
);
console.log(
  `${times.length} requests answered, ${failed} failed: median ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
);
if (delay.percentile(99) >= 10e6 || failed > 0 || times.length === 0) process.exitCode = 1;
