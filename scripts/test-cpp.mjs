// Builds the C++ test driver and runs it: on every instruction set of this machine; with `--sanitize`, once under ASan and UBSan and once
// under TSan; with `--arm`, cross-compiled for 64-bit Arm and emulated.
import { join } from 'node:path';
import { requireBuildTools, requireTools, root, run } from './native.mjs';

const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };

/** Builds the driver in a folder of its own and returns that folder. */
function build(variant, options) {
  const folder = join(root, `build-test${variant && `-${variant}`}`);
  const shared = ['-DCRESSET_ADDON=OFF', '-DCRESSET_TESTS=ON', '-DCMAKE_BUILD_TYPE=Release'];
  run('cmake', ['-S', root, '-B', folder, ...shared, ...options], quiet);
  run('cmake', ['--build', folder, '--target', 'cresset_test', '--parallel', '2'], quiet);
  console.log(`${variant || 'plain'}:`);
  return folder;
}

requireBuildTools();
if (process.argv.includes('--sanitize')) {
  for (const [variant, sanitizers] of [
    ['memory', 'address,undefined'],
    ['thread', 'thread'],
  ])
    run(join(build(variant, [`-DCRESSET_SANITIZE=${sanitizers}`]), 'cresset_test'), []);
} else if (process.argv.includes('--arm')) {
  requireTools({
    'aarch64-linux-gnu-g++': 'the cross compiler (Debian: g++-aarch64-linux-gnu)',
    'qemu-aarch64': 'the emulator (Debian: qemu-user)',
  });
  const folder = build('arm', [`-DCMAKE_TOOLCHAIN_FILE=${join(root, 'cmake/aarch64-linux-gnu.cmake')}`]);
  run('qemu-aarch64', ['-L', '/usr/aarch64-linux-gnu', join(folder, 'cresset_test')]);
} else {
  const folder = build('', []);
  // One that this machine lacks falls back to the best.
  for (const isa of ['avx512', 'avx2', 'baseline'])
    run(join(folder, 'cresset_test'), [], { env: { ...process.env, CRESSET_ISA: isa } });
}
