// Numbers and times as people read them.

/** A number in about five digits. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e15) return value.toLocaleString('en');
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(3).replace('e+', 'e');
  return String(Number(value.toPrecision(5)));
}

/** A number for an axis, as short as its distance to its neighbours allows. */
export function tick(value: number, step: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e6 || step < 1e-4)) {
    for (const [unit, suffix] of [
      [1e9, 'G'],
      [1e6, 'M'],
    ] as const)
      if (size >= unit && size < 1e12) return `${Number((value / unit).toPrecision(6))}${suffix}`;
    return String(Number(value.toPrecision(4)).toExponential()).replace('e+', 'e');
  }
  if (size >= 1e4) return `${Number((value / 1000).toPrecision(6))}k`;
  return String(Number(value.toPrecision(6)));
}

/** Seconds as a span of time. */
export function span(seconds: number): string {
  const size = Math.abs(seconds);
  if (size < 60) return `${Number(seconds.toFixed(size < 10 ? 2 : 1))} s`;
  const [days, hours, minutes] = [Math.floor(size / 86400), Math.floor(size / 3600) % 24, Math.floor(size / 60) % 60];
  const parts = [days > 0 && `${days} d`, hours > 0 && `${hours} h`, days === 0 && minutes > 0 && `${minutes} min`];
  return (seconds < 0 ? '-' : '') + (parts.filter(Boolean).join(' ') || '0 min');
}

/** Seconds since 1970 as a local date and time. */
export const time = (seconds: number): string => new Date(seconds * 1000).toLocaleString('sv');

/** Seconds since 1970 for an axis: the time of day, with the date below where it begins; dates alone where ticks are days apart. */
export function clocks(ticks: readonly number[]): string[] {
  const apart = ticks.length > 1 ? ticks[1]! - ticks[0]! : 0;
  const texts = ticks.map(time);
  if (apart >= 86400) return texts.map((text) => text.slice(0, 10));
  return texts.map((text, i) => {
    const clock = text.slice(11, apart > 0 && apart < 60 ? 19 : 16);
    return texts[i - 1]?.slice(0, 10) === text.slice(0, 10) ? clock : `${clock}\n${text.slice(0, 10)}`;
  });
}

/** Bytes as a size. */
export function size(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${['B', 'KiB', 'MiB', 'GiB'][power]}`;
}

/** `count` of something, whose name is given for one. */
export const many = (count: number, name: string): string =>
  `${count.toLocaleString('en')} ${name}${count === 1 ? '' : 's'}`;
