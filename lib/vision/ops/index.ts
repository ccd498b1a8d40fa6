// `ops`: the building blocks of networks for pictures.
export { Conv2dNormActivation, type Conv2dNormActivationOptions } from './conv-norm.js';
export { LayerNorm2d, Permute } from './layout.js';
export type { MakeActivation, MakeNorm } from './make.js';
export { MLP, type MLPOptions } from './mlp.js';
export { SqueezeExcitation, type SqueezeExcitationOptions } from './squeeze-excitation.js';
export { StochasticDepth, type StochasticDepthMode, stochasticDepth } from './stochastic-depth.js';
