// torchvision's classes of these networks, so that whole models cross the border: what holds a child or null has the same name there.
import { type Network, registerNetworks } from '../../serialization/modules.js';
import { AlexNet } from './alexnet.js';
import { BasicConv2d } from './basic-conv.js';
import * as densenet from './densenet.js';
import * as googlenet from './googlenet.js';
import { Inception3 } from './inception.js';
import * as inception from './inception-blocks.js';
import * as mnasnet from './mnasnet.js';
import * as resnet from './resnet.js';
import * as shufflenet from './shufflenetv2.js';
import * as squeezenet from './squeezenet.js';
import { VGG } from './vgg.js';

const row = (type: Network['class'], name: string, attributes: Network['attributes'] = {}): Network => ({
  class: type,
  python: `torchvision.models.${name}`,
  attributes,
});

const auxiliary = { auxLogits: 'aux_logits', transformInput: 'transform_input' };

registerNetworks([
  row(AlexNet, 'alexnet.AlexNet'),
  row(densenet.DenseNet, 'densenet.DenseNet'),
  row(densenet.DenseBlock, 'densenet._DenseBlock'),
  {
    ...row(densenet.DenseLayer, 'densenet._DenseLayer', { dropRate: 'drop_rate' }),
    constants: { memory_efficient: false },
  },
  row(densenet.Transition, 'densenet._Transition'),
  // torchvision has the same class twice: it is written as the second.
  row(BasicConv2d, 'googlenet.BasicConv2d'),
  row(BasicConv2d, 'inception.BasicConv2d'),
  row(googlenet.GoogLeNet, 'googlenet.GoogLeNet', { ...auxiliary, aux1: 'aux1', aux2: 'aux2' }),
  row(googlenet.Inception, 'googlenet.Inception'),
  row(googlenet.InceptionAux, 'googlenet.InceptionAux'),
  row(Inception3, 'inception.Inception3', { ...auxiliary, AuxLogits: 'AuxLogits' }),
  row(inception.InceptionA, 'inception.InceptionA'),
  row(inception.InceptionB, 'inception.InceptionB'),
  row(inception.InceptionC, 'inception.InceptionC'),
  row(inception.InceptionD, 'inception.InceptionD'),
  row(inception.InceptionE, 'inception.InceptionE'),
  row(inception.InceptionAux, 'inception.InceptionAux'),
  row(mnasnet.MNASNet, 'mnasnet.MNASNet', { alpha: 'alpha' }),
  row(mnasnet.InvertedResidual, 'mnasnet._InvertedResidual', { applyResidual: 'apply_residual' }),
  row(resnet.ResNet, 'resnet.ResNet'),
  row(resnet.BasicBlock, 'resnet.BasicBlock', { downsample: 'downsample' }),
  row(resnet.Bottleneck, 'resnet.Bottleneck', { downsample: 'downsample' }),
  row(shufflenet.ShuffleNetV2, 'shufflenetv2.ShuffleNetV2'),
  row(shufflenet.InvertedResidual, 'shufflenetv2.InvertedResidual', { stride: 'stride' }),
  row(squeezenet.SqueezeNet, 'squeezenet.SqueezeNet'),
  row(squeezenet.Fire, 'squeezenet.Fire'),
  row(VGG, 'vgg.VGG'),
]);
