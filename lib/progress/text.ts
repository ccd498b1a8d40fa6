// The texts of progress: counts, times, rates, the bar.

/** Running values to show beside the bar. */
export type ProgressValues = Readonly<Record<string, number | string>>;

/** Hours where there are some, minutes and seconds; `?` for what is not known, nothing for what is left of more than all. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(Math.max(0, seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, '0')];
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

/** `value` in four digits. */
export function short(value: number | string): string {
  if (typeof value === 'string' || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(4)));
}

/** `value` in three digits and thousands, millions and so on. */
export function scaled(value: number): string {
  const steps = ['', 'k', 'M', 'G', 'T', 'P'];
  let [rest, step] = [value, 0];
  while (Math.abs(rest) >= 999.5 && step < steps.length - 1) {
    rest /= 1000;
    step++;
  }
  return `${Number(rest.toPrecision(3))}${steps[step]}`;
}

/** The values as they stand behind the times. */
export const valuesText = (values: ProgressValues): string =>
  Object.entries(values)
    .map(([name, value]) => `, ${name}=${short(value)}`)
    .join('');

/** Whether the locale is one that does not use UTF-8, so that bars are drawn by # and -. */
export function isAsciiLocale(environment: NodeJS.ProcessEnv = process.env): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG;
  return locale !== undefined && locale !== '' && !/utf-?8/i.test(locale);
}

/** `width` signs, of which the part `done`, from 0 to 1, is full. */
export function bar(done: number, width: number, ascii: boolean): string {
  const full = Math.floor(Math.min(Math.max(done, 0), 1) * width);
  return (ascii ? '#' : '█').repeat(full) + (ascii ? '-' : '░').repeat(width - full);
}

/** How fast a count grows, of late: what is newer counts more, as in tqdm. */
export class Rate {
  readonly #smoothing = 0.3;
  #since: number;
  #count: number;
  #seconds: number | undefined;

  constructor(count: number, now: number) {
    this.#count = count;
    this.#since = now;
  }

  /** Notes that the count is `count` at `now`, in milliseconds; what comes faster than the eye is taken together. */
  update(count: number, now: number): void {
    if (count <= this.#count || now - this.#since < 100) return;
    const seconds = (now - this.#since) / 1000 / (count - this.#count);
    this.#seconds = this.#seconds === undefined ? seconds : this.#seconds + this.#smoothing * (seconds - this.#seconds);
    this.#count = count;
    this.#since = now;
  }

  /** Seconds for each; NaN before anything is known. */
  get seconds(): number {
    return this.#seconds ?? Number.NaN;
  }
}

/** What comes in a second, or how long each takes. */
export function rateText(seconds: number, unit: string, amount: (count: number) => string): string {
  if (!(seconds > 0 && Number.isFinite(seconds))) return `?${unit}/s`;
  return seconds > 1 ? `${short(Number(seconds.toPrecision(3)))}s/${unit}` : `${amount(1 / seconds)}${unit}/s`;
}
