// The bench: this library and every peer that is found, the same work in turns, medians and ratios. `npm run bench -- --help` tells more.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { measurePeak } from './peak.mjs';
import { startPeers } from './peers/start.mjs';
import { machine, markdown, table } from './report.mjs';
import { rows } from './rows.mjs';

const help = `npm run bench -- [options]
  --filter TEXT    only the row whose group and name, one after the other, are TEXT, or else those that contain it; may be
                   given several times
  --quick          some twenty rows, about three minutes with every peer
  --python CMD     a Python with PyTorch (and onnxruntime); default: python3. 'none' for none
  --threads LIST   thread counts; default 1 and all of the machine
  --seconds S      for each row, peer and thread count; default 1 (0.3 with --quick)
  --json FILE, --markdown FILE
npm ci --prefix bench/peers installs the peers for Node: onnxruntime-node and TensorFlow.js.`;

const { values: flags } = parseArgs({
  options: {
    filter: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    python: { type: 'string', default: 'python3' },
    threads: { type: 'string' },
    seconds: { type: 'string' },
    json: { type: 'string' },
    markdown: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(help);
  process.exit();
}

const words = flags.filter.map((text) => text.toLowerCase());
const textOf = ({ group, name }) => `${group} ${name}`.toLowerCase();
const texts = new Set(rows.map(textOf));
const matches = (text) => words.some((word) => (texts.has(word) ? text === word : text.includes(word)));
const chosen = rows.filter((row) => (row.quick || !flags.quick) && (words.length === 0 || matches(textOf(row))));
if (chosen.length === 0) throw new Error(`bench: no row contains ${flags.filter.join(' or ')}`);
const threads = [...new Set((flags.threads ?? `1,${availableParallelism()}`).split(',').map(Number))];
const seconds = Number(flags.seconds ?? (flags.quick ? 0.3 : 1));
const rounds = 3;

const peak = Object.fromEntries(threads.map((n) => [n, measurePeak(n)]));
const peers = await startPeers(flags.python);
async function measure(peer, { spec, unit = 'seconds' }, n) {
  if (spec.kind !== 'process') return peer.measure(spec, n, seconds / rounds);
  const taken = peer.measureProcess(spec, n);
  return taken && [taken[unit]];
}

const results = [];
for (const [i, row] of chosen.entries()) {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${i + 1}/${chosen.length} ${row.group}: ${row.name}` : '.');
  // A B A B: every peer on every thread count, then all again.
  const times = new Map();
  for (let round = 0; round < rounds; round++)
    for (const peer of peers)
      for (const n of threads) {
        const taken = await measure(peer, row, n);
        if (taken !== null) times.set(`${peer.name}/${n}`, [...(times.get(`${peer.name}/${n}`) ?? []), ...taken]);
      }
  results.push({ ...row, times: Object.fromEntries(times) });
}
process.stderr.write(process.stderr.isTTY ? '\r\x1b[K' : '\n');
for (const peer of peers) peer.stop();

const report = {
  machine: machine(),
  peak,
  threads,
  peers: peers.map(({ name, version }) => ({ name, version })),
  results,
};
console.log(table(report));
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(report)}\n`);
if (flags.markdown) writeFileSync(flags.markdown, markdown(report));
