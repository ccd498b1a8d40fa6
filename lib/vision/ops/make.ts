// Functions that make the layers inside of blocks.
import { wrongType } from '../../functional/check.js';
import * as nn from '../../nn/index.js';

/** Makes the normalisation of so many channels. */
export type MakeNorm = (channels: number) => nn.AnyModule;
/** Makes an activation. */
export type MakeActivation = (options: nn.InplaceOptions) => nn.AnyModule;

/** @internal What `make` makes, checked to be a layer. */
export function layerOf<A extends unknown[]>(
  make: (...args: A) => nn.AnyModule,
  args: A,
  op: string,
  name: string,
): nn.AnyModule {
  if (typeof make !== 'function') wrongType(op, name, 'a function that makes a layer', make);
  if (make.prototype instanceof nn.Module)
    throw new TypeError(
      `${op}: ${name} must be a function that makes a layer, got the class ${make.name}; write (given) => new ${make.name}(given)`,
    );
  const layer = make(...args);
  if (!(layer instanceof nn.Module)) wrongType(op, `what ${name} makes`, 'a Module', layer);
  return layer;
}
