// The operations of the bench by name: an input, the row's options and a second input where there is one.
import { nn } from '../../dist/index.js';

export const operations = {
  maxPool: (x, { kernel, stride, pad }) => nn.functional.maxPool2d(x, kernel, { stride, padding: pad }),
  avgPool: (x, { kernel, stride, pad }) => nn.functional.avgPool2d(x, kernel, { stride, padding: pad }),
  batchNorm: (x) => nn.functional.batchNorm(x, null, null, { training: true }),
  softmax: (x) => nn.functional.softmax(x, 1),
  sum: (x) => x.sum(),
  mean: (x, { dim }) => x.mean(dim),
  argmax: (x, { dim }) => x.argmax(dim),
  add: (x, _, y) => x.add(y),
  mul: (x, _, y) => x.mul(y),
  relu: (x) => x.relu(),
  exp: (x) => x.exp(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  gelu: (x) => x.gelu(),
  log: (x) => x.log(),
};
