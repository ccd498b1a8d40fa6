// A copy of the library with counters in the reader and in the zip library below it. (A loader hook would slow down each `import()` in them.)
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInstrumenter } from 'istanbul-lib-instrument';

const root = join(import.meta.dirname, '../..');

function instrument(folder, esModules) {
  const instrumenter = createInstrumenter({ esModules, compact: false });
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    const path = join(folder, name);
    writeFileSync(path, instrumenter.instrumentSync(readFileSync(path, 'utf8'), path));
  }
}

/** Copies what `npm run build` made into build/fuzz, and gives the copy's folder. */
export function instrumentedCopy() {
  const copy = join(root, 'build/fuzz');
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(join(copy, 'node_modules'), { recursive: true });
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(copy, 'package.json'));
  cpSync(join(root, 'node_modules/yauzl'), join(copy, 'node_modules/yauzl'), { recursive: true });
  symlinkSync('..', join(copy, 'build'));
  instrument(join(copy, 'dist/serialization'), true);
  instrument(join(copy, 'node_modules/yauzl'), false);
  return join(copy, 'dist');
}
