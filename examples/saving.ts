// Section 6 of the tutorial: saving and loading, as a state dict and as a whole model, in files that PyTorch reads and writes too.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { equal, load, nn, noGrad, rand, save, type Tensor } from 'cresset';
import { models } from 'cresset/vision';
import { readFlags } from './flags.js';

const flags = readFlags(
  [],
  ['small'],
  `node examples/build/saving.js [flags]

  --small    take SqueezeNet (5 MB) in the place of VGG-16 (550 MB)`,
);
const make = () => (flags.small ? models.squeezenet1_1() : models.vgg16());
const folder = await mkdtemp(join(tmpdir(), 'cresset-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);

const vgg16 = make();
await save(vgg16.stateDict(), file('vgg16_method2.pth')); // the state dict
await save(vgg16, file('vgg16_method1.pth')); // the whole model

// The state dict goes into a network that is there, which needs no initial values.
const again = nn.utils.skipInit(make);
again.loadStateDict(await load(file('vgg16_method2.pth')));
console.log(again);
again.eval();

// The whole model comes as it is: its layers, their weights, and whether it trains.
const model: typeof vgg16 = await load(file('vgg16_method1.pth'));
console.log(model);
model.eval();

vgg16.eval();
const images = rand([1, 3, 64, 64]);
const outputs = noGrad(() => [vgg16, again, model].map((network) => network(images)));
console.log(
  'the same outputs:',
  outputs.every((output) => equal(output, outputs[0]!)),
);

// What does not fit is named, and nothing is changed.
const [first, ...others] = Object.entries(vgg16.stateDict());
try {
  again.loadStateDict(Object.fromEntries([...others, ['another.weight', first![1]]]));
} catch (error) {
  console.log(String(error));
}

// The trap: a whole model of a class of one's own can only be loaded where that class is known.
class Tudui extends nn.Module {
  conv1 = new nn.Conv2d(3, 64, 3);
  forward(x: Tensor): Tensor {
    return this.conv1(x);
  }
}
await save(new Tudui(), file('tudui_method1.pth'));
try {
  await load(file('tudui_method1.pth'));
} catch (error) {
  console.log(String(error));
}
console.log(await load(file('tudui_method1.pth'), { classes: { Tudui } }));
