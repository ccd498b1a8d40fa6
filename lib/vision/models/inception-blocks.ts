// The blocks of Inception v3: branches beside each other, of which the names are those in checkpoints.
import { cat } from '../../functional/join.js';
import { adaptiveAvgPool2d, avgPool2d, maxPool2d } from '../../functional/layers.js';
import * as nn from '../../nn/index.js';
import type { Tensor } from '../../tensor.js';
import { BasicConv2d } from './basic-conv.js';

const pointwise = (input: number, output: number) => new BasicConv2d(input, output, 1);
const row = (input: number, output: number, width: number) =>
  new BasicConv2d(input, output, [1, width], { padding: [0, (width - 1) / 2] });
const column = (input: number, output: number, height: number) =>
  new BasicConv2d(input, output, [height, 1], { padding: [(height - 1) / 2, 0] });
const square = (input: number, output: number, side: number) =>
  new BasicConv2d(input, output, side, { padding: (side - 1) / 2 });
const halving = (input: number, output: number) => new BasicConv2d(input, output, 3, { stride: 2 });

const smoothed = (x: Tensor) => avgPool2d(x, 3, { stride: 1, padding: 1 });
const halved = (x: Tensor) => maxPool2d(x, 3, { stride: 2 });

/** @internal Branches of 1x1, 5x5, twice 3x3 and a pooling. */
export class InceptionA extends nn.Module {
  branch1x1: BasicConv2d;
  branch5x5_1: BasicConv2d;
  branch5x5_2: BasicConv2d;
  branch3x3dbl_1: BasicConv2d;
  branch3x3dbl_2: BasicConv2d;
  branch3x3dbl_3: BasicConv2d;
  branch_pool: BasicConv2d;

  constructor(input: number, pooled: number) {
    super();
    this.branch1x1 = pointwise(input, 64);
    this.branch5x5_1 = pointwise(input, 48);
    this.branch5x5_2 = square(48, 64, 5);
    this.branch3x3dbl_1 = pointwise(input, 64);
    this.branch3x3dbl_2 = square(64, 96, 3);
    this.branch3x3dbl_3 = square(96, 96, 3);
    this.branch_pool = pointwise(input, pooled);
  }

  forward(x: Tensor): Tensor {
    const five = this.branch5x5_2(this.branch5x5_1(x));
    const three = this.branch3x3dbl_3(this.branch3x3dbl_2(this.branch3x3dbl_1(x)));
    return cat([this.branch1x1(x), five, three, this.branch_pool(smoothed(x))], 1);
  }
}

/** @internal Halves the sides, by 3x3 kernels. */
export class InceptionB extends nn.Module {
  branch3x3: BasicConv2d;
  branch3x3dbl_1: BasicConv2d;
  branch3x3dbl_2: BasicConv2d;
  branch3x3dbl_3: BasicConv2d;

  constructor(input: number) {
    super();
    this.branch3x3 = halving(input, 384);
    this.branch3x3dbl_1 = pointwise(input, 64);
    this.branch3x3dbl_2 = square(64, 96, 3);
    this.branch3x3dbl_3 = halving(96, 96);
  }

  forward(x: Tensor): Tensor {
    const twice = this.branch3x3dbl_3(this.branch3x3dbl_2(this.branch3x3dbl_1(x)));
    return cat([this.branch3x3(x), twice, halved(x)], 1);
  }
}

/** @internal Branches of 7x7, made of rows and columns. */
export class InceptionC extends nn.Module {
  branch1x1: BasicConv2d;
  branch7x7_1: BasicConv2d;
  branch7x7_2: BasicConv2d;
  branch7x7_3: BasicConv2d;
  branch7x7dbl_1: BasicConv2d;
  branch7x7dbl_2: BasicConv2d;
  branch7x7dbl_3: BasicConv2d;
  branch7x7dbl_4: BasicConv2d;
  branch7x7dbl_5: BasicConv2d;
  branch_pool: BasicConv2d;

  constructor(input: number, inner: number) {
    super();
    this.branch1x1 = pointwise(input, 192);
    this.branch7x7_1 = pointwise(input, inner);
    this.branch7x7_2 = row(inner, inner, 7);
    this.branch7x7_3 = column(inner, 192, 7);
    this.branch7x7dbl_1 = pointwise(input, inner);
    this.branch7x7dbl_2 = column(inner, inner, 7);
    this.branch7x7dbl_3 = row(inner, inner, 7);
    this.branch7x7dbl_4 = column(inner, inner, 7);
    this.branch7x7dbl_5 = row(inner, 192, 7);
    this.branch_pool = pointwise(input, 192);
  }

  forward(x: Tensor): Tensor {
    const once = this.branch7x7_3(this.branch7x7_2(this.branch7x7_1(x)));
    const half = this.branch7x7dbl_3(this.branch7x7dbl_2(this.branch7x7dbl_1(x)));
    const twice = this.branch7x7dbl_5(this.branch7x7dbl_4(half));
    return cat([this.branch1x1(x), once, twice, this.branch_pool(smoothed(x))], 1);
  }
}

/** @internal Halves the sides, by 3x3 and 7x7 kernels. */
export class InceptionD extends nn.Module {
  branch3x3_1: BasicConv2d;
  branch3x3_2: BasicConv2d;
  branch7x7x3_1: BasicConv2d;
  branch7x7x3_2: BasicConv2d;
  branch7x7x3_3: BasicConv2d;
  branch7x7x3_4: BasicConv2d;

  constructor(input: number) {
    super();
    this.branch3x3_1 = pointwise(input, 192);
    this.branch3x3_2 = halving(192, 320);
    this.branch7x7x3_1 = pointwise(input, 192);
    this.branch7x7x3_2 = row(192, 192, 7);
    this.branch7x7x3_3 = column(192, 192, 7);
    this.branch7x7x3_4 = halving(192, 192);
  }

  forward(x: Tensor): Tensor {
    const seven = this.branch7x7x3_3(this.branch7x7x3_2(this.branch7x7x3_1(x)));
    return cat([this.branch3x3_2(this.branch3x3_1(x)), this.branch7x7x3_4(seven), halved(x)], 1);
  }
}

/** @internal Branches that end in a row and a column beside each other. */
export class InceptionE extends nn.Module {
  branch1x1: BasicConv2d;
  branch3x3_1: BasicConv2d;
  branch3x3_2a: BasicConv2d;
  branch3x3_2b: BasicConv2d;
  branch3x3dbl_1: BasicConv2d;
  branch3x3dbl_2: BasicConv2d;
  branch3x3dbl_3a: BasicConv2d;
  branch3x3dbl_3b: BasicConv2d;
  branch_pool: BasicConv2d;

  constructor(input: number) {
    super();
    this.branch1x1 = pointwise(input, 320);
    this.branch3x3_1 = pointwise(input, 384);
    this.branch3x3_2a = row(384, 384, 3);
    this.branch3x3_2b = column(384, 384, 3);
    this.branch3x3dbl_1 = pointwise(input, 448);
    this.branch3x3dbl_2 = square(448, 384, 3);
    this.branch3x3dbl_3a = row(384, 384, 3);
    this.branch3x3dbl_3b = column(384, 384, 3);
    this.branch_pool = pointwise(input, 192);
  }

  forward(x: Tensor): Tensor {
    const once = this.branch3x3_1(x);
    const twice = this.branch3x3dbl_2(this.branch3x3dbl_1(x));
    const parts = [
      this.branch1x1(x),
      this.branch3x3_2a(once),
      this.branch3x3_2b(once),
      this.branch3x3dbl_3a(twice),
      this.branch3x3dbl_3b(twice),
      this.branch_pool(smoothed(x)),
    ];
    return cat(parts, 1);
  }
}

/** @internal A classifier of what the middle of the network gives. */
export class InceptionAux extends nn.Module {
  conv0: BasicConv2d;
  conv1: BasicConv2d;
  fc: nn.Module;

  constructor(input: number, numClasses: number) {
    super();
    this.conv0 = pointwise(input, 128);
    this.conv1 = new BasicConv2d(128, 768, 5);
    this.fc = new nn.Linear(768, numClasses);
  }

  forward(x: Tensor): Tensor {
    const features = this.conv1(this.conv0(avgPool2d(x, 5, { stride: 3 })));
    return this.fc(adaptiveAvgPool2d(features, 1).flatten(1));
  }
}
