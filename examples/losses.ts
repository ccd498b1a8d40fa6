// Section 2 of the tutorial: losses.
import { nn, tensor } from 'cresset';

const inputs = tensor([1, 2, 3]).reshape([1, 1, 1, 3]);
const targets = tensor([1, 2, 5]).reshape([1, 1, 1, 3]);
for (const reduction of ['sum', 'mean', 'none'] as const) console.log(new nn.L1Loss({ reduction })(inputs, targets));
console.log(new nn.MSELoss()(inputs, targets));

const x = tensor([0.1, 0.2, 0.3]).reshape([1, 3]);
const y = tensor([1], { dtype: 'int64' });
const lossCross = new nn.CrossEntropyLoss();
console.log(lossCross(x, y));

// The tutorial's slip, a loss without its arguments: TypeScript refuses it, and so does the call.
try {
  // @ts-expect-error Expected 2 arguments, but got 0.
  lossCross();
} catch (error) {
  console.log(String(error));
}
