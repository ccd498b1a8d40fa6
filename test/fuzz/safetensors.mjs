// Changes of safetensors files: the header as JSON or as text, its length made right again.
import { changeBytes, edges, little } from './random.mjs';

/** A file with this header. */
export const safetensorsOf = (header, data = Buffer.alloc(0)) => {
  const json = Buffer.isBuffer(header) ? header : Buffer.from(header);
  return Buffer.concat([little(json.length, 8), json, data]);
};

const values = [
  null,
  true,
  -1,
  0.5,
  1e300,
  '',
  'F32',
  'I64',
  'BOOL',
  'F8_E4M3',
  '__proto__',
  [],
  {},
  [[]],
  [0],
  [0, 4],
  [4, 0],
];
const names = ['__proto__', '__metadata__', 'constructor', 'then', '', 'a', 'dtype', 'shape', 'data_offsets', '0'];
const tokens = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '\\',
  '"a":',
  '"__proto__":',
  '"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},',
];

const anything = (random) => (random.oneIn(2) ? random.pick(values) : Number(random.pick(edges)));

function changeTree(random, tree) {
  const open = [tree];
  const objects = [];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    objects.push(value);
    open.push(...Object.values(value).slice(0, 50));
  }
  const target = random.pick(objects);
  const keys = Object.keys(target);
  const key = keys.length > 0 ? random.pick(keys) : '0';
  switch (random.below(5)) {
    case 0:
      delete target[key];
      break;
    case 1:
      target[random.pick(names)] = structuredClone(anything(random));
      break;
    case 2:
      target[random.pick(names)] = structuredClone(target[key] ?? null);
      break;
    case 3:
      if (Array.isArray(target)) target.push(anything(random));
      else
        for (let n = random.count(300); n > 0; n--) target[`n${n}`] = { dtype: 'U8', shape: [0], data_offsets: [0, 0] };
      break;
    default:
      target[key] = structuredClone(anything(random));
  }
}

function changeText(random, json) {
  const at = random.below(json.length + 1);
  const token = random.pick(tokens).repeat(random.oneIn(4) ? random.count(5000) : 1);
  return Buffer.concat([json.subarray(0, at), Buffer.from(token), json.subarray(at + random.below(3))]);
}

/** `file` with a few changes of its header, or of its bytes; an index of shards is a header alone. */
export function changeSafetensors(random, file, other) {
  const index = file[0] === 0x7b;
  const length = index || file.length < 8 ? file.length : Number(file.readBigUInt64LE());
  if ((!index && length > file.length - 8) || random.oneIn(6)) return changeBytes(random, file, other);
  let json = index ? file : file.subarray(8, 8 + length);
  let data = index ? Buffer.alloc(0) : file.subarray(8 + length);
  for (let n = random.count(4); n > 0; n--) {
    if (random.oneIn(3)) json = random.oneIn(2) ? changeText(random, json) : changeBytes(random, json, other);
    else if (random.oneIn(6)) data = changeBytes(random, data, other);
    else
      try {
        const tree = JSON.parse(json.toString());
        if (typeof tree !== 'object' || tree === null) continue;
        changeTree(random, tree);
        json = Buffer.from(JSON.stringify(tree));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
      }
  }
  return index ? json : safetensorsOf(json, data);
}
