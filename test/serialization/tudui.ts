// The network of other people's files in ../shared/reference.
import { nn, type Tensor } from '../../lib/index.js';

export class Tudui extends nn.Module {
  model = new nn.Sequential(
    new nn.Conv2d(3, 32, 5, { padding: 2 }),
    new nn.MaxPool2d(2),
    new nn.Conv2d(32, 32, 5, { padding: 2 }),
    new nn.MaxPool2d(2),
    new nn.Conv2d(32, 64, 5, { padding: 2 }),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(1024, 64),
    new nn.Linear(64, 10),
  );
  forward(x: Tensor): Tensor {
    return this.model(x);
  }
}
