// Every transform against torchvision's: text, shapes, numbers and random draws, of Images and of tensors.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type DType, manualSeed, type Tensor, tensor } from '../../../lib/index.js';
import { Image, transforms } from '../../../lib/vision/index.js';

interface Result {
  dtype: DType | 'image';
  shape: number[];
  values: (number | boolean)[];
}
interface Row {
  js: string;
  text: string | null;
  describe: string | null;
  results: { kind: DType | 'image'; shape: [number, number, number]; result: Result | Result[] }[];
}
const goldens: Row[] = JSON.parse(readFileSync(`${__dirname}/../../golden/transforms.json`, 'utf8'));

/** The pictures of golden/transforms.py. */
function picture(kind: DType | 'image', [c, h, w]: readonly [number, number, number]): Image | Tensor {
  const words = Float64Array.from({ length: c * h * w }, (_, i) => Math.imul(i + 1, 2654435761) >>> 16);
  const bytes = Uint8Array.from(words, (word) => word >> 8);
  if (kind === 'image') return new Image(bytes, w, h, c);
  const values = kind === 'uint8' ? bytes : words.map((word) => word / 2 ** 16);
  return tensor(values, { shape: [h, w, c], dtype: kind })
    .permute([2, 0, 1])
    .contiguous();
}

type Made = Image | Tensor | (Image | Tensor)[];
const make = (js: string): ((x: Image | Tensor) => Made) =>
  new Function('transforms', 'functional', 'tensor', `return ${js}`)(transforms, transforms.functional, tensor);

function expectSame(actual: Made, expected: Result | Result[]): void {
  if (Array.isArray(actual) || Array.isArray(expected)) {
    const [all, wanted] = [actual as Image[], expected as Result[]];
    expect(all).toHaveLength(wanted.length);
    for (const [i, one] of all.entries()) expectSame(one, wanted[i]!);
    return;
  }
  const isImage = actual instanceof Image;
  const x = isImage ? transforms.functional.pilToTensor(actual) : actual;
  expect([isImage ? 'image' : x.dtype, x.shape]).toEqual([expected.dtype, expected.shape]);
  const values = Array.from(x.to('float64').toTypedArray() as Float64Array);
  const worst = values.map((value, i) => Math.abs(value - Number(expected.values[i])));
  const allowed = x.isFloatingPoint() ? 1e-5 * Math.max(1, ...values.map(Math.abs)) : 0;
  for (const [i, off] of worst.entries())
    if (!(off <= allowed)) expect({ at: i, value: values[i] }).toEqual({ at: i, value: expected.values[i] });
}

describe.each(goldens.map((row) => [row.js, row] as const))('%s', (_, row) => {
  if (row.text !== null)
    test('prints as in torchvision', () => {
      const transform = make(row.js) as unknown as transforms.presets.ImageClassification;
      expect(String(transform)).toBe(row.text);
      if (row.describe !== null) expect(transform.describe()).toBe(row.describe);
    });

  test.each(row.results.map((r) => [`${r.kind} of [${r.shape}]`, r] as const))("is torchvision's of %s", (_, r) => {
    manualSeed(7);
    expectSame(make(row.js)(picture(r.kind, r.shape)), r.result);
  });
});
