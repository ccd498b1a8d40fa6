// Messages of protocol buffers as tables of fields: a row is a field's name, type and number, from which its TypeScript type comes.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A field: its number, and its values on the wire. */
interface Field<T> {
  readonly number: number;
  write(to: BinaryWriter, value: T): void;
  /** Reads what follows the field's tag; `before` is what the field had so far. */
  read(from: Reader, type: WireType, before: T | undefined): T;
}

/** A kind of message. */
export interface Message<T> {
  write(to: BinaryWriter, value: T): void;
  /** Reads up to byte `end`; fields that the message does not have are passed over. */
  read(from: Reader, end: number): T;
}

// biome-ignore lint/suspicious/noExplicitAny: fields of any type.
type Fields = Record<string, Field<any>>;

/** The values of a message's fields, or of a field; those that are missing or undefined are left out. */
export type Init<M> = M extends Message<infer T> | Field<infer T> ? T : never;

// A few bytes can ask for an object: what a message may hold is counted, as a hostile one must not fill the memory.
const mostValues = 4e6;

class Reader extends BinaryReader {
  #values = 0;

  constructor(
    bytes: Uint8Array,
    private readonly most: number,
  ) {
    super(bytes);
  }

  /** Counts a value. */
  count(): void {
    if (++this.#values > this.most) throw new RangeError(`a message has more than ${this.most} values`);
  }

  /** The end of what begins with its length. Throws where that lies outside. */
  end(): number {
    const end = this.uint32() + this.pos;
    if (end > this.len) throw new RangeError(`a field ends at byte ${end} of a message of ${this.len}`);
    return end;
  }
}

const expect = (type: WireType, got: WireType): void => {
  if (type !== got) throw new TypeError(`a field of wire type ${type} has wire type ${got}`);
};

const field =
  <T>(type: WireType, write: (to: BinaryWriter, value: T) => void, read: (from: Reader) => T) =>
  (number: number): Field<T> => ({
    number,
    write(to, value) {
      to.tag(number, type);
      write(to, value);
    },
    read(from, got) {
      expect(type, got);
      return read(from);
    },
  });

const within = (to: BinaryWriter, number: number, write: () => void): void => {
  to.tag(number, WireType.LengthDelimited);
  to.fork();
  write();
  to.join();
};

const packed =
  <W extends number | bigint>(
    type: WireType,
    write: (to: BinaryWriter, value: W) => void,
    read: (from: Reader) => number,
  ) =>
  (number: number): Field<Iterable<W | number>> => ({
    number,
    write(to, values) {
      within(to, number, () => {
        for (const value of values) write(to, value as W);
      });
    },
    // Readers take the values of such a field one by one too.
    read(from, got, before = []) {
      const values = before as number[];
      if (got !== WireType.LengthDelimited) expect(type, got);
      const end = got === WireType.LengthDelimited ? from.end() : from.pos + 1;
      while (from.pos < end) {
        from.count();
        values.push(read(from));
      }
      return values;
    },
  });

const writeInt = (to: BinaryWriter, value: number | bigint): void => void to.int64(value);
const readInt = (from: Reader): number => Number(from.int64());
// A number that is too large for a float becomes infinite, as in Python.
const writeFloat = (to: BinaryWriter, value: number): void => void to.float(Math.fround(value));
const writeDouble = (to: BinaryWriter, value: number): void => void to.double(value);

export const int = field<number | bigint>(WireType.Varint, writeInt, readInt);
export const float = field(WireType.Bit32, writeFloat, (from) => from.float());
export const double = field(WireType.Bit64, writeDouble, (from) => from.double());
export const string = field<string>(
  WireType.LengthDelimited,
  (to, value) => to.string(value),
  (from) => new TextDecoder().decode(from.bytes()),
);
export const bytes = field<Uint8Array>(
  WireType.LengthDelimited,
  (to, value) => to.bytes(value),
  (from) => from.bytes(),
);
export const ints = packed<number | bigint>(WireType.Varint, writeInt, readInt);
export const floats = packed(WireType.Bit32, writeFloat, (from) => from.float());
export const doubles = packed(WireType.Bit64, writeDouble, (from) => from.double());

/** A message within a message. */
export const one = <T>(number: number, message: Message<T>): Field<T> => ({
  number,
  write(to, value) {
    within(to, number, () => message.write(to, value));
  },
  read(from, got) {
    expect(WireType.LengthDelimited, got);
    return message.read(from, from.end());
  },
});

/** Any number of values of a field that is not packed. */
export const many = <T>(element: Field<T>): Field<readonly T[]> => ({
  number: element.number,
  write(to, values) {
    for (const value of values) element.write(to, value);
  },
  read(from, got, before = []) {
    (before as T[]).push(element.read(from, got, undefined));
    return before;
  },
});

/** A message of `fields`. */
export function message<F extends Fields>(fields: F): Message<{ readonly [K in keyof F]?: Init<F[K]> | undefined }> {
  const byNumber = new Map(Object.entries(fields).map(([name, { number, read }]) => [number, { name, read }]));
  return {
    write(to, values) {
      for (const name in fields) if (values[name] !== undefined) fields[name]!.write(to, values[name]);
    },
    read(from, end) {
      const values: Record<string, unknown> = {};
      while (from.pos < end) {
        const [number, type] = from.tag();
        const row = byNumber.get(number);
        from.count();
        if (row === undefined) from.skip(type, number);
        else values[row.name] = row.read(from, type, values[row.name]);
      }
      if (from.pos > end) throw new RangeError(`a field ends at byte ${from.pos}, its message at ${end}`);
      return values as ReturnType<Message<{ readonly [K in keyof F]?: Init<F[K]> | undefined }>['read']>;
    },
  };
}

/** Values by name. */
export const map = <T>(number: number, value: (number: number) => Field<T>): Field<Readonly<Record<string, T>>> => {
  const entry = one(number, message({ key: string(1), value: value(2) }));
  return {
    number,
    write(to, values) {
      for (const [key, value] of Object.entries(values)) entry.write(to, { key, value } as Init<typeof entry>);
    },
    read(from, got, before) {
      const { key = '', value } = entry.read(from, got, undefined);
      // Names like __proto__ are names.
      const values = (before ?? Object.create(null)) as Record<string, T>;
      if (value !== undefined) values[key] = value as T;
      return values;
    },
  };
};

/** The bytes of a message. */
export function encode<T>(message: Message<T>, value: T): Uint8Array {
  const to = new BinaryWriter();
  message.write(to, value);
  return to.finish();
}

/** The message that `bytes` hold. Throws where they are none, and RangeError where it has more than `most` values. */
export function decode<T>(message: Message<T>, bytes: Uint8Array, most = mostValues): T {
  return message.read(new Reader(bytes, most), bytes.length);
}
