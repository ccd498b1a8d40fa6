// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `regnetX1_6gf`. (`torchvision.models.RegNet_X_1_6GF_Weights`) */
// biome-ignore format: rows
export const RegNetX1_6GFWeights = weightsEnum('RegNet_X_1_6GF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_x_1_6gf-e3633e7f', 9190136, 1, 77.04, 93.44, 1.603, 35.339, '#small-models'],
  IMAGENET1K_V2: ['regnet_x_1_6gf-a12f2b72', 9190136, 1, 79.668, 94.922, 1.603, 35.339, 'issues/3995#new-recipe-with-fixres', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetX3_2gf`. (`torchvision.models.RegNet_X_3_2GF_Weights`) */
// biome-ignore format: rows
export const RegNetX3_2GFWeights = weightsEnum('RegNet_X_3_2GF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_x_3_2gf-f342aeae', 15296552, 1, 78.364, 93.992, 3.177, 58.756, '#medium-models'],
  IMAGENET1K_V2: ['regnet_x_3_2gf-7071aa85', 15296552, 1, 81.196, 95.43, 3.177, 58.756, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetX8gf`. (`torchvision.models.RegNet_X_8GF_Weights`) */
// biome-ignore format: rows
export const RegNetX8GFWeights = weightsEnum('RegNet_X_8GF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_x_8gf-03ceed89', 39572648, 1, 79.344, 94.686, 7.995, 151.456, '#medium-models'],
  IMAGENET1K_V2: ['regnet_x_8gf-2b70d774', 39572648, 1, 81.682, 95.678, 7.995, 151.456, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetX16gf`. (`torchvision.models.RegNet_X_16GF_Weights`) */
// biome-ignore format: rows
export const RegNetX16GFWeights = weightsEnum('RegNet_X_16GF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_x_16gf-2007eb11', 54278536, 1, 80.058, 94.944, 15.941, 207.627, '#medium-models'],
  IMAGENET1K_V2: ['regnet_x_16gf-ba3796d7', 54278536, 1, 82.716, 96.196, 15.941, 207.627, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetX32gf`. (`torchvision.models.RegNet_X_32GF_Weights`) */
// biome-ignore format: rows
export const RegNetX32GFWeights = weightsEnum('RegNet_X_32GF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_x_32gf-9d47f8d0', 107811560, 1, 80.622, 95.248, 31.736, 412.039, '#large-models'],
  IMAGENET1K_V2: ['regnet_x_32gf-6eb8fdc6', 107811560, 1, 83.014, 96.288, 31.736, 412.039, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetX400mf`. (`torchvision.models.RegNet_X_400MF_Weights`) */
// biome-ignore format: rows
export const RegNetX400MFWeights = weightsEnum('RegNet_X_400MF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_x_400mf-adf1edd5', 5495976, 1, 72.834, 90.95, 0.414, 21.258, '#small-models'],
  IMAGENET1K_V2: ['regnet_x_400mf-62229a5f', 5495976, 1, 74.864, 92.322, 0.414, 21.257, 'issues/3995#new-recipe-with-fixres', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetX800mf`. (`torchvision.models.RegNet_X_800MF_Weights`) */
// biome-ignore format: rows
export const RegNetX800MFWeights = weightsEnum('RegNet_X_800MF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_x_800mf-ad17e45c', 7259656, 1, 75.212, 92.348, 0.8, 27.945, '#small-models'],
  IMAGENET1K_V2: ['regnet_x_800mf-94a99ebd', 7259656, 1, 77.522, 93.826, 0.8, 27.945, 'issues/3995#new-recipe-with-fixres', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetY1_6gf`. (`torchvision.models.RegNet_Y_1_6GF_Weights`) */
// biome-ignore format: rows
export const RegNetY1_6GFWeights = weightsEnum('RegNet_Y_1_6GF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_y_1_6gf-b11a554e', 11202430, 1, 77.95, 93.966, 1.612, 43.152, '#small-models'],
  IMAGENET1K_V2: ['regnet_y_1_6gf-0d7bc02a', 11202430, 1, 80.876, 95.444, 1.612, 43.152, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetY3_2gf`. (`torchvision.models.RegNet_Y_3_2GF_Weights`) */
// biome-ignore format: rows
export const RegNetY3_2GFWeights = weightsEnum('RegNet_Y_3_2GF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_y_3_2gf-b5a9779c', 19436338, 1, 78.948, 94.576, 3.176, 74.567, '#medium-models'],
  IMAGENET1K_V2: ['regnet_y_3_2gf-9180c971', 19436338, 1, 81.982, 95.972, 3.176, 74.567, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetY8gf`. (`torchvision.models.RegNet_Y_8GF_Weights`) */
// biome-ignore format: rows
export const RegNetY8GFWeights = weightsEnum('RegNet_Y_8GF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_y_8gf-d0d0e4a8', 39381472, 1, 80.032, 95.048, 8.473, 150.701, '#medium-models'],
  IMAGENET1K_V2: ['regnet_y_8gf-dc2b1b54', 39381472, 1, 82.828, 96.33, 8.473, 150.701, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetY16gf`. (`torchvision.models.RegNet_Y_16GF_Weights`) */
// biome-ignore format: rows
export const RegNetY16GFWeights = weightsEnum('RegNet_Y_16GF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_y_16gf-9e6ed7dd', 83590140, 1, 80.424, 95.24, 15.912, 319.49, '#large-models'],
  IMAGENET1K_V2: ['regnet_y_16gf-3e4a00f9', 83590140, 1, 82.886, 96.328, 15.912, 319.49, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
  IMAGENET1K_SWAG_E2E_V1: ['regnet_y_16gf_swag-43afe44d', 83590140, 1, 86.012, 98.054, 46.735, 319.49, 'https://github.com/facebookresearch/SWAG', { cropSize: 384, resizeSize: 384, interpolation: 'bicubic' }],
  IMAGENET1K_SWAG_LINEAR_V1: ['regnet_y_16gf_lc_swag-f3ec0043', 83590140, 1, 83.976, 97.244, 15.912, 319.49, 'pull/5793', { cropSize: 224, resizeSize: 224, interpolation: 'bicubic' }],
});

/** The published weights of `regnetY32gf`. (`torchvision.models.RegNet_Y_32GF_Weights`) */
// biome-ignore format: rows
export const RegNetY32GFWeights = weightsEnum('RegNet_Y_32GF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_y_32gf-4dee3f7a', 145046770, 1, 80.878, 95.34, 32.28, 554.076, '#large-models'],
  IMAGENET1K_V2: ['regnet_y_32gf-8db6d4b5', 145046770, 1, 83.368, 96.498, 32.28, 554.076, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
  IMAGENET1K_SWAG_E2E_V1: ['regnet_y_32gf_swag-04fdfa75', 145046770, 1, 86.838, 98.362, 94.826, 554.076, 'https://github.com/facebookresearch/SWAG', { cropSize: 384, resizeSize: 384, interpolation: 'bicubic' }],
  IMAGENET1K_SWAG_LINEAR_V1: ['regnet_y_32gf_lc_swag-e1583746', 145046770, 1, 84.622, 97.48, 32.28, 554.076, 'pull/5793', { cropSize: 224, resizeSize: 224, interpolation: 'bicubic' }],
});

/** The published weights of `regnetY128gf`. (`torchvision.models.RegNet_Y_128GF_Weights`) */
// biome-ignore format: rows
export const RegNetY128GFWeights = weightsEnum('RegNet_Y_128GF_Weights', 'IMAGENET1K_SWAG_E2E_V1', {
  IMAGENET1K_SWAG_E2E_V1: ['regnet_y_128gf_swag-c8ce3e52', 644812894, 1, 88.228, 98.682, 374.57, 2461.564, 'https://github.com/facebookresearch/SWAG', { cropSize: 384, resizeSize: 384, interpolation: 'bicubic' }],
  IMAGENET1K_SWAG_LINEAR_V1: ['regnet_y_128gf_lc_swag-cbe8ce12', 644812894, 1, 86.068, 97.844, 127.518, 2461.564, 'pull/5793', { cropSize: 224, resizeSize: 224, interpolation: 'bicubic' }],
});

/** The published weights of `regnetY400mf`. (`torchvision.models.RegNet_Y_400MF_Weights`) */
// biome-ignore format: rows
export const RegNetY400MFWeights = weightsEnum('RegNet_Y_400MF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_y_400mf-c65dace8', 4344144, 1, 74.046, 91.716, 0.402, 16.806, '#small-models'],
  IMAGENET1K_V2: ['regnet_y_400mf-e6988f5f', 4344144, 1, 75.804, 92.742, 0.402, 16.806, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `regnetY800mf`. (`torchvision.models.RegNet_Y_800MF_Weights`) */
// biome-ignore format: rows
export const RegNetY800MFWeights = weightsEnum('RegNet_Y_800MF_Weights', 'IMAGENET1K_V2', {
  IMAGENET1K_V1: ['regnet_y_800mf-1b27b58c', 6432512, 1, 76.42, 93.136, 0.834, 24.774, '#small-models'],
  IMAGENET1K_V2: ['regnet_y_800mf-58fc7688', 6432512, 1, 78.828, 94.502, 0.834, 24.774, 'issues/3995#new-recipe', { cropSize: 224, resizeSize: 232 }],
});
