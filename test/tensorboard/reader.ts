// Reads event files without any of lib/tensorboard: by event.proto, with a checksum written out bit by bit.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

export const protoFile = join(__dirname, 'event.proto');

/** A message as an object of its fields, by the names in event.proto; bytes are strings of one character each. */
// biome-ignore lint/suspicious/noExplicitAny: messages of all kinds.
export type Message = Record<string, any>;

interface Field {
  name: string;
  type: string;
  repeated: boolean;
}

const messages = new Map<string, Map<number, Field>>();
const enums = new Map<string, Map<number, string>>();
for (const [, kind, type, body] of readFileSync(protoFile, 'utf8').matchAll(/^(message|enum) (\w+) \{\n(.*?)^\}/gms))
  if (kind === 'enum')
    enums.set(type!, new Map([...body!.matchAll(/(\w+) = (\d+);/g)].map(([, name, n]) => [Number(n), name!])));
  else
    messages.set(
      type!,
      new Map(
        [...body!.matchAll(/(repeated |optional )?(\w+) (\w+) = (\d+);/g)].map(([, label, of, name, n]) => [
          Number(n),
          { name: name!, type: of!, repeated: label === 'repeated ' },
        ]),
      ),
    );

/** The fields of a message of `type`. */
export const fieldsOf = (type: string): Field[] => [...(messages.get(type)?.values() ?? [])];

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

function scalar(from: BinaryReader, type: string): unknown {
  if (type === 'double') return from.double();
  if (type === 'float') return from.float();
  if (type === 'string') return from.string();
  if (type === 'bytes') return latin1(from.bytes());
  if (type === 'bool') return from.bool();
  const number = Number(from.int64());
  return enums.get(type)?.get(number) ?? number;
}

/** `bytes` as a message of `type`; throws for a field that event.proto does not have. */
export function decode(type: string, bytes: Uint8Array | string): Message {
  const from = new BinaryReader(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  const out: Message = {};
  while (from.pos < from.len) {
    const [number, wire] = from.tag();
    const field = messages.get(type)!.get(number);
    if (field === undefined) throw new Error(`${type} has no field ${number}`);
    const read = () => (messages.has(field.type) ? decode(field.type, from.bytes()) : scalar(from, field.type));
    if (!field.repeated) {
      out[field.name] = read();
      continue;
    }
    out[field.name] ??= [];
    const isPacked =
      wire === WireType.LengthDelimited && !/^(string|bytes)$/.test(field.type) && !messages.has(field.type);
    const end = isPacked ? from.uint32() + from.pos : from.pos + 1;
    while (from.pos < end) out[field.name].push(read());
  }
  return out;
}

/** CRC-32C, one bit after the other. */
export function crc32c(data: Uint8Array): number {
  let crc = ~0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0x82f63b78 & -(crc & 1));
  }
  return ~crc >>> 0;
}

function unmask(masked: number): number {
  const turned = (masked - 0xa282ead8) >>> 0;
  return ((turned >>> 17) | (turned << 15)) >>> 0;
}

/** The data of all whole records of a file; throws where a checksum is wrong. */
export function recordsOf(file: string): Buffer[] {
  const bytes = readFileSync(file);
  const out: Buffer[] = [];
  for (let at = 0; at + 12 <= bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    if (at + 16 + length > bytes.length) break;
    const data = bytes.subarray(at + 12, at + 12 + length);
    const sums = [bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 12 + length)].map(unmask);
    if (sums[0] !== crc32c(bytes.subarray(at, at + 8)) || sums[1] !== crc32c(data))
      throw new Error(`${file}: a wrong checksum in the record at ${at}`);
    out.push(data);
    at += 16 + length;
  }
  return out;
}

/** The names of the event files in `folder`, oldest first. */
export const eventFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.includes('tfevents'))
    .sort((a, b) => numbers(a) - numbers(b))
    .map((name) => join(folder, name));
const numbers = (name: string): number => Number(/\.(\d+)[^.\d]*$/.exec(name)?.[1]);

/** All events of a folder. */
export const eventsIn = (folder: string): Message[] =>
  eventFiles(folder).flatMap((file) => recordsOf(file).map((data) => decode('Event', data)));

/** The values of all summaries of a folder. */
export const valuesIn = (folder: string): Message[] => eventsIn(folder).flatMap((event) => event.summary?.value ?? []);

/** A node of a graph: name, kind, names of inputs, attribute, shape of the result. */
export type Node = [name: string, op: string, inputs: string[], attr: string, shape: number[] | null];

/** The nodes of the graph among `events`. */
export function nodesOf(events: Message[]): Node[] {
  const { node } = decode('GraphDef', events.find((event) => event.graph_def !== undefined)!.graph_def);
  return node.map(({ name, op, input = [], attr }: Message) => {
    const attributes = Object.fromEntries(attr.map(({ key, value }: Message) => [key, value]));
    const shape = attributes._output_shapes?.list.shape[0];
    const sizes = shape === undefined ? null : (shape.dim ?? []).map(({ size = 0 }: Message) => size);
    return [name, op, input, attributes.attr.s ?? '', sizes];
  });
}
