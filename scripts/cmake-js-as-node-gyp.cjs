#!/usr/bin/env node
// Lets prebuildify build with cmake-js: it passes node-gyp's arguments, of which only the configuration and architecture matter.
const { spawnSync } = require('node:child_process');

const args = process.argv.slice(2);
const arch = (args.find((a) => a.startsWith('--arch=')) ?? `--arch=${process.arch}`)
  .slice('--arch='.length)
  .split('+')[0];
if (process.platform === 'linux' && arch !== process.arch) {
  console.error(`prebuildify: building for ${arch} on ${process.arch} needs a CMake toolchain file`);
  process.exit(2);
}
const config = args.includes('--debug') ? 'Debug' : 'Release';
const built = spawnSync(
  process.execPath,
  [require.resolve('cmake-js/bin/cmake-js'), 'rebuild', '--log-level', 'error', '--config', config, '--arch', arch],
  { stdio: 'inherit' },
);
process.exit(built.status ?? 1);
