// Section 6 of the tutorial: saving and loading the state dict of a model, in files that PyTorch reads and writes too.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, ones, save } from 'cresset';
import { Tudui } from './tudui.js';

const folder = await mkdtemp(join(tmpdir(), 'cresset-'));
const file = join(folder, 'tudui_method2.pth');

const tudui = new Tudui();
await save(tudui.stateDict(), file);

const again = new Tudui();
again.loadStateDict(await load(file));
console.log(again.eval());

const images = ones([1, 3, 32, 32]);
console.log('the same outputs:', tudui(images).eq(again(images)).all().toArray());

// What does not fit is named, and nothing is changed.
const { 'model1.8.bias': left, ...incomplete } = tudui.stateDict();
try {
  again.loadStateDict({ ...incomplete, 'model1.9.bias': left! });
} catch (error) {
  console.log(String(error));
}
await rm(folder, { recursive: true });
