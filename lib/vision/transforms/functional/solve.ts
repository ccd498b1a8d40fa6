// Small systems of linear equations.

/** The x of A x = b, of rows [...A, b]; null where there is no one solution. */
export function solve(rows: readonly (readonly number[])[]): number[] | null {
  const n = rows.length;
  const m = rows.map((row) => [...row]);
  for (let k = 0; k < n; k++) {
    const pivot = m.reduce((best, row, i) => (i >= k && Math.abs(row[k]!) > Math.abs(m[best]![k]!) ? i : best), k);
    if (Math.abs(m[pivot]![k]!) < 1e-12) return null;
    [m[k], m[pivot]] = [m[pivot]!, m[k]!];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = m[i]![k]! / m[k]![k]!;
      for (let j = k; j <= n; j++) m[i]![j]! -= factor * m[k]![j]!;
    }
  }
  return m.map((row, k) => row[n]! / row[k]!);
}
