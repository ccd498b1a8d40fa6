// CRC-32 with Castagnoli's polynomial, by which records are checked.
const table = new Uint32Array(256).map((_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});
// What a byte becomes when one, two or three bytes follow, so that four are taken at a time.
const [table1, table2, table3] = (() => {
  const next = (of: Uint32Array) => of.map((crc) => table[crc & 0xff]! ^ (crc >>> 8));
  const one = next(table);
  const two = next(one);
  return [one, two, next(two)];
})() as [Uint32Array, Uint32Array, Uint32Array];

/** The CRC-32C of `data` from `start` up to `end`. */
export function crc32c(data: Uint8Array, start = 0, end = data.length): number {
  let crc = 0xffffffff;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    crc ^= data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24);
    crc = table3[crc & 0xff]! ^ table2[(crc >>> 8) & 0xff]! ^ table1[(crc >>> 16) & 0xff]! ^ table[crc >>> 24]!;
  }
  for (; i < end; i++) crc = table[(crc ^ data[i]!) & 0xff]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

// A checksum of data that holds its own checksum says nothing; so it is stored turned by 15 bits, plus a constant.
export const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;

/** A record of an event file: length, its checksum, `data`, its checksum. */
export function record(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 16);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(out.subarray(0, 8))), true);
  out.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return out;
}
