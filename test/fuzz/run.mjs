// Fuzzes the reader of checkpoints: `npm run fuzz -- --inputs N --target zip|pickle|legacy|safetensors|all --seed S --findings DIR`, on Linux.
// Inputs are made from files of test/golden by changes that know the formats, those that reach something new are kept, and what an input may
// not do (an error other than the promised ones, more than a second, more memory than its size and 64 MB, a crash) is written to DIR.
// `--again FILE` reads one of those once more; `--outcomes` lists in what reading ended.
import { fork } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const targets = ['zip', 'pickle', 'legacy', 'safetensors'];
const { values: flags } = parseArgs({
  options: {
    inputs: { type: 'string', default: '20000' },
    target: { type: 'string', default: 'all' },
    seed: { type: 'string', default: '1' },
    findings: { type: 'string', default: join(tmpdir(), 'cresset-findings') },
    outcomes: { type: 'boolean', default: false },
    again: { type: 'string' },
  },
});
const chosen = flags.target === 'all' ? targets : [flags.target];
if (
  !chosen.every((name) => targets.includes(name)) ||
  !(Number(flags.inputs) > 0) ||
  !Number.isInteger(Number(flags.seed))
)
  throw new RangeError(
    'fuzz: --inputs N --target zip|pickle|legacy|safetensors|all --seed S --findings DIR --outcomes --again FILE',
  );

/** Runs one target in a process of its own, which is ended where an input keeps it busy for 20 s. */
function fuzz(name, inputs, seed, again = []) {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'cresset-fuzz-'));
  const input = join(folder, 'input');
  return new Promise((resolve) => {
    const args = [name, inputs, seed, folder, flags.findings, ...again].map(String);
    const child = fork(join(import.meta.dirname, 'worker.mjs'), args);
    let [count, result, hang] = [0, null, false];
    const watch = setInterval(() => {
      if (!existsSync(input) || Date.now() - statSync(input).mtimeMs < 20_000) return;
      hang = true;
      child.kill('SIGKILL');
    }, 2000);
    child.on('message', (message) => {
      if (message.done !== undefined) result = message;
      else count = message.count;
    });
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      if (result === null) {
        mkdirSync(flags.findings, { recursive: true });
        const path = join(flags.findings, `${name}-${hang ? 'hang' : 'crash'}-${seed}-${count}`);
        copyFileSync(input, path);
        console.error(`${name}: ${path}: ${hang ? 'it never ends' : `the process ended with ${signal ?? code}`}`);
      }
      rmSync(folder, { recursive: true });
      resolve(result ?? { count });
    });
  });
}

if (flags.again !== undefined) {
  const { findings } = await fuzz('again', 0, 1, [flags.again]);
  console.log(findings?.length === 0 ? 'as promised' : 'not as promised');
  process.exit(findings?.length === 0 ? 0 : 1);
}
let sum = 0;
let failed = false;
for (const name of chosen) {
  const inputs = Math.ceil(Number(flags.inputs) / chosen.length);
  let done = 0;
  for (let seed = Number(flags.seed); done < inputs; seed += 1000) {
    const result = await fuzz(name, inputs - done, seed);
    if (result.done === undefined) {
      failed = true;
      done += Math.max(1, result.count);
      continue;
    }
    const { count, seconds, slowest, largest, corpus, reached, total } = result.done;
    done += count;
    failed ||= result.findings.length > 0;
    console.log(
      `${name.padEnd(12)} ${count} inputs, ${(count / seconds).toFixed(0)}/s, ${reached} of ${total} places reached, corpus of ${corpus}, ` +
        `slowest ${slowest.toFixed(0)} ms, largest memory ${(largest / 2 ** 20).toFixed(0)} MB, ${result.findings.length} kinds of findings`,
    );
    if (flags.outcomes)
      for (const [kind, times] of result.outcomes.sort((a, b) => b[1] - a[1]).slice(0, 100))
        console.log(`  ${times} ${kind}`);
  }
  sum += done;
}
console.log(`${sum} inputs in all${failed ? `; findings are in ${flags.findings}` : ', no findings'}`);
process.exitCode = failed ? 1 : 0;
