// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `efficientnetB0`. (`torchvision.models.EfficientNet_B0_Weights`) */
// biome-ignore format: rows
export const EfficientNetB0Weights = weightsEnum('EfficientNet_B0_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['efficientnet_b0_rwightman-7f5810bc', 5288548, 1, 77.692, 93.532, 0.386, 20.451, '#efficientnet-v1', { cropSize: 224, interpolation: 'bicubic' }],
});

/** The published weights of `efficientnetB1`. (`torchvision.models.EfficientNet_B1_Weights`) */
// biome-ignore format: rows
export const EfficientNetB1Weights = weightsEnum('EfficientNet_B1_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['efficientnet_b1_rwightman-bac287d4', 7794184, 1, 78.642, 94.186, 0.687, 30.134, '#efficientnet-v1', { cropSize: 240, interpolation: 'bicubic' }],
  IMAGENET1K_V2: ['efficientnet_b1-c27df63c', 7794184, 1, 79.838, 94.934, 0.687, 30.136, 'issues/3995#new-recipe-with-lr-wd-crop-tuning', { cropSize: 240, resizeSize: 255 }],
});

/** The published weights of `efficientnetB2`. (`torchvision.models.EfficientNet_B2_Weights`) */
// biome-ignore format: rows
export const EfficientNetB2Weights = weightsEnum('EfficientNet_B2_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['efficientnet_b2_rwightman-c35c1473', 9109994, 1, 80.608, 95.31, 1.088, 35.174, '#efficientnet-v1', { cropSize: 288, resizeSize: 288, interpolation: 'bicubic' }],
});

/** The published weights of `efficientnetB3`. (`torchvision.models.EfficientNet_B3_Weights`) */
// biome-ignore format: rows
export const EfficientNetB3Weights = weightsEnum('EfficientNet_B3_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['efficientnet_b3_rwightman-b3899882', 12233232, 1, 82.008, 96.054, 1.827, 47.184, '#efficientnet-v1', { cropSize: 300, resizeSize: 320, interpolation: 'bicubic' }],
});

/** The published weights of `efficientnetB4`. (`torchvision.models.EfficientNet_B4_Weights`) */
// biome-ignore format: rows
export const EfficientNetB4Weights = weightsEnum('EfficientNet_B4_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['efficientnet_b4_rwightman-23ab8bcd', 19341616, 1, 83.384, 96.594, 4.394, 74.489, '#efficientnet-v1', { cropSize: 380, resizeSize: 384, interpolation: 'bicubic' }],
});

/** The published weights of `efficientnetB5`. (`torchvision.models.EfficientNet_B5_Weights`) */
// biome-ignore format: rows
export const EfficientNetB5Weights = weightsEnum('EfficientNet_B5_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['efficientnet_b5_lukemelas-1a07897c', 30389784, 1, 83.444, 96.628, 10.266, 116.864, '#efficientnet-v1', { cropSize: 456, resizeSize: 456, interpolation: 'bicubic' }],
});

/** The published weights of `efficientnetB6`. (`torchvision.models.EfficientNet_B6_Weights`) */
// biome-ignore format: rows
export const EfficientNetB6Weights = weightsEnum('EfficientNet_B6_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['efficientnet_b6_lukemelas-24a108a5', 43040704, 1, 84.008, 96.916, 19.068, 165.362, '#efficientnet-v1', { cropSize: 528, resizeSize: 528, interpolation: 'bicubic' }],
});

/** The published weights of `efficientnetB7`. (`torchvision.models.EfficientNet_B7_Weights`) */
// biome-ignore format: rows
export const EfficientNetB7Weights = weightsEnum('EfficientNet_B7_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['efficientnet_b7_lukemelas-c5b4e57e', 66347960, 1, 84.122, 96.908, 37.746, 254.675, '#efficientnet-v1', { cropSize: 600, resizeSize: 600, interpolation: 'bicubic' }],
});

/** The published weights of `efficientnetV2L`. (`torchvision.models.EfficientNet_V2_L_Weights`) */
// biome-ignore format: rows
export const EfficientNetV2LWeights = weightsEnum('EfficientNet_V2_L_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['efficientnet_v2_l-59c71312', 118515272, 33, 85.808, 97.788, 56.08, 454.573, '#efficientnet-v2', { cropSize: 480, resizeSize: 480, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], interpolation: 'bicubic' }],
});

/** The published weights of `efficientnetV2M`. (`torchvision.models.EfficientNet_V2_M_Weights`) */
// biome-ignore format: rows
export const EfficientNetV2MWeights = weightsEnum('EfficientNet_V2_M_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['efficientnet_v2_m-dc08266a', 54139356, 33, 85.112, 97.156, 24.582, 208.01, '#efficientnet-v2', { cropSize: 480, resizeSize: 480 }],
});

/** The published weights of `efficientnetV2S`. (`torchvision.models.EfficientNet_V2_S_Weights`) */
// biome-ignore format: rows
export const EfficientNetV2SWeights = weightsEnum('EfficientNet_V2_S_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['efficientnet_v2_s-dd5fe13b', 21458488, 33, 84.228, 96.878, 8.366, 82.704, '#efficientnet-v2', { cropSize: 384, resizeSize: 384 }],
});
