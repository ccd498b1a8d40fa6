// The points of one tag of one run, as columns of numbers.

/** A column's place: what stands in the third is a scalar's value, or where a file holds what is read when it is asked for. */
export const column = { step: 0, wall: 1, value: 2, offset: 2, length: 3, file: 4 } as const;

/** Rows of numbers in ascending order of their steps. */
export class Series {
  length = 0;
  /** Whether points were left out to save memory. */
  thinned = false;
  readonly columns: Float64Array[];

  constructor(width: number) {
    this.columns = Array.from({ length: width }, () => new Float64Array(4));
  }

  /** How many numbers there is room for. */
  get cells(): number {
    return this.columns.length * this.columns[0]!.length;
  }

  get steps(): Float64Array {
    return this.columns[column.step]!.subarray(0, this.length);
  }

  /** One column of one row. */
  at(row: number, name: keyof typeof column): number {
    return this.columns[column[name]]![row]!;
  }

  #resize(capacity: number): void {
    for (const [i, old] of this.columns.entries()) {
      const grown = new Float64Array(capacity);
      grown.set(old.subarray(0, this.length));
      this.columns[i] = grown;
    }
  }

  /** Adds a row. One whose step lies before the last's takes the place of all from it on, as where a training resumed. */
  push(step: number, wall: number, third: number, length = 0, file = 0): void {
    if (this.length > 0 && step < this.columns[0]![this.length - 1]!) this.dropFrom(step);
    const row = this.length;
    if (row === this.columns[0]!.length) this.#resize(row * 2);
    const columns = this.columns;
    columns[0]![row] = step;
    columns[1]![row] = wall;
    columns[2]![row] = third;
    if (columns.length > 3) {
      columns[3]![row] = length;
      columns[4]![row] = file;
    }
    this.length++;
  }

  /** The first row whose step is `step` or greater. */
  firstFrom(step: number): number {
    const steps = this.columns[0]!;
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (steps[middle]! < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The last row whose step is `step` or less; -1 where there is none. */
  lastUpTo(step: number): number {
    let row = this.firstFrom(step);
    while (row < this.length && this.columns[0]![row] === step) row++;
    return row - 1;
  }

  /** Drops the rows from `step` on. */
  dropFrom(step: number): void {
    this.length = this.firstFrom(step);
  }

  /** Halves the rows: of four neighbours the least and the greatest value stay, of what are no values every second. The last row stays. */
  thin(): void {
    const last = this.length - 1;
    const scalars = this.columns.length === 3;
    const values = this.columns[column.value]!;
    let kept = 0;
    const keep = (row: number): void => {
      for (const data of this.columns) data[kept] = data[row]!;
      kept++;
    };
    for (let row = 0; row < last; row += 4) {
      const end = Math.min(row + 4, last);
      let [least, greatest] = [row, scalars ? row : Math.min(row + 2, end - 1)];
      if (scalars)
        for (let i = row; i < end; i++) {
          if (values[i]! < values[least]!) least = i;
          if (values[i]! > values[greatest]!) greatest = i;
        }
      keep(Math.min(least, greatest));
      if (least !== greatest) keep(Math.max(least, greatest));
    }
    keep(last);
    this.length = kept;
    this.thinned = true;
    this.#resize(Math.ceil(kept * 1.25) + 4);
  }
}
