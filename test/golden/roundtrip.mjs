// Saves whole models anew and has PyTorch read them: `npm run roundtrip`, or `-- --python CMD` with any PyTorch. Where all is well, seen.json
// keeps the digest of what was written, to which the tests hold what is written since.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load, save } from '../../dist/index.js';

const { values: flags } = parseArgs({
  options: { python: { type: 'string', default: '../shared/tools/torch-env python3' } },
});
const golden = (name) => join(import.meta.dirname, 'serialization', name);
const out = join(import.meta.dirname, '../../build');
mkdirSync(out, { recursive: true });
const path = join(out, 'roundtrip.pt');
await save(await load(golden('modules.pt')), path);

const [python, ...args] = flags.python.split(' ');
const script = join(import.meta.dirname, 'serialization.py');
const { status } = spawnSync(python, [...args, script, '--check-modules', path], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

const file = readFileSync(path);
const from = file.indexOf(Buffer.from('\x80\x02', 'latin1'));
const pickled = file.subarray(from, file.indexOf('PK\x03\x04', from, 'latin1'));
const modules = createHash('sha256').update(pickled).digest('hex');
writeFileSync(golden('seen.json'), `${JSON.stringify({ modules })}\n`);
