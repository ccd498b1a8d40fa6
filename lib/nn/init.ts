// Initial values of weights, drawn as PyTorch draws them.
import { withoutGrad } from '../autograd.js';
import { ShapeError } from '../errors.js';
import type { Tensor } from '../tensor.js';

/** The numbers of inputs and outputs of one unit of `weight`: [out, in, ...window]. */
export function calculateFanInAndFanOut(weight: Tensor): { fanIn: number; fanOut: number } {
  const [out, input, ...window] = weight.shape;
  if (out === undefined || input === undefined)
    throw new ShapeError('init: fan in and fan out need at least 2 dimensions');
  const field = window.reduce((a, b) => a * b, 1);
  return { fanIn: input * field, fanOut: out * field };
}

/** Fills with numbers drawn evenly from [from, to). (`torch.nn.init.uniform_`) */
export function uniform_(x: Tensor, from = 0, to = 1): Tensor {
  return withoutGrad(() => x.uniform_(from, to));
}

/** Fills with normally distributed numbers. (`torch.nn.init.normal_`) */
export function normal_(x: Tensor, mean = 0, std = 1): Tensor {
  return withoutGrad(() => x.normal_(mean, std));
}

/** Fills with one value. (`torch.nn.init.constant_`) */
export function constant_(x: Tensor, value: number): Tensor {
  return withoutGrad(() => x.fill_(value));
}

/** Fills with zeros. (`torch.nn.init.zeros_`) */
export function zeros_(x: Tensor): Tensor {
  return constant_(x, 0);
}

/** Fills with ones. (`torch.nn.init.ones_`) */
export function ones_(x: Tensor): Tensor {
  return constant_(x, 1);
}

/** Draws evenly from ±gain √(3 / fanIn), gain = √(2 / (1 + a²)). (He et al. 2015; `torch.nn.init.kaiming_uniform_`) */
export function kaimingUniform_(x: Tensor, a = 0): Tensor {
  const bound = Math.sqrt(2 / (1 + a * a)) * Math.sqrt(3 / calculateFanInAndFanOut(x).fanIn);
  return uniform_(x, -bound, bound);
}

/** Draws evenly from ±gain √(6 / (fanIn + fanOut)). (Glorot & Bengio 2010; `torch.nn.init.xavier_uniform_`) */
export function xavierUniform_(x: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = calculateFanInAndFanOut(x);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform_(x, -bound, bound);
}
