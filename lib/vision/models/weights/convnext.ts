// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `convnextBase`. (`torchvision.models.ConvNeXt_Base_Weights`) */
// biome-ignore format: rows
export const ConvNeXtBaseWeights = weightsEnum('ConvNeXt_Base_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['convnext_base-6075fbad', 88591464, 32, 84.062, 96.87, 15.355, 338.064, '#convnext', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `convnextLarge`. (`torchvision.models.ConvNeXt_Large_Weights`) */
// biome-ignore format: rows
export const ConvNeXtLargeWeights = weightsEnum('ConvNeXt_Large_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['convnext_large-ea097f82', 197767336, 32, 84.414, 96.976, 34.361, 754.537, '#convnext', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `convnextSmall`. (`torchvision.models.ConvNeXt_Small_Weights`) */
// biome-ignore format: rows
export const ConvNeXtSmallWeights = weightsEnum('ConvNeXt_Small_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['convnext_small-0c510722', 50223688, 32, 83.616, 96.65, 8.684, 191.703, '#convnext', { cropSize: 224, resizeSize: 230 }],
});

/** The published weights of `convnextTiny`. (`torchvision.models.ConvNeXt_Tiny_Weights`) */
// biome-ignore format: rows
export const ConvNeXtTinyWeights = weightsEnum('ConvNeXt_Tiny_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['convnext_tiny-983f1562', 28589128, 32, 82.52, 96.146, 4.456, 109.119, '#convnext', { cropSize: 224, resizeSize: 236 }],
});
