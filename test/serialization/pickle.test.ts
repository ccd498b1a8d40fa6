// What the pickle interpreter makes of bytes, and the pickler of values.
import { describe, expect, test } from '@jest/globals';
import { Counter } from '../../lib/optim/lr-scheduler/counter.js';
import { pickle } from '../../lib/serialization/pickle.js';
import { OrderedDict } from '../../lib/serialization/stored.js';
import { type UnpickleHost, unpickle } from '../../lib/serialization/unpickle.js';

const host: UnpickleHost = {
  fail: (what, at) => {
    throw new Error(`byte ${at}: ${what}`);
  },
  storage: (_, context) => context.fail('no storages here'),
};
const read = (text: string) => unpickle(Buffer.from(text, 'latin1'), host);
const roundTrip = (value: unknown) => unpickle(pickle(value).bytes, host);

describe('values come back as they were', () => {
  test.each([0, 1, 255, 256, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, -(2 ** 53 - 1)])(
    'integer %p',
    (n) => {
      expect(roundTrip(n)).toBe(n);
    },
  );
  test.each([0.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1e300])('float %p', (n) => {
    expect(roundTrip(n)).toBe(n);
  });
  test.each([2n ** 53n, -(2n ** 63n), 2n ** 200n])('bigint %p', (n) => {
    expect(roundTrip(n)).toBe(n);
  });
  test('a bigint that a number can hold becomes one', () => {
    expect(roundTrip(5n)).toBe(5);
  });
  test.each(['', 'héllo 🔥', '\uFEFFmark', 'x'.repeat(300)])('string %p', (s) => {
    expect(roundTrip(s)).toBe(s);
  });
  test('nested lists, dicts, booleans and null', () => {
    expect(roundTrip([{ a: [true, false, null] }, new Map([[1, 'x']])])).toEqual([
      new Map([['a', [true, false, null]]]),
      new Map([[1, 'x']]),
    ]);
  });
  test('an OrderedDict with its metadata', () => {
    const dict = new OrderedDict([
      ['b', 1],
      ['a', 2],
    ]);
    dict._metadata = new OrderedDict([['', new Map([['version', 1]])]]);
    const back = roundTrip(dict) as OrderedDict;
    expect(back.orderedDict).toBe(true);
    expect([...back.keys()]).toEqual(['b', 'a']);
    expect(back._metadata).toEqual(dict._metadata);
  });
  test('a Counter, which is a dict with a class', () => {
    const counter = Counter.of([3, 3, 7]);
    const [back, again] = roundTrip([counter, counter]) as Counter[];
    expect(back).toBeInstanceOf(Counter);
    expect([...back!]).toEqual([
      [3, 2],
      [7, 1],
    ]);
    expect(again).toBe(back);
    expect(roundTrip(new Counter())).toEqual(new Counter());
  });
  test('one object at two places stays one object, and loops are kept', () => {
    const shared = [1];
    const [a, b] = roundTrip([shared, shared]) as unknown[];
    expect(a).toBe(b);
    const loop: unknown[] = [];
    loop.push(loop);
    const back = roundTrip(loop) as unknown[];
    expect(back[0]).toBe(back);
  });
  test('more than 256 memoized objects', () => {
    const many = Array.from({ length: 700 }, (_, i) => `key${i}`);
    expect(roundTrip([...many, ...many])).toEqual([...many, ...many]);
  });
});

describe('what cannot be pickled is named by its path', () => {
  test.each([
    [undefined, /value is undefined/],
    [{ a: [() => 1] }, /value\["a"\]\[0\] is a function/],
    [{ d: new Date() }, /value\["d"\] is an object of the class Date/],
    ['\ud800', /surrogate/],
    [new Map([[{}, 1]]), /has a key/],
  ])('%p', (value, message) => {
    expect(() => pickle(value)).toThrow(message);
  });
  test('endless nesting', () => {
    let deep: unknown[] = [];
    for (let i = 0; i < 10_000; i++) deep = [deep];
    expect(() => pickle(deep)).toThrow(/nested more than/);
  });
});

describe('what is no data is refused by its name and place', () => {
  test.each([
    [
      'a function of the system',
      '\x80\x02cos\nsystem\n(X\x04\0\0\0echotR.',
      /byte 2: os\.system is not among the names/,
    ],
    ['eval by STACK_GLOBAL', '\x80\x04\x8c\x08builtins\x8c\x04eval\x93.', /builtins\.eval is not among/],
    ["a user's class", '\x80\x02c__main__\nTudui\n)\x81.', /__main__\.Tudui is not among the names/],
    ['a function left as a value', '\x80\x02ccollections\nOrderedDict\n.', /holds collections\.OrderedDict itself/],
    ['an attribute of JavaScript', '\x80\x02ctorch\nconstructor\n.', /torch\.constructor is not among/],
    ['an inherited name', '\x80\x02c__proto__\ntoString\n.', /__proto__\.toString is not among/],
    ['calling what is no function', '\x80\x02K\x01)R.', /calls something that is no allowed function/],
    ['attributes of a list', '\x80\x02]}b.', /attributes of something that has none/],
    ['extension codes', '\x80\x02\x82\x01.', /the opcode EXT1 is not allowed/],
    ['instances of protocol 0', '\x80\x02(i__main__\nX\n.', /the opcode INST is not allowed/],
    ['protocol 9', '\x80\x09.', /protocol 9/],
  ])('%s', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

describe('malformed pickles', () => {
  test.each([
    ['nothing', '', /ends in the middle/],
    ['no end', '\x80\x02K\x01', /ends in the middle/],
    ['an empty stack', '\x80\x02.', /empty stack/],
    ['left-over values', '\x80\x02NN.', /left over/],
    ['a string longer than the file', '\x80\x02X\xff\xff\xff\xffab.', /4294967295 bytes wanted, 3 left/],
    ['bytes of 2^63', '\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.', /bytes wanted/],
    ['an integer of 2^31 bytes', '\x80\x02\x8b\x00\x00\x00\x80.', /integer of 2147483648 bytes/],
    ['an empty memo', '\x80\x02h\x07.', /memo 7 is empty/],
    ['a missing mark', '\x80\x02Nt.', /a mark is missing/],
    ['values below a mark', '\x80\x02]N(a.', /empty stack/],
    ['half an item', '\x80\x02}(Nu.', /key without a value/],
    ['an item of a list', '\x80\x02]NNs.', /no dict/],
    ['broken UTF-8', '\x80\x02X\x01\0\0\0\xff.', /not UTF-8/],
    [
      'a Counter of no dict',
      '\x80\x02ccollections\nCounter\n]\x85R.',
      /a Counter is made from something that is no dict/,
    ],
    ['a persistent id without tuple', '\x80\x02NQ.', /persistent id is no tuple/],
  ])('%s', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  test('a small pickle cannot demand endless work', () => {
    const list = `\x80\x02(${'K\x01K\x01\x86'.repeat(2000)}lq\x00`;
    const call = 'ccollections\nOrderedDict\n(h\x00tR0';
    expect(() => read(`${list}${call.repeat(2000)}.`)).toThrow(/repeats its contents too often/);
    const dict = `\x80\x02}(${Array.from({ length: 250 }, (_, i) => `K${String.fromCharCode(i)}N`).join('')}uq\x00`;
    const count = 'ccollections\nCounter\n(h\x00tR0';
    expect(() => read(`${dict}${count.repeat(20000)}.`)).toThrow(/repeats its contents too often/);
  });

  test('a doubly nested structure of 2^60 leaves is read at once', () => {
    const doubling = ']q\x00'.concat(
      ...Array.from(
        { length: 60 },
        (_, i) => `0](h${String.fromCharCode(i)}h${String.fromCharCode(i)}eq${String.fromCharCode(i + 1)}`,
      ),
    );
    expect(Array.isArray(read(`\x80\x02${doubling}.`))).toBe(true);
  });
});
