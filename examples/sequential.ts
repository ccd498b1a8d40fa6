// Section 1 of the tutorial: a network made of layers in a row.
import { nn, ones } from 'cresset';
import { SummaryWriter } from 'cresset/tensorboard';
import { Tudui } from './tudui.js';

const tudui = new Tudui();
console.log(tudui);
const input = ones([64, 3, 32, 32]);
console.log(tudui(input).shape);

// `tensorboard --logdir logs_seq` shows the graph.
const writer = new SummaryWriter('logs_seq');
writer.addGraph(tudui, input);
await writer.close();

// A Sequential is indexed, sliced, iterated, changed and added to.
const { model1 } = tudui;
console.log(model1.length, String(model1[7]), String(model1.at(-1)));
console.log(model1.slice(0, 2));
model1[8] = new nn.Linear(64, 5);
model1.addModule('softmax', new nn.Softmax(1));
for (const layer of model1) console.log(layer.typeName);
console.log(tudui(ones([2, 3, 32, 32])).shape);
