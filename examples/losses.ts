// Losses, section 2 of the tutorial.
import { nn, tensor } from 'cresset';

const inputs = tensor([1, 2, 3]).reshape([1, 1, 1, 3]);
const targets = tensor([1, 2, 5]).reshape([1, 1, 1, 3]);
console.log(new nn.L1Loss({ reduction: 'sum' })(inputs, targets));
console.log(new nn.MSELoss()(inputs, targets));

const x = tensor([0.1, 0.2, 0.3]).reshape([1, 3]);
const y = tensor([1], { dtype: 'int64' });
console.log(new nn.CrossEntropyLoss()(x, y));
