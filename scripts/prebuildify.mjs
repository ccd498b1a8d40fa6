// Puts the stripped addon for this platform under prebuilds/, and builds dist/, ready for `npm pack`.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { requireBuildTools, root, run } from './native.mjs';

const require = createRequire(import.meta.url);
requireBuildTools();
run(process.execPath, [
  join(root, 'node_modules/prebuildify/bin.js'),
  '--napi',
  '--strip',
  '--tag-libc',
  '--name',
  'cresset',
  '--node-gyp',
  require.resolve('./cmake-js-as-node-gyp.cjs'),
]);
// prebuildify builds from nothing, the types of the addon included.
run(process.execPath, [join(root, 'scripts/build.mjs')]);
