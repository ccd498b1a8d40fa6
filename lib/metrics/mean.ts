// A running average.
import { withoutGrad } from '../autograd.js';
import { ShapeError } from '../errors.js';
import { idOf, wrongType } from '../functional/check.js';
import { Tensor } from '../tensor.js';
import { counter } from './predictions.js';

function check(x: number | Tensor, name: string): void {
  if (typeof x !== 'number' && !(x instanceof Tensor)) wrongType('Mean', name, 'a number or a Tensor', x);
  if (x instanceof Tensor) idOf(x, 'Mean', name);
}

function checkShapes(value: number | Tensor, weight: Tensor): void {
  const shape = typeof value === 'number' ? [] : value.shape;
  if (weight.ndim > 0 && weight.shape.join() !== shape.join())
    throw new ShapeError(
      `Mean: weight must be of shape [] or of the value's shape [${shape.join(', ')}], got [${weight.shape.join(', ')}]`,
    );
}

/**
 * The average of values by their weights, `Σ weight · value / Σ weight`, summed in float64. Tensors add on the stream, so that `update` waits
 * for nothing, not even for the loss of this very step: `update(loss, batchSize)`. A NaN makes the average NaN. (`torchmetrics.MeanMetric`, which drops NaN)
 * @throws TypeError for what is no number or Tensor, ShapeError for a weight of another shape than its value, unless of shape [].
 * @example
 * import { metrics, tensor } from 'cresset';
 * const loss = new metrics.Mean();
 * loss.update(tensor(3), 8);
 * loss.update(tensor(1), 8);
 * loss.update(0.5, 16);
 * loss.compute().item(); // 1.25
 */
export class Mean {
  // What came as tensors is summed on the stream, what came as numbers here.
  #sum = counter([], 'float64');
  #weights = counter([], 'float64');
  #knownSum = 0;
  #knownWeights = 0;

  /** Adds a value, or all elements of a tensor, with one weight each or the same for all. */
  update(value: number | Tensor, weight: number | Tensor = 1): void {
    check(value, 'value');
    check(weight, 'weight');
    if (typeof weight === 'number') this.#add(value, weight);
    else {
      checkShapes(value, weight);
      withoutGrad(() => this.#addWeighted(value, weight.detach().double()));
    }
  }

  #add(value: number | Tensor, weight: number): void {
    if (typeof value === 'number') this.#knownSum += value * weight;
    else withoutGrad(() => this.#sum.add_(value.detach().double().sum(), { alpha: weight }));
    this.#knownWeights += weight * (typeof value === 'number' ? 1 : value.numel());
  }

  #addWeighted(value: number | Tensor, weight: Tensor): void {
    const all = typeof value === 'number' ? weight : weight.expand(value.shape);
    this.#sum.add_((typeof value === 'number' ? all.mul(value) : value.detach().double().mul(all)).sum());
    this.#weights.add_(all.sum());
  }

  /** The average so far: float32 of shape [], NaN before the first value. */
  compute(): Tensor {
    return withoutGrad(() => this.#sum.add(this.#knownSum).div(this.#weights.add(this.#knownWeights)).float());
  }

  /** Starts anew. */
  reset(): void {
    this.#sum = counter([], 'float64');
    this.#weights = counter([], 'float64');
    this.#knownSum = this.#knownWeights = 0;
  }
}
