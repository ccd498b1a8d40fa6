// What the scripts share: the project's root, running a command, and the check for the tools a native build needs.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a command in the project's root and ends this process with its code if it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const works = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;

function requireAll(missing) {
  if (missing.length === 0) return;
  console.error(`cresset: this build needs ${missing.join(' and ')}; install it and run the command again.`);
  process.exit(1);
}

/** Says in one sentence which of the commands is missing, by its description, and ends the process. */
export function requireTools(tools) {
  requireAll(Object.entries(tools).flatMap(([command, description]) => (works(command) ? [] : [description])));
}

/** The same for what a native build needs. */
export function requireBuildTools() {
  const compilers = [process.env.CXX, 'c++', 'g++', 'clang++', 'clang-cl'].filter(Boolean);
  requireAll([
    ...(works('cmake') ? [] : ['CMake 3.18 or newer']),
    ...(compilers.some(works) ? [] : ['a C++20 compiler (GCC 11 or Clang 14 or newer)']),
  ]);
}
