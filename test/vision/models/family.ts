// What the tests of each family of networks share: initial weights, results and gradients against torchvision's.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { arange, manualSeed, memory, type nn, rand, type Tensor } from '../../../lib/index.js';
import { models } from '../../../lib/vision/index.js';

interface Run {
  name: string;
  js: string;
  side: number;
  total: [sum: number, squares: number];
  train: number[][];
  eval: number[][];
  grad: number[];
}
const families: Record<string, Run[]> = JSON.parse(readFileSync(`${__dirname}/../../golden/families.json`, 'utf8'));

const make = models as unknown as Record<string, (options?: object) => nn.Module>;
const numbers = (x: Tensor) => Array.from(x.detach().contiguous().toTypedArray() as Float32Array);

/** The largest difference, relative to the largest number expected. */
function difference(actual: number[], expected: number[]): number {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!))) / largest;
}

/** Tests a family; `prepare` changes a new network as golden/models.py changed torchvision's. */
export function testFamily(family: string, prepare: (model: nn.Module) => void = () => {}): void {
  test.each(families[family]!)(
    '$name of $js with the same seed begins, computes and learns as torchvision does',
    (golden) => {
      const options = new Function(`return (${golden.js})`)() as object;
      manualSeed(0);
      const model = make[golden.name]!({ numClasses: 10, ...options });
      prepare(model);
      const totals = [...model.parameters()].map((p) => p.detach().to('float64'));
      const sum = (f: (p: Tensor) => Tensor) => totals.reduce((all, p) => all + f(p).sum().item(), 0);
      expect(Math.abs(sum((p) => p) - golden.total[0])).toBeLessThan(1e-7 * golden.total[1]);
      expect(Math.abs(sum((p) => p.square()) - golden.total[1])).toBeLessThan(1e-7 * golden.total[1]);
      const x = rand([2, 3, golden.side, golden.side]);
      expect(difference(numbers(model(x)), golden.train.flat())).toBeLessThan(1e-3);
      const y = model.eval()(x);
      expect(difference(numbers(y), golden.eval.flat())).toBeLessThan(1e-4);
      y.mul(arange(1, 11).to('float32')).sum().backward();
      const first = [...model.parameters()].find((p) => p.ndim === 4)!;
      expect(difference(numbers(first.grad!).slice(0, 8), golden.grad)).toBeLessThan(1e-3);
      memory.emptyCache();
    },
  );
}
