#!/usr/bin/env node
// The command `cresset`.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quiet } from '../serialization/errors.js';
import type { Inspection } from '../serialization/inspect.js';

const usage = `cresset inspect FILE [--json]   what a checkpoint holds: names, dtypes, shapes, sizes, classes
cresset convert IN OUT          its tensors as a state dict in another format, by the ending of OUT: .pth, .pt, .safetensors
cresset board LOGDIR [--port N] a page on this machine that shows the event files below LOGDIR; the port is the first that is free from 6006 on

Files of PyTorch, also of the format before 1.6, and safetensors are read. Nothing in a file is run; of what convert writes, only
tensors that do not lie in order are in memory as a whole, one at a time.`;

class UsageError extends Error {}

function size(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
}

function table({ format, metadata, items }: Inspection): string {
  const numel = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const tensors = items.flatMap(({ tensor }) => tensor ?? []);
  const storages = new Set(tensors.map(({ storage }) => storage));
  const bytes = [...storages].reduce((sum, storage) => sum + storage.byteLength, 0);
  const rows = items.map(({ name, tensor, className, text }) =>
    tensor === undefined
      ? [quiet(name) || '.', quiet(className ?? text ?? '')]
      : [quiet(name) || '.', tensor.dtype, `[${tensor.shape.join(', ')}]`, tensor.requiresGrad ? 'requires grad' : ''],
  );
  const widths = [0, 1, 2].map((i) =>
    rows.reduce((most, row) => Math.max(most, row.length > 2 || i === 0 ? row[i]!.length : 0), 0),
  );
  const count = tensors.reduce((sum, { shape }) => sum + numel(shape), 0).toLocaleString('en');
  return [
    `${format}: ${tensors.length} tensors of ${count} numbers, ${size(bytes)}`,
    ...Object.entries(metadata).map(([key, value]) => quiet(`${key}: ${value}`)),
    ...rows.map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
  ].join('\n');
}

function json({ format, metadata, items }: Inspection): string {
  const plain = items.map(({ name, tensor, className, text }) =>
    tensor === undefined
      ? { name, class: className, value: text }
      : {
          name,
          dtype: tensor.dtype,
          shape: tensor.shape,
          storage: tensor.storage.key,
          bytes: tensor.storage.byteLength,
        },
  );
  const text = JSON.stringify({ format, metadata, items: plain }, null, 2);
  // JSON leaves these as they are, but some terminals obey them; the value stays the same.
  return text.replace(/[\u007f-\u009f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

async function board(logdir: string, port: string | undefined): Promise<string> {
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && !(Number.isInteger(number) && number >= 0 && number < 65536))
    throw new UsageError(`--port must be a whole number from 0 to 65535, got ${port}`);
  const { serveBoard } = await import('../board/server.js');
  const { url, store, close } = await serveBoard(logdir, {
    page: join(import.meta.dirname, '../board/page'),
    port: number,
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void close());
  const waits = store.isMissing ? '; there is no such folder yet, it is shown when there is' : '';
  return `${quiet(logdir)} is shown at ${url} until Ctrl-C${waits}`;
}

async function run(args: string[]): Promise<string> {
  const options = {
    json: { type: 'boolean' },
    port: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [command, ...files] = positionals;
  if (values.version) return createRequire(import.meta.url)('../../package.json').version;
  if (values.help || command === undefined) return usage;
  if (command === 'board' && files.length === 1) return board(files[0]!, values.port);
  const { convertCheckpoint, inspectCheckpoint } = await import('../serialization/inspect.js');
  if (command === 'inspect' && files.length === 1) {
    const inspection = await inspectCheckpoint(files[0]!);
    return values.json ? json(inspection) : table(inspection);
  }
  if (command === 'convert' && files.length === 2)
    return `${await convertCheckpoint(files[0]!, files[1]!)} tensors written to ${files[1]}`;
  throw new UsageError(`unknown command or wrong number of files\n\n${usage}`);
}

try {
  console.log(await run(process.argv.slice(2)));
} catch (error) {
  const { name, message, code } = error as NodeJS.ErrnoException;
  // What the user or the file did wrong is told in one line; anything else is a fault here.
  const told = error instanceof UsageError || name === 'CheckpointError' || name === 'RangeError' || code !== undefined;
  console.error(told ? `cresset: ${message.split('\n').map(quiet).join('\n')}` : error);
  process.exitCode = 1;
}
