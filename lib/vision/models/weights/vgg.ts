// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `vgg11`. (`torchvision.models.VGG11_Weights`) */
// biome-ignore format: rows
export const VGG11Weights = weightsEnum('VGG11_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vgg11-8a719046', 132863336, 32, 69.02, 88.628, 7.609, 506.84, '#alexnet-and-vgg'],
});

/** The published weights of `vgg11Bn`. (`torchvision.models.VGG11_BN_Weights`) */
// biome-ignore format: rows
export const VGG11BNWeights = weightsEnum('VGG11_BN_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vgg11_bn-6002323d', 132868840, 32, 70.37, 89.81, 7.609, 506.881, '#alexnet-and-vgg'],
});

/** The published weights of `vgg13`. (`torchvision.models.VGG13_Weights`) */
// biome-ignore format: rows
export const VGG13Weights = weightsEnum('VGG13_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vgg13-19584684', 133047848, 32, 69.928, 89.246, 11.308, 507.545, '#alexnet-and-vgg'],
});

/** The published weights of `vgg13Bn`. (`torchvision.models.VGG13_BN_Weights`) */
// biome-ignore format: rows
export const VGG13BNWeights = weightsEnum('VGG13_BN_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vgg13_bn-abd245e5', 133053736, 32, 71.586, 90.374, 11.308, 507.59, '#alexnet-and-vgg'],
});

/** The published weights of `vgg16`. (`torchvision.models.VGG16_Weights`) */
// biome-ignore format: rows
export const VGG16Weights = weightsEnum('VGG16_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vgg16-397923af', 138357544, 32, 71.592, 90.382, 15.47, 527.796, '#alexnet-and-vgg'],
  IMAGENET1K_FEATURES: ['vgg16_features-amdegroot-88682ab5', 138357544, 32, NaN, NaN, 15.47, 527.802, 'https://github.com/amdegroot/ssd.pytorch#training-ssd', { cropSize: 224, mean: [0.48235, 0.45882, 0.40784], std: [0.00392156862745098, 0.00392156862745098, 0.00392156862745098] }],
});

/** The published weights of `vgg16Bn`. (`torchvision.models.VGG16_BN_Weights`) */
// biome-ignore format: rows
export const VGG16BNWeights = weightsEnum('VGG16_BN_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vgg16_bn-6c64b313', 138365992, 32, 73.36, 91.516, 15.47, 527.866, '#alexnet-and-vgg'],
});

/** The published weights of `vgg19`. (`torchvision.models.VGG19_Weights`) */
// biome-ignore format: rows
export const VGG19Weights = weightsEnum('VGG19_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vgg19-dcbb9e9d', 143667240, 32, 72.376, 90.876, 19.632, 548.051, '#alexnet-and-vgg'],
});

/** The published weights of `vgg19Bn`. (`torchvision.models.VGG19_BN_Weights`) */
// biome-ignore format: rows
export const VGG19BNWeights = weightsEnum('VGG19_BN_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vgg19_bn-c79401a0', 143678248, 32, 74.218, 91.842, 19.632, 548.143, '#alexnet-and-vgg'],
});
