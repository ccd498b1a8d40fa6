// Linear layers in a row.
import { flag, optionsOf, wrongType } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import { layerOf, type MakeActivation, type MakeNorm } from './make.js';

/** Options of `MLP`. */
export interface MLPOptions {
  /** Default none. */
  normLayer?: MakeNorm | null;
  /** Default `nn.ReLU`. */
  activationLayer?: MakeActivation;
  /** Whether activations and dropout overwrite their input, null where they have no such option; default null. */
  inplace?: boolean | null;
  /** Learn summands; default true. */
  bias?: boolean;
  /** The probability with which elements are dropped in training; default 0. */
  dropout?: number;
}

function layers(inChannels: number, hiddenChannels: readonly number[], options: MLPOptions): nn.AnyModule[] {
  const {
    normLayer = null,
    activationLayer = (given: nn.InplaceOptions) => new nn.ReLU(given),
    dropout = 0,
  } = optionsOf(options, 'MLP', ['normLayer', 'activationLayer', 'inplace', 'bias', 'dropout']);
  if (!Array.isArray(hiddenChannels)) wrongType('MLP', 'hiddenChannels', 'an array of integers', hiddenChannels);
  if (hiddenChannels.length === 0) throw new RangeError('MLP: hiddenChannels must have at least one size, got []');
  const inplace = options.inplace ?? null;
  const given = inplace === null ? {} : { inplace };
  const bias = flag(options.bias, 'MLP', 'bias', true);
  let width = inChannels;
  return hiddenChannels.flatMap((next, i) => {
    const made: nn.AnyModule[] = [new nn.Linear(width, next, { bias })];
    width = next;
    if (i < hiddenChannels.length - 1) {
      if (normLayer !== null) made.push(layerOf(normLayer, [next], 'MLP', 'normLayer'));
      made.push(layerOf(activationLayer, [given], 'MLP', 'activationLayer'));
    }
    made.push(new nn.Dropout(dropout, given));
    return made;
  });
}

/**
 * Linear layers to the widths given, each but the last with an activation behind it, all with dropout: [..., in] to [..., last width].
 * (`torchvision.ops.MLP`)
 * @throws RangeError for sizes that are no positive integers and for no widths.
 * @example
 * import { ones } from 'cresset';
 * import { ops } from 'cresset/vision';
 * new ops.MLP(4, [8, 3])(ones([2, 4])).shape; // [2, 3]
 */
export class MLP extends nn.Sequential {
  constructor(inChannels: number, hiddenChannels: readonly number[], options: MLPOptions = {}) {
    super(...layers(inChannels, hiddenChannels, options));
  }
}
