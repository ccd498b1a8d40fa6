// Numbers that a seed determines, and the changes that know nothing of a format.

/** Draws of one seed (mulberry32). */
export class Random {
  #state;
  constructor(seed) {
    this.#state = seed >>> 0;
  }
  /** A whole number below `n`. */
  below(n) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  }
  pick(items) {
    return items[this.below(items.length)];
  }
  /** True once in `n` times. */
  oneIn(n) {
    return this.below(n) === 0;
  }
  /** Mostly small: how often something is repeated. */
  count(most) {
    return 1 + this.below(this.oneIn(20) ? most : 8);
  }
}

/** Numbers near which limits lie. */
export const edges = [0, 1, 2, 7, 8, 63, 64, 127, 128, 255, 256, 1000, 1001, 4096, 32767, 32768, 65535, 65536, 1 << 20]
  .concat([2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 52, 2 ** 53 - 1, 2 ** 53, 2 ** 62, 2 ** 63, 2 ** 64 - 1025])
  .map((n) => BigInt(n));

/** `value` in `bytes` little-endian bytes, whatever of it fits. */
export function little(value, bytes) {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return out.subarray(0, bytes);
}

const cut = (random, data, most) => {
  const from = random.below(data.length + 1);
  return data.subarray(from, Math.min(data.length, from + 1 + random.below(most)));
};

/** `data` with one change of bytes; `other` is material to take from. */
export function changeBytes(random, data, other) {
  const at = random.below(data.length + 1);
  const copy = Buffer.from(data);
  switch (data.length === 0 ? 3 : random.below(8)) {
    case 0:
      if (at < copy.length) copy[at] ^= 1 << random.below(8);
      return copy;
    case 1:
      if (at < copy.length) copy[at] = random.below(256);
      return copy;
    case 2: {
      const number = little(random.pick(edges), random.pick([1, 2, 4, 8]));
      if (random.oneIn(2)) number.reverse();
      number.copy(copy, at);
      return copy;
    }
    case 3:
      return Buffer.concat([data.subarray(0, at), cut(random, other, 64), data.subarray(at)]);
    case 4:
      return Buffer.concat([data.subarray(0, at), data.subarray(at + random.count(256))]);
    case 5:
      return data.subarray(0, at);
    case 6: {
      const part = cut(random, data, 32);
      const times = Math.max(1, Math.min(random.count(2000), Math.floor((1 << 16) / Math.max(1, part.length))));
      return Buffer.concat([data.subarray(0, at), ...Array(times).fill(part), data.subarray(at)]);
    }
    default:
      return Buffer.concat([data.subarray(0, at), other.subarray(random.below(other.length + 1))]);
  }
}
