// `datasets`: pictures with their classes.
import { CIFAR10, CIFAR100 } from './cifar.js';
import { EMNIST } from './emnist.js';
import { FashionMNIST, KMNIST, MNIST } from './mnist.js';
import { SVHN } from './svhn.js';
import { ownPictureDatasets } from './vision-dataset.js';

for (const made of [CIFAR10, CIFAR100, EMNIST, FashionMNIST, KMNIST, MNIST, SVHN]) ownPictureDatasets.add(made);

export { CIFAR10, CIFAR100, type CIFAROptions } from './cifar.js';
export { EMNIST, type EMNISTOptions, type EMNISTSplit } from './emnist.js';
export { FakeData, type FakeDataOptions } from './fake.js';
export {
  type Classes,
  DatasetFolder,
  type DatasetFolderOptions,
  type FileOptions,
  findClasses,
  ImageFolder,
  type ImageFolderOptions,
  imgExtensions,
  makeDataset,
  type Sample,
} from './folder.js';
export { FashionMNIST, KMNIST, MNIST, type MNISTOptions } from './mnist.js';
export { SVHN, type SVHNOptions, type SVHNSplit } from './svhn.js';
export { SyntheticShapes, type SyntheticShapesOptions } from './synthetic.js';
export { PictureDataset, type Pictures, VisionDataset } from './vision-dataset.js';
