// Section 5 of the tutorial: existing models, and what they are changed to for ten classes.
import { nn } from 'cresset';
import { models } from 'cresset/vision';

// The tutorial's has the published weights: `node examples/build/models.js --download` fetches them, 528 MB, unless PyTorch's cache has them.
const vgg16True = process.argv.includes('--download')
  ? await models.vgg16({ weights: models.VGG16Weights.DEFAULT })
  : models.vgg16();
const vgg16False = models.vgg16();

// One more layer behind the last.
vgg16True.classifier.addModule('add_linear', new nn.Linear(1000, 10));
console.log(vgg16True.classifier);

// Another classifier in the place of the whole.
vgg16True.classifier = new nn.Sequential(
  new nn.Linear(512 * 7 * 7, 4096),
  new nn.ReLU({ inplace: true }),
  new nn.Dropout(),
  new nn.Linear(4096, 4096),
  new nn.ReLU({ inplace: true }),
  new nn.Dropout(),
  new nn.Linear(4096, 10),
);

// Another layer in the place of the last.
vgg16False.classifier[6] = new nn.Linear(4096, 10);

console.log(vgg16True);
console.log(vgg16False);
