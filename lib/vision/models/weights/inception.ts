// Made by scripts/weights.py; columns: see Row in enum.ts.
import { weightsEnum } from './enum.js';

/** The published weights of `inceptionV3`. (`torchvision.models.Inception_V3_Weights`) */
// biome-ignore format: rows
export const InceptionV3Weights = weightsEnum('Inception_V3_Weights', 'IMAGENET1K_V1', {
  IMAGENET1K_V1: ['inception_v3_google-0cc3c7bd', 27161264, 75, 77.294, 93.45, 5.713, 103.903, '#inception-v3', { cropSize: 299, resizeSize: 342 }],
});
