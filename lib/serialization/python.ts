// Objects of Python classes as data: what a pickle says of them, without a line of their code.
import { Buildable, type CallContext } from './globals.js';

/** An object of a Python class, such as `torch.nn.modules.linear.Linear`, and its `__dict__`. */
export class PythonObject extends Buildable {
  constructor(
    readonly className: string,
    readonly attributes: Map<unknown, unknown> = new Map(),
  ) {
    super();
  }

  setState(state: unknown, context: CallContext): void {
    if (!(state instanceof Map)) context.fail(`the attributes of an object of ${this.className} are no dict`);
    for (const [name, value] of state) {
      context.spendEntry(name);
      this.attributes.set(name, value);
    }
  }
}

/** A function with arguments put in beforehand, as `functools.partial` makes it: it stands in attributes and is never called. */
export class PythonPartial extends Buildable {
  setState(): void {}
}

/** Written as a tuple, where an array becomes a list. */
export class PythonTuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** Written as a float also where it is whole. */
export class PythonFloat {
  constructor(readonly value: number) {}
}
