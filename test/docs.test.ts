// Every example of every docstring runs, and gives what the comment at the end of its line says.
import * as fs from 'node:fs';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { transformSync } from '@swc/core';
import * as data from '../lib/data/index.js';
import * as cresset from '../lib/index.js';
import * as checkpoint from '../lib/serialization/checkpoint.js';
import * as tensorboard from '../lib/tensorboard/index.js';
import * as vision from '../lib/vision/index.js';

const lib = join(__dirname, '../lib');
const modules: Record<string, object> = {
  'node:fs': fs,
  'node:fs/promises': promises,
  cresset,
  'cresset/data': data,
  'cresset/tensorboard': tensorboard,
  'cresset/vision': vision,
  './checkpoint.js': checkpoint,
};

// What cannot run here, by its file or by a name in it, and why.
const unrunnable: Record<string, string> = {
  'vision/datasets/cifar.ts': 'needs the data set',
  'vision/datasets/emnist.ts': 'needs the data set',
  'vision/datasets/mnist.ts': 'needs the data set',
  'vision/datasets/svhn.ts': 'needs the data set',
  'hub.downloadUrlToFile': 'needs the network',
  'exported(import.meta.url': 'is a module of its own',
};

interface Example {
  file: string;
  line: number;
  code: string;
}

const examples: Example[] = readdirSync(lib, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => {
    const source = readFileSync(join(lib, file), 'utf8');
    return [...source.matchAll(/@example\n((?: *\*(?: .*)?\n)+?) *\*\//g)].map((match) => ({
      file: relative(lib, join(lib, file)),
      line: source.slice(0, match.index).split('\n').length,
      code: match[1]!.replaceAll(/^ *\* ?/gm, ''),
    }));
  });

/** The example as the text of an async function of the modules and of `check(actual, expected)`. */
function compile(code: string): string {
  const body = code
    .split('\n')
    .map((line) => {
      const imported = /^import \{ (.*) \} from '(.*)';$/.exec(line);
      if (imported !== null) {
        const names = imported[1]!.split(', ').filter((name) => !name.startsWith('type '));
        return `const { ${names.join(', ')} } = modules[${JSON.stringify(imported[2])}];`;
      }
      const shown = /^(?!const |let |for |class | )(.*); \/\/ (.*)$/.exec(line);
      return shown === null ? line : `check(${shown[1]}, () => (${shown[2]}));`;
    })
    .join('\n');
  const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, isModule: false } as const;
  return transformSync(`(async (modules, check, console) => {\n${body}\n})`, options).code;
}

// Tensors compare as they print.
const plain = (value: unknown): unknown =>
  value instanceof cresset.Tensor ? String(value) : Array.isArray(value) ? value.map(plain) : value;

const folder = mkdtempSync(join(tmpdir(), 'cresset-docs-'));
const before = process.cwd();

beforeAll(async () => {
  process.chdir(folder);
  await cresset.save({ epoch: 3 }, 'checkpoint.pth');
  await cresset.save(new cresset.nn.Sequential(new cresset.nn.Linear(2, 1)).stateDict(), 'state.pth');
  writeFileSync('broken.pth', 'no checkpoint');
  // What would be fetched is in the cache.
  cresset.hub.setDir(join(folder, 'hub'));
  mkdirSync(join(folder, 'hub/checkpoints'), { recursive: true });
  const state = vision.models.squeezenet1_1().stateDict();
  await cresset.save(state, join(folder, 'hub/checkpoints/squeezenet1_1-b8a52dc0.pth'));
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const runs = ({ file, code }: Example) => !Object.keys(unrunnable).some((what) => file === what || code.includes(what));

test.each(examples.filter(runs).map((e) => [`${e.file}:${e.line}`, e.code] as const))('%s', async (_, code) => {
  cresset.manualSeed(0);
  cresset.hub.setDir(join(folder, 'hub'));
  const example = new Function('tensor', `return ${compile(code)}`)(cresset.tensor) as (
    ...args: unknown[]
  ) => Promise<void>;
  const check = (actual: unknown, expected: () => unknown) => {
    expect(plain(actual)).toEqual(plain(expected()));
  };
  await example(modules, check, { log() {} });
});

test('public functions and classes are documented', () => {
  const inner = /^(functional\/(check|data)|native|dtype|print|serialization\/(?!index)|nn\/callable)/;
  const declaration = /^export (?:async )?(?:abstract )?(?:function|class) (\w+)/;
  const bare = readdirSync(lib, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !inner.test(file))
    .flatMap((file) => {
      const lines = readFileSync(join(lib, file), 'utf8').split('\n');
      return lines.flatMap((line, i) => {
        const name = declaration.exec(line)?.[1];
        const above = lines.slice(0, i).findLast((other) => !other.startsWith('// biome-ignore')) ?? '';
        // Further overloads follow the documented first one.
        return name === undefined || above.endsWith('*/') || above.includes(`function ${name}(`)
          ? []
          : [`${file}: ${name}`];
      });
    });
  expect(bare).toEqual([]);
});
