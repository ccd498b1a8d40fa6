// Each kind of file has an allow-list of its own.
import { describe, expect, test } from '@jest/globals';
import { findNumpyGlobal, NumpyArray } from '../../lib/serialization/numpy.js';
import { type UnpickleHost, unpickle } from '../../lib/serialization/unpickle.js';

const checkpoint: UnpickleHost = {
  fail: (what, at) => {
    throw new Error(`byte ${at}: ${what}`);
  },
  storage: (_, context) => context.fail('no storages here'),
};
const arrays: UnpickleHost = { ...checkpoint, findGlobal: findNumpyGlobal };
const bytes = (text: string) => Buffer.from(text, 'latin1');

// An array of shape [2, 3] with the bytes of `contents`, as Python 2 writes it.
const array = ({ shape = 'K\x02K\x03\x86', type = 'u1', fortran = '\x89', contents = 'U\x06abcdef' } = {}) =>
  bytes(
    '\x80\x02cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR' +
      `(K\x01${shape}cnumpy\ndtype\nU${String.fromCharCode(type.length)}${type}K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb${fortran}${contents}tb.`,
  );

test('an array of bytes', () => {
  const value = unpickle(array(), arrays) as NumpyArray;
  expect(value).toBeInstanceOf(NumpyArray);
  expect(value.shape).toEqual([2, 3]);
  expect([...value.bytes]).toEqual([...bytes('abcdef')]);
});

test('Fortran order becomes row-major', () => {
  const value = unpickle(array({ fortran: '\x88' }), arrays) as NumpyArray;
  expect(Buffer.from(value.bytes).toString()).toBe('acebdf');
});

test('a checkpoint may not hold arrays, nor an array what checkpoints may hold', () => {
  expect(() => unpickle(array(), checkpoint)).toThrow(/numpy\.core\.multiarray\._reconstruct is not among the names/);
  expect(() => unpickle(bytes('\x80\x02cnumpy\ndtype\n.'), checkpoint)).toThrow(/numpy\.dtype is not among the names/);
  expect(() => unpickle(bytes('\x80\x02ccollections\nOrderedDict\n)R.'), arrays)).toThrow(
    /collections\.OrderedDict is not among the names that an array of bytes needs/,
  );
});

describe('malformed arrays', () => {
  test.each([
    ['too few bytes', array({ contents: 'U\x05abcde' }), /shape \[2, 3\] takes 6 bytes, but 5 are there/],
    ['a negative shape', array({ shape: 'J\xfe\xff\xff\xffJ\xfd\xff\xff\xff\x86' }), /shape \[-2, -3\] takes 6 bytes/],
    ['a shape of strings', array({ shape: 'U\x01a\x85' }), /the shape of an array must be integers/],
    ['floats', array({ type: 'f4' }), /has the dtype "f4", expected "u1"/],
    ['characters that are no bytes', array({ contents: 'X\x07\0\0\0\xc4\x80bcdef' }), /bytes beyond 255/],
    ['contents that are a list', array({ contents: ']' }), /contents of an array are no bytes/],
    [
      'a state of another form',
      bytes('\x80\x02cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\ntR)b.'),
      /state/,
    ],
    [
      'another class',
      bytes('\x80\x02cnumpy.core.multiarray\n_reconstruct\n(NtR.'),
      /another class than numpy\.ndarray/,
    ],
    ['calling the class', bytes('\x80\x02cnumpy\nndarray\n)R.'), /calls numpy\.ndarray, which is no allowed function/],
    ['the class as a value', bytes('\x80\x02cnumpy\nndarray\n.'), /holds numpy\.ndarray itself/],
    ['code', bytes('\x80\x02cos\nsystem\nU\x04echo\x85R.'), /os\.system is not among the names/],
  ])('%s', (_, pickled, message) => {
    expect(() => unpickle(pickled, arrays)).toThrow(message);
  });

  test('more opcodes than the kind of file needs', () => {
    expect(() => unpickle(bytes(`\x80\x02${']'.repeat(200)}.`), { ...arrays, maxOperations: 100 })).toThrow(
      /more than 100 opcodes/,
    );
  });
});
