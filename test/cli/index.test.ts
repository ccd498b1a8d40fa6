// The command, as it is installed.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { equal, load, nn, ones, save, type Tensor } from '../../lib/index.js';

const command = join(__dirname, '../../dist/cli/index.js');
const golden = (name: string) => join(__dirname, '../golden/serialization', name);

let folder: string;
const file = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cresset-'));
});
afterAll(() => rm(folder, { recursive: true }));

const run = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [command, ...args])).stdout;
const failure = (...args: string[]): Promise<{ code: number; stderr: string }> =>
  run(...args).then(
    (text) => Promise.reject(new Error(`no failure, but ${text}`)),
    (error) => error,
  );

test('--version is the version of the package', async () => {
  const { version } = JSON.parse(await readFile(join(__dirname, '../../package.json'), 'utf8'));
  expect(await run('--version')).toBe(`${version}\n`);
});

describe('inspect', () => {
  test('lists tensors, classes and values by name', async () => {
    expect(await run('inspect', golden('legacy-module.pt'))).toBe(
      `PyTorch before 1.6: 3 tensors of 5 numbers, 12 B
module           torch.nn.modules.container.Sequential
module.0         torch.nn.modules.linear.Linear
module.0.weight  float32  [1, 2]  requires grad
module.0.bias    float32  [1]     requires grad
module.1         torch.nn.modules.activation.ReLU
text             "Sequential(\\n  (0): Linear(in_features=2, out_features=1, bias=True)\\n  (1): Re
tied             float32  [1, 2]  requires grad
`,
    );
  });

  test('shows what safetensors hold beside tensors', async () => {
    const lines = (await run('inspect', golden('numbers.safetensors'))).split('\n');
    expect(lines.slice(0, 2)).toEqual(['safetensors: 11 tensors of 33 numbers, 132 B', 'format: pt']);
  });

  test('gives JSON for other programs', async () => {
    const { format, items } = JSON.parse(await run('inspect', '--json', golden('training.pt')));
    expect(format).toBe('PyTorch');
    expect(items).toContainEqual({ name: 'epoch', value: '5' });
    expect(items.find(({ name }: { name: string }) => name === 'model.0.weight')).toMatchObject({
      dtype: 'float32',
      shape: [3, 2],
      bytes: 24,
    });
  });

  test('does not let a name speak to the terminal', async () => {
    await save({ '\x1b[31mred': ones([1]) }, file('red.pth'));
    expect(await run('inspect', file('red.pth'))).toMatch(/^\\x1b\[31mred {2}float32/m);
    await save({ '\x9b31mred': ones([1]) }, file('red.pth'));
    const json = await run('inspect', '--json', file('red.pth'));
    expect([json.includes('\x9b'), JSON.parse(json).items[0].name]).toEqual([false, '\x9b31mred']);
  });
});

describe('convert', () => {
  const same = async (a: string, b: string): Promise<void> => {
    const [first, second] = [await load<Record<string, Tensor>>(a), await load<Record<string, Tensor>>(b)];
    expect(Object.keys(second).sort()).toEqual(Object.keys(first).sort());
    for (const [name, tensor] of Object.entries(first))
      expect([name, equal(tensor, second[name]!)]).toEqual([name, true]);
  };

  test('a state dict to safetensors and back', async () => {
    expect(await run('convert', golden('state-dict.pt'), file('a.safetensors'))).toMatch(/^7 tensors written to/);
    await run('convert', file('a.safetensors'), file('b.pth'));
    await same(golden('state-dict.pt'), file('a.safetensors'));
    await same(golden('state-dict.pt'), file('b.pth'));
  });

  test('tensors in another order of memory, and with gaps', async () => {
    const grid = ones([3, 4]);
    grid.select(0, 1).zero_();
    await save({ turned: grid.t().narrow(0, 1, 2) }, file('turned.pth'));
    await run('convert', file('turned.pth'), file('turned.safetensors'));
    await same(file('turned.pth'), file('turned.safetensors'));
  });

  test('two tensors of one name, and one larger than its file', async () => {
    await save({ a: { b: ones([1]) }, 'a.b': ones([2]) }, file('twice.pth'));
    expect((await failure('convert', file('twice.pth'), file('y.pth'))).stderr).toMatch(
      /a\.b: two tensors would have this name/,
    );
    await run('convert', golden('views.pt'), file('views.pth'));
    await save({ wide: ones([1]).expand(1000) }, file('wide.pth'));
    expect((await failure('convert', file('wide.pth'), file('y.safetensors'))).stderr).toMatch(
      /it repeats its elements/,
    );
  });

  test('a layer that stands at two places has its keys at both, as in the state dict', async () => {
    const layer = new nn.Linear(2, 2);
    const model = new nn.Sequential(layer, new nn.Tanh(), layer);
    await save(model, file('twice-there.pth'));
    await run('convert', file('twice-there.pth'), file('twice-there.pt'));
    expect(Object.keys(await load(file('twice-there.pt')))).toEqual(Object.keys(model.stateDict()));
  });

  test('a whole model becomes its state dict', async () => {
    await run('convert', golden('legacy-module.pt'), file('model.pth'));
    expect(Object.keys(await load(file('model.pth')))).toEqual(['module.0.weight', 'module.0.bias', 'tied']);
  });
});

test.each([
  ['', () => folder, /^.* is shown at (http:\/\/127\.0\.0\.1:\d+\/) until Ctrl-C\n$/],
  [
    ', also of a folder that is not there yet',
    () => file('absent'),
    /^.*absent is shown at (http:.*) until Ctrl-C; there is no such folder yet, it is shown when there is\n$/,
  ],
])('board serves a page until Ctrl-C%s', async (_, logdir, says) => {
  const child = spawn(process.execPath, [command, 'board', logdir(), '--port', '0']);
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])));
  const line = await new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  const [, url] = says.exec(line)!;
  expect(await (await fetch(url!)).text()).toContain('<title>Cresset board</title>');
  child.kill('SIGINT');
  expect(await ended).toEqual([0, null]);
});

describe('what is wrong is told in one line, and leaves no file', () => {
  test.each<[string, () => string[], RegExp]>([
    [
      'no such file',
      () => ['inspect', file('absent')],
      /^cresset: ENOENT: no such file or directory, open '.*absent'\n$/,
    ],
    ['a file of another kind', () => ['inspect', __filename], /^cresset: .*index\.test\.ts: .*this is no checkpoint/],
    [
      'an unknown command',
      () => ['train'],
      /^cresset: unknown command or wrong number of files\n\ncresset inspect FILE/,
    ],
    [
      'a file for a logdir',
      () => ['board', __filename],
      /^cresset: board: LOGDIR .*index\.test\.ts is a file, not a folder of event files\n$/,
    ],
    [
      'a port that is none',
      () => ['board', '.', '--port', '99999'],
      /^cresset: --port must be a whole number from 0 to 65535, got 99999\n$/,
    ],
    ['an unknown option', () => ['inspect', '--fast', 'a'], /^cresset: Unknown option '--fast'/],
    [
      'another ending',
      () => ['convert', golden('state-dict.pt'), file('x.onnx')],
      /must end in \.pth, \.pt or \.safetensors/,
    ],
    ['no tensors', () => ['convert', golden('values.pt'), file('x.pth')], /it holds no tensors/],
    ['shared memory', () => ['convert', golden('views.pt'), file('x.safetensors')], /rows: it shares memory with base/],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await failure(...args());
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
    expect((await readdir(folder)).filter((name) => name.startsWith('x.') || name.startsWith('.x'))).toEqual([]);
  });

  test('a file that runs code, which is not run', async () => {
    await writeFile(
      file('evil.pth'),
      Buffer.concat([
        Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex'),
        Buffer.from('\x80\x02cos\nsystem\n.', 'latin1'),
      ]),
    );
    expect((await failure('inspect', file('evil.pth'))).stderr).toMatch(/os\.system is not among the names/);
  });
});
