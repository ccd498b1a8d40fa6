// Packs the package and installs the tarball in an empty folder as a user would who has nothing but Node: no scripts, no compiler on the
// path. There it trains a step, saves and loads, and its types are checked. `npm run test:package -- --node 20,22,24` repeats the
// training on other versions of Node, which come as packages.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './native.mjs';

const { values: flags } = parseArgs({ options: { node: { type: 'string', default: '' } } });
const folder = mkdtempSync(join(tmpdir(), 'cresset-package-'));
const npmCli = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');

function command(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: folder, encoding: 'utf8', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0)
    throw new Error(
      `${program} ${args.join(' ')}: ${result.signal ?? result.status}\n${result.stdout}${result.stderr}`,
    );
  return result.stdout.trim();
}
const npm = (args, options) =>
  existsSync(npmCli) ? command(process.execPath, [npmCli, ...args], options) : command('npm', args, options);

const program = `
import { load, manualSeed, memory, nn, optim, rand, randint, save } from 'cresset';
import { DataLoader, TensorDataset } from 'cresset/data';
import { SummaryWriter } from 'cresset/tensorboard';
import { datasets } from 'cresset/vision';
manualSeed(0);
const model = new nn.Sequential(
  new nn.Conv2d(3, 8, 5, { padding: 2 }), new nn.ReLU(), new nn.MaxPool2d(4), new nn.Flatten(), new nn.Linear(512, 10));
const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
const loss = new nn.CrossEntropyLoss();
const loader = new DataLoader(new TensorDataset(rand([32, 3, 32, 32]), randint(0, 10, [32])), { batchSize: 16 });
const losses: number[] = [];
for (let epoch = 0; epoch < 3; epoch++)
  for await (const [images, targets] of loader) {
    const result = loss(model(images!), targets!);
    optimizer.zeroGrad();
    result.backward();
    optimizer.step();
    losses.push(result.item());
  }
await save(model.stateDict(), 'model.pth');
model.loadStateDict((await load('model.pth')) as nn.StateDict);
const writer = new SummaryWriter('logs');
writer.addGraph(model, rand([1, 3, 32, 32]));
writer.addImage('picture', rand([3, 4, 4]));
await writer.close();
if (!(losses.at(-1)! < losses[0]!) || new datasets.SyntheticShapes({ length: 3 }).length !== 3) throw new Error(losses.join());
console.log(\`node \${process.version}: loss \${losses[0]!.toFixed(4)} to \${losses.at(-1)!.toFixed(4)}, \${memory.stats().handles > 0 ? 'ok' : ''}\`);
`;

try {
  const tarball = npm(['pack', '--pack-destination', folder], { cwd: root }).split('\n').at(-1);
  console.log(`${tarball}: ${(statSync(join(folder, tarball)).size / 1e6).toFixed(2)} MB`);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  npm(['install', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, tarball)]);
  console.log(
    `installed: ${readdirSync(join(folder, 'node_modules'))
      .filter((name) => !name.startsWith('.'))
      .join(', ')}`,
  );

  // The compiler and Node's types are this project's own; the library's are the tarball's.
  mkdirSync(join(folder, 'node_modules/@types'), { recursive: true });
  for (const name of ['@types/node', 'undici-types'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  writeFileSync(join(folder, 'train.ts'), program);
  const compilerOptions = {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    strict: true,
    noUncheckedIndexedAccess: true,
    types: ['node'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['train.ts'] }));
  command(join(root, 'node_modules/.bin/tsc'), ['-p', folder]);

  // Nothing but Node on the path.
  const bin = join(folder, 'bin');
  for (const version of ['', ...flags.node.split(',').filter(Boolean)]) {
    let node = process.execPath;
    if (version !== '') {
      const name = `node-${process.platform}-${process.arch}`;
      npm([
        'install',
        '--no-save',
        '--ignore-scripts',
        '--prefix',
        join(folder, `node${version}`),
        `${name}@${version}`,
      ]);
      node = join(folder, `node${version}/node_modules/${name}/bin/node`);
    }
    rmSync(bin, { recursive: true, force: true });
    mkdirSync(bin);
    symlinkSync(node, join(bin, 'node'));
    console.log(command(join(bin, 'node'), ['train.js'], { env: { PATH: bin } }));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
