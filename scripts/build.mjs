// Builds the addon (build/Release/cresset.node), its types (build/native.d.ts) and the JavaScript (dist/). `--native` or `--ts` for one half.
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { requireBuildTools, root, run } from './native.mjs';

const require = createRequire(import.meta.url);

// The board's page: all its code in one file, with the licences of what is in it beside.
function buildPage() {
  const [from, to] = [join(root, 'lib/board/page'), join(root, 'dist/board/page')];
  buildSync({
    entryPoints: [join(from, 'main.ts'), join(from, 'page.css')],
    entryNames: '[name]',
    outdir: to,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'warning',
  });
  renameSync(join(to, 'main.js'), join(to, 'page.js'));
  cpSync(join(from, 'index.html'), join(to, 'index.html'));
  const texts = ['uplot', '@dagrejs/dagre', '@dagrejs/graphlib'].map(
    (name) => `${name}\n\n${readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim()}\n`,
  );
  writeFileSync(
    join(to, 'LICENSES.txt'),
    `page.js and page.css hold parts of these libraries.\n\n${texts.join('\n\n')}`,
  );
}

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
  buildPage();
  run(join(root, 'node_modules/.bin/tsc'), ['-p', 'examples/tsconfig.json']);
}
