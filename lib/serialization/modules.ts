// Whole models: modules of Python's to ours and back.
import * as nn from '../nn/index.js';
import { childrenOf } from '../nn/module.js';
import { Tensor } from '../tensor.js';
import { Attributes } from './attributes.js';
import { CheckpointError } from './errors.js';
import { type CallContext, findGlobal, type GlobalFinder, GlobalRef, isForeignClass } from './globals.js';
import { type Layer, layers, type ModuleClass } from './layers.js';
import { maxModules } from './limits.js';
import { PythonObject, PythonPartial } from './python.js';
import { OrderedDict } from './stored.js';

/** Classes of the user's by the names that Python has for them, with or without the module in front. */
export type Classes = Readonly<Record<string, ModuleClass>>;

/** A class of another library whose modules are put together from their children, such as torchvision's networks. */
export interface Network {
  readonly class: ModuleClass;
  readonly python: string;
  /** Properties that are kept beside the children, with Python's names of them. */
  readonly attributes: Readonly<Record<string, string>>;
  /** What Python's class has beside them. */
  write?(module: nn.AnyModule): Record<string, unknown>;
}

const byPython = new Map(layers.map((layer) => [layer.python, layer]));
const byClass = new Map<unknown, Layer>(layers.map((layer) => [layer.class, layer]));
const networksByPython = new Map<string, Network>();
const networksByClass = new Map<unknown, Network>();

/** Makes networks and layers known to `save` and `load`. */
export function registerModules(networks: readonly Network[], others: readonly Layer[]): void {
  for (const network of networks) {
    networksByPython.set(network.python, network);
    networksByClass.set(network.class, network);
  }
  for (const layer of others) {
    byPython.set(layer.python, layer);
    byClass.set(layer.class, layer);
  }
}

const lastName = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

function classOf(name: string, classes: Classes): ModuleClass | undefined {
  for (const key of [name, lastName(name)]) if (Object.hasOwn(classes, key)) return classes[key];
  return undefined;
}

const isModuleClass = (value: unknown): value is ModuleClass =>
  typeof value === 'function' && value.prototype instanceof nn.Module;

/** Throws TypeError unless all are classes of modules. */
export function checkClasses(classes: unknown): Classes {
  if (typeof classes !== 'object' || classes === null)
    throw new TypeError('load: classes must be an object of classes by name, such as { Tudui }');
  for (const [name, value] of Object.entries(classes))
    if (!isModuleClass(value)) throw new TypeError(`load: classes.${name} must be a class that extends nn.Module`);
  return classes as Classes;
}

// What to do about a class that is not known.
function unknownClass(module: string, name: string, path: string): string {
  const full = `${module}.${name}`;
  if (module.startsWith('torchvision.'))
    return networksByPython.size === 0
      ? `it holds ${full}: import 'cresset/vision', which knows torchvision's networks, before loading it`
      : `it holds ${full}, which is not among torchvision's networks here`;
  if (module.startsWith('torch.')) return `it holds an object of the class ${full}, which is not among the layers here`;
  const own = lastName(name);
  return (
    `it holds an object of the class ${full} (Can't get attribute '${name}' on <module '${module}'>). A file carries no code: ` +
    `write the class in TypeScript and pass it, await load(${JSON.stringify(path)}, { classes: { ${own} } })`
  );
}

const containers: readonly unknown[] = [nn.Sequential, nn.ModuleList, nn.ModuleDict];

/** The layer of ours, other than a container, that a class of the user's extends. */
function layerUnder(type: unknown): Layer | undefined {
  for (let base = type; typeof base === 'function'; base = Object.getPrototypeOf(base))
    if (byClass.has(base)) return containers.includes(base) ? undefined : byClass.get(base);
  return undefined;
}

/** The allow-list of a file that may hold modules of known classes. */
export function globalsWith(classes: Classes, path: string): GlobalFinder {
  return (module: string, name: string, context: CallContext): unknown => {
    const full = `${module}.${name}`;
    if (byPython.has(full) || networksByPython.has(full) || classOf(full, classes) !== undefined)
      return new GlobalRef({ name: full, create: () => new PythonObject(full) });
    // What modules of PyTorch before 1.2 keep of the functions behind them.
    if (full === 'torch.nn.backends.thnn._get_thnn_function_backend')
      return new GlobalRef({ name: full, call: () => null });
    if (full === 'functools.partial') return new GlobalRef({ name: full, call: () => new PythonPartial() });
    if (isForeignClass(module, name)) context.fail(unknownClass(module, name, path));
    return findGlobal(module, name, context);
  };
}

// What Python's Module keeps of itself, in every version so far.
const pythonsOwn =
  /^(training|_parameters|_buffers|_modules|_backend|_non_persistent_buffers_set|_is_full_backward_hook|_\w+_hooks\w*)$/;

// Runs no constructor but the base class's: fields come from the file.
const bare = (type: ModuleClass): nn.AnyModule => Reflect.construct(nn.Module, [], type);

const tensorOf = (name: string, value: unknown, a: Attributes): Tensor | null =>
  value === null || value instanceof Tensor ? value : a.fail(`${name} is no tensor`);

/** Gives the value that an attribute, tensor or child of a file stands for. */
export type Restore = (value: unknown) => unknown;

/** Makes modules of Python's. */
export class ModuleRestorer {
  readonly #parameters = new Map<unknown, nn.Parameter>();
  /** How many modules each whole one is, counted at each place where one stands in it. */
  readonly #sizes = new Map<nn.AnyModule, number>();

  constructor(
    readonly classes: Classes,
    /** Throws the error of the file. */
    readonly fail: (what: string) => never,
  ) {}

  /** The module without its tensors and children. */
  make(object: PythonObject): nn.AnyModule {
    const { className } = object;
    const network = networksByPython.get(className);
    if (network !== undefined) return bare(network.class);
    const own = classOf(className, this.classes);
    const layer = byPython.get(className) ?? layerUnder(own!);
    // Fields that only TypeScript has are made by the constructor, where it can run.
    if (layer === undefined && own!.length > 0) return bare(own!);
    try {
      return nn.utils.skipInit(() => {
        if (layer === undefined) return Reflect.construct(own as new () => nn.AnyModule, []);
        const made = layer.read(this.#attributes(object));
        // A class that extends a layer: the layer's fields come from the file, its own constructor is not run.
        return own !== undefined && !byPython.has(className) ? Object.setPrototypeOf(made, own.prototype) : made;
      });
    } catch (error) {
      if (layer === undefined || error instanceof CheckpointError) throw error; // the user's own, or told already
      return this.fail(`${className}: ${(error as Error).message}`);
    }
  }

  /** Gives a module what the file holds of it. */
  fill(module: nn.AnyModule, object: PythonObject, restore: Restore): void {
    const a = this.#attributes(object);
    const layer = byPython.get(object.className);
    // Layers of ours have their tensors themselves; a walk through all inside, at every level, would take too long.
    const expected = new Map(
      layer === undefined
        ? [...module.namedParameters(), ...module.namedBuffers()]
        : Object.entries(module).filter((entry): entry is [string, Tensor] => entry[1] instanceof Tensor),
    );
    let size = 1;
    for (const [name, child] of a.entries('_modules')) {
      const made = restore(child);
      if (made === null) this.#set(module, name, null, a);
      else if (made instanceof nn.Module) {
        // A walk through a module that is its own child has no end; one through modules that hold others twice, and so on, none to wait for.
        size += this.#sizes.get(made) ?? a.fail(`its child ${name} is, or holds, the module itself`);
        if (size > maxModules) a.fail(`it holds more than ${maxModules} modules, counted at each place`);
        this.#set(module, name, made, a);
      } else a.fail(`its child ${name} is no module`);
    }
    this.#sizes.set(module, size);
    const tensors: [string, Tensor | null][] = [];
    for (const [name, value] of a.entries('_parameters'))
      tensors.push([name, this.#parameter(name, value, a, restore)]);
    const { passingBuffers } = a;
    for (const [name, value] of a.entries('_buffers')) {
      const data = tensorOf(name, restore(value), a);
      tensors.push([name, data && new nn.Buffer(data, !passingBuffers.has(name))]);
    }
    for (const [name, tensor] of tensors) {
      const wanted = expected.get(name)?.shape;
      if (layer !== undefined && wanted !== undefined && String(tensor?.shape) !== String(wanted))
        a.fail(
          `${name} has the shape [${tensor?.shape.join(', ')}], but its attributes ask for [${wanted.join(', ')}]`,
        );
      this.#set(module, name, tensor, a);
    }
    // What a constructor made and the file does not have would be neither trained nor drawn.
    const now = new Set<unknown>(expected.size > 0 ? [...module.parameters(), ...module.buffers()] : []);
    const left = [...expected].filter(([, tensor]) => now.has(tensor)).map(([name]) => name);
    if (left.length > 0) a.fail(`the file has no ${left.join(', ')}, which the class here has`);
    if (layer === undefined && layerUnder(module.constructor) === undefined) this.#takeAttributes(module, a, restore);
    module.training = a.flag('training', true);
  }

  #attributes(object: PythonObject): Attributes {
    return new Attributes(object, (what) => this.fail(`${object.className}: ${what}`));
  }

  // A parameter that stands at two places is one.
  #parameter(name: string, value: unknown, a: Attributes, restore: Restore): nn.Parameter | null {
    const known = this.#parameters.get(value);
    if (known !== undefined) return known;
    const tensor = tensorOf(name, restore(value), a);
    if (tensor === null) return null;
    const made = new nn.Parameter(tensor, tensor.requiresGrad);
    this.#parameters.set(value, made);
    return made;
  }

  #set(module: nn.AnyModule, name: string, value: nn.AnyModule | Tensor | null, a: Attributes): void {
    if (name === '' || name.includes('.') || (name in module && !Object.hasOwn(module, name)))
      a.fail(`${JSON.stringify(name)} cannot be the name of a tensor or child`);
    if (value instanceof nn.Module) module.addModule(name, value);
    else Object.defineProperty(module, name, { value, configurable: true, enumerable: true, writable: true });
  }

  // Numbers, strings and the like that the user's class keeps.
  #takeAttributes(module: nn.AnyModule, a: Attributes, restore: Restore): void {
    const network = networksByPython.get(a.object.className);
    const names = network && new Map(Object.entries(network.attributes).map(([own, python]) => [python, own]));
    for (const [key, value] of a.object.attributes) {
      if (typeof key !== 'string') continue;
      const name = names === undefined ? key : names.get(key);
      if (name === undefined || pythonsOwn.test(name) || (name in module && !Object.hasOwn(module, name))) continue;
      if (value instanceof GlobalRef || value instanceof PythonPartial) continue;
      const restored = restore(value);
      if (name === 'then' && typeof restored === 'function') a.fail('the name "then" would make a promise of it');
      Object.defineProperty(module, name, { value: restored, configurable: true, enumerable: true, writable: true });
    }
  }
}

const emptyHooks = [
  '_backward_hooks',
  '_forward_hooks',
  '_forward_pre_hooks',
  '_state_dict_hooks',
  '_load_state_dict_pre_hooks',
  '_load_state_dict_post_hooks',
];

/** The stored form of parameters and of all other values. */
export interface Describer {
  parameter(parameter: nn.Parameter): unknown;
  value(value: unknown): unknown;
}

const pythonName = (module: nn.AnyModule): string => {
  const type = module.constructor;
  const known = byClass.get(type)?.python ?? networksByClass.get(type)?.python;
  if (known !== undefined) return known;
  if (type.name === '') throw new TypeError('save: a module of a class without a name cannot be saved whole');
  return `__main__.${type.name}`;
};

/** An empty object of the class that Python has for `module`. */
export const emptyObject = (module: nn.AnyModule): PythonObject => new PythonObject(pythonName(module));

/** Writes into `object` the attributes that Python keeps of `module`. */
export function describeModule(module: nn.AnyModule, object: PythonObject, stored: Describer): void {
  const layer =
    byClass.get(module.constructor) ??
    (networksByClass.has(module.constructor) ? undefined : layerUnder(module.constructor));
  const parameters = new OrderedDict();
  const buffers = new OrderedDict();
  const modules = new OrderedDict();
  const passing = new Set<string>();
  const attributes = new Map<string, unknown>();
  const children = childrenOf(module);
  const childNames = new Set(children.map(([name]) => name));
  const own = networksByClass.get(module.constructor)?.attributes;
  for (const [name, value] of Object.entries(module)) {
    if (pythonsOwn.test(name) || childNames.has(name) || typeof value === 'function' || value === undefined) continue;
    if (value instanceof nn.Parameter) parameters.set(name, stored.parameter(value));
    else if (value instanceof nn.Buffer) {
      buffers.set(name, stored.value(value));
      if (!value.persistent) passing.add(name);
    } else if (layer?.parameters?.includes(name)) parameters.set(name, null);
    else if (layer?.buffers?.includes(name)) buffers.set(name, null);
    else if (layer === undefined && own === undefined) attributes.set(name, stored.value(value));
    else if (own !== undefined && Object.hasOwn(own, name)) attributes.set(own[name]!, stored.value(value));
  }
  for (const [name, child] of children) modules.set(name, stored.value(child));
  const state = object.attributes;
  state.set('training', module.training);
  state.set('_parameters', parameters);
  state.set('_buffers', buffers);
  state.set('_non_persistent_buffers_set', passing);
  for (const name of emptyHooks) state.set(name, new OrderedDict());
  state.set('_is_full_backward_hook', null);
  state.set('_modules', modules);
  for (const [name, value] of attributes) state.set(name, value);
  const more = (layer ?? networksByClass.get(module.constructor))?.write?.(module) ?? {};
  for (const [name, value] of Object.entries(more)) state.set(name, value);
}
