// `models`: networks for pictures. Their names are torchvision's in camelCase, where underscores between digits stay.
import './python.js';

export { AlexNet, type AlexNetOptions, alexnet } from './alexnet.js';
export {
  DenseNet,
  type DenseNetOptions,
  type DenseNetShape,
  densenet121,
  densenet161,
  densenet169,
  densenet201,
} from './densenet.js';
export { GoogLeNet, type GoogLeNetOptions, type GoogLeNetOutputs, googlenet } from './googlenet.js';
export { Inception3, type Inception3Options, type InceptionOutputs, inceptionV3 } from './inception.js';
export { MNASNet, type MNASNetOptions, mnasnet0_5, mnasnet0_75, mnasnet1_0, mnasnet1_3 } from './mnasnet.js';
export {
  BasicBlock,
  Bottleneck,
  ResNet,
  type ResNetOptions,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50_32x4d,
  resnext101_32x8d,
  resnext101_64x4d,
  wideResnet50_2,
  wideResnet101_2,
} from './resnet.js';
export {
  ShuffleNetV2,
  type ShuffleNetV2Options,
  shufflenetV2X0_5,
  shufflenetV2X1_0,
  shufflenetV2X1_5,
  shufflenetV2X2_0,
} from './shufflenetv2.js';
export {
  SqueezeNet,
  type SqueezeNetOptions,
  type SqueezeNetVersion,
  squeezenet1_0,
  squeezenet1_1,
} from './squeezenet.js';
export { VGG, type VGGOptions, vgg11, vgg11Bn, vgg13, vgg13Bn, vgg16, vgg16Bn, vgg19, vgg19Bn } from './vgg.js';
