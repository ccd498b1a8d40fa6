// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `shufflenetV2X0_5`. (`torchvision.models.ShuffleNet_V2_X0_5_Weights`) */
// biome-ignore format: rows
export const ShuffleNetV2X0_5Weights = weightsEnum('ShuffleNet_V2_X0_5_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['shufflenetv2_x0.5-f707e7126e', 1366792, 1, 60.552, 81.746, 0.04, 5.282, 'https://github.com/ericsun99/Shufflenet-v2-Pytorch'],
});

/** The published weights of `shufflenetV2X1_0`. (`torchvision.models.ShuffleNet_V2_X1_0_Weights`) */
// biome-ignore format: rows
export const ShuffleNetV2X1_0Weights = weightsEnum('ShuffleNet_V2_X1_0_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['shufflenetv2_x1-5666bf0f80', 2278604, 1, 69.362, 88.316, 0.145, 8.791, 'https://github.com/ericsun99/Shufflenet-v2-Pytorch'],
});

/** The published weights of `shufflenetV2X1_5`. (`torchvision.models.ShuffleNet_V2_X1_5_Weights`) */
// biome-ignore format: rows
export const ShuffleNetV2X1_5Weights = weightsEnum('ShuffleNet_V2_X1_5_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['shufflenetv2_x1_5-3c479a10', 3503624, 1, 72.996, 91.086, 0.296, 13.557, 'pull/5906', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `shufflenetV2X2_0`. (`torchvision.models.ShuffleNet_V2_X2_0_Weights`) */
// biome-ignore format: rows
export const ShuffleNetV2X2_0Weights = weightsEnum('ShuffleNet_V2_X2_0_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['shufflenetv2_x2_0-8be3c8ee', 7393996, 1, 76.23, 93.006, 0.583, 28.433, 'pull/5906', { cropSize: 224, resizeSize: 232 }],
});
