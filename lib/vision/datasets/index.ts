// `datasets`: pictures with their classes.
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
