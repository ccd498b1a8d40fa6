// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `squeezenet1_0`. (`torchvision.models.SqueezeNet1_0_Weights`) */
// biome-ignore format: rows
export const SqueezeNet1_0Weights = weightsEnum('SqueezeNet1_0_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['squeezenet1_0-b66bff10', 1248424, 21, 58.092, 80.42, 0.819, 4.778, 'pull/49#issuecomment-277560717'],
});

/** The published weights of `squeezenet1_1`. (`torchvision.models.SqueezeNet1_1_Weights`) */
// biome-ignore format: rows
export const SqueezeNet1_1Weights = weightsEnum('SqueezeNet1_1_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['squeezenet1_1-b8a52dc0', 1235496, 17, 58.178, 80.624, 0.349, 4.729, 'pull/49#issuecomment-277560717'],
});
