// The reader of event files: what is whole is read once, what is damaged or absurd is told.
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from '@jest/globals';
import { readRecords } from '../../lib/board/events.js';
import { type Head, kinds, Scanner } from '../../lib/board/scan.js';
import { event, sessionStart } from '../../lib/tensorboard/messages.js';
import { encode } from '../../lib/tensorboard/protobuf.js';
import { crc32c, masked, record } from '../../lib/tensorboard/record.js';
import { crc32c as plainCrc } from '../tensorboard/reader.js';

const folder = mkdtempSync(join(tmpdir(), 'cresset-events-'));
const path = join(folder, 'events');
afterAll(() => rmSync(folder, { recursive: true }));
let seen: string[] = [];
beforeEach(() => {
  seen = [];
});

const text = (value: string) => record(Buffer.from(value));
const read = (offset = 0) =>
  readRecords(path, offset, (buffer, start, end, at) => seen.push(`${at} ${Buffer.from(buffer.subarray(start, end))}`));

test('records are read once, also while the file grows within one', async () => {
  const third = text('third');
  writeFileSync(path, Buffer.concat([text('one'), text('second'), third.subarray(0, 9)]));
  const { offset, problem } = await read();
  expect([offset, problem, seen]).toEqual([41, null, ['12 one', '31 second']]);
  appendFileSync(path, third.subarray(9));
  expect(await read(offset)).toEqual({ offset: 62, problem: null });
  expect(seen.slice(2)).toEqual(['53 third']);
});

test('a record longer than a piece of the file is read where it is there as a whole, and waited for where not', async () => {
  const long = text('x'.repeat(3 << 20));
  writeFileSync(path, Buffer.concat([text('a'), long, text('b')]));
  expect(await read()).toEqual({ offset: 34 + long.length, problem: null });
  expect(seen.map((line) => line.length)).toEqual([4, 3 + (3 << 20), 3 + String(29 + long.length).length - 1]);
  writeFileSync(path, Buffer.concat([text('a'), long.subarray(0, 2 << 20)]));
  expect(await read()).toEqual({ offset: 17, problem: null });
});

test.each<[string, (bytes: Buffer) => void, string]>([
  ['in its data', (bytes) => bytes.writeUInt8(1, 17 + 13), 'the checksum of the record is wrong at byte 17'],
  ['in its length', (bytes) => bytes.writeUInt8(9, 17), 'the checksum of the length is wrong at byte 17'],
])('a record damaged %s ends the file there, with the reason', async (_, damage, problem) => {
  const bytes = Buffer.concat([text('a'), text('damaged'), text('b')]);
  damage(bytes);
  writeFileSync(path, bytes);
  expect(await read()).toEqual({ offset: 17, problem });
  expect(seen).toEqual(['12 a']);
});

test('a file of 2 GB whose record says that it is as long is refused before memory is taken', async () => {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(2n ** 31n - 64n);
  head.writeUInt32LE(masked(crc32c(head, 0, 8)), 8);
  const file = openSync(path, 'w');
  writeSync(file, Buffer.concat([text('a'), head]));
  ftruncateSync(file, 2 ** 31);
  closeSync(file);
  const before = process.memoryUsage().arrayBuffers;
  expect((await read()).problem).toBe(
    'a record of 2147483584 bytes is longer than the 268435456 that are read, at byte 17',
  );
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
});

test('checksums are those that are taken bit by bit', () => {
  for (let length = 0; length < 20; length++) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 151 + length * 89) % 256);
    expect(crc32c(bytes)).toBe(plainCrc(bytes));
    expect(crc32c(bytes, 1, length - 1)).toBe(plainCrc(bytes.subarray(1, Math.max(1, length - 1))));
  }
});

const scan = (bytes: Uint8Array) => {
  const scanner = new Scanner();
  scanner.bytes = bytes;
  const values: unknown[] = [];
  const head: Head = scanner.event(0, bytes.length, ({ tagStart, tagEnd, kind, simple, hasMetadata }, { step }) =>
    values.push([Buffer.from(bytes.subarray(tagStart, tagEnd)).toString(), kind, simple, hasMetadata, step]),
  );
  return { head: { ...head }, values };
};

test('an event in outline', () => {
  const made = encode(event, {
    wallTime: 1.5,
    step: -3,
    summary: {
      value: [
        { tag: 'größe', simple: 0.5 },
        { tag: 'h', histogram: { min: 1 }, metadata: { plugin: { name: 'histograms' } } },
      ],
    },
  });
  expect(scan(made)).toEqual({
    head: { wallTime: 1.5, step: -3, status: 0, graphStart: 0, graphEnd: 0 },
    values: [
      ['größe', kinds.simple, 0.5, false, -3],
      ['h', kinds.histogram, 0.5, true, -3],
    ],
  });
  expect(scan(encode(event, { step: 2 ** 40, sessionLog: { status: sessionStart } })).head).toMatchObject({
    step: 2 ** 40,
    status: sessionStart,
  });
});

test('bytes that are no event throw a RangeError, however they are cut', () => {
  const made = encode(event, { wallTime: 1, step: 300, summary: { value: [{ tag: 'loss', simple: 1 }] } });
  for (let length = 0; length <= made.length; length++)
    for (const byte of [0, 7, 127, 255]) {
      const bytes = Uint8Array.from([...made.subarray(0, length), byte, byte, byte]);
      try {
        scan(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  expect(() => scan(Uint8Array.from([0x2a, 0x7f, 1]))).toThrow('a field is longer than what holds it');
});
