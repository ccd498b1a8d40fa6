// Zip archives taken apart and put together again: with right checksums and sizes, or with fields that lie.
import { crc32 } from 'node:zlib';
import { changePickle } from './pickle.mjs';
import { changeBytes, edges, little } from './random.mjs';

const signature = { local: 0x04034b50, central: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 };

const known = new WeakMap();

/** The entries of an archive without tricks, or null. */
export function entriesOf(file) {
  const found = known.has(file) ? known.get(file) : findEntries(file);
  known.set(file, found);
  return found?.map((entry) => ({ ...entry })) ?? null;
}

function findEntries(file) {
  const end = file.lastIndexOf(little(signature.end, 4));
  if (end < 0 || end + 22 > file.length) return null;
  const entries = [];
  let at = file.readUInt32LE(end + 16);
  while (at + 46 <= end && file.readUInt32LE(at) === signature.central) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((o) => file.readUInt16LE(at + o));
    const [size, local] = [file.readUInt32LE(at + 20), file.readUInt32LE(at + 42)];
    if (local + 30 > file.length) return null;
    const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
    if (start + size > file.length) return null;
    entries.push({
      name: file.subarray(at + 46, at + 46 + nameLength),
      data: file.subarray(start, start + size),
    });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries.length > 0 ? entries : null;
}

const widths = {
  version: 2,
  flags: 2,
  method: 2,
  time: 2,
  date: 2,
  crc: 4,
  compressed: 4,
  size: 4,
  nameLength: 2,
  extraLength: 2,
};

// The fields that both headers of an entry have, in order.
function common({ name, data, crc, lies = {} }, extraLength) {
  const out = Buffer.alloc(26);
  const fields = { version: 20, flags: 0x800, method: 0, time: 0, date: 0x21, crc, compressed: data.length };
  Object.assign(fields, { size: data.length, nameLength: name.length, extraLength });
  let at = 0;
  for (const [field, width] of Object.entries(widths)) {
    if (field in lies) little(lies[field], width).copy(out, at);
    else out.writeUIntLE(fields[field], at, width);
    at += width;
  }
  return out;
}

/** An archive of `entries`, whose `local`, `central` and `extra` say what lies; `end` are fields of the archive's end. */
export function zipOf(entries, end = {}) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const { name, data, local = {}, central = {}, extra = Buffer.alloc(0), offset = at } of entries) {
    const crc = crc32(data);
    const head = Buffer.concat([little(signature.local, 4), common({ name, data, crc, lies: local }, 0), name]);
    parts.push(head, data);
    directory.push(
      little(signature.central, 4),
      little(20, 2),
      common({ name, data, crc, lies: central }, extra.length),
      Buffer.alloc(10),
      little(offset, 4),
      name,
      extra,
    );
    at += head.length + data.length;
  }
  const central = Buffer.concat(directory);
  const { count = entries.length, size = central.length, offset = at, comment = 0, zip64 } = end;
  const tail = [];
  if (zip64 !== undefined)
    tail.push(
      little(signature.end64, 4),
      little(44, 8),
      little(45, 2),
      little(45, 2),
      Buffer.alloc(8),
      ...[zip64.count ?? count, zip64.count ?? count, zip64.size ?? size, zip64.offset ?? offset].map((n) =>
        little(n, 8),
      ),
      little(signature.locator64, 4),
      Buffer.alloc(4),
      little(zip64.at ?? at + central.length, 8),
      little(1, 4),
    );
  tail.push(little(signature.end, 4), Buffer.alloc(4), little(count, 2), little(count, 2), little(size, 4));
  tail.push(little(offset, 4), little(comment, 2));
  return Buffer.concat([...parts, central, ...tail]);
}

const badNames = [
  '../data.pkl',
  '/data.pkl',
  'C:/data.pkl',
  'a\\data.pkl',
  'a/data.pkl\0',
  '',
  'a:1/data.pkl',
  'a/b/data.pkl',
];
const lie = (random) => ({
  [random.pick(['flags', 'method', 'crc', 'compressed', 'size', 'nameLength', 'extraLength', 'version'])]: random.oneIn(
    3,
  )
    ? BigInt(random.below(64))
    : random.pick(edges),
});
const lie64 = (random) =>
  Buffer.concat(
    [little(1, 2), little(random.oneIn(4) ? random.pick(edges) : 24, 2)].concat(
      [0, 0, 0].map(() => little(random.oneIn(3) ? random.pick(edges) : random.below(4096), 8)),
    ),
  );

/** `file` with the pickle in it changed. */
export function changePickleIn(random, file, other) {
  const [entries, theirs] = [entriesOf(file), entriesOf(other)];
  const find = (list) => list?.find(({ name }) => name.toString('latin1').endsWith('data.pkl'));
  const entry = find(entries);
  if (entry === undefined) return changeBytes(random, file, other);
  entry.data = changePickle(random, entry.data, find(theirs)?.data ?? entry.data);
  if (random.oneIn(8)) {
    const storage = random.pick(entries);
    if (storage !== entry) storage.data = changeBytes(random, storage.data, file);
  }
  return zipOf(entries);
}

/** `file` with entries or the fields of its headers changed. */
export function changeZip(random, file, other) {
  const entries = entriesOf(file);
  if (entries === null || random.oneIn(4)) return changeBytes(random, file, other);
  const end = {};
  for (let n = random.count(6); n > 0; n--) {
    const entry = random.pick(entries);
    switch (random.below(11)) {
      case 0:
        entry.local = lie(random);
        break;
      case 1:
        entry.central = lie(random);
        break;
      case 2:
        Object.assign(entry, { extra: lie64(random), central: { [random.pick(['compressed', 'size'])]: 2 ** 32 - 1 } });
        break;
      case 3:
        entry.offset = random.oneIn(3) ? random.pick(edges) : random.below(file.length);
        break;
      case 4:
        entry.name = random.oneIn(2) ? Buffer.from(random.pick(badNames)) : changeBytes(random, entry.name, entry.name);
        break;
      case 5:
        entry.data = changeBytes(random, entry.data, file);
        break;
      case 6:
        entries.splice(random.below(entries.length), 1);
        break;
      case 7:
        for (let times = random.count(500); times > 0; times--) entries.push({ ...entry });
        break;
      case 8:
        end[random.pick(['count', 'size', 'offset', 'comment'])] = random.pick(edges);
        break;
      case 9:
        end.zip64 = { [random.pick(['count', 'size', 'offset', 'at'])]: random.pick(edges) };
        if (random.oneIn(2)) end[random.pick(['count', 'size', 'offset'])] = 2 ** 32 - 1;
        break;
      default:
        entries.push(...(entriesOf(other) ?? []).slice(0, random.count(8)));
    }
    if (entries.length === 0) break;
  }
  return zipOf(entries, end);
}
