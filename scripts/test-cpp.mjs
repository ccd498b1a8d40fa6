// Builds the C++ test driver and runs it; with `--sanitize`, once under each of ASan, UBSan and TSan.
import { join } from 'node:path';
import { requireBuildTools, root, run } from './native.mjs';

requireBuildTools();
const variants = process.argv.includes('--sanitize') ? ['address', 'undefined', 'thread'] : [''];
for (const sanitizer of variants) {
  const build = join(root, `build-test${sanitizer && `-${sanitizer}`}`);
  const options = [
    '-DCRESSET_ADDON=OFF',
    '-DCRESSET_TESTS=ON',
    `-DCRESSET_SANITIZE=${sanitizer}`,
    '-DCMAKE_BUILD_TYPE=Release',
  ];
  run('cmake', ['-S', root, '-B', build, ...options], { stdio: ['ignore', 'ignore', 'inherit'] });
  run('cmake', ['--build', build, '--target', 'cresset_test', '--parallel', '2'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  console.log(sanitizer ? `${sanitizer} sanitizer:` : 'plain:');
  // An instruction set that this machine lacks falls back to the best one.
  for (const isa of sanitizer ? [''] : ['avx512', 'avx2', 'baseline'])
    run(join(build, 'cresset_test'), [], { env: { ...process.env, ...(isa && { CRESSET_ISA: isa }) } });
}
