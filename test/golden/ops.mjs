// Prints the data of test/ops.cases.ts as JSON, for ops.py.
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
console.log(JSON.stringify(Object.fromEntries(Object.entries(cases).map(([op, { rows }]) => [op, rows]))));
