// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `vitB16`. (`torchvision.models.ViT_B_16_Weights`) */
// biome-ignore format: rows
export const ViTB16Weights = weightsEnum('ViT_B_16_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vit_b_16-c867db91', 86567656, 224, 81.072, 95.318, 17.564, 330.285, '#vit_b_16'],
  IMAGENET1K_SWAG_E2E_V1: ['vit_b_16_swag-9ac1b537', 86859496, 384, 85.304, 97.65, 55.484, 331.398, 'https://github.com/facebookresearch/SWAG', { cropSize: 384, resizeSize: 384, interpolation: 'bicubic' }],
  IMAGENET1K_SWAG_LINEAR_V1: ['vit_b_16_lc_swag-4e70ced5', 86567656, 224, 81.886, 96.18, 17.564, 330.285, 'pull/5793', { cropSize: 224, resizeSize: 224, interpolation: 'bicubic' }],
});

/** The published weights of `vitB32`. (`torchvision.models.ViT_B_32_Weights`) */
// biome-ignore format: rows
export const ViTB32Weights = weightsEnum('ViT_B_32_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vit_b_32-d86f8d99', 88224232, 224, 75.912, 92.466, 4.409, 336.604, '#vit_b_32'],
});

/** The published weights of `vitH14`. (`torchvision.models.ViT_H_14_Weights`) */
// biome-ignore format: rows
export const ViTH14Weights = weightsEnum('ViT_H_14_Weights', 'IMAGENET1K_SWAG_E2E_V1', {
  IMAGENET1K_SWAG_E2E_V1: ['vit_h_14_swag-80465313', 633470440, 518, 88.552, 98.694, 1016.717, 2416.643, 'https://github.com/facebookresearch/SWAG', { cropSize: 518, resizeSize: 518, interpolation: 'bicubic' }],
  IMAGENET1K_SWAG_LINEAR_V1: ['vit_h_14_lc_swag-c1eb923e', 632045800, 224, 85.708, 97.73, 167.295, 2411.209, 'pull/5793', { cropSize: 224, resizeSize: 224, interpolation: 'bicubic' }],
});

/** The published weights of `vitL16`. (`torchvision.models.ViT_L_16_Weights`) */
// biome-ignore format: rows
export const ViTL16Weights = weightsEnum('ViT_L_16_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vit_l_16-852ce7e3', 304326632, 224, 79.662, 94.638, 61.555, 1161.023, '#vit_l_16', { cropSize: 224, resizeSize: 242 }],
  IMAGENET1K_SWAG_E2E_V1: ['vit_l_16_swag-4f3808c9', 305174504, 512, 88.064, 98.512, 361.986, 1164.258, 'https://github.com/facebookresearch/SWAG', { cropSize: 512, resizeSize: 512, interpolation: 'bicubic' }],
  IMAGENET1K_SWAG_LINEAR_V1: ['vit_l_16_lc_swag-4d563306', 304326632, 224, 85.146, 97.422, 61.555, 1161.023, 'pull/5793', { cropSize: 224, resizeSize: 224, interpolation: 'bicubic' }],
});

/** The published weights of `vitL32`. (`torchvision.models.ViT_L_32_Weights`) */
// biome-ignore format: rows
export const ViTL32Weights = weightsEnum('ViT_L_32_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['vit_l_32-c7638314', 306535400, 224, 76.972, 93.07, 15.378, 1169.449, '#vit_l_32'],
});
