// Random blurring and erasing.
import { describe, flag, optionsOf } from '../../functional/check.js';
import { empty, tensor } from '../../functional.js';
import { float } from '../../nn/layers/text.js';
import type { Tensor } from '../../tensor.js';
import { happens, integer, probabilityOf, rangeOf, ratioBetween, uniform } from './draw.js';
import { erase, gaussianBlur, type KernelSize, kernelOf } from './functional/blur.js';
import { checkTensor, type Picture, pythonRound } from './picture.js';
import { givenSize, python, pythonTuple } from './text.js';
import { PictureTransform, Transform } from './transform.js';

/**
 * Blurs by a normal distribution whose sigma is one number, or drawn between two; default [0.1, 2]. (`torchvision.transforms.GaussianBlur`)
 * @throws RangeError for kernels with even sides and a sigma that is not positive.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.GaussianBlur(3)(ones([3, 8, 8])).shape; // [3, 8, 8]
 */
export class GaussianBlur extends PictureTransform {
  readonly sigma: readonly [number, number];
  /** @internal */
  readonly text_: string;

  constructor(
    readonly kernelSize: KernelSize,
    sigma?: number | readonly number[],
  ) {
    super();
    kernelOf(kernelSize, 'GaussianBlur');
    const bounds = sigma === undefined ? [0.1, 2] : typeof sigma === 'number' ? [sigma, sigma] : sigma;
    this.sigma = rangeOf(bounds, 'GaussianBlur', 'sigma', Number.MIN_VALUE);
    this.text_ = Array.isArray(sigma) ? python(sigma) : pythonTuple(bounds, sigma === undefined ? float : python);
  }

  /** Draws a sigma. */
  static getParams(sigmaMin: number, sigmaMax: number): number {
    return uniform(sigmaMin, sigmaMax);
  }

  forward<P extends Picture>(picture: P): P {
    return gaussianBlur(picture, this.kernelSize, GaussianBlur.getParams(...this.sigma));
  }

  override extraRepr(): string {
    return `kernel_size=${givenSize(this.kernelSize)}, sigma=${this.text_}`;
  }
}

/** Options of `RandomErasing`. */
export interface RandomErasingOptions {
  /** The probability that anything is done; default 0.5. */
  p?: number;
  /** The share of the area; default [0.02, 0.33]. */
  scale?: readonly number[];
  /** Height by width; default [0.3, 3.3]. */
  ratio?: readonly number[];
  /** What is put there: a number, one for each channel, or 'random' for normal numbers. Default 0. */
  value?: number | readonly number[] | 'random';
  /** Overwrite the tensor; default false. */
  inplace?: boolean;
}

/** The part to erase, and what is put there. */
export type Erasure = [top: number, left: number, height: number, width: number, value: Tensor];

const defaults = { scale: [0.02, 0.33], ratio: [0.3, 3.3] } as const;

/**
 * Overwrites a part of random place, area and shape, with probability `p`; of tensors alone. (`torchvision.transforms.RandomErasing`)
 * @throws RangeError for bounds or a probability out of range; TypeError on the call for anything but a tensor.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.RandomErasing({ p: 1 })(ones([3, 8, 8])).shape; // [3, 8, 8]
 */
export class RandomErasing extends Transform {
  readonly p: number;
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly value: number | readonly number[] | 'random';
  readonly inplace: boolean;

  constructor(options: RandomErasingOptions = {}) {
    super();
    const {
      p = 0.5,
      scale = defaults.scale,
      ratio = defaults.ratio,
      value = 0,
    } = optionsOf(options, 'RandomErasing', ['p', 'scale', 'ratio', 'value', 'inplace']);
    this.p = probabilityOf(p, 'RandomErasing');
    this.scale = rangeOf(scale, 'RandomErasing', 'scale', 0);
    if (this.scale[1] > 1) throw new RangeError(`RandomErasing: scale must be at most 1, got ${describe(scale)}`);
    this.ratio = rangeOf(ratio, 'RandomErasing', 'ratio', Number.MIN_VALUE);
    if (value !== 'random' && ![value].flat().every((v) => typeof v === 'number'))
      throw new TypeError(
        `RandomErasing: value must be a number, an array of them or 'random', got ${describe(value)}`,
      );
    this.value = value;
    this.inplace = flag(options.inplace, 'RandomErasing', 'inplace');
  }

  /** Draws a part and, for a value of null, normal numbers; after ten that do not fit it is the whole tensor, as it is. */
  static getParams(
    x: Tensor,
    scale: readonly [number, number],
    ratio: readonly [number, number],
    value: readonly number[] | null,
  ): Erasure {
    const [channels, height, width] = x.shape.slice(-3) as [number, number, number];
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = height * width * uniform(...scale);
      const aspect = ratioBetween(ratio);
      const h = pythonRound(Math.sqrt(area * aspect));
      const w = pythonRound(Math.sqrt(area / aspect));
      if (h >= height || w >= width) continue;
      const filling = value === null ? empty([channels, h, w]).normal_() : tensor([...value]).reshape([-1, 1, 1]);
      const top = integer(0, height - h + 1);
      return [top, integer(0, width - w + 1), h, w, filling];
    }
    return [0, 0, height, width, x];
  }

  forward(x: Tensor): Tensor {
    checkTensor(x, 'RandomErasing', 3);
    if (!happens(this.p)) return x;
    const value = this.value === 'random' ? null : [this.value].flat();
    if (value !== null && value.length !== 1 && value.length !== x.size(-3))
      throw new RangeError(
        `RandomErasing: value must be one number or one for each of ${x.size(-3)} channels, got ${describe(value)}`,
      );
    return erase(x, ...RandomErasing.getParams(x, this.scale, this.ratio, value), { inplace: this.inplace });
  }

  override extraRepr(): string {
    const { p, scale, ratio, value, inplace } = this;
    const text = (range: readonly number[], name: 'scale' | 'ratio') =>
      range === defaults[name] ? pythonTuple(range) : python(range);
    return `p=${python(p)}, scale=${text(scale, 'scale')}, ratio=${text(ratio, 'ratio')}, value=${python(value)}, inplace=${python(inplace)}`;
  }
}

export interface RandomErasing {
  (x: Tensor): Tensor;
}
