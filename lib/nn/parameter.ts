// Tensors that belong to a module.
import { inspect } from 'node:util';
import { AutogradError } from '../errors.js';
import { native } from '../native.js';
import { formatParameter } from '../print.js';
import { handleKey, printable, Tensor } from '../tensor.js';

// A handle of its own over the tensor's memory.
const adopt = (data: Tensor): number => native.detach(data.id) as number;

/**
 * A tensor that a module learns: found by `parameters()` and saved in the state dict. (`torch.nn.Parameter`)
 * @example
 * import { nn, zeros } from 'cresset';
 * new nn.Parameter(zeros([2])).requiresGrad; // true
 */
export class Parameter extends Tensor {
  constructor(data: Tensor, requiresGrad = true) {
    if (!(data instanceof Tensor)) throw new AutogradError('Parameter: data must be a Tensor');
    super(adopt(data), handleKey);
    if (requiresGrad) this.requiresGrad_();
  }

  override toString(): string {
    return formatParameter(printable(this));
  }

  override [inspect.custom](): string {
    return this.toString();
  }
}

/** A tensor that a module keeps and saves but does not learn. (`torch.nn.Buffer`) */
export class Buffer extends Tensor {
  constructor(
    data: Tensor,
    /** Whether the state dict holds it. */
    readonly persistent: boolean = true,
  ) {
    super(adopt(data), handleKey);
  }
}
