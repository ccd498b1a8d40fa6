// torchvision's classes of these networks, so that whole models cross the border: what holds a child or null has the same name there.
import { registerNetworks } from '../../serialization/modules.js';
import { BasicBlock, Bottleneck, ResNet } from './resnet.js';
import { VGG } from './vgg.js';

const block = { downsample: 'downsample' };

registerNetworks([
  { class: VGG, python: 'torchvision.models.vgg.VGG', attributes: {} },
  { class: ResNet, python: 'torchvision.models.resnet.ResNet', attributes: {} },
  { class: BasicBlock, python: 'torchvision.models.resnet.BasicBlock', attributes: block },
  { class: Bottleneck, python: 'torchvision.models.resnet.Bottleneck', attributes: block },
]);
