// What of the reader an input reaches: each statement, function and branch, and about how often.

const bucket = Uint8Array.from({ length: 256 }, (_, n) => (n < 4 ? n : 2 + Math.floor(Math.log2(n))));

/** The counters that instrument.mjs made, and which of their values were seen so far. */
export class Coverage {
  #counts = new Uint32Array(1 << 16);
  #seen = new Uint16Array(1 << 16);
  #files = new Set();
  /** How many places are counted. */
  total = 0;

  #take(length) {
    this.total += length;
    return this.#counts.subarray(this.total - length, this.total);
  }

  /** Begins anew; files that were loaded meanwhile count too. */
  clear() {
    for (const [file, coverage] of Object.entries(globalThis.__coverage__ ?? {})) {
      if (this.#files.has(file)) continue;
      this.#files.add(file);
      // One array for all, which is read at once.
      coverage.s = this.#take(Object.keys(coverage.s).length);
      coverage.f = this.#take(Object.keys(coverage.f).length);
      for (const [branch, arms] of Object.entries(coverage.b)) coverage.b[branch] = this.#take(arms.length);
    }
    this.#counts.fill(0, 0, this.total);
  }

  /** Whether something was reached since `clear` that was never reached before, or not that often. */
  note() {
    let news = false;
    for (let i = 0; i < this.total; i++) {
      const count = this.#counts[i];
      if (count === 0) continue;
      const bit = 1 << bucket[Math.min(count, 255)];
      if ((this.#seen[i] & bit) !== 0) continue;
      this.#seen[i] |= bit;
      news = true;
    }
    return news;
  }

  /** How many places were reached. */
  get reached() {
    return this.#seen.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0);
  }
}
