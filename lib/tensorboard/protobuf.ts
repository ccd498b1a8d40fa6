// Messages of protocol buffers as tables of fields: a row is a field's name, type and number, from which its TypeScript type comes.
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Writes a value behind what a writer has. */
type Encoder<T> = (to: BinaryWriter, value: T) => void;

// biome-ignore lint/suspicious/noExplicitAny: fields of any type.
type Fields = Record<string, Encoder<any>>;

/** The values of a message's fields; those that are missing or undefined are left out. */
export type Init<M> = M extends Encoder<infer T> ? T : never;

const field =
  <T>(type: WireType, write: Encoder<T>) =>
  (number: number): Encoder<T> =>
  (to, value) => {
    to.tag(number, type);
    write(to, value);
  };

const within =
  <T>(write: Encoder<T>): Encoder<T> =>
  (to, value) => {
    to.fork();
    write(to, value);
    to.join();
  };

const packed = <T>(write: Encoder<T>) =>
  field<Iterable<T>>(
    WireType.LengthDelimited,
    within((to, values) => {
      for (const value of values) write(to, value);
    }),
  );

const writeInt: Encoder<number | bigint> = (to, value) => to.int64(value);
// A number that is too large for a float becomes infinite, as in Python.
const writeFloat: Encoder<number> = (to, value) => to.float(Math.fround(value));
const writeDouble: Encoder<number> = (to, value) => to.double(value);

export const int = field(WireType.Varint, writeInt);
export const float = field(WireType.Bit32, writeFloat);
export const double = field(WireType.Bit64, writeDouble);
export const string = field<string>(WireType.LengthDelimited, (to, value) => to.string(value));
export const bytes = field<Uint8Array>(WireType.LengthDelimited, (to, value) => to.bytes(value));
export const ints = packed(writeInt);
export const floats = packed(writeFloat);
export const doubles = packed(writeDouble);

/** A message within a message. */
export const one = <T>(number: number, message: Encoder<T>) =>
  field<T>(WireType.LengthDelimited, within(message))(number);

/** Any number of values of a field that is not packed. */
export const many =
  <T>(element: Encoder<T>): Encoder<readonly T[]> =>
  (to, values) => {
    for (const value of values) element(to, value);
  };

/** A message of `fields`. */
export const message =
  <F extends Fields>(fields: F): Encoder<{ readonly [K in keyof F]?: Init<F[K]> | undefined }> =>
  (to, values) => {
    for (const name in fields) if (values[name] !== undefined) fields[name]!(to, values[name]);
  };

/** Values by name. */
export const map = <T>(number: number, value: (number: number) => Encoder<T>) => {
  const entry = one(number, message({ key: string(1), value: value(2) }));
  return (to: BinaryWriter, values: Readonly<Record<string, T>>): void => {
    for (const [key, value] of Object.entries(values)) entry(to, { key, value } as Init<typeof entry>);
  };
};

/** The bytes of a message. */
export function encode<T>(message: Encoder<T>, value: T): Uint8Array {
  const to = new BinaryWriter();
  message(to, value);
  return to.finish();
}
