// torchvision's classes of these networks, so that whole models cross the border: what holds a child or null has the same name there.
import { float, row as layer, layerNorm } from '../../serialization/layers.js';
import { type Network, registerModules } from '../../serialization/modules.js';
import * as ops from '../ops/index.js';
import { AlexNet } from './alexnet.js';
import { BasicConv2d } from './basic-conv.js';
import * as convnext from './convnext.js';
import * as densenet from './densenet.js';
import * as efficientnet from './efficientnet.js';
import * as googlenet from './googlenet.js';
import { Inception3 } from './inception.js';
import * as inception from './inception-blocks.js';
import * as mnasnet from './mnasnet.js';
import * as mobilenetV2 from './mobilenet-v2.js';
import * as mobilenetV3 from './mobilenet-v3.js';
import * as regnet from './regnet.js';
import * as resnet from './resnet.js';
import * as shufflenet from './shufflenetv2.js';
import * as squeezenet from './squeezenet.js';
import { VGG } from './vgg.js';
import * as transformer from './vision-transformer.js';

const row = (
  type: Network['class'],
  name: string,
  attributes: Network['attributes'] = {},
  write?: Network['write'],
): Network => ({ class: type, python: `torchvision.${name}`, attributes, ...(write && { write }) });

const residual = { residual: 'use_res_connect' };

const auxiliary = { auxLogits: 'aux_logits', transformInput: 'transform_input' };

const networks = [
  row(AlexNet, 'models.alexnet.AlexNet'),
  row(densenet.DenseNet, 'models.densenet.DenseNet'),
  row(densenet.DenseBlock, 'models.densenet._DenseBlock'),
  row(densenet.DenseLayer, 'models.densenet._DenseLayer', {}, (m) => ({
    drop_rate: float((m as densenet.DenseLayer).dropRate),
    memory_efficient: false,
  })),
  row(densenet.Transition, 'models.densenet._Transition'),
  // torchvision has the same class twice: it is written as the second.
  row(BasicConv2d, 'models.googlenet.BasicConv2d'),
  row(BasicConv2d, 'models.inception.BasicConv2d'),
  row(googlenet.GoogLeNet, 'models.googlenet.GoogLeNet', { ...auxiliary, aux1: 'aux1', aux2: 'aux2' }),
  row(googlenet.Inception, 'models.googlenet.Inception'),
  row(googlenet.InceptionAux, 'models.googlenet.InceptionAux'),
  row(Inception3, 'models.inception.Inception3', { ...auxiliary, AuxLogits: 'AuxLogits' }),
  row(inception.InceptionA, 'models.inception.InceptionA'),
  row(inception.InceptionB, 'models.inception.InceptionB'),
  row(inception.InceptionC, 'models.inception.InceptionC'),
  row(inception.InceptionD, 'models.inception.InceptionD'),
  row(inception.InceptionE, 'models.inception.InceptionE'),
  row(inception.InceptionAux, 'models.inception.InceptionAux'),
  row(mnasnet.MNASNet, 'models.mnasnet.MNASNet', { alpha: 'alpha' }),
  row(mnasnet.InvertedResidual, 'models.mnasnet._InvertedResidual', { applyResidual: 'apply_residual' }),
  row(resnet.ResNet, 'models.resnet.ResNet'),
  row(resnet.BasicBlock, 'models.resnet.BasicBlock', { downsample: 'downsample' }),
  row(resnet.Bottleneck, 'models.resnet.Bottleneck', { downsample: 'downsample' }),
  row(shufflenet.ShuffleNetV2, 'models.shufflenetv2.ShuffleNetV2'),
  row(shufflenet.InvertedResidual, 'models.shufflenetv2.InvertedResidual', { stride: 'stride' }),
  row(squeezenet.SqueezeNet, 'models.squeezenet.SqueezeNet'),
  row(squeezenet.Fire, 'models.squeezenet.Fire'),
  row(VGG, 'models.vgg.VGG'),
  row(ops.Conv2dNormActivation, 'ops.misc.Conv2dNormActivation', { outChannels: 'out_channels' }),
  row(ops.SqueezeExcitation, 'ops.misc.SqueezeExcitation'),
  row(ops.MLP, 'ops.misc.MLP'),
  row(ops.Permute, 'ops.misc.Permute', { dims: 'dims' }),
  row(convnext.ConvNeXt, 'models.convnext.ConvNeXt'),
  row(convnext.CNBlock, 'models.convnext.CNBlock'),
  row(efficientnet.EfficientNet, 'models.efficientnet.EfficientNet'),
  row(efficientnet.MBConv, 'models.efficientnet.MBConv', residual),
  row(efficientnet.FusedMBConv, 'models.efficientnet.FusedMBConv', residual),
  row(mobilenetV2.MobileNetV2, 'models.mobilenetv2.MobileNetV2'),
  row(mobilenetV2.InvertedResidual, 'models.mobilenetv2.InvertedResidual', residual),
  row(mobilenetV3.MobileNetV3, 'models.mobilenetv3.MobileNetV3'),
  row(mobilenetV3.InvertedResidual, 'models.mobilenetv3.InvertedResidual', residual),
  row(regnet.RegNet, 'models.regnet.RegNet'),
  row(regnet.SimpleStemIN, 'models.regnet.SimpleStemIN', { outChannels: 'out_channels' }),
  row(regnet.AnyStage, 'models.regnet.AnyStage'),
  row(regnet.ResBottleneckBlock, 'models.regnet.ResBottleneckBlock', { proj: 'proj' }),
  row(regnet.BottleneckTransform, 'models.regnet.BottleneckTransform'),
  row(
    transformer.VisionTransformer,
    'models.vision_transformer.VisionTransformer',
    { imageSize: 'image_size' },
    (m) => {
      const { kernelSize, outChannels } = (m as transformer.VisionTransformer).conv_proj;
      return { patch_size: kernelSize[0], hidden_dim: outChannels };
    },
  ),
  row(transformer.Encoder, 'models.vision_transformer.Encoder'),
  row(transformer.EncoderBlock, 'models.vision_transformer.EncoderBlock'),
  row(transformer.MLPBlock, 'models.vision_transformer.MLPBlock'),
];

registerModules(networks, [
  layerNorm(ops.LayerNorm2d, 'torchvision.models.convnext.LayerNorm2d'),
  layer<ops.StochasticDepth>({
    class: ops.StochasticDepth,
    python: 'torchvision.ops.stochastic_depth.StochasticDepth',
    read: (a) => new ops.StochasticDepth(a.number('p'), a.text('mode') as ops.StochasticDepthMode),
    write: (m) => ({ p: float(m.p), mode: m.mode }),
  }),
]);
