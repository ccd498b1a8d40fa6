// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `googlenet`. (`torchvision.models.GoogLeNet_Weights`) */
// biome-ignore format: rows
export const GoogLeNetWeights = weightsEnum('GoogLeNet_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['googlenet-1378be20', 6624904, 15, 69.778, 89.53, 1.498, 49.731, '#googlenet'],
});
