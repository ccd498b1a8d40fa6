// Objects that can be called: the root of all modules.

/** A class whose instances are functions that run `forward`. The function is returned from here, so that fields of subclasses land on it. */
export abstract class Callable {
  constructor() {
    const self = (...args: unknown[]): unknown => (self as unknown as { call_(args: unknown[]): unknown }).call_(args);
    // Own properties of functions would get in the way of modules' own.
    delete (self as { name?: string }).name;
    delete (self as { length?: number }).length;
    return Object.setPrototypeOf(self, new.target.prototype) as this;
  }
}
