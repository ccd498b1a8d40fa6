// Transforms by a field of displacements, and by a matrix.
import { ShapeError } from '../../errors.js';
import { describe, optionsOf } from '../../functional/check.js';
import { cat } from '../../functional.js';
import { rand } from '../../random.js';
import type { Tensor } from '../../tensor.js';
import type { WarpOptions } from './functional/affine.js';
import { gaussianBlur } from './functional/blur.js';
import { elasticTransform } from './functional/elastic.js';
import { InterpolationMode, interpolationOf, memberOf } from './interpolation.js';
import { checkTensor, dimensionsOf, fillsOf, type Picture } from './picture.js';
import { floats } from './text.js';
import { PictureTransform, Transform } from './transform.js';

/** Options of `ElasticTransform`. */
export interface ElasticTransformOptions extends WarpOptions {
  /** How far pixels move, in pixels; one number, or across and down. Default 50. */
  alpha?: number | readonly number[];
  /** How smooth the field is; one number, or across and down. Default 5. */
  sigma?: number | readonly number[];
}

function twoOf(value: number | readonly number[], name: string): [number, number] {
  const values = typeof value === 'number' ? [value] : value;
  if (!Array.isArray(values) || values.length < 1 || values.length > 2 || !values.every(Number.isFinite))
    throw new RangeError(`ElasticTransform: ${name} must be one or two numbers, got ${describe(value)}`);
  return [values[0]!, values.at(-1)!];
}

/**
 * Pulls the picture about by a smooth random field. (`torchvision.transforms.ElasticTransform`)
 * @throws RangeError for alpha or sigma that are not one or two numbers; on the call where the field is smoother than the picture is large.
 * @example
 * import { ones } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.ElasticTransform({ sigma: 1 })(ones([3, 8, 8])).shape; // [3, 8, 8]
 */
export class ElasticTransform extends PictureTransform {
  readonly alpha: readonly [number, number];
  readonly sigma: readonly [number, number];
  readonly interpolation: InterpolationMode;
  readonly fill: readonly number[];

  constructor(options: ElasticTransformOptions = {}) {
    super();
    const {
      alpha = 50,
      sigma = 5,
      interpolation,
      fill,
    } = optionsOf(options, 'ElasticTransform', ['alpha', 'sigma', 'interpolation', 'fill']);
    this.alpha = twoOf(alpha, 'alpha');
    this.sigma = twoOf(sigma, 'sigma');
    this.interpolation = interpolationOf(interpolation ?? InterpolationMode.BILINEAR, 'ElasticTransform');
    this.fill = fillsOf(fill ?? 0, 'ElasticTransform');
  }

  /** Draws a field [1, height, width, 2]. */
  static getParams(
    alpha: readonly number[],
    sigma: readonly number[],
    [height, width]: readonly [number, number],
  ): Tensor {
    const field = (i: 0 | 1) => {
      const noise = rand([1, 1, height, width]).mul(2).sub(1);
      // Odd, and so wide that nothing is lost.
      const kernel = Math.trunc(8 * sigma[i]! + 1) | 1;
      const smooth = sigma[i]! > 0 ? gaussianBlur(noise, kernel, sigma) : noise;
      return smooth.mul(alpha[i]!).div(i === 0 ? height : width);
    };
    return cat([field(0), field(1)], 1).permute([0, 2, 3, 1]);
  }

  forward<P extends Picture>(picture: P): P {
    const [, height, width] = dimensionsOf(picture, 'ElasticTransform');
    const { alpha, sigma, interpolation, fill } = this;
    return elasticTransform(picture, ElasticTransform.getParams(alpha, sigma, [height, width]), {
      interpolation,
      fill,
    });
  }

  override extraRepr(): string {
    const { alpha, sigma, interpolation, fill } = this;
    return `alpha=${floats(alpha)}, sigma=${floats(sigma)}, interpolation=${memberOf(interpolation)}, fill=${floats(fill)}`;
  }
}

/**
 * The tensor [..., c, h, w] as rows of c · h · w numbers, from which `meanVector` is taken, times a square matrix: whitening.
 * (`torchvision.transforms.LinearTransformation`)
 * @throws ShapeError where the matrix is not square, or the mean or the picture is not as long as its rows.
 * @example
 * import { eye, ones, tensor } from 'cresset';
 * import { transforms } from 'cresset/vision';
 * new transforms.LinearTransformation(eye(2), ones([2]))(tensor([[[1, 3]]])).toArray(); // [[[0, 2]]]
 */
export class LinearTransformation extends Transform {
  constructor(
    readonly transformationMatrix: Tensor,
    readonly meanVector: Tensor,
  ) {
    super();
    checkTensor(transformationMatrix, 'LinearTransformation');
    checkTensor(meanVector, 'LinearTransformation', 1);
    const [rows, columns] = transformationMatrix.shape;
    if (rows !== columns || meanVector.shape[0] !== rows)
      throw new ShapeError(
        `LinearTransformation: expected a square matrix and a mean as long, got shapes [${transformationMatrix.shape.join(', ')}] and [${meanVector.shape.join(', ')}]`,
      );
  }

  forward(x: Tensor): Tensor {
    checkTensor(x, 'LinearTransformation', 3);
    const n = x.size(-3) * x.size(-2) * x.size(-1);
    if (n !== this.meanVector.size(0))
      throw new ShapeError(
        `LinearTransformation: the matrix has ${this.meanVector.size(0)} rows but a picture [${x.shape.slice(-3).join(', ')}] has ${n} numbers`,
      );
    const rows = x.reshape([-1, n]).sub(this.meanVector);
    return rows.matmul(this.transformationMatrix.to(rows.dtype)).reshape(x.shape);
  }

  override extraRepr(): string {
    return `transformation_matrix=${floats(this.transformationMatrix.toArray())}, mean_vector=${floats(this.meanVector.toArray())}`;
  }
}

export interface LinearTransformation {
  (x: Tensor): Tensor;
}
