// How fast a VGG-16 of 550 MB is saved and loaded, against the plain reading of its file, and with how much memory beside its tensors.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, nn, save, synchronize } from '../dist/index.js';
import { models } from '../dist/vision/index.js';

const rounds = 5;
const works = {
  /** The file in pieces of 4 MB, as fast as the page cache gives them. */
  read(path) {
    const [file, chunk] = [openSync(path, 'r'), Buffer.alloc(1 << 22)];
    while (readSync(file, chunk) > 0);
  },
  load: (path) => load(path),
};

async function vgg16() {
  const model = nn.utils.skipInit(() => models.vgg16());
  for (const parameter of model.parameters()) nn.init.constant_(parameter, 1);
  await synchronize();
  return model.stateDict();
}

const [mode, path] = process.argv.slice(2);
if (mode !== undefined) {
  // In a process of its own, which grows by what the work needs.
  const state = mode === 'save' ? await vgg16() : null;
  const before = process.memoryUsage.rss();
  const start = performance.now();
  const kept = state === null ? await works[mode](path) : await save(state, path);
  const seconds = (performance.now() - start) / 1000;
  const grown = process.resourceUsage().maxRSS * 1024 - before;
  console.log(JSON.stringify({ seconds, grown, kept: typeof kept }));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'cresset-'));
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  for (const name of ['vgg16.pth', 'vgg16.safetensors']) {
    const file = join(folder, name);
    const results = { save: [], read: [], load: [] };
    for (let round = 0; round < rounds; round++)
      for (const work of Object.keys(results)) {
        const { stdout } = spawnSync(process.execPath, [import.meta.filename, work, file], { encoding: 'utf8' });
        results[work].push(JSON.parse(stdout));
      }
    const bytes = statSync(file).size;
    const speed = (work) => bytes / median(results[work].map(({ seconds }) => seconds));
    console.log(`${name}: ${(bytes / 1e6).toFixed(0)} MB`);
    for (const [work, runs] of Object.entries(results)) {
      const beside = median(runs.map(({ grown }) => grown)) - (work === 'load' ? bytes : 0);
      const share = ((100 * speed(work)) / speed('read')).toFixed(0);
      console.log(
        `  ${work.padEnd(5)} ${(speed(work) / 1e6).toFixed(0)} MB/s, ${share} % of plain reading; ${(beside / 1e6).toFixed(0)} MB beside the tensors`,
      );
    }
  }
  rmSync(folder, { recursive: true });
}
