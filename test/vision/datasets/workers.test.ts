// Data sets in the worker threads of a DataLoader: the same batches as without. The threads need the built library, so a process runs it.
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { idxPair } from './files.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cresset-dataset-workers-'));
  const { images, labels } = idxPair([3, 1, 4, 1, 5]);
  await writeFile(join(folder, 'train-images-idx3-ubyte'), images);
  await writeFile(join(folder, 'train-labels-idx1-ubyte'), labels);
  await mkdir(join(folder, 'class'));
  for (const name of ['1.pgm', '2.pgm'])
    await writeFile(join(folder, 'class', name), `P5 2 2 255 ab${name.slice(0, 2)}`);
});
afterAll(() => rm(folder, { recursive: true }));

test('every kind of data set', () => {
  const program = `
    import { DataLoader } from 'cresset/data';
    import { datasets, transforms } from 'cresset/vision';
    const root = process.argv[1];
    const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.5], [0.25])]);
    const all = [
      await datasets.MNIST.load({ root, transform }),
      await datasets.ImageFolder.load({ root, transform }),
      new datasets.FakeData({ size: 3, imageSize: [2, 3, 3], transform }),
      new datasets.SyntheticShapes({ length: 3, seed: 5, transform }),
    ];
    for (const dataset of all) {
      const batches = [];
      for (const numWorkers of [0, 2]) {
        const loader = new DataLoader(dataset, { batchSize: 2, numWorkers });
        const found = [];
        for await (const [x, y] of loader) found.push([x.shape, x.flatten().toArray(), y.toArray().map(Number)]);
        await loader.close?.();
        batches.push(JSON.stringify(found));
      }
      console.log(dataset.constructor.name, batches[0].length > 100, batches[0] === batches[1]);
    }`;
  const flags = ['--input-type=module', '-e', program, folder];
  const output = execFileSync(process.execPath, flags, { cwd: join(__dirname, '../../..'), encoding: 'utf8' });
  const names = ['MNIST', 'ImageFolder', 'FakeData', 'SyntheticShapes'];
  expect(output.trim().split('\n')).toEqual(names.map((name) => `${name} true true`));
}, 60_000);
