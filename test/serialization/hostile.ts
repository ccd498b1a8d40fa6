// An assembler for files that nobody's torch.save writes, and what reading them ends in.
import { readFile, writeFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import { CheckpointError, load } from '../../lib/serialization/index.js';
import { convertCheckpoint, inspectCheckpoint } from '../../lib/serialization/inspect.js';
import { writeZip } from '../../lib/serialization/zip-write.js';

/** A number in `bytes` little-endian bytes, as text of one character a byte. */
export function little(value: number | bigint, bytes: number): string {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return out.toString('latin1', 0, bytes);
}

/** GLOBAL. */
export const global = (name: string): string => {
  const dot = name.lastIndexOf('.');
  return `c${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`;
};
/** BINUNICODE. */
export const text = (value: string): string =>
  `X${little(Buffer.byteLength(value), 4)}${Buffer.from(value).toString('latin1')}`;
/** BININT. */
export const int = (value: number): string => `J${little(value, 4)}`;
/** A call: the function, its arguments as a tuple, REDUCE. */
export const call = (name: string, ...args: string[]): string => `${global(name)}(${args.join('')}tR`;
/** The persistent id of a storage. */
export const storage = (key: string, count: string, type = 'torch.FloatStorage'): string =>
  `(${text('storage')}${global(type)}${text(key)}${text('cpu')}${count}tQ`;

/** A pickle of these opcodes; positions in messages count from its PROTO. */
export const pickled = (codes: string, protocol = 2): Buffer =>
  Buffer.from(`\x80${String.fromCharCode(protocol)}${codes}.`, 'latin1');

/** Writes a checkpoint whose value is `pickle`, with one storage of two floats. */
export const writeCheckpointOf = (path: string, pickle: Buffer): Promise<void> =>
  writeZip(path, [
    { name: 'archive/data.pkl', data: pickle },
    { name: 'archive/data/0', data: new Uint8Array(new Float32Array([1, 2]).buffer) },
  ]);

/** The message in which a reading ends, without the file's name, with which it must begin. */
export async function refusal(path: string, reading: Promise<unknown>): Promise<string> {
  const error = await reading.then(
    () => null,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  const { message } = error as CheckpointError;
  expect(message.startsWith(`${path}: `)).toBe(true);
  return message.slice(path.length + 2);
}

/** In what `load` ends, which `inspect` and `convert` must end in too. */
export async function refusalOfAll(path: string): Promise<string> {
  const message = await refusal(path, load(path));
  expect(await refusal(path, inspectCheckpoint(path))).toBe(message);
  expect(await refusal(path, convertCheckpoint(path, `${path}.safetensors`))).toBe(message);
  return message;
}

const headers = {
  local: 'PK\x03\x04',
  central: 'PK\x01\x02',
  end: 'PK\x05\x06',
  end64: 'PK\x06\x06',
  locator64: 'PK\x06\x07',
};

/** Overwrites bytes of a zip archive: those at `offset` of its header number `n` of a kind, counted from 0. */
export async function forge(
  path: string,
  kind: keyof typeof headers,
  n: number,
  offset: number,
  bytes: string,
): Promise<void> {
  const file = await readFile(path);
  let at = -1;
  for (let i = 0; i <= n; i++) at = file.indexOf(headers[kind], at + 1, 'latin1');
  expect(at).toBeGreaterThanOrEqual(0);
  file.write(bytes, at + offset, 'latin1');
  await writeFile(path, file);
}
