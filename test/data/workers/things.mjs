// A user's module: datasets and functions that workers make anew.
import { rand, tensor } from 'cresset';
import { exported, recipe, workerInfo } from 'cresset/data';

class Remade {
  constructor(...args) {
    this.args = args;
  }
  [recipe]() {
    return { module: import.meta.url, export: this.constructor.name, args: this.args };
  }
}

/** Samples [index, a random number], some of which do something else: `acts[index]`. */
export class Numbers extends Remade {
  constructor(length, acts = {}) {
    super(length, acts);
    Object.assign(this, { length, acts });
  }
  get(index) {
    const sample = [index, rand([1])];
    switch (this.acts[index]) {
      case 'throw':
        throw Object.assign(new RangeError(`no sample ${index}`, { cause: new Error('deeper') }), { code: 'E_SAMPLE' });
      case 'throw a word':
        throw 'a word';
      case 'throw in a circle': {
        const error = new Error('round');
        throw Object.assign(error, { cause: error });
      }
      case 'throw a field':
        throw Object.defineProperty(new Error(), 'message', { value: 'own', enumerable: true });
      case 'throw the unreadable':
        throw Object.create(null);
      case 'exit':
        return process.exit(3);
      case 'hang':
        while (true);
      case 'never':
        return new Promise(() => {});
      case 'fill memory':
        for (const all = []; ; ) all.push(new Array(1e5).fill(index));
      case 'throw later':
        setTimeout(() => {
          throw new Error('too late');
        });
        return new Promise(() => {});
      case 'wait':
        return new Promise((resolve) => setTimeout(resolve, 20, sample));
      default:
        return sample;
    }
  }
}

/** A stream of `length` samples [index, a random number], and of shards where it is asked to have them. */
export class Stream extends Remade {
  constructor(length, sharded = false) {
    super(length, sharded);
    this.length = length;
    if (sharded)
      this.shard = (index, count) => ({
        *[Symbol.iterator]() {
          for (let i = index; i < length; i += count) yield i;
        },
      });
  }
  *[Symbol.iterator]() {
    for (let i = 0; i < this.length; i++) yield [i, rand([1])];
  }
}

/** A dataset that is made by a function, and later. */
export class Late {
  length = 3;
  get = (index) => index * 10;
  [recipe]() {
    return { module: import.meta.url, export: 'makeLate', args: [] };
  }
}
export const makeLate = async () => new Late();

/** Samples of whatever it is given, and who makes them. */
export class Given extends Remade {
  constructor(length, values) {
    super(length, values);
    Object.assign(this, { length, values });
  }
  get(index) {
    const info = workerInfo();
    const { id, numWorkers, seed, dataset } = info ?? {};
    return { index, id, numWorkers, seed, own: dataset === this, init: globalThis.initialised, values: this.values };
  }
}

export const rows = exported(import.meta.url, 'rows', (samples) => samples);
export const pairs = exported(import.meta.url, 'pairs', (samples) => ({
  list: [tensor(samples.map(([i]) => i)).to('uint8'), 'text'],
  halves: tensor([0.5, 1]).to('bfloat16'),
  empty: tensor([]),
  scalar: tensor(samples[0][0]),
  bytes: Buffer.from(Uint8Array.of(0, 1, 2).buffer, 1),
  bare: Object.assign(Object.create(null), { x: tensor(3) }),
}));
export const later = exported(import.meta.url, 'later', async (samples) => {
  await null;
  return [samples.length, rand([1])];
});
export const classes = exported(import.meta.url, 'classes', (samples) => ({ things: [samples, new Map()] }));
export const refusing = exported(import.meta.url, 'refusing', () => {
  throw new TypeError('will not');
});
export const init = exported(import.meta.url, 'init', (id) => {
  globalThis.initialised = `worker ${id}`;
});
export const failing = exported(import.meta.url, 'failing', () => {
  throw new Error('no init');
});
export const uncompiled = exported(new URL('../../../README.md', import.meta.url), 'any', () => {});
export const missing = exported(import.meta.url, 'notThere', () => {});
