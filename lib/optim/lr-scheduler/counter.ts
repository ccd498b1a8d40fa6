// How often values occur, as Python's collections.Counter says it in files.

/** How often each value occurs; files may hold anything. */
export class Counter extends Map<unknown, unknown> {
  /** The counts of `values`. */
  static of(values: Iterable<number>): Counter {
    const counter = new Counter();
    for (const value of values) counter.set(value, Number(counter.get(value) ?? 0) + 1);
    return counter;
  }
}
