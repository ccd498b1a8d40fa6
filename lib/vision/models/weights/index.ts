// Made by scripts/weights.py: the published weights of all networks.
export * from './alexnet.js';
export * from './convnext.js';
export * from './densenet.js';
export * from './efficientnet.js';
export * from './googlenet.js';
export * from './inception.js';
export * from './mnasnet.js';
export * from './mobilenet.js';
export * from './regnet.js';
export * from './resnet.js';
export * from './shufflenetv2.js';
export * from './squeezenet.js';
export * from './vgg.js';
export * from './vision-transformer.js';
