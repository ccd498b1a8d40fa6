// `datasets`: pictures with their classes.
export { CIFAR10, type CIFAR10Options } from './cifar10.js';
export { SyntheticShapes, type SyntheticShapesOptions } from './synthetic.js';
