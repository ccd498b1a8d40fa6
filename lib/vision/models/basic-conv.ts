// What GoogLeNet and Inception v3 share.
import { ShapeError } from '../../errors.js';
import * as nn from '../../nn/index.js';
import { convNormRelu } from '../../nn/layers/fused.js';
import { type Tensor, tensor } from '../../tensor.js';

const relu = new nn.ReLU({ inplace: true });

/** @internal A convolution without bias, batch normalisation and ReLU. */
export class BasicConv2d extends nn.Module {
  conv: nn.Conv2d;
  bn: nn.BatchNorm2d;

  constructor(
    input: number,
    output: number,
    kernel: number | [number, number],
    options: Pick<nn.Conv2dLayerOptions, 'stride' | 'padding'> = {},
  ) {
    super();
    this.conv = new nn.Conv2d(input, output, kernel, { ...options, bias: false });
    this.bn = new nn.BatchNorm2d(output, { eps: 0.001 });
  }

  forward(x: Tensor): Tensor {
    return convNormRelu(x, this.conv, this.bn, relu);
  }
}

/** @internal Draws convolutions and linear layers, each with the deviation that `std` gives. */
export function initialise(model: nn.AnyModule, std: (layer: nn.AnyModule) => number): void {
  for (const module of model.modules())
    if (module instanceof nn.Conv2d || module instanceof nn.Linear)
      nn.init.truncNormal_(module.weight, { std: std(module) });
}

/** @internal Pictures normalised with ImageNet's means and deviations, as if with 0.5 and 0.5. */
export function renormalised(x: Tensor, op: string): Tensor {
  if (x.ndim !== 4 || x.shape[1] !== 3)
    throw new ShapeError(`${op}: transformInput needs an input [n, 3, h, w], got shape [${x.shape.join(', ')}]`);
  const [scale, shift] = [
    [0.229 / 0.5, 0.224 / 0.5, 0.225 / 0.5],
    [(0.485 - 0.5) / 0.5, (0.456 - 0.5) / 0.5, (0.406 - 0.5) / 0.5],
  ].map((values) => tensor(values, { dtype: 'float64' }).to(x.dtype).view(3, 1, 1));
  return x.mul(scale!).add(shift!);
}
