// Ten drawable classes, made by code: for examples and tests that must not depend on a download.
import { type Recipe, recipe, recipeOf } from '../../data/recipe.js';
import { optionsOf } from '../../functional/check.js';
import { Image } from '../image.js';
import { VisionDataset } from './vision-dataset.js';

const size = 32;

// Whether the point (x, y), relative to the centre and in units of the radius, belongs to the figure.
const figures: Record<string, (x: number, y: number) => boolean> = {
  disc: (x, y) => x * x + y * y < 1,
  ring: (x, y) => x * x + y * y < 1 && x * x + y * y > 0.4,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  frame: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.9 && Math.max(Math.abs(x), Math.abs(y)) > 0.5,
  triangle: (x, y) => y < 0.8 && y > -0.9 && Math.abs(x) < (y + 0.9) * 0.55,
  plus: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.25 && Math.max(Math.abs(x), Math.abs(y)) < 1,
  cross: (x, y) => Math.abs(Math.abs(x) - Math.abs(y)) < 0.3 && Math.max(Math.abs(x), Math.abs(y)) < 0.9,
  rows: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.floor((y + 1) * 2.5) % 2 === 0,
  columns: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.floor((x + 1) * 2.5) % 2 === 0,
  checks: (x, y) =>
    Math.max(Math.abs(x), Math.abs(y)) < 1 && (Math.floor((x + 1) * 2) + Math.floor((y + 1) * 2)) % 2 === 0,
};

// A small generator of its own: pictures must not depend on, nor disturb, the global one.
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}

/** How many pictures, from which seed, and what to make of each. */
export interface SyntheticShapesOptions<X> {
  /** The number of pictures; default 1000. */
  length?: number;
  /** Other seeds give other pictures; default 0. */
  seed?: number;
  /** Applied to each picture when it is asked for. */
  transform?: ((image: Image) => X) | undefined;
}

/**
 * Synthetic pictures of 32x32 RGB pixels: one of ten figures, of random place, size and colours, in noise. Picture `i` depends on the
 * seed and `i` alone.
 * @example
 * import { datasets } from 'cresset/vision';
 * new datasets.SyntheticShapes({ length: 20 }).classes.length; // 10
 */
export class SyntheticShapes<X = Image> extends VisionDataset<X> {
  readonly classes: readonly string[] = Object.keys(figures);
  readonly length: number;
  readonly #seed: number;

  constructor(options: SyntheticShapesOptions<X> = {}) {
    super({ transform: optionsOf(options, 'SyntheticShapes', ['length', 'seed', 'transform']).transform });
    this.length = options.length ?? 1000;
    if (!Number.isSafeInteger(this.length) || this.length < 0)
      throw new RangeError(`SyntheticShapes: length must be a whole number, got ${this.length}`);
    this.#seed = options.seed ?? 0;
  }

  [recipe](): Recipe {
    const options = { length: this.length, seed: this.#seed, transform: this.transform };
    return recipeOf(this, this.constructor === SyntheticShapes, import.meta.url, [options]);
  }

  get(index: number): [X, number] {
    this.checkIndex(index);
    const random = generator(this.#seed * 1_000_003 + index);
    const target = Math.floor(random() * this.classes.length);
    const inside = figures[this.classes[target]!]!;
    const radius = 6 + random() * 7;
    const centre = () => radius + random() * (size - 2 * radius);
    const [cx, cy] = [centre(), centre()];
    const dark = [0, 1, 2].map(() => random() * 110);
    const bright = [0, 1, 2].map(() => 145 + random() * 110);
    const [ink, paper] = random() < 0.5 ? [dark, bright] : [bright, dark];
    const data = new Uint8Array(size * size * 3);
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const colour = inside((x + 0.5 - cx) / radius, (y + 0.5 - cy) / radius) ? ink : paper;
        for (let c = 0; c < 3; c++)
          data[(y * size + x) * 3 + c] = Math.min(255, Math.max(0, colour[c]! + (random() - 0.5) * 60));
      }
    return this.transformed(new Image(data, size, size, 3), target);
  }
}
