// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `mnasnet0_5`. (`torchvision.models.MNASNet0_5_Weights`) */
// biome-ignore format: rows
export const MNASNet0_5Weights = weightsEnum('MNASNet0_5_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['mnasnet0.5_top1_67.823-3ffadce67e', 2218512, 1, 67.734, 87.49, 0.104, 8.591, 'https://github.com/1e100/mnasnet_trainer'],
});

/** The published weights of `mnasnet0_75`. (`torchvision.models.MNASNet0_75_Weights`) */
// biome-ignore format: rows
export const MNASNet0_75Weights = weightsEnum('MNASNet0_75_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['mnasnet0_75-7090bc5f', 3170208, 1, 71.18, 90.496, 0.215, 12.303, 'pull/6019', { cropSize: 224, resizeSize: 232 }],
});

/** The published weights of `mnasnet1_0`. (`torchvision.models.MNASNet1_0_Weights`) */
// biome-ignore format: rows
export const MNASNet1_0Weights = weightsEnum('MNASNet1_0_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['mnasnet1.0_top1_73.512-f206786ef8', 4383312, 1, 73.456, 91.51, 0.314, 16.915, 'https://github.com/1e100/mnasnet_trainer'],
});

/** The published weights of `mnasnet1_3`. (`torchvision.models.MNASNet1_3_Weights`) */
// biome-ignore format: rows
export const MNASNet1_3Weights = weightsEnum('MNASNet1_3_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['mnasnet1_3-a4c69d6f', 6282256, 1, 76.506, 93.522, 0.526, 24.246, 'pull/6019', { cropSize: 224, resizeSize: 232 }],
});
