// Builds the addon (build/Release/cresset.node), its types (build/native.d.ts) and the JavaScript (dist/). `--native` or `--ts` for one half.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { requireBuildTools, root, run } from './native.mjs';

const require = createRequire(import.meta.url);
const all = !process.argv.includes('--native') && !process.argv.includes('--ts');

if (all || process.argv.includes('--native')) {
  requireBuildTools();
  run(process.execPath, [
    require.resolve('cmake-js/bin/cmake-js'),
    'build',
    '--log-level',
    'error',
    '--config',
    'Release',
  ]);
  const addon = require(join(root, 'build/Release/cresset.node'));
  mkdirSync(join(root, 'build'), { recursive: true });
  writeFileSync(join(root, 'build/native.d.ts'), addon.declarations());
  addon.shutdown();
}
if (all || process.argv.includes('--ts')) {
  run(join(root, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.json']);
  const data = 'vision/models/weights/imagenet.json';
  cpSync(join(root, 'lib', data), join(root, 'dist', data));
  run(join(root, 'node_modules/.bin/tsc'), ['-p', 'examples/tsconfig.json']);
}
