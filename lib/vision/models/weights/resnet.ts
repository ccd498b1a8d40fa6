// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `resnet18`. (`torchvision.models.ResNet18_Weights`) */
// biome-ignore format: rows
export const ResNet18Weights = weightsEnum('ResNet18_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['resnet18-f37072fd', 11689512, 1, 69.758, 89.078, 1.814, 44.661, '#resnet'],
});

/** The published weights of `resnet34`. (`torchvision.models.ResNet34_Weights`) */
// biome-ignore format: rows
export const ResNet34Weights = weightsEnum('ResNet34_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['resnet34-b627a593', 21797672, 1, 73.314, 91.42, 3.664, 83.275, '#resnet'],
});

/** The published weights of `resnet50`. (`torchvision.models.ResNet50_Weights`) */
// biome-ignore format: rows
export const ResNet50Weights = weightsEnum('ResNet50_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['resnet50-0676ba61', 25557032, 1, 76.13, 92.862, 4.089, 97.781, '#resnet'],
  IMAGENET1K_V2: ['resnet50-11ad3fa6', 25557032, 1, 80.858, 95.434, 4.089, 97.79, 'issues/3995#issuecomment-1013906621', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `resnet101`. (`torchvision.models.ResNet101_Weights`) */
// biome-ignore format: rows
export const ResNet101Weights = weightsEnum('ResNet101_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['resnet101-63fe2227', 44549160, 1, 77.374, 93.546, 7.801, 170.511, '#resnet'],
  IMAGENET1K_V2: ['resnet101-cd907fc2', 44549160, 1, 81.886, 95.78, 7.801, 170.53, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `resnet152`. (`torchvision.models.ResNet152_Weights`) */
// biome-ignore format: rows
export const ResNet152Weights = weightsEnum('ResNet152_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['resnet152-394f9c45', 60192808, 1, 78.312, 94.046, 11.514, 230.434, '#resnet'],
  IMAGENET1K_V2: ['resnet152-f82ba261', 60192808, 1, 82.284, 96.002, 11.514, 230.474, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `resnext50_32x4d`. (`torchvision.models.ResNeXt50_32X4D_Weights`) */
// biome-ignore format: rows
export const ResNeXt50_32X4DWeights = weightsEnum('ResNeXt50_32X4D_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['resnext50_32x4d-7cdf4587', 25028904, 1, 77.618, 93.698, 4.23, 95.789, '#resnext'],
  IMAGENET1K_V2: ['resnext50_32x4d-1a0047aa', 25028904, 1, 81.198, 95.34, 4.23, 95.833, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `resnext101_32x8d`. (`torchvision.models.ResNeXt101_32X8D_Weights`) */
// biome-ignore format: rows
export const ResNeXt101_32X8DWeights = weightsEnum('ResNeXt101_32X8D_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['resnext101_32x8d-8ba56ff5', 88791336, 1, 79.312, 94.526, 16.414, 339.586, '#resnext'],
  IMAGENET1K_V2: ['resnext101_32x8d-110c445d', 88791336, 1, 82.834, 96.228, 16.414, 339.673, 'issues/3995#new-recipe-with-fixres', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `resnext101_64x4d`. (`torchvision.models.ResNeXt101_64X4D_Weights`) */
// biome-ignore format: rows
export const ResNeXt101_64X4DWeights = weightsEnum('ResNeXt101_64X4D_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['resnext101_64x4d-173b62eb', 83455272, 1, 83.246, 96.454, 15.46, 319.318, 'pull/5935', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `wideResnet50_2`. (`torchvision.models.Wide_ResNet50_2_Weights`) */
// biome-ignore format: rows
export const WideResNet50_2Weights = weightsEnum('Wide_ResNet50_2_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['wide_resnet50_2-95faca4d', 68883240, 1, 78.468, 94.086, 11.398, 131.82, 'pull/912#issue-445437439'],
  IMAGENET1K_V2: ['wide_resnet50_2-9ba9bcbe', 68883240, 1, 81.602, 95.758, 11.398, 263.124, 'issues/3995#new-recipe-with-fixres', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `wideResnet101_2`. (`torchvision.models.Wide_ResNet101_2_Weights`) */
// biome-ignore format: rows
export const WideResNet101_2Weights = weightsEnum('Wide_ResNet101_2_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['wide_resnet101_2-32ee1156', 126886696, 1, 78.848, 94.284, 22.753, 242.896, 'pull/912#issue-445437439'],
  IMAGENET1K_V2: ['wide_resnet101_2-d733dc28', 126886696, 1, 82.51, 96.02, 22.753, 484.747, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});
