// The accuracy rule, kernel by kernel: our largest error against float64 on every instruction set, and PyTorch's in float32.
// `npm run bench:accuracy -- --python CMD [--filter TEXT]`; with a folder as its only argument it answers for one instruction set.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { grad, nn, noGrad, tensor } from 'cresset';
import { operations } from './peers/operations.mjs';
import { rows } from './rows.mjs';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { filter: { type: 'string', default: '' }, python: { type: 'string', default: 'python3' } },
});
const read = (file, Type) => {
  const { buffer, byteOffset, byteLength } = readFileSync(file);
  return new Type(buffer.slice(byteOffset, byteOffset + byteLength));
};

function result(spec, [x, y, dy]) {
  if (spec.kind === 'gemm') return (spec.transA ? x.t() : x).matmul(spec.transB ? y.t() : y);
  if (spec.kind === 'op') return operations[spec.op](x, spec, y);
  const { pass, stride, pad, groups } = spec;
  const conv = () => nn.functional.conv2d(x, y, null, { stride, padding: pad, groups });
  if (pass === 'forward') return noGrad(conv);
  const wanted = (pass === 'gradInput' ? x : y).requiresGrad_();
  return grad(conv(), wanted, { gradOutputs: dy })[0];
}

/** Our largest errors, one for each work in `folder`. */
function errors(folder) {
  return JSON.parse(readFileSync(`${folder}/specs.json`, 'utf8')).map((spec, i) => {
    const { shapes } = JSON.parse(readFileSync(`${folder}/${i}.json`, 'utf8'));
    const inputs = shapes.map((shape, j) => tensor(read(`${folder}/${i}.${j}`, Float32Array), { shape }));
    const exact = read(`${folder}/${i}.exact`, Float64Array);
    const ours = Float64Array.from(result(spec, inputs).detach().contiguous().toTypedArray(), Number);
    return ours.reduce((most, value, k) => Math.max(most, Math.abs(value - exact[k])), 0);
  });
}

if (positionals.length > 0) {
  console.log(JSON.stringify(errors(positionals[0])));
  process.exit();
}

// The same works at batch 2: more of them take float64 minutes.
const works = rows
  .filter(({ spec }) => ['gemm', 'conv', 'op'].includes(spec.kind) && spec.op !== 'argmax')
  .map(({ group, name, spec }) =>
    spec.n > 2 && spec.kind === 'conv'
      ? { group, name: name.replace(/^\d+/, 2), spec: { ...spec, n: 2 } }
      : { group, name, spec },
  )
  .filter(({ group, name }) => `${group} ${name}`.toLowerCase().includes(flags.filter.toLowerCase()));
mkdirSync(fileURLToPath(new URL('../build', import.meta.url)), { recursive: true });
const folder = mkdtempSync(fileURLToPath(new URL('../build/accuracy-', import.meta.url)));
try {
  writeFileSync(`${folder}/specs.json`, JSON.stringify(works.map(({ spec }) => spec)));
  const [command, ...args] = flags.python.split(' ');
  const script = fileURLToPath(new URL('peers/torch_accuracy.py', import.meta.url));
  const { status } = spawnSync(command, [...args, script, folder], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`bench:accuracy: no PyTorch with ${flags.python} (--python CMD)`);
  const isas = process.arch === 'x64' ? ['avx512', 'avx2', 'baseline'] : ['neon'];
  const ours = isas.map((isa) => {
    const env = { ...process.env, CRESSET_ISA: isa };
    const { stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), folder], { env, encoding: 'utf8' });
    return JSON.parse(stdout);
  });
  const cells = works.map(({ group, name }, i) => {
    const { error, largest } = JSON.parse(readFileSync(`${folder}/${i}.json`, 'utf8'));
    // One unit in the last place of the largest value.
    const allowed = 2 * error + 2 ** (Math.floor(Math.log2(largest)) - 23);
    const ratio = (value) => (value / allowed).toFixed(2);
    return [`${group}: ${name}`, error, ...ours.map((isa) => isa[i])]
      .map((v) => (typeof v === 'number' ? (v / largest).toExponential(1) : v))
      .concat(ratio(Math.max(...ours.map((isa) => isa[i]))));
  });
  const head = ['largest error / largest value', 'PyTorch', ...isas, 'of what is allowed'];
  const widths = head.map((text, i) => Math.max(text.length, ...cells.map((row) => row[i].length)));
  for (const row of [head, ...cells])
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '));
  const broken = cells.filter((row) => Number(row.at(-1)) > 1).length;
  console.log(
    broken === 0
      ? `${cells.length} rows, all within twice PyTorch's error and a unit in the last place`
      : `${broken} of ${cells.length} rows break the rule`,
  );
} finally {
  rmSync(folder, { recursive: true });
}
