// `models`: networks for pictures and their published weights. Their names are torchvision's in camelCase, where underscores between digits
// stay.
import './python.js';

export { AlexNet, type AlexNetOptions, alexnet } from './alexnet.js';
export {
  type Builder,
  type GetModelOptions,
  getModel,
  getModelWeights,
  getWeight,
  type ListOptions,
  listModels,
  type WeightsChoice,
} from './builder.js';
export {
  ConvNeXt,
  type ConvNeXtOptions,
  convnextBase,
  convnextLarge,
  convnextSmall,
  convnextTiny,
} from './convnext.js';
export {
  DenseNet,
  type DenseNetOptions,
  type DenseNetShape,
  densenet121,
  densenet161,
  densenet169,
  densenet201,
} from './densenet.js';
export {
  EfficientNet,
  type EfficientNetOptions,
  type EfficientNetStage,
  efficientnetB0,
  efficientnetB1,
  efficientnetB2,
  efficientnetB3,
  efficientnetB4,
  efficientnetB5,
  efficientnetB6,
  efficientnetB7,
  efficientnetV2L,
  efficientnetV2M,
  efficientnetV2S,
} from './efficientnet.js';
export { GoogLeNet, type GoogLeNetOptions, type GoogLeNetOutputs, googlenet } from './googlenet.js';
export { Inception3, type Inception3Options, type InceptionOutputs, inceptionV3 } from './inception.js';
export { MNASNet, type MNASNetOptions, mnasnet0_5, mnasnet0_75, mnasnet1_0, mnasnet1_3 } from './mnasnet.js';
export { MobileNetV2, type MobileNetV2Options, mobilenetV2 } from './mobilenet-v2.js';
export {
  MobileNetV3,
  type MobileNetV3Block,
  type MobileNetV3Options,
  type MobileNetV3VariantOptions,
  mobilenetV3Large,
  mobilenetV3Small,
} from './mobilenet-v3.js';
export {
  RegNet,
  type RegNetOptions,
  type RegNetStages,
  regnetX1_6gf,
  regnetX3_2gf,
  regnetX8gf,
  regnetX16gf,
  regnetX32gf,
  regnetX400mf,
  regnetX800mf,
  regnetY1_6gf,
  regnetY3_2gf,
  regnetY8gf,
  regnetY16gf,
  regnetY32gf,
  regnetY128gf,
  regnetY400mf,
  regnetY800mf,
} from './regnet.js';
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
export {
  VisionTransformer,
  type VisionTransformerOptions,
  type VisionTransformerSizes,
  vitB16,
  vitB32,
  vitH14,
  vitL16,
  vitL32,
} from './vision-transformer.js';
export { type FetchOptions, Weights, type WeightsEnum, type WeightsMeta } from './weights/enum.js';
export * from './weights/index.js';
