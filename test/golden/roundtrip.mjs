// Files there and back: `npm run roundtrip`, or `-- --python CMD` with any PyTorch, and `-- --all` for all of torchvision's networks, of which
// the largest take 6 GB of memory and as much of the disk. What is written here is read there, and the other way round: layers of every form,
// states of optimizers and of their schedulers, networks. What that PyTorch lacks is named. Where all is well, seen.json keeps digests of what was
// written, to which the tests hold what is written since.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { load, manualSeed, memory, nn, noGrad, optim, rand, randn, save } from '../../dist/index.js';
import { models } from '../../dist/vision/index.js';

const { values: flags } = parseArgs({
  options: { python: { type: 'string', default: '../shared/tools/torch-env python3' }, all: { type: 'boolean' } },
});
const golden = (name) => join(import.meta.dirname, name);
const json = (name) => JSON.parse(readFileSync(golden(name), 'utf8'));
const folder = mkdtempSync(join(import.meta.dirname, '../../build/roundtrip-')); // where a Python in a root of its own sees it
const out = (name) => join(folder, name);
process.once('exit', () => rmSync(folder, { recursive: true }));

// One of each of torchvision's classes, and of the forms in which they differ.
const usual =
  `alexnet convnextTiny densenet121 efficientnetB0 efficientnetV2S googlenet inceptionV3 mnasnet0_5 mobilenetV2 mobilenetV3Small
  regnetX400mf regnetY400mf resnet18 resnet50 resnext50_32x4d shufflenetV2X0_5 squeezenet1_1 vgg11Bn vitB32`.split(
    /\s+/,
  );

/** Runs a script of this folder in Python, and gives what it prints. */
function python(script, ...args) {
  const [command, ...before] = flags.python.split(' ');
  const options = { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' };
  const { status, stdout } = spawnSync(command, [...before, golden(script), ...args], options);
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

/** The digest of a file's pickle: everything but the numbers. */
function digest(path) {
  const file = readFileSync(path);
  const from = file.indexOf(Buffer.from('\x80\x02', 'latin1'));
  const pickled = file.subarray(from, file.indexOf('PK\x03\x04', from, 'latin1'));
  return createHash('sha256').update(pickled).digest('hex');
}

const first = (output) => (Array.isArray(output) ? output[0] : output);

/** How far a module of theirs is from what it gave there, relative to the largest number; throws where it is another. */
function differenceOf(name, { module, text, keys, inputs, output }) {
  if (String(module) !== text) {
    const what = `${name}: PyTorch ${version} prints ${text}, we ${module}`;
    if (version >= '2.6') throw new Error(what);
    console.log(what);
  }
  if (Object.keys(module.stateDict()).join() !== keys.join()) throw new Error(`${name}: the keys differ`);
  if (inputs === undefined || output.numel() === 0) return 0;
  const again = noGrad(() => first(module(...inputs.map((x) => x.clone()))));
  const difference = again.sub(output).abs().amax().item() / output.abs().amax().item();
  if (!(difference < 1e-4)) throw new Error(`${name}: outputs differ by ${difference}`);
  return difference;
}

async function roundtripModules() {
  await save(await load(golden('serialization/modules.pt')), out('modules.pt'));
  process.stdout.write(python('serialization.py', '--check-modules', out('modules.pt')));
  process.stdout.write(python('serialization.py', '--write-modules', out('theirs.pt')));
  const theirs = Object.entries(await load(out('theirs.pt')));
  const most = Math.max(...theirs.map(([title, record]) => differenceOf(title, record)));
  console.log(`${theirs.length} modules written there are the same here, outputs within ${most.toExponential(1)}`);
  return digest(out('modules.pt'));
}

const camelCase = (key) => key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());

/** The optimizer of a row of optim.json, with two groups as optim.py makes them. */
function optimizer(kind, options, params) {
  const [a, b, c, d, e] = params;
  const own = Object.fromEntries(Object.entries(options).map(([key, value]) => [camelCase(key), value]));
  return new optim[kind]([{ params: [a, b, e] }, { params: [c, d], lr: 0.03 }], own);
}

/** Takes one step from a state in an optimizer that has no options of its own, with gradients for all parameters but the last. */
function stepFrom(kind, state, before, grads) {
  const params = before.map((p) => new nn.Parameter(p.detach().clone()));
  const next = optimizer(kind, {}, params);
  next.loadStateDict(state);
  for (const [i, grad] of grads.entries()) params[i].grad = grad;
  next.step();
  return params.map((p) => p.detach());
}

async function roundtripOptimizers() {
  manualSeed(0);
  const records = json('optim.json').steps.map(({ kind, options }) => {
    const params = [[], [1], [3, 5], [17, 33], [4]].map((shape) => new nn.Parameter(randn(shape)));
    const draw = () => params.slice(0, 4).map((p) => randn(p.shape));
    const made = optimizer(kind, options, params);
    for (let step = 0; step < 3; step++) {
      for (const [i, grad] of draw().entries()) params[i].grad = grad;
      made.step();
    }
    const [state, grads, before] = [made.stateDict(), draw(), params.map((p) => p.detach())];
    return { kind, options, state, before, grads, after: stepFrom(kind, state, before, grads) };
  });
  await save(records, out('optimizers.pt'));
  process.stdout.write(python('optim.py', '--check', out('optimizers.pt')));

  python('optim.py', '--write', out('theirs.pt'));
  const theirs = await load(out('theirs.pt'));
  const differences = theirs.map(({ kind, options, state, before, grads, after }) => {
    const ends = stepFrom(kind, state, before, grads);
    const difference = Math.max(...ends.map((p, i) => p.sub(after[i]).abs().amax().item()));
    if (!(difference < 1e-6)) throw new Error(`${kind} ${JSON.stringify(options)}: parameters differ by ${difference}`);
    return difference;
  });
  const equal = differences.filter((difference) => difference === 0).length;
  const most = Math.max(...differences).toExponential(1);
  console.log(`${theirs.length} optimizers of theirs go on here, ${equal} of them to the bit, all within ${most}`);
}

// That schedulers have PyTorch's states and go on from them is tested; here are the files.
async function roundtripSchedulers() {
  await save(await load(golden('lr-schedulers.pt')), out('schedulers.pt'));
  process.stdout.write(python('lr_scheduler.py', '--check', out('schedulers.pt')));
}

/** Lets go of a network at once, as the largest hardly fit twice. */
function release(module) {
  for (const tensor of [...module.parameters(), ...module.buffers()]) tensor.dispose();
  memory.emptyCache();
}

/** Draws what begins with zeros, ones or next to nothing, and takes the head's bias away, so that whatever is lost shows. */
function showAll(module, draws) {
  for (const [name, tensor] of [...module.namedBuffers(), ...module.namedParameters()])
    if (name.endsWith('running_mean')) nn.init.normal_(tensor, 0, 0.1);
    else if (/(running_var|layer_scale)$/.test(name)) nn.init.uniform_(tensor, 0.5, 1.5);
  if (draws !== undefined) nn.init.normal_(module.getParameter(draws));
  nn.init.zeros_([...module.parameters()].at(-1));
}

async function roundtripNetwork({ name, theirs, draws, side }) {
  manualSeed(0);
  const module = models[name]({ numClasses: 10 }).eval();
  showAll(module, draws);
  const inputs = [rand([1, 3, side, side])];
  const output = noGrad(() => module(...inputs));
  const keys = Object.keys(module.stateDict());
  await save({ [name]: { module, text: String(module), keys, inputs, output } }, out('ours.pt'));
  release(module);
  python('serialization.py', '--check-network', theirs, out('ours.pt'), out('theirs.pt'));
  rmSync(out('ours.pt'));
  const back = await load(out('theirs.pt'));
  const difference = differenceOf(name, back);
  release(back.module);
  rmSync(out('theirs.pt'));
  console.log(`${name}: the same there and here, outputs within ${difference.toExponential(1)} of the largest`);
}

const { version, networks } = JSON.parse(python('serialization.py', '--about'));
const seen = { modules: await roundtripModules(), networks: {} };
await roundtripOptimizers();
await roundtripSchedulers();
const variants = json('variants.json').sort((a, b) => a.parameters - b.parameters);
const chosen = variants.filter(({ name }) => flags.all || usual.includes(name));
const lacking = chosen.filter(({ theirs }) => !networks.includes(theirs));
if (lacking.length > 0) console.log(`that torchvision lacks ${lacking.map(({ theirs }) => theirs).join(', ')}`);
for (const variant of chosen) if (!lacking.includes(variant)) await roundtripNetwork(variant);
if (lacking.length === 0) {
  for (const name of usual) {
    const made = nn.utils.skipInit(() => models[name]());
    await save(made, out('structure.pt'));
    seen.networks[name] = digest(out('structure.pt'));
  }
  writeFileSync(golden('serialization/seen.json'), `${JSON.stringify(seen, null, 2)}\n`);
}
