// Whole models there and back: `npm run roundtrip`, or `-- --python CMD` with any PyTorch; one with torchvision takes its networks too. What
// is written here is read there, and the other way round, and must compute the same. Where all is well, seen.json keeps digests of what was
// written, to which the tests hold what is written since.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load, manualSeed, nn, noGrad, rand, save } from '../../dist/index.js';
import { models } from '../../dist/vision/index.js';

const { values: flags } = parseArgs({
  options: { python: { type: 'string', default: '../shared/tools/torch-env python3' } },
});
const golden = (name) => join(import.meta.dirname, 'serialization', name);
const out = (name) => join(import.meta.dirname, '../../build/roundtrip', name);
mkdirSync(out(''), { recursive: true });

function python(...args) {
  const [command, ...before] = flags.python.split(' ');
  const options = { stdio: ['ignore', 'inherit', 'inherit'] };
  const { status } = spawnSync(command, [...before, join(import.meta.dirname, 'serialization.py'), ...args], options);
  if (status !== 0) process.exit(status ?? 1);
}

/** The digest of a file's pickle: everything but the numbers. */
function digest(path) {
  const file = readFileSync(path);
  const from = file.indexOf(Buffer.from('\x80\x02', 'latin1'));
  const pickled = file.subarray(from, file.indexOf('PK\x03\x04', from, 'latin1'));
  return createHash('sha256').update(pickled).digest('hex');
}

await save(await load(golden('modules.pt')), out('modules.pt'));
python('--check-modules', out('modules.pt'));
const seen = { modules: digest(out('modules.pt')), networks: {} };

const names = JSON.parse(readFileSync(join(import.meta.dirname, 'networks.json'), 'utf8'));
for (const [name, theirs] of Object.entries(names)) {
  manualSeed(0);
  const module = models[name]({ numClasses: 10 }).eval();
  if ('heads' in module) nn.init.normal_(module.heads.head.weight); // new vision transformers give zeros
  const side = name.startsWith('vit') ? 224 : 96;
  const inputs = [rand([1, 3, side, side])];
  const output = noGrad(() => module(...inputs));
  const keys = Object.keys(module.stateDict());
  await save({ [name]: { module, text: String(module), keys, inputs, output } }, out('ours.pt'));
  python('--check-network', theirs, out('ours.pt'), out('theirs.pt'));

  const back = await load(out('theirs.pt'));
  const again = noGrad(() => back.module(...back.inputs));
  const difference = again.sub(back.output).abs().amax().item() / back.output.abs().amax().item();
  if (String(back.module) !== back.text || Object.keys(back.module.stateDict()).join() !== back.keys.join())
    throw new Error(`${name}: text or keys differ`);
  if (!(difference < 1e-4)) throw new Error(`${name}: outputs differ by ${difference}`);
  console.log(`${name}: theirs is the same here, outputs within ${difference.toExponential(1)} of the largest`);

  await save(
    nn.utils.skipInit(() => models[name]()),
    out('structure.pt'),
  );
  seen.networks[name] = digest(out('structure.pt'));
}
writeFileSync(golden('seen.json'), `${JSON.stringify(seen, null, 2)}\n`);
