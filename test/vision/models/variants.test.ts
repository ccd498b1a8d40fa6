// Every network against torchvision's: text, keys and numbers of parameters of all, and what the smaller ones give with the weights of
// seed 0. `npm run parity` has all of them compute.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { manualSeed, memory, nn, noGrad, rand, type Tensor } from '../../../lib/index.js';
import { models } from '../../../lib/vision/index.js';

interface Variant {
  name: string;
  /** torchvision's name. */
  theirs: string;
  options?: object;
  /** A parameter that begins with zeros, and is drawn anew. */
  draws?: string;
  side: number;
  text: string;
  keys: string;
  parameters: number;
  /** Every 142nd. */
  logits: number[];
  norm: number;
}
const variants: Variant[] = JSON.parse(readFileSync(`${__dirname}/../../golden/variants.json`, 'utf8'));
// And the smallest of families that have none.
const computed = variants.filter(({ name, parameters }) => parameters < 30e6 || ['alexnet', 'vgg11'].includes(name));

const make = models as unknown as Record<string, (options?: object) => nn.Module<[x: Tensor], Tensor>>;
const digest = (text: string) => createHash('sha256').update(text).digest('hex');

afterEach(() => memory.emptyCache());

test('there is a golden for each', () => {
  expect(variants.map(({ theirs }) => theirs).sort()).toEqual(models.listModels());
});

test.each(variants)('$name prints and has the keys and parameters of torchvision', ({ name, ...golden }) => {
  const model = nn.utils.skipInit(() => make[name]!(golden.options));
  expect(digest(String(model))).toBe(golden.text);
  const keys = Object.entries(model.stateDict()).map(([key, value]) => `${key} [${value.shape.join(', ')}]`);
  expect(digest(keys.join('\n'))).toBe(golden.keys);
  expect([...model.parameters()].reduce((sum, p) => sum + p.numel(), 0)).toBe(golden.parameters);
});

test.each(computed)('$name with the weights of seed 0 computes what torchvision does', (golden) => {
  const { name, options, draws, side, logits, norm } = golden;
  manualSeed(0);
  const model = make[name]!(options).eval();
  if (draws !== undefined) nn.init.normal_(model.getParameter(draws));
  nn.init.zeros_([...model.parameters()].at(-1)!); // the head's bias, as golden/variants.py explains
  const y = noGrad(() => model(rand([1, 3, side, side]))).flatten();
  const ours = y.toArray() as number[];
  const largest = Math.max(...logits.map(Math.abs));
  for (const [i, value] of logits.entries()) expect(Math.abs(ours[142 * i]! - value)).toBeLessThan(1e-4 * largest);
  expect(Math.abs(y.norm().item() / norm - 1)).toBeLessThan(1e-4);
});
