// How an object comes to exist in a worker thread too: by being made there again.

/** What makes an object anew: an export of a module, a class to construct with `args` or a function to call with them. */
export interface Recipe {
  /** The module's URL: `import.meta.url` in the module itself, `pathToFileURL(__filename)` in CommonJS. */
  module: string | URL;
  /** The name of the export. */
  export: string;
  /**
   * Plain data, typed arrays (over a SharedArrayBuffer they are shared, else copied), tensors, and objects or functions that have a recipe
   * themselves, also inside of arrays and records.
   */
  args: unknown[];
}

/**
 * The name of the method that gives an object's `Recipe`. Datasets, transforms and functions that have it can be used by the workers of a
 * `DataLoader`; a promise that the recipe's function returns is awaited. It is `Symbol.for('cresset.recipe')`.
 * @example
 * import { recipe } from 'cresset/data';
 * class Squares {
 *   constructor(readonly length: number) {}
 *   get(index: number) { return index * index; }
 *   [recipe]() { return { module: 'file:///squares.js', export: 'Squares', args: [this.length] }; } // import.meta.url in your module
 * }
 * new Squares(3)[recipe]().args; // [3]
 */
export const recipe: unique symbol = Symbol.for('cresset.recipe') as never;

/** Something that can be made anew in a worker thread. */
export interface Remakable {
  [recipe](): Recipe;
}

/**
 * Gives a function the recipe that it is the export `name` of the module `url`, so that workers can use it as `collateFn`, `workerInitFn`,
 * `transform` or `targetTransform`; returns the function itself.
 * @throws TypeError for anything but a URL, a name and a function.
 * @example
 * import { exported } from 'cresset/data';
 * export const tens = exported(import.meta.url, 'tens', (target: number) => target * 10);
 */
export function exported<F extends (...args: never[]) => unknown>(
  url: string | URL,
  name: string,
  f: F,
): F & Remakable {
  if (!URL.canParse(String(url)))
    throw new TypeError(`exported: url must be a module's URL such as import.meta.url, got ${String(url)}`);
  if (typeof name !== 'string') throw new TypeError(`exported: name must be a string, got ${String(name)}`);
  if (typeof f !== 'function') throw new TypeError(`exported: ${name} must be a function, got ${String(f)}`);
  const made: Recipe = { module: import.meta.url, export: 'imported', args: [String(url), name] };
  return Object.defineProperty(f, recipe, { value: () => made }) as F & Remakable;
}

/** Throws the TypeError for an instance that is not the library's `own` but a subclass's: workers would make one of the class above it. */
export function checkOwn(instance: object, own: boolean, kind: string): void {
  if (own) return;
  const { name } = instance.constructor;
  throw new TypeError(
    `${name}: workers can make a ${kind} of your own where its class has a method [recipe](), such as \`return { module: import.meta.url, export: '${name}', args: [...] }\``,
  );
}

/** The recipe of a dataset of the library's `own`, whose class `module` exports; throws as `checkOwn`. */
export function recipeOf(dataset: object, own: boolean, module: string, args: unknown[]): Recipe {
  checkOwn(dataset, own, 'dataset');
  return { module, export: dataset.constructor.name, args };
}

/** Whether `value` has a recipe. */
export function isRemakable(value: unknown): value is Remakable {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as Partial<Remakable>)[recipe] === 'function'
  );
}

/**
 * The export `name` of the module `url`: what a recipe of `exported` makes.
 * @throws TypeError where the module has no such export.
 */
export async function imported(url: string, name: string): Promise<unknown> {
  const module: Record<string, unknown> = await import(url);
  if (module[name] === undefined) throw new TypeError(`the module ${url} has no export ${name}`);
  return module[name];
}
