// Changes of pickles opcode by opcode, so that what comes out is still read as far as possible.
import { changeBytes, edges, little } from './random.mjs';

// What follows each opcode: a number of bytes, a length of 1, 4 or 8 bytes and as many bytes, or lines.
const fixed = { 1: 'Khq\x80\x82', 2: 'M\x83', 4: 'Jjr\x84', 8: 'G\x95' };
const counted = { 1: 'U\x8cC\x8a', 4: 'TXB\x8b', 8: '\x8d\x8e\x96' };
const lines = { 1: 'ILFSVPpg', 2: 'ci' };
const bare = '()012N\x88\x89]aelt}dsu\x85\x86\x87\x8f\x90\x91\x92\x93\x94\x97\x98Rob\x81Q.';

const kinds = new Map();
for (const [kind, table] of Object.entries({ fixed, counted, lines }))
  for (const [size, codes] of Object.entries(table))
    for (const code of codes) kinds.set(code.charCodeAt(0), { kind, size: Number(size) });
for (const code of bare) kinds.set(code.charCodeAt(0), { kind: 'fixed', size: 0 });

const single = Array.from({ length: 256 }, (_, code) => Buffer.of(code));

function endOf(data, at) {
  const { kind, size } = kinds.get(data[at]) ?? {};
  if (kind === 'fixed') return at + 1 + size;
  if (kind === 'counted' && at + 1 + size <= data.length) {
    const length = size === 8 ? data.readBigUInt64LE(at + 1) : BigInt(data.readUIntLE(at + 1, size));
    return length < 1n << 32n ? at + 1 + size + Number(length) : -1;
  }
  if (kind !== 'lines') return -1;
  let end = at;
  for (let i = 0; i < size; i++) {
    end = data.indexOf(10, end + 1);
    if (end < 0) return -1;
  }
  return end + 1;
}

const known = new WeakMap();

/** The opcodes of `data` with their arguments, until `stops` pickles have ended or something else begins, and what follows. */
function opcodesOf(data, stops) {
  const found = known.get(data) ?? findOpcodes(data, stops);
  known.set(data, found);
  return { codes: [...found.codes], rest: found.rest };
}

function findOpcodes(data, stops) {
  const codes = [];
  let at = 0;
  while (at < data.length && stops > 0) {
    const end = endOf(data, at);
    if (end < 0 || end > data.length) break;
    if (data[at] === 0x2e) stops--;
    codes.push(end - at === 1 ? single[data[at]] : data.subarray(at, end));
    at = end;
  }
  return { codes, rest: data.subarray(at) };
}

const text = (value) => Buffer.concat([Buffer.from('X'), little(Buffer.byteLength(value), 4), Buffer.from(value)]);
const global = (name) => {
  const dot = name.lastIndexOf('.');
  return Buffer.from(`c${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`);
};

const names = [
  ...[
    'collections.OrderedDict',
    'collections.Counter',
    'torch._utils._rebuild_tensor_v2',
    'torch._utils._rebuild_tensor_v3',
    'torch.Size',
  ],
  ...['torch._utils._rebuild_parameter', 'torch._tensor._rebuild_from_type_v2', 'torch.nn.parameter.Parameter'],
  ...['torch.FloatStorage', 'torch.LongStorage', 'torch.ByteStorage', 'torch.storage.UntypedStorage', 'torch.float32'],
  ...['torch.device', '_codecs.encode', 'builtins.set', 'builtins.bytes', '__builtin__.frozenset', 'functools.partial'],
  ...['torch.nn.modules.linear.Linear', 'torch.nn.modules.container.Sequential', 'torch.nn.modules.activation.ReLU'],
  ...['torch.nn.modules.container.ModuleDict', 'torch.nn.modules.batchnorm.BatchNorm2d', '__main__.Net', 'os.system'],
  ...[
    'torch.nn.modules.activation.MultiheadAttention',
    'builtins.getattr',
    'torch.nn.parameter.Buffer',
    'torch.Tensor',
  ],
];
const words = [
  ...['', 'storage', 'module', '0', '1', 'cpu', 'cuda:0', 'then', '__proto__', 'constructor', 'toString', 'weight'],
  ...['_modules', '_parameters', '_buffers', 'training', 'bias', 'in_features', 'out_features', '_metadata', 'latin1'],
  ...['forward', 'stateDict', 'children', 'little_endian', 'é', '\u{1f525}', 'float32', '_non_persistent_buffers_set'],
];

function fresh(random) {
  switch (random.below(7)) {
    case 0:
      return global(random.pick(names));
    case 1:
      return text(random.pick(words));
    case 2:
      return Buffer.concat([Buffer.from('J'), little(random.pick(edges), 4)]);
    case 3:
      return Buffer.concat([Buffer.from([0x8a, 9]), little(random.pick(edges), 8), Buffer.from([random.below(256)])]);
    case 4:
      return Buffer.from([random.pick([0x68, 0x71, 0x4b]), random.below(random.oneIn(4) ? 256 : 32)]);
    case 5:
      return Buffer.from([random.pick([...kinds.keys()])].concat(random.oneIn(2) ? [random.below(8)] : []));
    default:
      return Buffer.from(random.pick([...bare]), 'latin1');
  }
}

function changeArgument(random, code) {
  const { kind, size } = kinds.get(code[0]) ?? {};
  if (kind === undefined) return changeBytes(random, code, code);
  if (kind === 'fixed') return Buffer.concat([code.subarray(0, 1), little(random.pick(edges), size)]);
  if (kind === 'lines') return size === 2 ? global(random.pick(names)) : changeBytes(random, code, code);
  if (random.oneIn(8))
    return Buffer.concat([code.subarray(0, 1), little(random.pick(edges), size), code.subarray(1 + size)]);
  const data = random.oneIn(2) ? Buffer.from(random.pick(words)) : changeBytes(random, code.subarray(1 + size), code);
  const fitting = data.subarray(0, size === 1 ? 255 : data.length);
  return Buffer.concat([code.subarray(0, 1), little(fitting.length, size), fitting]);
}

/** `data` with a few opcodes changed; `other` is a pickle to take from, and `stops` as for opcodesOf. */
export function changePickle(random, data, other, stops = 1) {
  const { codes, rest } = opcodesOf(data, stops);
  if (codes.length === 0) return changeBytes(random, data, other);
  for (let n = random.count(12); n > 0; n--) {
    const at = random.below(codes.length + 1);
    switch (random.below(9)) {
      case 0:
        codes.splice(at, random.count(16));
        break;
      case 1:
      case 2:
        codes.splice(at, random.below(2), fresh(random));
        break;
      case 3: {
        const theirs = opcodesOf(other, stops).codes;
        const from = random.below(theirs.length + 1);
        codes.splice(at, random.below(3), ...theirs.slice(from, from + random.count(40)));
        break;
      }
      case 4: {
        const part = codes.slice(at, at + random.count(6));
        codes.splice(at, 0, ...Array(random.count(3000)).fill(part).flat());
        break;
      }
      case 5:
        if (at < codes.length) codes.splice(random.below(codes.length + 1), 0, codes[at]);
        break;
      case 6: {
        const to = random.below(codes.length + 1);
        if (at < codes.length && to < codes.length) [codes[at], codes[to]] = [codes[to], codes[at]];
        break;
      }
      default:
        if (at < codes.length) codes[at] = changeArgument(random, codes[at]);
    }
    if (codes.length === 0) break;
  }
  return Buffer.concat([...codes, random.oneIn(16) ? changeBytes(random, rest, other) : rest]);
}
