// Numbers of JavaScript as elements of a dtype: what PyTorch takes, and what it wraps around. (What it refuses is in errors.test.ts.)
import { expect, test } from '@jest/globals';
import { type DType, type TensorData, tensor } from '../../lib/index.js';

test.each<[string, TensorData, DType, unknown[]]>([
  ['fractions are cut off', [2.5, -2.5, 255.5], 'int32', [2, -2, 255]],
  ['whole negative numbers wrap around in uint8', [-1, -255], 'uint8', [255, 1]],
  ['the greatest and the least of int64', [2n ** 63n - 1n, -(2n ** 63n)], 'int64', [2n ** 63n - 1n, -(2n ** 63n)]],
  ['numbers as int64', [2 ** 62, -(2 ** 63)], 'int64', [2n ** 62n, -(2n ** 63n)]],
  ['BigInts as uint8', [255n, 0n], 'uint8', [255, 0]],
  ['what is too large for a float is infinite', [1e40, -1e40], 'float32', [Infinity, -Infinity]],
  ['NaN as bool', [Number.NaN, 0], 'bool', [1, 0]],
])('%s', (_, data, dtype, expected) => {
  expect([...tensor(data, { dtype }).toTypedArray()]).toEqual(expected);
});
