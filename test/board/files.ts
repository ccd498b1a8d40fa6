// Event files for tests, record by record.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Event, event } from '../../lib/tensorboard/messages.js';
import { encode } from '../../lib/tensorboard/protobuf.js';
import { record } from '../../lib/tensorboard/record.js';

/** The records of an event file, its first one included. */
export const bytesOf = (...events: Event[]): Buffer =>
  Buffer.concat([{ wallTime: 1, fileVersion: 'brain.Event:2' }, ...events].map((made) => record(encode(event, made))));

/** A scalar's event, a second a step. */
export const scalar = (tag: string, step: number, value: number): Event => ({
  wallTime: 1000 + step,
  step,
  summary: { value: [{ tag, simple: value }] },
});

/** Writes an event file, and its folder. */
export function writeEvents(path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}
