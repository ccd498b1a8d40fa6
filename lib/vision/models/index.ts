// `models`: networks for pictures.
export {
  ConvNeXt,
  type ConvNeXtOptions,
  convnextBase,
  convnextLarge,
  convnextSmall,
  convnextTiny,
} from './convnext.js';
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
} from './resnet.js';
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
