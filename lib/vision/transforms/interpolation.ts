// The names of the ways to resample.
import { describe } from '../../functional/check.js';

/** The ways to find values between pixels; 'box', 'hamming' and 'lanczos' are for Images alone. (`torchvision.transforms.InterpolationMode`) */
export const InterpolationMode = {
  NEAREST: 'nearest',
  NEAREST_EXACT: 'nearest-exact',
  BILINEAR: 'bilinear',
  BICUBIC: 'bicubic',
  BOX: 'box',
  HAMMING: 'hamming',
  LANCZOS: 'lanczos',
} as const;

/** One of the ways to find values between pixels. */
export type InterpolationMode = (typeof InterpolationMode)[keyof typeof InterpolationMode];

/** `mode`, checked to be one of `allowed`. */
export function interpolationOf<M extends InterpolationMode>(
  mode: M,
  op: string,
  allowed: readonly string[] = Object.values(InterpolationMode),
): M {
  if (allowed.includes(mode)) return mode;
  const names = allowed.map((name) => `'${name}'`).join(', ');
  throw new RangeError(`${op}: interpolation must be one of ${names}, got ${describe(mode)}`);
}

/** The member of torchvision's enumeration, as Python prints it. */
export const memberOf = (mode: InterpolationMode): string =>
  `InterpolationMode.${Object.entries(InterpolationMode).find(([, value]) => value === mode)![0]}`;
