// The generator behind all random numbers: PyTorch's CPU generator.
import { idOf, integerOf, shapeOf } from './functional/check.js';
import { type CreationOptions, dtypeIn, finish } from './functional/create.js';
import { drawing } from './generator.js';
import { type Tensor, wrap } from './tensor.js';

/**
 * Starts the generator anew; the same seed gives PyTorch's numbers. (`torch.manual_seed`)
 * @throws TypeError for a seed that is no safe integer.
 * @example
 * import { manualSeed, rand } from 'cresset';
 * manualSeed(0);
 * rand([1]).item(); // 0.49625658988952637
 */
export function manualSeed(seed: number): void {
  drawing().manualSeed(integerOf(seed, 'manualSeed', 'seed'));
}

/** The seed that the generator was last started with. (`torch.initial_seed`) */
export function initialSeed(): number {
  return drawing().initialSeed();
}

/** The generator's state, for `setRngState`. (`torch.get_rng_state`) */
export function getRngState(): Uint8Array {
  return drawing().randomState();
}

/** Takes the generator back to a state of `getRngState`. (`torch.set_rng_state`) */
export function setRngState(state: Uint8Array): void {
  drawing().setRandomState(state);
}

/**
 * Random numbers drawn evenly from [0, 1). (`torch.rand`)
 * @example
 * import { rand } from 'cresset';
 * rand([2, 3]).shape; // [2, 3]
 */
export function rand(shape: readonly number[], options: CreationOptions = {}): Tensor {
  return finish(drawing().rand(shapeOf(shape, 'rand'), dtypeIn(options, 'rand')), options);
}

/**
 * Random numbers of the standard normal distribution. (`torch.randn`)
 * @example
 * import { randn } from 'cresset';
 * randn([2, 3]).shape; // [2, 3]
 */
export function randn(shape: readonly number[], options: CreationOptions = {}): Tensor {
  return finish(drawing().randn(shapeOf(shape, 'randn'), dtypeIn(options, 'randn')), options);
}

/**
 * Random integers from [low, high), int64. (`torch.randint`)
 * @example
 * import { randint } from 'cresset';
 * randint(0, 10, [16]).dtype; // 'int64'
 */
export function randint(low: number, high: number, shape: readonly number[], options: CreationOptions = {}): Tensor {
  const sizes = shapeOf(shape, 'randint');
  return finish(
    drawing().randint(
      integerOf(low, 'randint', 'low'),
      integerOf(high, 'randint', 'high'),
      sizes,
      dtypeIn(options, 'randint', 'int64'),
    ),
    options,
  );
}

/**
 * A random order of 0 to n - 1, int64. (`torch.randperm`)
 * @example
 * import { randperm } from 'cresset';
 * randperm(4).shape; // [4]
 */
export function randperm(n: number, options: CreationOptions = {}): Tensor {
  return finish(drawing().randperm(integerOf(n, 'randperm', 'n'), dtypeIn(options, 'randperm', 'int64')), options);
}

/**
 * Ones with the probabilities p, else zeros, in p's shape and dtype. (`torch.bernoulli`)
 * @throws CressetError for a probability outside [0, 1].
 * @example
 * import { bernoulli, tensor } from 'cresset';
 * bernoulli(tensor([0, 1])).toArray(); // [0, 1]
 */
export function bernoulli(p: Tensor): Tensor {
  return wrap(drawing().bernoulli(idOf(p, 'bernoulli', 'p')));
}
