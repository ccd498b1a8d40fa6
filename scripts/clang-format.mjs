// Formats the C++ sources, or with `--check` fails on those that are not formatted.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './native.mjs';

const sources = ['cpp', 'binding', 'test/cpp', 'bench'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((name) => /\.(cpp|h)$/.test(name))
    .map((name) => join(folder, name)),
);
const mode = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i'];
run(join(root, 'node_modules/.bin/clang-format'), [...mode, ...sources]);
