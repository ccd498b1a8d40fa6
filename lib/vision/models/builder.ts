// The functions that make networks, with published weights or without, and their names.
import { CressetError } from '../../errors.js';
import { describe, flag, optionsOf, wrongType } from '../../functional/check.js';
import * as nn from '../../nn/index.js';
import { type FetchOptions, type Members, Weights, type WeightsEnum } from './weights/enum.js';

/** An entry of an enumeration, or its name with or without that of the enumeration. */
export type WeightsChoice<E extends Members> =
  E extends Members<infer T> ? Weights<T> | Extract<keyof E, string> | `${T}.${Extract<keyof E, string>}` : never;

/**
 * Makes networks: at once with weights of their own, or, with `weights`, as a promise of one with published weights, which are fetched unless
 * they are in PyTorch's cache. `progress` (default true), `checkHash` (default true) and `signal` are for that. (torchvision's builders, such
 * as `torchvision.models.vgg16`) The promise is rejected with a TypeError for weights of another network, a RangeError for options that the
 * weights do not fit and for unknown names, and with what `getStateDict` of the weights throws.
 * @example
 * import { ones } from 'cresset';
 * import { models } from 'cresset/vision';
 * const model = await models.squeezenet1_1({ weights: models.SqueezeNet1_1Weights.DEFAULT });
 * model.eval()(ones([1, 3, 32, 32])).shape; // [1, 1000]
 */
export interface Builder<M extends nn.AnyModule, O extends object, E extends Members> {
  (options: O & FetchOptions & { weights: WeightsChoice<E> }): Promise<M>;
  (options: O & FetchOptions & { weights: null | undefined }): M;
  (options: O & FetchOptions & { weights: WeightsChoice<E> | null | undefined }): M | Promise<M>;
  (options?: O & FetchOptions & { weights?: null | undefined }): M;
}

/** What a network with published weights needs beside them. */
export interface Rules<M, O> {
  /** Values of options that belong to the weights; others are errors. */
  needs?: (weights: Weights) => Partial<O>;
  /** The options to make the network with, given the caller's. */
  prepare?: (options: O) => O;
  /** Makes the loaded network what the caller's options asked for. */
  finish?: (model: M, options: O) => void;
}

type AnyBuilder = (options?: object) => nn.AnyModule | Promise<nn.AnyModule>;
interface Registered {
  build: AnyBuilder;
  weights: WeightsEnum;
}
const byPython = new Map<string, Registered>();
const byName = new Map<string, Registered>();

/** torchvision's name in camelCase, where underscores between digits stay. */
const camelCase = (name: string): string =>
  name.replace(/(?<!\d)_(?=\d)|_([a-z])/g, (_, letter = '') => letter.toUpperCase());

/** The entry of `weights` that `choice` is or names. */
function verify(op: string, weights: WeightsEnum, choice: unknown): Weights {
  const { type } = weights.DEFAULT;
  if (choice instanceof Weights) {
    if (choice.type === type) return choice;
    throw new TypeError(`${op}: weights must be of ${type}, got ${choice}`);
  }
  if (typeof choice !== 'string') wrongType(op, 'weights', `of ${type}, the name of one or null`, choice);
  const name = choice.replace(`${type}.`, '');
  if (Object.hasOwn(weights, name)) return weights[name]!;
  const known = ['DEFAULT', ...Object.keys(weights)].join(', ');
  throw new RangeError(`${op}: ${type} has ${known}, got ${describe(choice)}`);
}

/**
 * @internal A function that makes networks, named as `python` is here, with `weights` as what it can fetch. `make` gets the network's own options.
 */
export function builder<M extends nn.AnyModule, O extends object, E extends Members>(
  python: string,
  weights: E,
  make: (options?: O) => M,
  rules: Rules<M, O> = {},
): Builder<M, O, E> {
  const op = camelCase(python);
  const entry = { build, weights: weights as unknown as WeightsEnum };
  async function pretrained(choice: unknown, fetching: FetchOptions, own: O): Promise<M> {
    const chosen = verify(op, entry.weights, choice);
    const checkHash = flag(fetching.checkHash, op, 'checkHash', true);
    const { categories } = chosen.meta;
    const needs = { ...(categories && { numClasses: categories.length }), ...rules.needs?.(chosen) };
    for (const [name, needed] of Object.entries(needs)) {
      const given = (own as Record<string, unknown>)[name] ?? needed;
      if (given !== needed)
        throw new RangeError(`${op}: ${name} must be ${needed} with ${chosen}, got ${describe(given)}`);
    }
    const options = { ...(rules.prepare?.(own) ?? own), ...needs };
    const model = nn.utils.skipInit(() => make(options));
    model.loadStateDict(await chosen.getStateDict({ ...fetching, checkHash }));
    rules.finish?.(model, own);
    return model;
  }
  function build(options: object = {}): M | Promise<M> {
    const { weights: choice, ...rest } = optionsOf(options, op) as FetchOptions & { weights?: unknown };
    const { progress, signal, checkHash, ...own } = rest;
    // torchvision's older option, which would else be an untrained network without a word.
    if ('pretrained' in own) throw new TypeError(`${op}: instead of pretrained write weights: 'DEFAULT' or none`);
    if (choice === undefined || choice === null) return make(own as O);
    return pretrained(choice, { progress, signal, checkHash } as FetchOptions, own as O);
  }
  Object.defineProperty(build, 'name', { value: op });
  byPython.set(python, entry);
  byName.set(op, entry);
  return build as Builder<M, O, E>;
}

function registered(op: string, name: string | AnyBuilder): Registered {
  if (typeof name === 'function') {
    for (const entry of byPython.values()) if (entry.build === name) return entry;
    throw new CressetError(`${op}: ${name.name || 'the function'} makes no network with published weights`);
  }
  if (typeof name !== 'string') wrongType(op, 'name', 'a string', name);
  const entry = byName.get(name) ?? byPython.get(name.toLowerCase());
  if (entry === undefined) throw new RangeError(`${op}: there is no network named ${JSON.stringify(name)}`);
  return entry;
}

/** What of the networks' names to list. */
export interface ListOptions {
  /** Names or patterns as of a shell (`*`, `?`, `[abc]`, `[!abc]`) of which one must fit; default all. */
  include?: string | readonly string[];
  /** Names or patterns of which none may fit. */
  exclude?: string | readonly string[];
}

/** Whether a name fits one of the patterns. */
function fitting(value: string | readonly string[], name: string): (text: string) => boolean {
  const list = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
    wrongType('listModels', name, 'a string or an array of strings', value);
  const part = (text: string) => {
    if (text === '*') return '.*';
    if (text === '?') return '.';
    const [, not, set] = /^\[(!?)(.+)\]$/.exec(text) ?? [];
    return set === undefined ? `\\${text}` : `[${not && '^'}${set.replace(/[\\\]^[]/g, '\\$&')}]`;
  };
  // Words stand for themselves; all else is a wildcard, a set or a sign.
  const source = (pattern: string) => pattern.replace(/\[!?[^\]]+\]|\W/g, part);
  const expressions = list.map((pattern) => new RegExp(`^${source(pattern)}$`));
  return (text) => expressions.some((expression) => expression.test(text));
}

/**
 * torchvision's names of the networks here, sorted. (`torchvision.models.list_models`)
 * @throws TypeError for patterns that are no strings.
 * @example
 * import { models } from 'cresset/vision';
 * models.listModels({ include: 'vgg1?', exclude: ['*3', '*9'] }); // ['vgg11', 'vgg16']
 */
export function listModels(options: ListOptions = {}): string[] {
  const { include = '*', exclude = [] } = optionsOf(options, 'listModels', ['include', 'exclude']);
  const [wanted, unwanted] = [fitting(include, 'include'), fitting(exclude, 'exclude')];
  return [...byPython.keys()].filter((name) => wanted(name) && !unwanted(name)).sort();
}

/** Options of `getModel`: the network's own, and which published weights it gets. */
export interface GetModelOptions extends FetchOptions {
  weights?: Weights | string | null | undefined;
  [option: string]: unknown;
}

/**
 * The network of a name, torchvision's or the function's here, with the options of that function. (`torchvision.models.get_model`)
 * @throws RangeError for an unknown name, and what the function throws.
 * @example
 * import { nn } from 'cresset';
 * import { models } from 'cresset/vision';
 * const model = models.getModel('squeezenet1_1', { numClasses: 10 });
 * model instanceof models.SqueezeNet; // true
 */
export function getModel(name: string, options: GetModelOptions & { weights: Weights | string }): Promise<nn.AnyModule>;
export function getModel(name: string, options?: GetModelOptions & { weights?: null | undefined }): nn.AnyModule;
export function getModel(name: string, options?: GetModelOptions): nn.AnyModule | Promise<nn.AnyModule> {
  return registered('getModel', name).build(options);
}

/**
 * The published weights of a network, by its name or the function that makes it. (`torchvision.models.get_model_weights`)
 * @throws RangeError for an unknown name.
 * @example
 * import { models } from 'cresset/vision';
 * models.getModelWeights('vgg16') === models.VGG16Weights; // true
 * Object.keys(models.getModelWeights(models.resnet50)); // ['IMAGENET1K_V1', 'IMAGENET1K_V2']
 */
export function getModelWeights(name: string | AnyBuilder): WeightsEnum {
  return registered('getModelWeights', name).weights;
}

/**
 * Published weights by their full name, as they print. (`torchvision.models.get_weight`)
 * @throws RangeError for an unknown name.
 * @example
 * import { models } from 'cresset/vision';
 * models.getWeight('VGG16_Weights.DEFAULT') === models.VGG16Weights.IMAGENET1K_V1; // true
 */
export function getWeight(name: string): Weights {
  if (typeof name !== 'string') wrongType('getWeight', 'name', 'a string', name);
  const type = name.slice(0, Math.max(0, name.indexOf('.')));
  for (const { weights } of byPython.values())
    if (weights.DEFAULT.type === type) return verify('getWeight', weights, name);
  throw new RangeError(`getWeight: there are no weights named ${JSON.stringify(name)}`);
}
