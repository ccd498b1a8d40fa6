// Pooling of a large picture, which is shared out in rows, gives what each of its channels gives alone.
import { expect, test } from '@jest/globals';
import { cat, manualSeed, nn, randn, type Tensor } from '../../lib/index.js';

test.each<[string, number, object]>([
  ['windows side by side', 2, {}],
  ['windows apart, padded', 2, { stride: 3, padding: 1, ceilMode: true }],
  ['dilated windows apart', 2, { stride: 4, padding: 1, dilation: 2 }],
  ['windows that share rows', 3, { stride: 2, padding: 1 }],
  ['large windows', 5, { stride: 5, padding: 2, ceilMode: true }],
])('maxPool2d: %s', (_, kernelSize, options) => {
  manualSeed(0);
  const x = randn([2, 48, 61, 64]);
  const gradient = (part: Tensor) => {
    const leaf = part.clone().requiresGrad_();
    const y = nn.functional.maxPool2d(leaf, kernelSize, options);
    y.square().sum().backward();
    return [y.detach(), leaf.grad!] as const;
  };
  const [y, dx] = gradient(x);
  const alone = Array.from({ length: 48 }, (_, channel) => gradient(x.narrow(1, channel, 1)));
  const joined = (i: 0 | 1) =>
    cat(
      alone.map((parts) => parts[i]),
      1,
    );
  expect(y.sub(joined(0)).abs().max().item()).toBe(0);
  expect(dx.sub(joined(1)).abs().max().item()).toBe(0);
});
