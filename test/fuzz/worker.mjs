// The process that reads inputs: worker.mjs TARGET INPUTS SEED FOLDER FINDINGS [FILE], started by run.mjs; it reads FILE alone where there is one.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Coverage } from './coverage.mjs';
import { instrumentedCopy } from './instrument.mjs';
import { changePickle } from './pickle.mjs';
import { Random } from './random.mjs';
import { changeSafetensors } from './safetensors.mjs';
import { seedsOf } from './seeds.mjs';
import { Target } from './target.mjs';
import { changePickleIn, changeZip } from './zip.mjs';

const largestInput = 1 << 20;

const changes = {
  zip: changeZip,
  pickle: changePickleIn,
  legacy: (random, file, other) => changePickle(random, file, other, 5),
  safetensors: changeSafetensors,
};

const [name, inputs, seed, folder, findings, again] = process.argv.slice(2);
const dist = instrumentedCopy();
const library = await import(join(dist, 'index.js'));
const target = new Target(folder, library, await import(join(dist, 'serialization/inspect.js')));

const coverage = new Coverage();
const random = new Random(Number(seed));
const corpus = [];
const found = new Map();

function report(bytes, error) {
  const text = String(error?.stack ?? error);
  const kind = text.replace(/\d+/g, '0').slice(0, 200);
  found.set(kind, (found.get(kind) ?? 0) + 1);
  if (found.get(kind) > 3) return;
  mkdirSync(findings, { recursive: true });
  const path = join(findings, `${name}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`);
  writeFileSync(path, bytes);
  writeFileSync(`${path}.txt`, `${text}\n`);
  console.error(`${name}: ${path}: ${text.slice(0, 300)}`);
}

let current = Buffer.alloc(0);
process.on('uncaughtException', (error) => {
  report(current, error);
  process.exit(1);
});
process.on('unhandledRejection', (error) => {
  report(current, error);
  process.exit(1);
});

async function one(bytes, thorough) {
  current = bytes;
  coverage.clear();
  try {
    const news = await target.run(bytes, thorough);
    if (coverage.note() || news) corpus.push(bytes);
  } catch (error) {
    report(bytes, error);
  }
}

const start = performance.now();
const seeds = again === undefined ? await seedsOf(name, library) : [readFileSync(again)];
for (const file of seeds) {
  await one(file, true);
  if (!corpus.includes(file)) corpus.push(file);
}
// Newer ones come up more often, and short ones.
function choose() {
  const [a, b] = [0, 1].map(() => corpus[Math.max(random.below(corpus.length), random.below(corpus.length))]);
  return a.length > b.length && !random.oneIn(4) ? b : a;
}
let count = 0;
let last = start;
for (; count < Number(inputs); count++) {
  const bytes = changes[name](random, choose(), random.pick(corpus)).subarray(0, largestInput);
  await one(bytes, random.oneIn(8));
  if (performance.now() - last > 1000) {
    // Timers and finalizers have their turn, and run.mjs sees how far it is.
    last = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 0));
    process.send({ count });
  }
}
try {
  await target.checkLeft();
} catch (error) {
  report(Buffer.alloc(0), error);
}
const seconds = (performance.now() - start) / 1000;
const { slowest, largest, outcomes } = target;
const done = {
  count,
  seconds,
  slowest,
  largest,
  corpus: corpus.length,
  reached: coverage.reached,
  total: coverage.total,
};
process.send({ done, outcomes: [...outcomes], findings: [...found] }, () => process.exit());
