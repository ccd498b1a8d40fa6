// Builds and runs the kernel bench.
import { join } from 'node:path';
import { requireBuildTools, root, run } from '../scripts/native.mjs';

requireBuildTools();
const build = join(root, 'build-test');
run('cmake', ['-S', root, '-B', build, '-DCRESSET_ADDON=OFF', '-DCRESSET_TESTS=ON', '-DCMAKE_BUILD_TYPE=Release'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
run('cmake', ['--build', build, '--target', 'kernel_bench', '--parallel', '2'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
run(join(build, 'kernel_bench'), []);
