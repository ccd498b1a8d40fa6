// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `densenet121`. (`torchvision.models.DenseNet121_Weights`) */
// biome-ignore format: rows
export const DenseNet121Weights = weightsEnum('DenseNet121_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['densenet121-a639ec97', 7978856, 29, 74.434, 91.972, 2.834, 30.845, 'pull/116'],
});

/** The published weights of `densenet161`. (`torchvision.models.DenseNet161_Weights`) */
// biome-ignore format: rows
export const DenseNet161Weights = weightsEnum('DenseNet161_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['densenet161-8d451a50', 28681000, 29, 77.138, 93.56, 7.728, 110.369, 'pull/116'],
});

/** The published weights of `densenet169`. (`torchvision.models.DenseNet169_Weights`) */
// biome-ignore format: rows
export const DenseNet169Weights = weightsEnum('DenseNet169_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['densenet169-b2777c0a', 14149480, 29, 75.6, 92.806, 3.36, 54.708, 'pull/116'],
});

/** The published weights of `densenet201`. (`torchvision.models.DenseNet201_Weights`) */
// biome-ignore format: rows
export const DenseNet201Weights = weightsEnum('DenseNet201_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['densenet201-c1103571', 20013928, 29, 76.896, 93.37, 4.291, 77.373, 'pull/116'],
});
