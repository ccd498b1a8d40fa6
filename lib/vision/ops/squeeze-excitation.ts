// Squeeze and excitation. (Hu et al. 2017, https://arxiv.org/abs/1709.01507)
import { optionsOf } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import type { Tensor } from '../../tensor.js';
import { layerOf } from './make.js';

/** Options of `SqueezeExcitation`. */
export interface SqueezeExcitationOptions {
  /** Makes what follows the first convolution; default `nn.ReLU`. */
  activation?: () => nn.AnyModule;
  /** Makes what brings the factors between 0 and 1; default `nn.Sigmoid`. */
  scaleActivation?: () => nn.AnyModule;
}

/**
 * Multiplies each channel of [n, c, h, w] by a factor that two 1x1 convolutions make of the means of all channels.
 * (`torchvision.ops.SqueezeExcitation`)
 * @throws RangeError for channels that are no positive integers.
 * @example
 * import { ones } from 'cresset';
 * import { ops } from 'cresset/vision';
 * new ops.SqueezeExcitation(8, 2)(ones([1, 8, 4, 4])).shape; // [1, 8, 4, 4]
 */
export class SqueezeExcitation extends nn.Module {
  avgpool: nn.AdaptiveAvgPool2d;
  fc1: nn.Conv2d;
  fc2: nn.Conv2d;
  activation: nn.AnyModule;
  scale_activation: nn.AnyModule;

  constructor(inputChannels: number, squeezeChannels: number, options: SqueezeExcitationOptions = {}) {
    super();
    const { activation = () => new nn.ReLU(), scaleActivation = () => new nn.Sigmoid() } = optionsOf(
      options,
      'SqueezeExcitation',
      ['activation', 'scaleActivation'],
    );
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    this.fc1 = new nn.Conv2d(inputChannels, squeezeChannels, 1);
    this.fc2 = new nn.Conv2d(squeezeChannels, inputChannels, 1);
    this.activation = layerOf(activation, [], 'SqueezeExcitation', 'activation');
    this.scale_activation = layerOf(scaleActivation, [], 'SqueezeExcitation', 'scaleActivation');
  }

  forward(x: Tensor): Tensor {
    const factors = this.scale_activation(this.fc2(this.activation(this.fc1(this.avgpool(x))))) as Tensor;
    return factors.mul(x);
  }
}
