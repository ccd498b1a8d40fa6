// Every network against torchvision's with the weights of seed 0 (variants.json, which variants.py makes): `npm run parity`, or
// `-- vgg16 resnet18` for some of them. All take minutes, and 3 GB of memory for the largest, which come last.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manualSeed, memory, nn, noGrad, rand, tidy } from '../../dist/index.js';
import { models } from '../../dist/vision/index.js';

const variants = JSON.parse(readFileSync(join(import.meta.dirname, 'variants.json'), 'utf8'));
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !variants.some((variant) => variant.name === name));
if (unknown.length > 0) {
  console.error(`parity: there is no network ${unknown.join(', ')}`);
  process.exit(2);
}

/** The largest difference of the logits, relative to the largest of them, or that of their norm. */
function differenceOf({ name, options, draws, side, logits, norm, parameters }) {
  manualSeed(0);
  const model = models[name](options).eval();
  const all = [...model.parameters()];
  if (draws !== undefined) nn.init.normal_(model.getParameter(draws));
  nn.init.zeros_(all.at(-1));
  const count = all.reduce((sum, p) => sum + p.numel(), 0);
  if (count !== parameters) throw new Error(`${name}: has ${count} parameters, torchvision's ${parameters}`);
  const y = noGrad(() => model(rand([1, 3, side, side]))).flatten();
  const ours = y.toArray();
  const largest = Math.max(...logits.map(Math.abs));
  const differences = logits.map((value, i) => Math.abs(value - ours[142 * i]) / largest);
  return Math.max(...differences, Math.abs(y.norm().item() / norm - 1));
}

const rows = variants.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
rows.sort((a, b) => a.parameters - b.parameters);
let worst = 0;
for (const row of rows) {
  const start = performance.now();
  const difference = tidy(() => differenceOf(row));
  const seconds = (performance.now() - start) / 1000;
  memory.emptyCache();
  worst = Math.max(worst, difference);
  const columns = [row.name.padEnd(18), `${(row.parameters / 1e6).toFixed(1)} M`.padStart(8)];
  console.log(...columns, difference.toExponential(1).padStart(9), `${seconds.toFixed(1)} s`.padStart(8));
}
const most = (process.resourceUsage().maxRSS / 2 ** 20).toFixed(1);
console.log(
  `${rows.length} networks, differences of at most ${worst.toExponential(1)} of the largest logit; ${most} GB`,
);
if (!(worst < 1e-4)) process.exit(1);
