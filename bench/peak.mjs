// The machine's multiply-add peak: builds peak.cpp and runs it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { requireBuildTools, root, run } from '../scripts/native.mjs';

const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };
let program;

/** Multiply-adds in registers alone on `threads` threads, in GFLOP/s. */
export function measurePeak(threads) {
  if (program === undefined) {
    requireBuildTools();
    const build = join(root, 'build-test');
    run(
      'cmake',
      ['-S', root, '-B', build, '-DCRESSET_ADDON=OFF', '-DCRESSET_TESTS=ON', '-DCMAKE_BUILD_TYPE=Release'],
      quiet,
    );
    run('cmake', ['--build', build, '--target', 'peak', '--parallel', '2'], quiet);
    program = join(build, 'peak');
  }
  return Number(spawnSync(program, [String(threads)], { encoding: 'utf8' }).stdout);
}
