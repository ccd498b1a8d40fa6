// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `alexnet`. (`torchvision.models.AlexNet_Weights`) */
// biome-ignore format: rows
export const AlexNetWeights = weightsEnum('AlexNet_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['alexnet-owt-7be5be79', 61100840, 63, 56.522, 79.066, 0.714, 233.087, '#alexnet-and-vgg'],
});
