// Section 3 of the tutorial: backpropagation, one picture at a time. The real pictures come from
// `await datasets.CIFAR10.load({ root: 'dataset', train: false, download: true, transform })`.
import { nn } from 'cresset';
import { DataLoader } from 'cresset/data';
import { datasets, transforms } from 'cresset/vision';
import { Tudui } from './tudui.js';

const dataset = new datasets.SyntheticShapes({ length: 20, transform: transforms.toTensor() });
const loader = new DataLoader(dataset, { batchSize: 1 });
const tudui = new Tudui();
const loss = new nn.CrossEntropyLoss();
for await (const [images, targets] of loader) {
  const outputs = tudui(images);
  console.log(outputs);
  const result = loss(outputs, targets);
  console.log(result);
  result.backward(); // the gradients of all trainable parameters
  console.log('ok');
}
for (const [name, parameter] of tudui.namedParameters()) console.log(name, parameter.grad?.norm().item().toFixed(4));
