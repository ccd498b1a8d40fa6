// What a process that keeps one core busy costs a training step of the tutorial's CNN, batch 64, of this library and of PyTorch:
// `npm run bench:neighbour -- --python CMD`. Fails where ours takes more than 2.2 times as long.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startPeers } from './peers/start.mjs';
import { median } from './report.mjs';
import { rows } from './rows.mjs';

const { values: flags } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, seconds: { type: 'string', default: '2' } },
});
const seconds = Number(flags.seconds);
const { spec } = rows.find(({ group, name }) => `${group} ${name}` === "training step the tutorial's CNN, batch 64");

const peers = await startPeers(flags.python);
const times = new Map();
for (let round = 0; round < 3; round++)
  for (const peer of peers) {
    const quiet = await peer.measure(spec, availableParallelism(), seconds);
    if (quiet === null) continue;
    const neighbour = spawn(process.execPath, ['-e', 'for (;;);']);
    await sleep(500); // until it has a core
    const busy = await peer.measure(spec, availableParallelism(), seconds);
    neighbour.kill();
    const before = times.get(peer.name) ?? { quiet: [], busy: [] };
    times.set(peer.name, { quiet: [...before.quiet, ...quiet], busy: [...before.busy, ...busy] });
  }
for (const peer of peers) peer.stop();

for (const [name, { quiet, busy }] of times) {
  const [alone, beside] = [median(quiet), median(busy)];
  const ms = (s) => `${(s * 1000).toFixed(1)} ms`;
  console.log(`${name}: ${ms(alone)} alone, ${ms(beside)} beside a busy process: ${(beside / alone).toFixed(2)} times`);
  if (name === 'cresset' && beside > 2.2 * alone) process.exitCode = 1;
}
