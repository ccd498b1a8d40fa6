// Makes PyTorch's values anew: `npm run golden`, or `-- ops nn` for some of the files; `PYTHON` names a Python that has PyTorch.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';

const test = join(import.meta.dirname, '..');
const out = join(test, '../build/cases');
const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } };
mkdirSync(join(out, 'ops'), { recursive: true });
writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
for (const name of ['ops.cases.ts', ...readdirSync(join(test, 'ops')).map((file) => join('ops', file))])
  writeFileSync(
    join(out, name.replace(/ts$/, 'js')),
    transformSync(readFileSync(join(test, name), 'utf8'), options).code,
  );
const { cases } = await import(join(out, 'ops.cases.js'));
const input = JSON.stringify(Object.fromEntries(Object.entries(cases).map(([op, { rows }]) => [op, rows])));

const [python, ...args] = (process.env.PYTHON ?? '../shared/tools/torch-env python3').split(' ');
const scripts = readdirSync(join(test, 'golden')).flatMap((name) => (name.endsWith('.py') ? [name.slice(0, -3)] : []));
const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : scripts) {
  console.log(name);
  const made = spawnSync(python, [...args, join(test, 'golden', `${name}.py`)], {
    input,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  if (made.status !== 0) process.exit(made.status ?? 1);
}
