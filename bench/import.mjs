// How long `import 'cresset'` takes in a fresh process, and with it a whole process that makes a tensor: `npm run bench:import`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const programs = {
  'node alone': '',
  "import 'cresset'": `await import('cresset');`,
  'and a first sum': `const { ones } = await import('cresset'); ones([3]).sum().item();`,
};
const times = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
for (let round = 0; round < 15; round++)
  for (const [name, code] of Object.entries(programs)) {
    const timed = `const start = performance.now(); ${code} console.log(performance.now() - start);`;
    const start = performance.now();
    const { stdout, status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', timed], {
      cwd,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    times[name].push([Number(stdout), performance.now() - start]);
  }
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1].toFixed(1);
for (const [name, pairs] of Object.entries(times))
  console.log(
    `${name.padEnd(18)} ${median(pairs.map(([own]) => own)).padStart(6)} ms in the program, ${median(pairs.map(([, all]) => all))} ms for the process`,
  );
