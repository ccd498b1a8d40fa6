// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `mobilenetV2`. (`torchvision.models.MobileNet_V2_Weights`) */
// biome-ignore format: rows
export const MobileNetV2Weights = weightsEnum('MobileNet_V2_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['mobilenet_v2-b0353104', 3504872, 1, 71.878, 90.286, 0.301, 13.555, '#mobilenetv2'],
  IMAGENET1K_V2: ['mobilenet_v2-7ebf99e0', 3504872, 1, 72.154, 90.822, 0.301, 13.598, 'issues/3995#new-recipe-with-reg-tuning', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `mobilenetV3Large`. (`torchvision.models.MobileNet_V3_Large_Weights`) */
// biome-ignore format: rows
export const MobileNetV3LargeWeights = weightsEnum('MobileNet_V3_Large_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['mobilenet_v3_large-8738ca79', 5483032, 1, 74.042, 91.34, 0.217, 21.114, '#mobilenetv3-large--small'],
  IMAGENET1K_V2: ['mobilenet_v3_large-5c1a4163', 5483032, 1, 75.274, 92.566, 0.217, 21.107, 'issues/3995#new-recipe-with-reg-tuning', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `mobilenetV3Small`. (`torchvision.models.MobileNet_V3_Small_Weights`) */
// biome-ignore format: rows
export const MobileNetV3SmallWeights = weightsEnum('MobileNet_V3_Small_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['mobilenet_v3_small-047dcff4', 2542856, 1, 67.668, 87.402, 0.057, 9.829, '#mobilenetv3-large--small'],
});
