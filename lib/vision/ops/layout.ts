// Layers that mind where the channels are.
import { integersOf, wrongType } from '../../functional/check.js';
import { permute } from '../../functional/view.js';
import * as nn from '../../nn/index.js';
import type { Tensor } from '../../tensor.js';

/**
 * Puts the dimensions into another order. (`torchvision.ops.Permute`)
 * @throws TypeError for dimensions that are no integers; on the call RangeError or ShapeError where they are not those of x.
 * @example
 * import { ones } from 'cresset';
 * import { ops } from 'cresset/vision';
 * new ops.Permute([0, 2, 3, 1])(ones([1, 2, 3, 4])).shape; // [1, 3, 4, 2]
 */
export class Permute extends nn.Module {
  readonly dims: readonly number[];

  constructor(dims: readonly number[]) {
    super();
    if (!Array.isArray(dims)) wrongType('Permute', 'dims', 'an array of integers', dims);
    this.dims = [...integersOf(dims, 'Permute', 'dims')];
  }

  forward(x: Tensor): Tensor {
    return permute(x, [...this.dims]);
  }
}

/**
 * Layer normalisation of [n, c, h, w] over the channels of each pixel. (torchvision's `LayerNorm2d`)
 * @throws RangeError for sizes out of range; on the call RangeError or ShapeError for other than 4 dimensions or other channels.
 * @example
 * import { tensor } from 'cresset';
 * import { ops } from 'cresset/vision';
 * new ops.LayerNorm2d(2, { eps: 0 })(tensor([[[[1]], [[3]]]])).toArray(); // [[[[-1]], [[1]]]]
 */
export class LayerNorm2d extends nn.LayerNorm {
  override forward(x: Tensor): Tensor {
    // In the memory of convolutions the channels are last already.
    return super.forward(permute(x, 0, 2, 3, 1)).permute(0, 3, 1, 2);
  }
}
